"""How far a task should be, how far it is, and which light it shows; pure. Source: supervision reference §2 and §3.

The rules themselves and their numbers are those of the ranking (handlers.ranking), in the version in force on the day
asked about. Working days come from the district's calendar: where a year's notice is not out yet, these raise
UnknownDayError.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from bot.workdays import SHANGHAI, Calendar
from handlers.ranking import expected as progress_rules
from handlers.ranking import lateness
from handlers.ranking import light as light_rules
from handlers.ranking.light import Light
from handlers.ranking.versions import SHIPPED, Versions

# What people state are percents to 0.1 and counts; a share that went through a float is taken back to that.
_FINEST = 1_000_000


def expected(start: date, deadline: date, day: date, calendar: Calendar) -> float:
    """Return the share of a task's working days that have passed: 0 on its first day, 1 from its deadline on."""
    return float(progress_rules.expected(start, deadline, day, calendar))


def is_overdue(deadline: date, now: datetime, calendar: Calendar, *, versions: Versions = SHIPPED) -> bool:
    """Whether a task that is not done has missed its deadline; the deadline's own day counts in full."""
    return lateness.is_overdue(deadline, now, calendar, versions.on(_day(now)))


def days_late(deadline: date, now: datetime, calendar: Calendar) -> int:
    """Return the working days that have begun since an overdue task's last working day, at least 1."""
    return lateness.days_late(deadline, now, calendar)


def share(
    status: str | None, *, percent: float | None, done: int | None, total: int | None, target: int | None
) -> float | None:
    """Return how much of a task is done, 0 to 1; None if what was said gives no figure.

    An explicit percent wins over counts; a count without a total is measured against the task's target. A target of
    0 (a number to be brought down to nothing) gives no figure.
    """
    if status in ("done", "not_applicable"):
        return 1.0
    if status == "not_started":
        return 0.0
    if percent is not None:
        return _clip(percent / 100)
    whole = total or target
    return _clip(done / whole) if done is not None and whole else None


def light(
    start: date,
    deadline: date,
    progress: float | None,
    now: datetime,
    calendar: Calendar,
    *,
    is_stopped: bool = False,
    versions: Versions = SHIPPED,
) -> Light | None:
    """Return a task's light. progress is its share (0 if never reported); None where no figure tells it.

    is_stopped: the lead section has confirmed that others hold the task up. More: handlers.ranking.light.
    """
    exact = None if progress is None else Fraction(progress).limit_denominator(_FINEST)
    rules = versions.on(_day(now))
    return light_rules.light(start, deadline, exact, now, calendar, rules, is_stopped=is_stopped)


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))
