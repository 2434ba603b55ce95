"""Expected progress, lights and days late, by the calendar of the sample district."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.workdays import SHANGHAI, Calendar, UnknownDayError
from handlers.ledger import rules
from handlers.ranking.light import Light

START, DEADLINE = date(2026, 11, 2), date(2026, 11, 30)  # Mondays; 20 working days from one to the other


@pytest.fixture
def calendar(sample) -> Calendar:
    """The sample's calendar: 2026 is known, 2027 is not."""
    return Calendar.from_district(sample["calendar"])


def at(day: date, hour: int = 10) -> datetime:
    """Return a local hour of a day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def november(day: int, hour: int = 10) -> datetime:
    """Return a local hour of a day in November 2026."""
    return at(date(2026, 11, day), hour)


@pytest.mark.parametrize(
    ("day", "share"),
    [(1, 0), (2, 0), (3, 0.05), (6, 0.2), (7, 0.2), (8, 0.2), (9, 0.25), (16, 0.5), (27, 0.95), (30, 1)],
)
def test_expected_progress_counts_working_days(calendar, day, share):
    assert pytest.approx(share) == rules.expected(START, DEADLINE, date(2026, 11, day), calendar)


def test_expected_progress_stays_one_after_the_deadline(calendar):
    assert rules.expected(START, DEADLINE, date(2027, 6, 1), calendar) == 1


def test_expected_progress_counts_make_up_days_and_not_holidays(calendar):
    # After 28 September until 12 October 2026: six working days, with the make-up Saturday of 10 October.
    span = rules.expected(date(2026, 9, 28), date(2026, 10, 12), date(2026, 10, 8), calendar)

    assert span == 3 / 6


def test_a_task_of_one_day_expects_nothing_before_it_ends(calendar):
    assert rules.expected(DEADLINE, DEADLINE, date(2026, 11, 29), calendar) == 0
    assert rules.expected(DEADLINE, DEADLINE, DEADLINE, calendar) == 1


def test_what_crosses_an_unknown_year_is_not_guessed(calendar):
    with pytest.raises(UnknownDayError):
        rules.expected(START, date(2027, 8, 20), date(2026, 11, 23), calendar)


@pytest.mark.parametrize(
    ("deadline", "now", "overdue"),
    [
        (date(2026, 11, 20), november(20, 23), False),  # a Friday counts to its end
        (date(2026, 11, 20), november(21, 0), True),
        (date(2026, 11, 28), november(29, 10), False),  # a Saturday waits for Monday 17:00
        (date(2026, 11, 28), november(30, 17), False),
        (date(2026, 11, 28), november(30, 18), True),
        (date(2026, 10, 1), at(date(2026, 10, 8), 16), False),  # over the National Day holiday
        (date(2026, 10, 1), at(date(2026, 10, 8), 18), True),
    ],
)
def test_overdue_begins_after_the_deadline_or_the_next_working_afternoon(calendar, deadline, now, overdue):
    assert overdue == rules.is_overdue(deadline, now, calendar)


@pytest.mark.parametrize(
    ("deadline", "now", "days"),
    [
        (date(2026, 11, 20), november(23), 1),
        (date(2026, 11, 20), november(22), 1),  # Sunday: late, though no working day has begun
        (date(2026, 11, 20), november(27), 5),
        (date(2026, 11, 21), november(24), 1),  # Saturday's last working day is Monday
    ],
)
def test_days_late_are_working_days(calendar, deadline, now, days):
    assert days == rules.days_late(deadline, now, calendar)


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ({"status": "done"}, 1),
        ({"status": "not_applicable"}, 1),
        ({"status": "not_started", "percent": 0}, 0),
        ({"percent": 70}, 0.7),
        ({"percent": 98.5, "done": 1, "total": 2}, 0.985),
        ({"done": 9, "total": 12}, 0.75),
        ({"done": 2, "target": 3}, 2 / 3),
        ({"done": 5, "target": 3}, 1),
        ({"done": 2, "target": 0}, None),  # a number to be brought down to nothing
        ({"done": 2}, None),
        ({"status": "blocked"}, None),
    ],
)
def test_the_share_is_what_was_said(said, share):
    values = {"status": "in_progress", "percent": None, "done": None, "total": None, "target": None} | said

    assert share == rules.share(values.pop("status"), **values)


@pytest.mark.parametrize(
    ("progress", "now", "light"),
    [
        (0.50, november(16), Light.GREEN),
        (0.45, november(16), Light.GREEN),  # as far behind as green allows
        (0.35, november(16), Light.GREEN),  # between the two: not yet behind by the rule
        (0.34, november(16), Light.YELLOW),
        (0.0, november(3), Light.GREEN),
        (0.0, november(6), Light.YELLOW),
        (0.99, november(25), Light.BLUE),  # three working days before
        (0.99, november(24), Light.GREEN),
        (0.2, november(30, 23), Light.BLUE),
        (0.2, at(date(2026, 12, 1)), Light.RED),
        (None, at(date(2026, 12, 1)), Light.RED),
        (None, november(16), None),
        (None, november(27), Light.BLUE),
        (1.0, at(date(2026, 12, 1)), Light.GREEN),
    ],
)
def test_the_light_follows_the_reference(calendar, progress, now, light):
    assert light == rules.light(START, DEADLINE, progress, now, calendar)


def test_a_confirmed_outside_cause_stops_the_clock(calendar):
    assert rules.light(START, DEADLINE, 0, at(date(2026, 12, 9)), calendar, is_stopped=True) == Light.GREY


def test_no_light_is_guessed_for_an_unknown_year(calendar):
    with pytest.raises(UnknownDayError):
        rules.light(START, date(2027, 8, 20), 0.5, november(23), calendar)
