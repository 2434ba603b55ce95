"""Who gets a place, and who a band. Source: supervision reference §3 and §3b."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

from handlers.ranking.change import Trend, trend
from handlers.ranking.peers import compare
from handlers.ranking.posterior import estimate
from handlers.ranking.result import Group, Versus
from handlers.ranking.unit import UnitScore, add_up
from tests.unit.ranking.cases import RULES, unit, worth


def steady(levels: list[int], tasks: int = 12, jitter: int = 1) -> list[UnitScore]:
    """Return units that work alike in all their tasks, a point more or less."""
    return [
        unit(f"S{n:02}", *(str(level + (n + task) % 3 * jitter - jitter) for task in range(tasks)))
        for n, level in enumerate(levels)
    ]


def test_clear_differences_give_places() -> None:
    found = compare(steady([95, 88, 81, 74, 67, 60, 53, 46]), RULES)

    assert [one.place for one in found] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert "".join(one.band for one in found) == "AB" + "BCCCDD"
    assert (found[0].versus, found[-1].versus) == (Versus.ABOVE, Versus.BELOW)


def test_noise_gives_bands_only() -> None:
    chance = random.Random(4)
    alike = [unit(f"S{n:02}", *(str(chance.randint(50, 100)) for _ in range(12))) for n in range(20)]

    found = compare(alike, RULES)

    assert {None} == {one.place for one in found}
    assert {Versus.ALIKE} == {one.versus for one in found}
    assert len({one.shown for one in found}) > 10  # the scores differ all the same


def test_a_place_needs_an_interval_of_at_most_a_third_of_the_group() -> None:
    # §3b says "Show a place number only if the interval spans ≤1/3 of the peer group, else the band"
    chance = random.Random(1)
    mixed = [unit(f"S{n:02}", *(str(60 + n + chance.randint(-12, 12)) for _ in range(20))) for n in range(24)]

    found = compare(mixed, RULES)

    assert {True, False} == {one.place is not None for one in found}
    for one in found:
        assert one.places is not None
        assert (one.places.count <= 8) == (one.place is not None)
        assert one.place in (None, one.rank)


def test_a_shown_list_tells_no_place_that_is_not_told() -> None:
    chance = random.Random(1)
    mixed = [unit(f"S{n:02}", *(str(60 + n + chance.randint(-12, 12)) for _ in range(20))) for n in range(24)]

    shown = Group("乡镇小学", compare(mixed, RULES), (), has_places=True).as_shown()

    assert sorted(one.unit for one in shown) == [f"S{n:02}" for n in range(24)]
    assert sorted(one.band for one in shown) == [one.band for one in shown]
    for band in "BC":
        inside = [one for one in shown if one.band == band]
        places = [one.place for one in inside if one.place is not None]
        hidden = [one.unit for one in inside[len(places) :]]
        assert sorted(places) == places
        assert sorted(hidden) == hidden == [one.unit for one in inside if one.place is None]


def test_a_group_of_fewer_than_five_has_bands_only() -> None:
    # §3 says "Groups <5 units: bands only"
    assert [one.place for one in compare(steady([95, 85, 70, 50]), RULES)] == [None] * 4
    assert [one.places for one in compare(steady([95, 85, 70, 50]), RULES)] == [None] * 4
    assert [one.place for one in compare(steady([95, 85, 70, 50, 30]), RULES)] == [1, 2, 3, 4, 5]


def test_equal_rounded_scores_are_tied_by_code() -> None:
    found = compare(
        [unit("S09", "80", "80.04", "80"), unit("S02", "80", "80", "80"), unit("S05", "90", "90", "90")], RULES
    )

    assert [(one.unit, one.rank, one.is_tied) for one in found] == [
        ("S05", 1, False),
        ("S02", 2, True),
        ("S09", 2, True),
    ]


def test_a_wider_tie_hides_the_order_within() -> None:
    found = compare(steady([80, 81, 90]), replace(RULES, tie_band=Fraction(2)))

    assert [(one.unit, one.rank) for one in found] == [("S02", 1), ("S00", 2), ("S01", 2)]


def test_all_alike_share_the_first_place() -> None:
    found = compare([unit(f"S{n}", "100", "100", "100") for n in range(6)], RULES)

    assert {(1, True, "A")} == {(one.rank, one.is_tied, one.band) for one in found}


def test_what_is_hard_for_everybody_is_no_noise() -> None:
    hard = [unit(f"S{n}", *(str(each - n * 4) for each in (100, 100, 40, 90))) for n in range(6)]

    assert {0.0} == {round(one.error or 0, 6) for one in estimate(hard).values()}


def test_few_tasks_are_drawn_to_the_middle_more_than_many() -> None:
    chance = random.Random(6)
    group = [unit(f"S{n:02}", *(str(70 + n + chance.randint(-15, 15)) for _ in range(20))) for n in range(12)]
    short = unit("S98", *["100"] * 3)
    long = unit("S99", *["100"] * 20)

    found = estimate([*group, short, long])

    assert found["S98"].mean < found["S99"].mean < 100
    assert found["S98"].sd > found["S99"].sd


def test_units_with_nothing_in_common_cannot_be_placed() -> None:
    apart = [lonely(f"B{n:02}", 90 - n) for n in range(6)]

    found = compare(apart, RULES)

    assert {None} == {one.place for one in found}
    assert {None} == {one.error for one in found}


def lonely(name: str, level: int) -> UnitScore:
    """Return a unit with three tasks that nobody else has."""
    rows = [worth(f"T{name}{each}", str(level)) for each in range(3)]
    return add_up(name, [replace(one, line=replace(one.line, unit=name)) for one in rows])


def test_a_change_is_told_only_beyond_noise() -> None:
    # §3b says "上升/下降 only if the 95 % interval of the difference excludes 0"
    one = compare(steady([95, 88, 81, 74, 67, 60]), RULES)[2]
    base = replace(one, error=Fraction(2))

    def moved(points: str) -> Trend | None:
        score = base.score + Fraction(points)
        return trend(base, replace(base, score=score, shown=base.shown + Fraction(points)), RULES)

    # 1.959964 · √(2² + 2²) = 5.5436
    assert [moved(each) for each in ("5.5", "5.6", "-5.5", "-5.6")] == [
        Trend.STEADY,
        Trend.UP,
        Trend.STEADY,
        Trend.DOWN,
    ]
    assert trend(replace(base, error=None), base, RULES) is None


def test_a_change_that_is_not_seen_is_none() -> None:
    one = replace(compare(steady([95, 88, 81]), RULES)[0], error=Fraction(0))

    assert trend(one, replace(one, score=one.score + Fraction(1, 1000)), RULES) is Trend.STEADY
