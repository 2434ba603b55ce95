import json
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from bot.workdays import Calendar, DayKind, Period, UnknownDayError

DATA = Path(__file__).parents[2] / "bot" / "sandbox" / "data" / "district-sample.json"


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar.from_district(json.loads(DATA.read_text(encoding="utf-8"))["calendar"])


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(first: str, last: str) -> list[date]:
    start, end = day(first), day(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    ],
)
def test_every_holiday_of_2026_is_off(calendar: Calendar, first: str, last: str) -> None:
    assert {calendar.kind(one) for one in days(first, last)} == {DayKind.OFF}


@pytest.mark.parametrize("makeup", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"])
def test_every_makeup_day_of_2026_is_worked(calendar: Calendar, makeup: str) -> None:
    assert calendar.is_working(day(makeup))


def test_all_of_2026_agrees_with_the_notice(calendar: Calendar) -> None:
    year = days("2026-01-01", "2026-12-31")

    assert [calendar.is_working(one) for one in year] == [chinese_calendar.is_workday(one) for one in year]


def test_the_notice_speaks_where_the_district_is_silent() -> None:
    bare = Calendar.from_district({})

    assert bare.kind(day("2025-10-08")) is DayKind.OFF
    assert bare.kind(day("2025-10-11")) is DayKind.WORKING
    assert bare.holiday_named("国庆节", day("2025-09-01")) == Period("国庆节", day("2025-10-01"), day("2025-10-05"))


def test_a_district_override_beats_the_notice() -> None:
    own = Calendar.from_district({"overrides": {"2026-11-23": False, "2026-11-22": True}})

    assert own.kind(day("2026-11-23")) is DayKind.OFF
    assert own.kind(day("2026-11-22")) is DayKind.WORKING


def test_a_year_given_by_the_district_follows_the_weekday_rule() -> None:
    holidays = {"元旦": ["2031-01-01", "2031-01-01"]}
    own = Calendar.from_district({"holidays_2031": holidays, "makeup_workdays_2031": ["2031-01-04"]})

    assert own.kind(day("2031-01-01")) is DayKind.OFF
    assert own.kind(day("2031-01-02")) is DayKind.WORKING
    assert own.kind(day("2031-01-04")) is DayKind.WORKING
    assert own.kind(day("2031-01-05")) is DayKind.OFF


def test_2027_is_unknown_except_new_years_day(calendar: Calendar) -> None:
    assert calendar.kind(day("2027-01-01")) is DayKind.OFF
    assert {calendar.kind(one) for one in days("2027-01-02", "2027-12-31")} == {DayKind.UNKNOWN}


def test_an_unknown_day_stops_a_computation_and_names_itself(calendar: Calendar) -> None:
    with pytest.raises(UnknownDayError) as stopped:
        calendar.next_working(day("2026-12-31"))

    assert stopped.value.day == day("2027-01-02")


def test_a_week_that_reaches_into_the_unknown_is_refused(calendar: Calendar) -> None:
    with pytest.raises(UnknownDayError):
        calendar.week_working_days(day("2026-12-30"))


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-10-08", -1, "2026-09-30"),
        ("2026-10-09", 1, "2026-10-10"),
        ("2026-10-10", 1, "2026-10-12"),
        ("2026-11-23", 3, "2026-11-26"),
        ("2026-11-23", 5, "2026-11-30"),
        ("2026-11-28", 0, "2026-11-28"),
        ("2026-02-13", 2, "2026-02-24"),
    ],
)
def test_working_days_are_added_across_holidays(calendar: Calendar, start: str, n: int, expected: str) -> None:
    assert calendar.add_working(day(start), n) == day(expected)


def test_the_nearest_working_day_may_be_the_day_itself(calendar: Calendar) -> None:
    assert calendar.next_working(day("2026-11-23"), inclusive=True) == day("2026-11-23")
    assert calendar.previous_working(day("2026-11-23"), inclusive=True) == day("2026-11-23")
    assert calendar.previous_working(day("2026-10-01"), inclusive=True) == day("2026-09-30")


def test_between_counts_the_end_but_not_the_start(calendar: Calendar) -> None:
    assert calendar.working_between(day("2026-09-30"), day("2026-10-10")) == 3
    assert calendar.working_between(day("2026-11-23"), day("2026-11-23")) == 0
    assert calendar.working_between(day("2026-10-10"), day("2026-09-30")) == -3


def test_a_week_has_its_makeup_sunday(calendar: Calendar) -> None:
    assert calendar.week_working_days(day("2026-09-16")) == [*days("2026-09-14", "2026-09-18"), day("2026-09-20")]


@pytest.mark.parametrize("name", ["国庆", "国庆节", "十一", "国庆假期"])
def test_a_holiday_is_found_by_its_everyday_names(calendar: Calendar, name: str) -> None:
    found = calendar.holiday_named(name, day("2026-09-29"))

    assert found is not None
    assert (found.start, found.end) == (day("2026-10-01"), day("2026-10-07"))


def test_a_holiday_without_notice_is_not_made_up(calendar: Calendar) -> None:
    assert calendar.holiday_named("春节", day("2026-11-23")) is None


def test_the_next_holiday_is_the_nearest_of_all(calendar: Calendar) -> None:
    found = calendar.next_holiday(day("2026-11-23"))

    assert found is not None
    assert (found.id, found.start) == ("元旦", day("2027-01-01"))


def test_terms_breaks_and_exams_are_layers_of_their_own(calendar: Calendar) -> None:
    term, following = calendar.term_of(day("2026-11-23")), calendar.next_term(day("2026-11-23"))

    assert term is not None
    assert following is not None
    assert (term.id, following.id) == ("2026秋", "2027春")
    assert calendar.term_of(day("2027-02-01")) is None
    assert calendar.in_break(day("2027-02-01"))
    assert not calendar.in_break(day("2026-11-23"))
    assert calendar.in_exam_quiet(day("2027-01-15"))
    assert not calendar.in_exam_quiet(day("2027-01-16"))
