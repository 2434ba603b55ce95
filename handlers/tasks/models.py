"""The tables of the ledger: tasks, and the units that report on each."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base


class TaskRow(Base):
    """One line of the ledger (台账条目): standard 标准, responsible 责任, time 时间, progress 进度.

    left: no longer listed, kept for its history.
    """

    __tablename__ = "task"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(JSON)
    area: Mapped[str]
    standard: Mapped[str]
    lead: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    reporters: Mapped[str]
    metric: Mapped[str]
    target: Mapped[int | None]
    start: Mapped[date]
    deadline: Mapped[date]
    weight: Mapped[int]
    evidence: Mapped[list[str]] = mapped_column(JSON)
    cadence: Mapped[str]
    runs_in_break: Mapped[bool] = mapped_column(default=False)
    approval_ref: Mapped[str | None]
    version: Mapped[int]
    left: Mapped[bool] = mapped_column(default=False)
