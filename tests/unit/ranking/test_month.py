"""A whole month: the sample district, and what a result is made of."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from bot.workdays import SHANGHAI
from handlers.ranking import canonical, versions
from handlers.ranking.change import Trend, trends
from handlers.ranking.gate import Object, Refusal
from handlers.ranking.line import Line
from handlers.ranking.month import Frozen, Member, add_up_all, rank
from handlers.ranking.result import Month
from handlers.ranking.unit import Gap
from tests.unit.ranking.cases import DISTRICT, REF, frozen, line, november, percent

ROOT = Path(__file__).parents[3]
KINDS = ("小学", "初中", "九年一贯制", "高中", "职教中心", "幼儿园", "教学点")


@cache
def sample() -> Frozen:
    """Return the sample district at the freeze, every unit with its own made-up level of work."""
    chance = random.Random(11)
    schools = [Member(one["id"], one["kind"], one["peer_group"]) for one in DISTRICT["schools"]]
    sections = [Member(one["id"], "股室", None) for one in DISTRICT["sections"]]
    members = schools + sections
    levels = {one.unit: chance.betavariate(16, 4) for one in members}
    lines = [
        _made(member, task, levels[member.unit], chance)
        for task in DISTRICT["ledger"]
        for member in _who(task, members)
    ]
    return frozen(lines, members)


def _who(task: dict, members: list[Member]) -> Iterator[Member]:
    for member in members:
        rules = task["reporters"]
        if member.kind == "股室":
            if "sections:*" in rules or member.unit in rules:
                yield member
        elif "schools:*" in rules or member.kind in rules:
            yield member


def _made(member: Member, task: dict, level: float, chance: random.Random) -> Line:
    made = Line(
        unit=member.unit,
        task=task["id"],
        weight=task["weight"],
        start=date.fromisoformat(task["start"]),
        deadline=date.fromisoformat(task["deadline"]),
        progress=Fraction(min(99, max(0, round(100 * chance.gauss(level, 0.15)))), 100),
        approval_ref=task["approval_ref"],
        source=f"uid-{member.unit}-{task['id']}",
    )
    if chance.random() < 0.4:
        done = min(made.deadline - timedelta(days=chance.randint(-3, 6)), date(2026, 11, 30))
        return replace(made, done_at=datetime(done.year, done.month, done.day, 11, tzinfo=SHANGHAI))
    return made


def ranked(month: Frozen) -> Month:
    """Rank a month that may be ranked."""
    found = rank(month)
    assert isinstance(found, Month)
    return found


def test_the_sample_district_is_ranked_within_its_groups() -> None:
    found = ranked(sample())

    assert [one.name for one in found.groups] == [
        "乡镇小学",
        "公办园",
        "初中与九年一贯制",
        "城区小学",
        "民办园",
        "股室",
        "高中与职教",
    ]
    sizes = {one.name: len(one.ranked) + len(one.unranked) for one in found.groups}
    assert sizes == {
        "乡镇小学": 21,
        "初中与九年一贯制": 18,
        "公办园": 14,
        "城区小学": 13,
        "高中与职教": 5,
        "民办园": 3,
        "股室": 14,
    }
    assert {one.name for one in found.groups if not one.has_places} == {"民办园"}
    assert {Gap.NO_GROUP} == {one.gap for one in found.apart}
    assert len(found.apart) == 12


def test_the_number_of_the_filed_list_is_part_of_the_result() -> None:
    found = ranked(sample())

    assert (REF, "P-L1", date(2026, 8, 28)) == (found.approval.ref, found.approval.approver, found.approval.approved_on)
    assert REF in canonical.dump(found).decode()


def test_special_assessments_are_not_ranked() -> None:
    assert isinstance(rank(sample(), Object.SPECIAL), Refusal)


def test_a_task_off_the_list_is_collected_and_has_no_part_in_the_score() -> None:
    members = [Member("S13", "小学", "乡镇小学")]
    kept = [line(task=f"T0{n}", progress=percent("90")) for n in range(3)]
    off = [line(task="T90", progress=percent("0"), approval_ref=ref) for ref in (None, "清教清单〔2026〕4号", "别的")]

    for each in off:
        total = add_up_all(frozen([*kept, each], members))["S13"]
        assert (Fraction(90), 1) == (total.score, total.coverage)
        assert [one.line.task for one in total.other] == ["T90"]


def test_a_kind_the_list_does_not_name_is_not_ranked() -> None:
    members = [Member("S57", "其他", "高中与职教")]

    found = ranked(frozen([line(unit="S57", task=f"T0{n}", progress=percent("90")) for n in range(3)], members))

    assert [one.gap for one in found.groups[0].unranked] == [Gap.OUT_OF_SCOPE]


@pytest.mark.parametrize("extra", [line(unit="S99"), line()])
def test_a_line_of_nobody_or_twice_is_refused(extra: Line) -> None:
    with pytest.raises(ValueError, match=extra.unit):
        rank(frozen([line(), extra], [Member("S13", "小学", "乡镇小学")]))


def test_an_old_month_recomputes_to_the_same_bytes_after_the_rules_change() -> None:
    old = sample()
    later = replace(old, versions=versions.read([{"valid_from": "2026-12-01", "late_per_day": 1, "bands": {"A": 80}}]))

    assert canonical.dump(rank(old)) == canonical.dump(rank(later))
    moved = replace(later, frozen_at=datetime(2026, 12, 31, 17, tzinfo=SHANGHAI))
    assert {"A", "D"} >= {one.band for group in ranked(moved).groups for one in group.ranked}


def test_the_digest_is_the_same_in_every_process_and_with_every_hash_seed() -> None:
    script = (
        "from tests.unit.ranking.test_month import sample, rank, canonical; print(canonical.digest(rank(sample())))"
    )
    found = set()
    for seed in ("1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())

    assert {canonical.digest(rank(sample()))} == found


def test_the_digest_tells_any_change_of_what_went_in() -> None:
    month = sample()
    changed = replace(month, lines=[replace(month.lines[0], source="uid-other"), *month.lines[1:]])

    assert ranked(month).groups == ranked(changed).groups
    assert ranked(month).inputs != ranked(changed).inputs
    assert canonical.digest(rank(month)) != canonical.digest(rank(changed))


@pytest.mark.parametrize("value", [0.5, object(), [1.0], Fraction])
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical.dump(value)


def test_the_bytes_are_plain_json_with_exact_numbers() -> None:
    value = {
        "s": Fraction(1, 3),
        "at": november(30, 17),
        "day": date(2026, 11, 30),
        "set": frozenset("ba"),
        "none": None,
    }

    assert canonical.dump(value).decode() == (
        '{"schema":"duban-ranking/1","value":{"at":"2026-11-30T09:00:00+00:00","day":"2026-11-30","none":null,'
        '"s":"1/3","set":["a","b"]}}'
    )


def test_trends_compare_months_of_the_same_rules_only() -> None:
    now = ranked(sample())
    group = now.groups[0]
    first = group.ranked[0]
    sunk = replace(first, score=first.score - 60, shown=first.shown - 60)
    before = replace(now, groups=(replace(group, ranked=(sunk, *group.ranked[1:])), *now.groups[1:]))

    assert trends(before, now)[first.unit] == Trend.UP
    assert {Trend.STEADY} == {moved for unit, moved in trends(before, now).items() if unit != first.unit}
    assert trends(replace(before, rules=replace(now.rules, near_days=9)), now) == {}
