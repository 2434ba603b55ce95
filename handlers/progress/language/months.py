"""Month arithmetic that the standard library leaves out."""

from calendar import monthrange
from datetime import date


def day(year: int, month: int, number: int) -> date | None:
    """The day, or None if the calendar has no such day."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


def shift(start: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(years, month + 1, min(start.day, monthrange(years, month + 1)[1]))


def last_day(start: date) -> date:
    return start.replace(day=monthrange(start.year, start.month)[1])
