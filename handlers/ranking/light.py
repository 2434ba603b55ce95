"""Which light a task shows; pure. Source: supervision reference §3, light."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from bot.workdays import SHANGHAI, Calendar
from handlers.ranking.expected import expected
from handlers.ranking.lateness import is_overdue
from handlers.ranking.versions import Rules


class Light(StrEnum):
    """What a task's state looks like."""

    RED = "red"  # past its deadline and not done
    BLUE = "blue"  # due within a few working days and not done
    YELLOW = "yellow"  # behind what was to be expected
    GREEN = "green"
    GREY = "grey"  # the clock is stopped


def light(
    start: date,
    deadline: date,
    progress: Fraction | None,
    now: datetime,
    calendar: Calendar,
    rules: Rules,
    *,
    is_stopped: bool = False,
) -> Light | None:
    """Return a task's light. progress is its share (0 if never reported); None where no figure tells it.

    A lag between 0.05 and 0.15, for which the reference names no light, is shown as green: nobody is called behind
    by less than the rule says. is_stopped: the lead section has confirmed that others hold the task up.
    Raises UnknownDayError where the calendar does not reach.
    """
    if is_stopped:
        return Light.GREY
    if progress is not None and progress >= 1:
        return Light.GREEN
    if is_overdue(deadline, now, calendar, rules):
        return Light.RED
    day = now.astimezone(SHANGHAI).date()
    if day >= deadline or calendar.working_between(day, deadline) <= rules.near_days:
        return Light.BLUE
    if progress is None:
        return None
    behind = progress < expected(start, deadline, day, calendar) - rules.lag
    return Light.YELLOW if behind else Light.GREEN
