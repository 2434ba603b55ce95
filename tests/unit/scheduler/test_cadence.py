"""The due times of every week of 2026, what is unknown in 2027, and the warnings in December."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.sections import Weekly
from bot.workdays import SHANGHAI, Calendar
from handlers.weekly import windows
from scheduler.cadence import DailyCadence, Due, Step, WeeklyCadence, WorkdayCadence, YearEndCadence

STEPS: tuple[Step, ...] = ("open", "nudge", "close", "summary", "leader")

# Monday of the week -> (open, close day, leader digest) where the week is not the plain Thursday, Friday, Monday.
IRREGULAR = {
    "2025-12-29": ("2025-12-31", "2026-01-04", "2026-01-05"),  # 元旦: Friday off, Sunday 4 January made up
    "2026-02-09": ("2026-02-12", "2026-02-13", "2026-02-24"),  # the digest waits for the end of 春节
    "2026-02-16": None,  # 春节: no working day
    "2026-03-30": ("2026-04-02", "2026-04-03", "2026-04-07"),  # 清明 on Monday
    "2026-04-27": ("2026-04-29", "2026-04-30", "2026-05-06"),  # 劳动节 from Friday
    "2026-06-15": ("2026-06-17", "2026-06-18", "2026-06-22"),  # 端午 on Friday
    "2026-09-21": ("2026-09-23", "2026-09-24", "2026-09-28"),  # 中秋 on Friday
    "2026-09-28": ("2026-09-29", "2026-09-30", "2026-10-08"),  # 国庆 from Thursday: three working days are enough
}


@pytest.fixture(scope="session")
def calendar(sample) -> Calendar:
    return Calendar.from_district(sample["calendar"])


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def mondays(first: str, last: str) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(weeks=n)).isoformat() for n in range((end - start).days // 7 + 1)]


def plain(monday: str) -> tuple[str, str, str]:
    first = date.fromisoformat(monday)
    return tuple((first + timedelta(days=days)).isoformat() for days in (3, 4, 7))


def dues(step: Step, first: str, last: str, calendar: Calendar, weekly: Weekly | None = None) -> list[Due]:
    return WeeklyCadence(step, weekly or Weekly()).due_times(local(first), local(last), calendar)


def instants(step: Step, first: str, last: str, calendar: Calendar) -> list[datetime]:
    return [due.at for due in dues(step, first, last, calendar)]


@pytest.mark.parametrize("monday", mondays("2025-12-29", "2026-12-21"))
def test_every_week_of_2026(monday: str, calendar: Calendar) -> None:
    expected = IRREGULAR.get(monday, plain(monday))
    window = windows.window_of(date.fromisoformat(monday), calendar, Weekly())
    if expected is None:
        assert window is None
        return
    opening, closing, reading = expected

    assert window is not None
    assert [
        local(f"{opening}T09:00"),
        local(f"{closing}T10:00"),
        local(f"{closing}T12:00"),
        local(f"{closing}T15:00"),
        local(f"{reading}T08:30"),
    ] == [
        window.opens_at,
        window.nudges_at,
        window.closes_at,
        window.summary_at,
        windows.leader_at(window, calendar, Weekly()),
    ]


@pytest.mark.parametrize("step", STEPS)
def test_a_year_has_one_due_time_for_each_week_that_is_held(step: Step, calendar: Calendar) -> None:
    held = len(mondays("2025-12-29", "2026-12-21")) - 1

    found = dues(step, "2025-12-29T08:31", "2026-12-28T23:59", calendar)
    known = [due for due in found if not due.is_unknown]

    assert held == len(known)
    assert known == sorted(set(known), key=lambda due: due.at)


def test_the_sunday_made_up_before_a_holiday_moves_nothing(calendar: Calendar) -> None:
    assert [local("2026-09-18T12:00")] == instants("close", "2026-09-14T00:00", "2026-09-20T23:59", calendar)


def test_the_saturday_made_up_after_a_holiday_moves_nothing(calendar: Calendar) -> None:
    assert [local("2026-10-09T12:00")] == instants("close", "2026-10-05T00:00", "2026-10-11T23:59", calendar)


def test_two_digests_never_fall_together(calendar: Calendar) -> None:
    assert [local("2026-10-08T08:30"), local("2026-10-12T08:30")] == instants(
        "leader", "2026-09-29T00:00", "2026-10-12T23:59", calendar
    )


def test_a_short_week_is_merged_into_the_next(calendar: Calendar) -> None:
    window = windows.window_of(date(2026, 2, 23), calendar, Weekly())

    assert window is not None
    assert local("2026-02-13T12:00") == windows.starts_at(window, calendar, Weekly())


def test_how_short_a_week_may_be_is_a_setting(calendar: Calendar) -> None:
    weekly = Weekly(min_week_days=4)

    assert dues("close", "2026-09-28T00:00", "2026-10-04T23:59", calendar, weekly) == []


def test_a_due_time_belongs_to_the_span_that_ends_with_it(calendar: Calendar) -> None:
    at = "2026-11-27T12:00"

    assert [local(at)] == instants("close", "2026-11-27T11:59", at, calendar)
    assert instants("close", at, "2026-12-04T11:59", calendar) == []


@pytest.mark.parametrize("step", STEPS)
def test_the_last_week_of_2026_is_unknown_because_friday_is_off_and_the_weekend_has_no_notice(
    step: Step, calendar: Calendar
) -> None:
    found = dues(step, "2026-12-28T08:31", "2027-01-03T23:59", calendar)

    assert [Due(local("2026-12-28T09:00"), date(2027, 1, 3))] == found


@pytest.mark.parametrize("step", STEPS)
def test_every_week_of_2027_is_unknown_and_said_on_its_monday(step: Step, calendar: Calendar) -> None:
    found = dues(step, "2027-01-04T00:00", "2027-12-26T23:59", calendar)

    assert [local(f"{monday}T09:00") for monday in mondays("2027-01-04", "2027-12-20")] == [due.at for due in found]
    assert all(due.is_unknown for due in found)


def test_a_week_is_known_as_soon_as_its_days_are(sample) -> None:
    noticed = {**sample["calendar"], "holidays_2027": {"元旦": ["2027-01-01", "2027-01-03"]}}
    calendar = Calendar.from_district(noticed)

    assert [local("2027-01-07T09:00")] == instants("open", "2027-01-04T00:00", "2027-01-10T00:00", calendar)
    assert [local("2026-12-31T12:00")] == instants("close", "2026-12-28T00:00", "2027-01-03T00:00", calendar)


def test_the_digest_alone_is_unknown_where_only_the_next_monday_is(sample) -> None:
    plain_year = {**sample["calendar"], "overrides": {"2027-01-01": True}}
    calendar = Calendar.from_district(plain_year)

    assert [local("2027-01-01T12:00")] == instants("close", "2026-12-28T00:00", "2027-01-03T00:00", calendar)
    assert [Due(local("2027-01-04T08:30"), date(2027, 1, 4))] == dues(
        "leader", "2026-12-29T00:00", "2027-01-04T08:59", calendar
    )


def test_the_window_under_way_and_the_last_closed_one_meet_at_the_close(calendar: Calendar) -> None:
    weekly = Weekly()
    close = local("2026-11-27T12:00")

    assert windows.under_way(close, calendar, weekly).week == "2026W49"
    assert windows.under_way(close - timedelta(microseconds=1), calendar, weekly).week == "2026W48"
    last = windows.last_closed(close, calendar, weekly)
    assert last is not None
    assert last.week == "2026W48"


def test_weeks_of_unknown_days_held_no_window(calendar: Calendar) -> None:
    last = windows.last_closed(local("2027-01-20T12:00"), calendar, Weekly())

    assert last is not None
    assert last.week == "2026W52"


def test_december_warns_every_seventh_day(calendar: Calendar) -> None:
    found = YearEndCadence().due_times(local("2026-11-01T00:00"), local("2027-01-31T00:00"), calendar)

    assert [local(f"2026-12-{day:02d}T09:00") for day in (1, 8, 15, 22, 29)] == [due.at for due in found]


def test_a_december_day_off_moves_to_the_next_working_day(sample) -> None:
    calendar = Calendar.from_district({**sample["calendar"], "overrides": {"2026-12-08": False}})
    found = YearEndCadence().due_times(local("2026-12-02T00:00"), local("2026-12-10T00:00"), calendar)

    assert [Due(local("2026-12-09T09:00"))] == found
    assert YearEndCadence().due_times(local("2026-12-07T00:00"), local("2026-12-08T23:00"), calendar) == []


def test_a_december_without_a_notice_is_unknown(calendar: Calendar) -> None:
    found = YearEndCadence().due_times(local("2027-11-30T00:00"), local("2027-12-02T00:00"), calendar)

    assert [Due(local("2027-12-01T09:00"), date(2027, 12, 1))] == found


def test_working_days_have_their_times_and_days_off_none() -> None:
    cadence = WorkdayCadence(("08:30", "17:30"))
    calendar = Calendar.from_district({})
    start, end = local("2026-09-24T09:00"), local("2026-09-28T08:30")
    assert [due.at for due in cadence.due_times(start, end, calendar)] == [
        local("2026-09-24T17:30"),
        local("2026-09-28T08:30"),
    ]


def test_a_day_without_notice_is_unknown_once() -> None:
    dues = WorkdayCadence(("08:30", "17:30")).due_times(
        local("2027-01-04T00:00"), local("2027-01-05T23:00"), Calendar.from_district({})
    )
    assert [(due.at, due.missing) for due in dues] == [
        (local("2027-01-04T08:30"), date(2027, 1, 4)),
        (local("2027-01-05T08:30"), date(2027, 1, 5)),
    ]


def test_every_day_is_every_day() -> None:
    dues = DailyCadence("00:10").due_times(
        local("2026-12-30T00:10"), local("2027-01-02T00:10"), Calendar.from_district({})
    )
    assert [due.at for due in dues] == [local(f"{day}T00:10") for day in ("2026-12-31", "2027-01-01", "2027-01-02")]
