"""Whether a deadline was missed and by how many working days; pure. Source: supervision reference §2, deadlines."""

from __future__ import annotations

from datetime import date, datetime

from bot.workdays import SHANGHAI, Calendar
from handlers.ranking.versions import Rules


def is_overdue(deadline: date, at: datetime, calendar: Calendar, rules: Rules) -> bool:
    """Whether a task that is not done has missed its deadline at an instant; the deadline's own day counts in full.

    A deadline on a day off is missed only after the end of work of the next working day.
    """
    local = at.astimezone(SHANGHAI)
    if local.date() <= deadline:
        return False
    if calendar.is_working(deadline):
        return True
    return local > datetime.combine(calendar.next_working(deadline), rules.end_of_work, SHANGHAI)


def days_late(deadline: date, at: datetime, calendar: Calendar) -> int:
    """Return the working days that have begun since an overdue task's last working day, at least 1."""
    last = deadline if calendar.is_working(deadline) else calendar.next_working(deadline)
    return max(1, calendar.working_between(last, at.astimezone(SHANGHAI).date()))


def lateness(deadline: date, at: datetime, calendar: Calendar, rules: Rules) -> int:
    """Return the days late at an instant, 0 if the deadline has not been missed."""
    return days_late(deadline, at, calendar) if is_overdue(deadline, at, calendar, rules) else 0
