"""The calendar and the rules by which one month is measured; every span of working days is counted once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import TypeVar

from bot.workdays import SHANGHAI, Calendar, UnknownDayError
from handlers.ranking import expected as progress_rules
from handlers.ranking import lateness as lateness_rules
from handlers.ranking.expected import Milestone
from handlers.ranking.versions import Rules

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Answers as expected.expected and lateness.lateness do; many units have the same tasks."""

    calendar: Calendar
    rules: Rules
    _known: dict[Hashable, Fraction | int | UnknownDayError] = field(default_factory=dict, repr=False, compare=False)

    def expected(self, start: date, deadline: date, at: datetime, milestones: tuple[Milestone, ...]) -> Fraction:
        """Return the share due on the local day of an instant; raises UnknownDayError."""
        day = at.astimezone(SHANGHAI).date()
        return self._once(
            (start, deadline, day, milestones),
            lambda: progress_rules.expected(start, deadline, day, self.calendar, milestones),
        )

    def lateness(self, deadline: date, at: datetime) -> int:
        """Return the working days late at an instant, 0 if in time; raises UnknownDayError."""
        local = at.astimezone(SHANGHAI)
        if local.date() <= deadline:
            return 0
        key = (deadline, local.date(), local.time() > self.rules.end_of_work)
        return self._once(key, lambda: lateness_rules.lateness(deadline, at, self.calendar, self.rules))

    def _once(self, key: Hashable, find: Callable[[], T]) -> T:
        found: Fraction | int | UnknownDayError | T | None = self._known.get(key)
        if found is None:
            try:
                found = find()
            except UnknownDayError as error:
                found = UnknownDayError(error.day)
            self._known[key] = found  # type: ignore[assignment]  # a key always holds the kind its own question has
        if isinstance(found, UnknownDayError):
            raise UnknownDayError(found.day)
        return found  # type: ignore[return-value]  # the same
