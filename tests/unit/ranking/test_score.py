"""What one task comes to. Vectors: supervision reference §3, expected progress, light, task score, missing data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest

from bot.workdays import SHANGHAI
from handlers.ranking.expected import Milestone, expected
from handlers.ranking.light import Light, light
from handlers.ranking.score import State
from tests.unit.ranking.cases import CALENDAR, DEADLINE, RULES, START, december, line, november, percent, scored

HALF = november(16)  # e = 0.5


@pytest.mark.parametrize(
    ("day", "share"),
    [(1, "0"), (2, "0"), (3, "1/20"), (7, "1/5"), (16, "1/2"), (27, "19/20"), (30, "1")],
)
def test_expected_is_the_exact_share_of_working_days(day: int, share: str) -> None:
    # §3 says "e = clip(wd elapsed / wd total, 0, 1)"
    assert Fraction(share) == expected(START, DEADLINE, date(2026, 11, day), CALENDAR)


@pytest.mark.parametrize(("day", "share"), [(2, "0"), (9, "0"), (10, "1/4"), (19, "1/4"), (20, "3/4"), (30, "1")])
def test_milestones_take_the_place_of_working_days(day: int, share: str) -> None:
    # §3 says "or the milestone table if given"
    table = (Milestone(date(2026, 11, 20), Fraction(3, 4)), Milestone(date(2026, 11, 10), Fraction(1, 4)))

    assert Fraction(share) == expected(START, DEADLINE, date(2026, 11, day), CALENDAR, table)


@pytest.mark.parametrize(
    ("progress", "day", "shown"),
    [
        ("45", november(16), Light.GREEN),  # "green p ≥ e−0.05"
        ("35", november(16), Light.GREEN),  # not yet "yellow p < e−0.15"
        ("34.9", november(16), Light.YELLOW),
        ("99.9", november(25), Light.BLUE),  # "blue deadline ≤3 wd and p<1"
        ("99.9", november(24), Light.GREEN),
        ("99.9", december(1), Light.RED),  # "red past deadline and not done"
        ("100", december(1), Light.GREEN),
    ],
)
def test_the_light_is_exact_at_its_borders(progress: str, day: datetime, shown: Light) -> None:
    assert shown == light(START, DEADLINE, percent(progress), day, CALENDAR, RULES)


def test_a_stopped_clock_is_grey() -> None:
    # §3 says "confirmed by the lead section = grey, clock stopped"
    assert light(START, DEADLINE, Fraction(0), december(9), CALENDAR, RULES, is_stopped=True) is Light.GREY


@pytest.mark.parametrize(
    ("progress", "at", "points"),
    [
        ("25", HALF, "50"),  # "s = 100·min(1, p/e) before the deadline"
        ("33.3", HALF, "66.6"),
        ("50", HALF, "100"),
        ("80", HALF, "100"),
        ("0", HALF, "0"),
        ("10", november(4), "100"),  # e = 0.1 is scored
        ("98.5", november(30, 17), "98.5"),  # the freeze on the day of the deadline: e = 1
        ("60", december(1), "55"),  # "open and overdue: max(0, 100·p − 5·min(d,10))"
        ("60", december(4), "40"),
        ("60", december(14), "10"),  # d = 10
        ("60", december(28), "10"),  # d = 20 takes no more than 10
        ("40", december(28), "0"),
    ],
)
def test_an_open_task_is_measured_against_what_is_due(progress: str, at: datetime, points: str) -> None:
    assert Fraction(points) == scored(at, progress=percent(progress)).score


@pytest.mark.parametrize(
    ("done_at", "points", "late"),
    [
        (november(3), "100", 0),
        (november(30, 23), "100", 0),  # "done on time = 100"; the deadline's day counts in full
        (december(1), "97", 1),  # "done late = max(60, 100−3·d)"
        (december(7), "85", 5),
        (december(17), "61", 13),
        (december(18), "60", 14),
        (december(31), "60", 23),
    ],
)
def test_a_finished_task_loses_by_the_day_down_to_a_floor(done_at: datetime, points: str, late: int) -> None:
    found = scored(december(31, 17), done_at=done_at)

    assert (Fraction(points), late) == (found.score, found.days_late)


@pytest.mark.parametrize(
    ("deadline", "done_at", "points"),
    [
        (date(2026, 11, 28), november(30, 17), 100),  # a Saturday's task may be finished on Monday until 17:00
        (date(2026, 11, 28), november(30, 18), 97),
        (date(2026, 10, 1), datetime(2026, 10, 8, 16, tzinfo=SHANGHAI), 100),  # over the National Day holiday
    ],
)
def test_a_deadline_on_a_day_off_is_missed_the_next_working_afternoon(
    deadline: date, done_at: datetime, points: int
) -> None:
    assert points == scored(december(31), start=date(2026, 9, 1), deadline=deadline, done_at=done_at).score


@pytest.mark.parametrize(
    ("changes", "at", "points"),
    [
        ({"claimed_at": HALF}, november(30, 17), "95"),  # "counts as p=0.95 until checked"
        ({"claimed_at": HALF}, HALF, "100"),
        ({"claimed_at": HALF}, december(14), "95"),  # the checking is not the unit's to do
        ({"claimed_at": december(2)}, december(14), "85"),  # claimed two days late
        ({"claimed_at": HALF, "progress": percent("98.5")}, december(14), "98.5"),  # who claims loses nothing by it
        ({"claimed_at": HALF, "progress": percent("30")}, december(14), "95"),
    ],
)
def test_a_completion_nobody_verified_counts_nearly_in_full(changes: dict, at: datetime, points: str) -> None:
    found = scored(at, **changes)

    assert (State.CLAIMED, Fraction(points)) == (found.state, found.score)


def test_verifying_raises_a_claim_whenever_it_comes() -> None:
    for day in range(1, 24):
        claimed = scored(december(31), claimed_at=december(day))
        done = scored(december(31), done_at=december(day))
        assert claimed.score < done.score


def test_what_is_barely_due_is_not_scored() -> None:
    # §3 says "(e<0.1 → not scored)"
    assert _outcome(scored(november(3), progress=percent("50"))) == (State.YOUNG, None)
    assert _outcome(scored(november(3), claimed_at=november(3))) == (State.YOUNG, None)
    assert _outcome(scored(november(1))) == (State.AHEAD, None)


def test_nothing_stated_is_no_zero_before_the_deadline_and_one_after() -> None:
    # §3: "never an automatic 0 … At the deadline with no report ever: p=0 flagged 未报, distinct from a reported 0 %"
    assert _outcome(scored(HALF)) == (State.UNREPORTED, None)
    assert _outcome(scored(december(1))) == (State.SILENT, 0)
    assert _outcome(scored(december(1), progress=Fraction(0))) == (State.OVERDUE, 0)


def test_what_does_not_concern_the_unit_has_no_score() -> None:
    assert _outcome(scored(december(9), is_applicable=False)) == (State.EXEMPT, None)


def test_no_score_is_guessed_where_the_calendar_ends() -> None:
    found = scored(november(30), deadline=date(2027, 1, 15), progress=percent("10"))

    assert _outcome(found) == (State.DARK, None)


def test_a_confirmed_obstacle_stops_every_clock() -> None:
    before = scored(december(14), progress=percent("50"), stopped_at=HALF)
    after = scored(december(28), progress=percent("50"), stopped_at=december(2))
    done = scored(december(28), done_at=december(28), stopped_at=HALF)

    assert (before.score, before.days_late, before.is_stopped) == (100, 0, True)
    assert (after.score, after.days_late, after.is_stopped) == (40, 2, True)
    assert _outcome(done) == (State.DONE, 100)


def test_an_obstacle_told_after_the_freeze_has_stopped_nothing_yet() -> None:
    assert scored(HALF, progress=percent("25")) == _unstopped(
        scored(HALF, progress=percent("25"), stopped_at=november(20))
    )


@pytest.mark.parametrize("changes", [{"progress": Fraction(1)}, {"progress": Fraction(-1)}, {"weight": 0}])
def test_a_line_that_cannot_be_is_refused(changes: dict) -> None:
    with pytest.raises(ValueError, match="a"):
        line(**changes)


def test_a_milestone_beyond_the_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="milestone"):
        line(milestones=(Milestone(DEADLINE, Fraction(2)),))


def _outcome(found) -> tuple:
    return found.state, found.score


def _unstopped(found):
    return replace(found, line=replace(found.line, stopped_at=None))
