"""Limits in working and calendar days, over the years that the calendar knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.workdays import SHANGHAI, Calendar, UnknownDayError
from handlers.complaints import limits
from handlers.complaints.limits import Days, Working

CALENDAR = Calendar.from_district({})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize("days", [1, 3, 5, 10, 15, 30, 60])
def test_every_day_of_twenty_years(days: int) -> None:
    """The limit ends at 17:30 of the n-th working day after the day of the event, which itself does not count."""
    first, last = date(2007, 1, 1), date(2026, 12, 31)
    working = [
        first + timedelta(n) for n in range((last - first).days + 1) if CALENDAR.is_working(first + timedelta(n))
    ]
    following = 0
    for n in range((last - first).days + 1):
        day = first + timedelta(n)
        while following < len(working) and working[following] <= day:
            following += 1
        if following + days > len(working):
            with pytest.raises(UnknownDayError):
                limits.due(datetime.combine(day, time(23, 59), SHANGHAI), Working(days), CALENDAR)
            continue
        due = limits.due(datetime.combine(day, time(0, 1), SHANGHAI), Working(days), CALENDAR)
        assert due.astimezone(SHANGHAI) == datetime.combine(working[following + days - 1], time(17, 30), SHANGHAI)


@pytest.mark.parametrize(
    ("start", "limit", "ends"),
    [
        ("2026-09-24T10:00", Working(3), "2026-09-30T17:30"),  # Mid-Autumn 25-27
        ("2026-09-30T23:00", Working(1), "2026-10-08T17:30"),  # National Day; 10-10 is a make-up Saturday
        ("2026-10-08T10:00", Working(2), "2026-10-10T17:30"),
        ("2026-02-13T10:00", Working(3), "2026-02-25T17:30"),  # 02-14 make-up, Spring Festival 15-23
        ("2026-11-23T10:00", Days(15), "2026-12-08T17:30"),
        ("2026-12-25T10:00", Days(15), "2027-01-09T17:30"),  # the law counts calendar days, known in any year
    ],
)
def test_limits_over_holidays(start: str, limit: limits.Limit, ends: str) -> None:
    assert limits.due(at(start), limit, CALENDAR) == at(ends)


def test_a_year_without_notice_is_unknown() -> None:
    with pytest.raises(UnknownDayError):
        limits.due(at("2026-12-30T10:00"), Working(3), CALENDAR)


def test_warnings_at_half_a_day_before_and_at_the_end() -> None:
    ends = limits.due(at("2026-11-23T10:00"), Working(3), CALENDAR)
    assert limits.warnings(ends, Working(3), CALENDAR) == (at("2026-11-24T17:30"), at("2026-11-25T17:30"), ends)
    ends = limits.due(at("2026-11-23T10:00"), Days(15), CALENDAR)
    assert limits.warnings(ends, Days(15), CALENDAR) == (at("2026-11-30T17:30"), at("2026-12-07T17:30"), ends)


def test_a_pause_moves_the_end_by_as_many_days_of_its_kind() -> None:
    paused, resumed = at("2026-09-24T10:00"), at("2026-10-08T10:00")
    stood = limits.paused_days(paused, resumed, Working(3), CALENDAR)
    assert stood == 4  # 28, 29, 30 September and 8 October
    assert limits.later(at("2026-09-29T17:30"), stood, Working(3), CALENDAR) == at("2026-10-10T17:30")
    assert limits.paused_days(paused, resumed, Days(15), CALENDAR) == 14


def test_days_and_months_are_local() -> None:
    night = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # half past midnight of 1 December in Shanghai
    assert limits.day_start(night) == limits.month_start(night) == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
