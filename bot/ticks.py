"""What a job of the timetable is told when it falls due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from bot.messages import Outgoing
from bot.people import Directory
from bot.seal import Seal
from bot.sections import Complaints, Weekly


@dataclass(frozen=True, slots=True)
class Tick:
    """One due time of one job. due (UTC) alone decides the content, never the present moment.

    notes: lines for whoever rehearses a job that changes rows instead of telling somebody.
    """

    job: str
    due: datetime
    session: Session
    seal: Seal
    directory: Directory
    weekly: Weekly
    complaints: Complaints = field(default_factory=Complaints)
    public_url: str = ""
    notes: list[str] = field(default_factory=list)


Push = Callable[[Tick], list[Outgoing]]
