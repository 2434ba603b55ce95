"""What is worth asking about, and in which order; pure. Source: supervision reference §0 C3, §2 and M2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.workdays import ONE_DAY, Calendar, DayKind, UnknownDayError
from handlers.ledger import rules as ledger_rules


@dataclass(frozen=True, slots=True)
class Standing:
    """How one task of one unit stands before a prompt. stated_at: last stated or confirmed (UTC), None if never."""

    unit: str
    task: str
    deadline: date
    weight: int
    is_overdue: bool
    is_near: bool
    is_blocked: bool
    stated_at: datetime | None


def is_overdue(deadline: date, now: datetime, calendar: Calendar) -> bool:
    """Whether a task that is not done has missed its deadline; where the calendar does not know, nobody is accused."""
    try:
        return ledger_rules.is_overdue(deadline, now, calendar)
    except UnknownDayError:
        return False


def is_near(deadline: date, day: date, calendar: Calendar, days: int) -> bool:
    """Whether deadline may lie within so many working days after day; unknown days are taken for days off."""
    working = 0
    while day < deadline and working <= days:
        day += ONE_DAY
        working += calendar.kind(day) is DayKind.WORKING
    return working <= days


def choose(standings: Iterable[Standing], most: int, fresh_since: datetime | None) -> list[Standing]:
    """Return at most `most` standings, what matters first: overdue, due soonest, never reported, heavy.

    A value stated after fresh_since is left out unless its task is near, overdue or blocked; None leaves none out.
    """
    worth = [one for one in standings if fresh_since is None or not _is_fresh(one, fresh_since)]
    return sorted(worth, key=_urgency)[:most]


def _is_fresh(one: Standing, since: datetime) -> bool:
    pressing = one.is_near or one.is_overdue or one.is_blocked
    return not pressing and one.stated_at is not None and one.stated_at > since


def _urgency(one: Standing) -> tuple[bool, date, bool, int, str, str]:
    return (not one.is_overdue, one.deadline, one.stated_at is not None, -one.weight, one.task, one.unit)


def fresh_since(now: datetime, stale_ok_weeks: int) -> datetime:
    """Return the instant after which a stated value counts as fresh."""
    return now - timedelta(weeks=stale_ok_weeks)
