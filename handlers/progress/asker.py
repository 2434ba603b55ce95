"""What progress must know of those who ask for it. Subjects that ask build on this one, so they are only described."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from bot.people import Directory, Person
from bot.seal import Seal
from bot.sections import Weekly
from handlers.tasks.service import Ledger


class Line(Protocol):
    """One task of one unit that somebody is asked about."""

    @property
    def unit(self) -> str: ...

    @property
    def task(self) -> str: ...


class Asker(Protocol):
    """Whoever asks people about tasks."""

    def list_prompted(self, session: Session, person: Person, now: datetime) -> Sequence[tuple[str, str]]:
        """Return the (unit, task) of the lines of the person's open prompt, in its order."""
        ...

    def list_asked(
        self,
        session: Session,
        seal: Seal,
        directory: Directory,
        ledger: Ledger,
        person: Person,
        now: datetime,
        weekly: Weekly,
    ) -> Sequence[Line]:
        """Return the lines that "无变化" and "其他无变化" of a person speak for."""
        ...
