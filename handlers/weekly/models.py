"""The tables of weekly supervision: one round a week, the lines that were asked, the clicks that answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.db import Base


class RoundRow(Base):
    """One held week. Its period is [starts_at, closes_at); what was asked was chosen at opened_at."""

    __tablename__ = "weekly_round"
    week: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime] = mapped_column(index=True)


class AskRow(Base):
    """One line of one person's prompt. No figure is asked twice in a period: unique on (week, unit, task).

    Person, unit and task are ids without a foreign key: having been asked must not keep anybody in the directory.
    """

    __tablename__ = "weekly_ask"
    __table_args__ = (UniqueConstraint("week", "unit_id", "task_id"),)
    week: Mapped[str] = mapped_column(ForeignKey("weekly_round.week"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str]
    task_id: Mapped[str]
    # Never loaded: it makes the round be written before its lines.
    round: Mapped[RoundRow] = relationship(lazy="raise")


class ClickRow(Base):
    """The first click on a card: what it chose, and the task codes it confirmed, left open or found reported."""

    __tablename__ = "weekly_click"
    card: Mapped[str] = mapped_column(primary_key=True)
    choice: Mapped[str]
    is_late: Mapped[bool]
    confirmed: Mapped[list[str]] = mapped_column(JSON)
    missing: Mapped[list[str]] = mapped_column(JSON)
    reported: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime]
