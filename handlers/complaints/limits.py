"""Limits as types: working days or calendar days, counted from the day of the event, which is day 0; pure.

A limit ends at 17:30 of its last day (complaints reference §4). Instants are UTC, days are Shanghai's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.workdays import ONE_DAY, SHANGHAI, Calendar

_END = time(17, 30)


@dataclass(frozen=True, slots=True)
class Working:
    """So many working days."""

    days: int


@dataclass(frozen=True, slots=True)
class Days:
    """So many calendar days, as laws count."""

    days: int


Limit = Working | Days


def local_day(instant: datetime) -> date:
    """Return the local day of an instant."""
    return instant.astimezone(SHANGHAI).date()


def end_of(day: date) -> datetime:
    """Return the instant at which a limit that ends on day is over."""
    return datetime.combine(day, _END, SHANGHAI).astimezone(UTC)


def due(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """Return when a limit that began at start is over. Raises UnknownDayError where no notice covers the way there."""
    return end_of(_add(local_day(start), limit, calendar))


def before_end(ends: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """Return the end of the day that lies a limit before an end. Raises UnknownDayError."""
    back = Working(-limit.days) if isinstance(limit, Working) else Days(-limit.days)
    return end_of(_add(local_day(ends), back, calendar))


def warnings(ends: datetime, limit: Limit, calendar: Calendar) -> tuple[datetime, ...]:
    """Return when to warn: at half the limit, one day of its kind before its end, and at its end.

    Raises UnknownDayError.
    """
    kind = type(limit)
    half = limit.days - limit.days // 2
    return (before_end(ends, kind(half), calendar), before_end(ends, kind(1), calendar), ends)


def paused_days(paused: datetime, resumed: datetime, limit: Limit, calendar: Calendar) -> int:
    """Return how many days of the limit's kind a pause took. Raises UnknownDayError."""
    first, last = local_day(paused), local_day(resumed)
    return calendar.working_between(first, last) if isinstance(limit, Working) else (last - first).days


def later(ends: datetime, days: int, limit: Limit, calendar: Calendar) -> datetime:
    """Return an end moved by a pause of so many days of the limit's kind. Raises UnknownDayError."""
    return end_of(_add(local_day(ends), type(limit)(days), calendar))


def _add(day: date, limit: Limit, calendar: Calendar) -> date:
    return calendar.add_working(day, limit.days) if isinstance(limit, Working) else day + timedelta(limit.days)


def is_past(instant: datetime | None, now: datetime) -> bool:
    """Whether an instant is known and has come."""
    return instant is not None and now >= instant


def month_start(now: datetime) -> datetime:
    """Return when the local month of an instant began."""
    return datetime.combine(local_day(now).replace(day=1), time.min, SHANGHAI).astimezone(UTC)


def day_start(now: datetime) -> datetime:
    """Return when the local day of an instant began."""
    return datetime.combine(local_day(now), time.min, SHANGHAI).astimezone(UTC)


def next_day(day: date) -> date:
    """Return the day after."""
    return day + ONE_DAY
