"""How far a task should be, how far it is, and which light it shows; pure. Source: supervision reference §2 and §3.

Working days come from the district's calendar: where a year's notice is not out yet, these raise UnknownDayError.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from bot.workdays import SHANGHAI, Calendar

NEAR_DAYS = 3
LAG = 0.15
# A deadline on a day off is missed only after this local hour of the next working day.
END_OF_WORK = time(17)
_TINY = 1e-9


class Light(StrEnum):
    """What a task's state looks like."""

    RED = "red"  # past its deadline and not done
    BLUE = "blue"  # due within three working days and not done
    YELLOW = "yellow"  # behind what was to be expected
    GREEN = "green"
    GREY = "grey"  # the clock is stopped


def expected(start: date, deadline: date, day: date, calendar: Calendar) -> float:
    """Return the share of a task's working days that have passed: 0 on its first day, 1 from its deadline on."""
    if day >= deadline:
        return 1.0
    if day <= start:
        return 0.0
    total = calendar.working_between(start, deadline)
    return calendar.working_between(start, day) / total if total else 0.0


def is_overdue(deadline: date, now: datetime, calendar: Calendar) -> bool:
    """Whether a task that is not done has missed its deadline; the deadline's own day counts in full."""
    local = now.astimezone(SHANGHAI)
    if local.date() <= deadline:
        return False
    if calendar.is_working(deadline):
        return True
    return local > datetime.combine(calendar.next_working(deadline), END_OF_WORK, SHANGHAI)


def days_late(deadline: date, now: datetime, calendar: Calendar) -> int:
    """Return the working days that have begun since an overdue task's last working day, at least 1."""
    last = deadline if calendar.is_working(deadline) else calendar.next_working(deadline)
    return max(1, calendar.working_between(last, now.astimezone(SHANGHAI).date()))


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
) -> Light | None:
    """Return a task's light. progress is its share (0 if never reported); None where no figure tells it.

    A lag between 0.05 and 0.15, for which the reference names no light, is shown as green: nobody is called behind
    by less than the rule says. is_stopped: the lead section has confirmed that others hold the task up.
    """
    if is_stopped:
        return Light.GREY
    if progress is not None and progress >= 1:
        return Light.GREEN
    if is_overdue(deadline, now, calendar):
        return Light.RED
    day = now.astimezone(SHANGHAI).date()
    if day >= deadline or calendar.working_between(day, deadline) <= NEAR_DAYS:
        return Light.BLUE
    if progress is None:
        return None
    behind = progress < expected(start, deadline, day, calendar) - LAG - _TINY
    return Light.YELLOW if behind else Light.GREEN


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))
