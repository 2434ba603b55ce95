"""Every number of the rules has a day from which it holds."""

from __future__ import annotations

from datetime import date, time
from fractions import Fraction

import pytest

from handlers.ledger import rules as ledger
from handlers.ranking import versions
from handlers.ranking.light import Light
from handlers.ranking.versions import SHIPPED, Band, RulesError
from tests.unit.ranking.cases import CALENDAR, DEADLINE, START, november


def test_the_shipped_numbers_are_those_of_the_reference() -> None:
    rules = SHIPPED.on(date(2026, 11, 30))

    # §3 light: "blue deadline ≤3 wd", "yellow p < e−0.15"; §2: "overdue starts after the next wd 17:00"
    assert (3, Fraction("0.15"), time(17)) == (rules.near_days, rules.lag, rules.end_of_work)
    # §3 task score: "e<0.1 → not scored", "max(60, 100−3·d)", "max(0, 100·p − 5·min(d,10))", "p=0.95 until checked"
    assert Fraction("0.1") == rules.least_expected
    assert (rules.late_floor, rules.late_per_day) == (60, 3)
    assert (5, 10, Fraction("0.95")) == (rules.overdue_per_day, rules.overdue_most_days, rules.unverified)
    # §3 unit: "only if ≥3 scored tasks and coverage ≥0.60"; peer groups: "Groups <5 units: bands only"
    assert (3, Fraction("0.6"), 5) == (rules.min_tasks, rules.min_coverage, rules.min_group)
    # §3 rank: "round S to 0.1", "default tie_band=0", "Bands A ≥90, B 75–<90, C 60–<75, D <60"
    assert (Fraction("0.1"), 0) == (rules.step, rules.tie_band)
    assert (Band("A", Fraction(90)), Band("B", Fraction(75)), Band("C", Fraction(60))) == rules.bands
    assert rules.last_band == "D"
    # §3b: "2.5/50/97.5 % points", "≤1/3 of the peer group", "z=1.959964"
    assert (Fraction("0.025"), Fraction("0.975")) == (rules.low_point, rules.high_point)
    assert (Fraction(1, 3), Fraction("1.959964")) == (rules.place_span, rules.z)


def test_a_new_version_holds_from_its_day_and_keeps_the_other_numbers() -> None:
    found = versions.read([{"valid_from": date(2026, 12, 1), "lag": 0.2, "end_of_work": "17:30", "bands": {"甲": 80}}])

    assert SHIPPED.all[0] == found.on(date(2026, 11, 30))
    later = found.on(date(2026, 12, 1))
    assert (Fraction(1, 5), time(17, 30), (Band("甲", Fraction(80)),)) == (later.lag, later.end_of_work, later.bands)
    assert later.near_days == 3


def test_versions_build_on_one_another() -> None:
    found = versions.read(
        [{"valid_from": "2026-12-01", "near_days": 4}, {"valid_from": "2027-01-01", "place_span": "1/4"}]
    )

    assert (4, Fraction(1, 4)) == (found.on(date(2027, 5, 1)).near_days, found.on(date(2027, 5, 1)).place_span)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"lag": 0.2}, "rules[0].valid_from"),
        ({"valid_from": "2026-12-01", "speed": 1}, "rules[0].speed"),
        ({"valid_from": "1. Dezember"}, "rules[0].valid_from"),
        ({"valid_from": "2026-12-01", "near_days": 1.5}, "rules[0].near_days"),
        ({"valid_from": "2026-12-01", "min_tasks": True}, "rules[0].min_tasks"),
        ({"valid_from": "2026-12-01", "lag": "1/0"}, "rules[0].lag"),
        ({"valid_from": "2026-12-01", "unverified": 95}, "rules[0].unverified"),
        ({"valid_from": "2026-12-01", "least_expected": 0}, "rules[0].least_expected"),
        ({"valid_from": "2026-12-01", "bands": {"A": 60, "B": 75}}, "rules[0].bands"),
        ({"valid_from": "2026-12-01", "bands": {"D": 75}}, "rules[0].bands"),
        ({"valid_from": "2026-12-01", "low_point": 0.6}, "rules[0].low_point"),
        ({"valid_from": "0001-01-01"}, "rules[0].valid_from"),
    ],
)
def test_a_number_that_cannot_hold_is_refused_by_its_key(row: dict, key: str) -> None:
    with pytest.raises(RulesError) as refused:
        versions.read([row])

    assert [fault for fault in refused.value.faults if fault.startswith(f"{key}:")]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(RulesError) as refused:
        versions.read(
            [{"valid_from": "2026-12-01", "lag": "x", "near_days": "y"}, {"valid_from": "2026-10-01", "step": 0}]
        )

    assert [fault.split(":")[0] for fault in refused.value.faults] == [
        "rules[0].lag",
        "rules[0].near_days",
        "rules[1].step",
    ]


def test_the_ledger_takes_its_numbers_from_the_version_of_the_day() -> None:
    changed = versions.read([{"valid_from": "2026-11-16", "lag": 0.05, "near_days": 6}])

    def light(progress: float, day: int) -> Light | None:
        return ledger.light(START, DEADLINE, progress, november(day), CALENDAR, versions=changed)

    assert (light(0.3, 13), light(0.4, 16)) == (Light.GREEN, Light.YELLOW)
    assert ledger.light(START, DEADLINE, 0.4, november(16), CALENDAR) is Light.GREEN
    assert light(0.99, 20) == Light.BLUE


def test_the_end_of_work_is_that_of_the_version() -> None:
    later = versions.read([{"valid_from": "2026-11-01", "end_of_work": "18:00"}])
    saturday, monday = date(2026, 11, 28), november(30, 17).replace(minute=30)

    assert ledger.is_overdue(saturday, monday, CALENDAR)
    assert not ledger.is_overdue(saturday, monday, CALENDAR, versions=later)
