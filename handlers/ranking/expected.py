"""How far a task should be on a day; pure and exact. Source: supervision reference §3, expected progress.

Working days come from the district's calendar: where a year's notice is not out yet, this raises UnknownDayError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bot.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Milestone:
    """By a day, its end included, a share of a task (0 to 1) is due."""

    day: date
    share: Fraction


def expected(
    start: date, deadline: date, day: date, calendar: Calendar, milestones: Sequence[Milestone] = ()
) -> Fraction:
    """Return the share that is due on a day: 0 on a task's first day, 1 from its deadline on.

    Without milestones it is the share of working days that have passed. With them it is that of the latest one whose
    day has come: before a milestone nothing beyond the one before is asked for.
    """
    if day >= deadline:
        return Fraction(1)
    if milestones:
        return max((one.share for one in milestones if one.day <= day), default=Fraction(0))
    if day <= start:
        return Fraction(0)
    total = calendar.working_between(start, deadline)
    return Fraction(calendar.working_between(start, day), total) if total else Fraction(0)
