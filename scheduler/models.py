"""The table that makes every due time happen once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base


class TickState(StrEnum):
    """What became of one due time of one job."""

    STARTED = "started"  # the job was seen for the first time: nothing before this instant is ever sent
    DONE = "done"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"  # the calendar does not know; the clerks were told


class TickRow(Base):
    """One due time of one job; whoever inserts it has it. count is how many outbox rows it put."""

    __tablename__ = "tick"
    job: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    count: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
