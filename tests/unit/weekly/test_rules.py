"""What is worth asking about, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.workdays import SHANGHAI, Calendar
from handlers.weekly import rules
from handlers.weekly.rules import Standing

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=SHANGHAI)
FRESH = rules.fresh_since(NOW, 2)

PLAIN = Standing(
    unit="S13",
    task="T08",
    deadline=date(2026, 12, 31),
    weight=3,
    is_overdue=False,
    is_near=False,
    is_blocked=False,
    stated_at=NOW - timedelta(days=30),
)


@pytest.fixture(scope="session")
def calendar(sample) -> Calendar:
    return Calendar.from_district(sample["calendar"])


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("deadline", "now", "expected"),
    [
        ("2026-11-25", "2026-11-25T23:59", False),
        ("2026-11-25", "2026-11-26T00:00", True),
        ("2026-11-28", "2026-11-30T17:00", False),  # a Saturday: until the next working day, 17:00
        ("2026-11-28", "2026-11-30T17:01", True),
        ("2026-10-03", "2026-10-08T16:59", False),
        ("2027-03-01", "2027-03-05T09:00", False),  # no notice: nobody is accused
    ],
)
def test_a_deadline_is_missed_after_its_day(calendar: Calendar, deadline: str, now: str, expected: bool) -> None:
    assert expected is rules.is_overdue(date.fromisoformat(deadline), local(now), calendar)


@pytest.mark.parametrize(
    ("day", "deadline", "expected"),
    [
        ("2026-11-26", "2026-11-20", True),  # past
        ("2026-11-26", "2026-12-10", True),  # 10 working days
        ("2026-11-26", "2026-12-11", False),
        ("2026-09-28", "2026-10-16", True),  # a holiday does not count
        ("2026-12-17", "2027-01-15", True),  # 10 known working days; the rest may be holidays
        ("2026-12-10", "2027-01-15", False),
    ],
)
def test_near_is_counted_in_working_days(calendar: Calendar, day: str, deadline: str, expected: bool) -> None:
    assert expected is rules.is_near(date.fromisoformat(deadline), date.fromisoformat(day), calendar, 10)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 1),
        ({"stated_at": NOW - timedelta(days=13)}, 0),
        ({"stated_at": NOW - timedelta(days=13), "is_near": True}, 1),
        ({"stated_at": NOW - timedelta(days=13), "is_blocked": True}, 1),
        ({"stated_at": NOW - timedelta(days=13), "is_overdue": True}, 1),
        ({"stated_at": NOW - timedelta(days=14)}, 1),
        ({"stated_at": None}, 1),
    ],
)
def test_a_fresh_value_is_left_alone_unless_it_presses(changes: dict, expected: int) -> None:
    assert expected == len(rules.choose([replace(PLAIN, **changes)], 5, FRESH))


def test_nothing_is_too_fresh_when_freshness_does_not_count() -> None:
    fresh = replace(PLAIN, stated_at=NOW)

    assert [fresh] == rules.choose([fresh], 5, None)


def test_what_matters_comes_first_and_the_rest_is_not_asked() -> None:
    overdue = replace(PLAIN, task="T31", deadline=date(2026, 11, 25), is_overdue=True)
    soon = replace(PLAIN, task="T33", deadline=date(2026, 11, 30))
    never = replace(PLAIN, task="T40", stated_at=None, weight=1)
    heavy = replace(PLAIN, task="T30", weight=5)
    plain = replace(PLAIN, task="T20")
    last = replace(PLAIN, task="T05", deadline=date(2027, 1, 15))

    chosen = rules.choose([last, plain, heavy, never, soon, overdue], 5, FRESH)

    assert [overdue, soon, never, heavy, plain] == chosen


def test_equal_standings_come_in_the_order_of_their_codes() -> None:
    later, own = replace(PLAIN, task="T09"), replace(PLAIN, unit="S75")

    assert [PLAIN, own, later] == rules.choose([later, own, PLAIN], 5, FRESH)
