"""What a unit comes to. Vectors: supervision reference §3, unit period score, missing data, peer groups."""

from __future__ import annotations

from fractions import Fraction

import pytest

from handlers.ranking.group import peer_group
from handlers.ranking.score import State
from handlers.ranking.unit import Gap, add_up
from tests.unit.ranking.cases import DISTRICT, RULES, unit, worth


def test_the_score_is_the_weighted_mean_and_exact() -> None:
    # §3 says "S = Σ w·s / Σ w over scored tasks"
    found = unit("S13", "100", "50", "70", weights=[3, 1, 2])

    assert Fraction(490, 6) == found.score


def test_coverage_is_scored_weight_of_applicable_weight() -> None:
    # §3: coverage is "scored weight / applicable weight"; "Not applicable and grey tasks leave the denominator"
    found = add_up(
        "S13",
        [
            worth("T01", "100", 3),
            worth("T02", None, 1),
            worth("T03", None, 1, state=State.YOUNG),
            worth("T04", None, 5, state=State.EXEMPT),
            worth("T05", None, 5, state=State.UNLISTED),
            worth("T06", None, 5, state=State.AHEAD),
            worth("T07", "0", 5, stopped=True),
        ],
    )

    assert (Fraction(3, 5), Fraction(100)) == (found.coverage, found.score)


@pytest.mark.parametrize(
    ("points", "missing", "gap"),
    [
        (["90", "90"], 0, Gap.FEW_TASKS),  # "Rank only if ≥3 scored tasks and coverage ≥0.60"
        (["90", "90", "90"], 0, None),
        (["90", "90", "90"], 2, None),  # 0.60 is enough
        (["90", "90", "90"], 3, Gap.LOW_COVERAGE),
        ([], 0, Gap.FEW_TASKS),
    ],
)
def test_too_little_is_not_ranked(points: list[str], missing: int, gap: Gap | None) -> None:
    rows = [worth(f"T{n:02}", each) for n, each in enumerate(points)]
    rows += [worth(f"T{n:02}", None) for n in range(50, 50 + missing)]

    assert gap == add_up("S13", rows).gap(RULES)


def test_a_stopped_task_leaves_unless_the_unit_would_lose_by_that() -> None:
    running = [worth("T01", "80"), worth("T02", "60")]

    assert add_up("S13", [*running, worth("T03", "0", stopped=True)]).score == 70
    assert add_up("S13", [*running, worth("T03", "70", stopped=True)]).score == 70
    assert add_up("S13", [*running, worth("T03", "100", stopped=True)]).score == 80


def test_of_several_stopped_tasks_those_stay_that_raise_the_score() -> None:
    rows = [worth("T01", "60"), *(worth(f"T1{n}", each, stopped=True) for n, each in enumerate(("100", "75", "90")))]
    found = add_up("S13", rows)

    assert [one.line.task for one in found.counted] == ["T01", "T10", "T12"]
    assert (Fraction(250, 3), 1) == (found.score, found.coverage)


def test_a_unit_all_of_whose_tasks_are_stopped_has_no_score() -> None:
    found = add_up("S13", [worth("T01", "100", stopped=True)])

    assert (found.score, found.coverage) == (None, 0)


def test_groups_are_those_of_the_data_and_the_sections() -> None:
    # §3 says "教学点 report through the parent school and are never ranked"
    found = {one["id"]: peer_group(one["kind"], one.get("peer_group")) for one in DISTRICT["schools"]}

    assert {None, "城区小学", "乡镇小学", "初中与九年一贯制", "高中与职教", "公办园", "民办园"} == set(found.values())
    assert {one["id"] for one in DISTRICT["schools"] if one["kind"] == "教学点"} == {
        u for u, name in found.items() if not name
    }
    assert peer_group("股室", None) == "股室"
    assert peer_group("局领导", None) is None
    assert peer_group("教学点", "乡镇小学") is None
