"""How a stranger is named and when the clerks may hear of one; pure."""

from __future__ import annotations

from datetime import datetime, time

from bot import courtesy
from bot.config import Courtesy
from bot.workdays import Calendar, UnknownDayError

_SHOWN = 3
_USUAL = Courtesy()
_RULES = courtesy.Rules(
    quiet_from=time.fromisoformat(_USUAL.quiet_from),
    quiet_to=time.fromisoformat(_USUAL.quiet_to),
    person_per_day=_USUAL.person_per_day,
    group_per_day=_USUAL.group_per_day,
    person_per_week=_USUAL.person_per_week,
)


def shorten(userid: str) -> str:
    """Return the first characters of a member id: enough to find it in the address book, not to spread it."""
    return f"{userid[:_SHOWN]}***"


def hint_at(now: datetime, calendar: Calendar) -> datetime:
    """Return when the clerks may be told: now, or the next morning outside quiet hours; now if nobody knows."""
    try:
        return courtesy.next_allowed(now, calendar, _RULES)
    except UnknownDayError:
        return now
