"""How a stranger is named and when the clerks may hear of one; pure."""

from __future__ import annotations

from datetime import datetime

from bot.courtesy import Rules, next_allowed
from bot.workdays import Calendar, UnknownDayError

_SHOWN = 3


def shorten(userid: str) -> str:
    """Return the first characters of a member id: enough to find it in the address book, not to spread it."""
    return f"{userid[:_SHOWN]}***"


def hint_at(now: datetime, calendar: Calendar, rules: Rules) -> datetime:
    """Return when the clerks may be told: now, or the next morning outside quiet hours; now if nobody knows."""
    try:
        return next_allowed(now, calendar, rules)
    except UnknownDayError:
        return now
