"""Ranks a month: lines in, a result or a refusal out; pure. The order of what comes in does not matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.workdays import SHANGHAI, Calendar
from handlers.ranking import canonical, gate
from handlers.ranking.gate import Approval, Object, Refusal
from handlers.ranking.group import peer_group
from handlers.ranking.line import Line
from handlers.ranking.peers import compare
from handlers.ranking.result import Group, Month, Unranked
from handlers.ranking.score import Scored, State, score
from handlers.ranking.unit import Gap, UnitScore, add_up
from handlers.ranking.versions import Rules, Versions
from handlers.ranking.yardstick import Yardstick


@dataclass(frozen=True, slots=True)
class Member:
    """A unit that could be ranked: its kind and the peer group the district file names."""

    unit: str
    kind: str
    group: str | None


@dataclass(frozen=True, slots=True)
class Frozen:
    """All that a month's ranking depends on, as it was at the freeze (截数). period is like 2026-11."""

    period: str
    frozen_at: datetime
    members: Sequence[Member]
    lines: Sequence[Line]
    approvals: Sequence[Approval]
    calendar: Calendar
    versions: Versions


def rank(frozen: Frozen, object_: str = Object.MONTH) -> Month | Refusal:
    """Rank every unit within its group, or refuse because the object is not on the filed list.

    Raises ValueError for a line of an unknown unit or a line that comes twice.
    """
    day = frozen.frozen_at.astimezone(SHANGHAI).date()
    approval = gate.check(object_, day, frozen.approvals)
    if isinstance(approval, Refusal):
        return approval
    rules = frozen.versions.on(day)
    totals = add_up_all(frozen, object_)
    gaps = {one.unit: _gap(one, totals[one.unit], approval, rules) for one in frozen.members}
    grouped: dict[str, list[str]] = {}
    for one in frozen.members:
        grouped.setdefault(peer_group(one.kind, one.group) or "", []).append(one.unit)
    apart = grouped.pop("", [])
    names = sorted(grouped)
    groups = tuple(_group(name, [totals[unit] for unit in sorted(grouped[name])], gaps, rules) for name in names)
    alone = tuple(_unranked(totals[unit], gaps[unit]) for unit in sorted(apart))
    inputs = canonical.digest_lines(frozen.lines)
    return Month(frozen.period, frozen.frozen_at, approval, rules, groups, alone, inputs)


def add_up_all(frozen: Frozen, object_: str = Object.MONTH) -> dict[str, UnitScore]:
    """Return the score of every unit; lines whose task is not on the filed list stay out of it."""
    day = frozen.frozen_at.astimezone(SHANGHAI).date()
    listed = gate.listed_refs(object_, day, frozen.approvals)
    yardstick = Yardstick(frozen.calendar, frozen.versions.on(day))
    units: dict[str, dict[str, Scored]] = {one.unit: {} for one in frozen.members}
    for line in frozen.lines:
        if line.unit not in units or line.task in units[line.unit]:
            raise ValueError(f"{line.unit} {line.task}: unknown unit, or a line that comes twice")
        is_listed = line.approval_ref in listed
        found = score(line, frozen.frozen_at, yardstick) if is_listed else Scored(line, State.UNLISTED, None)
        units[line.unit][line.task] = found
    return {unit: add_up(unit, lines.values()) for unit, lines in units.items()}


def _gap(member: Member, total: UnitScore, approval: Approval, rules: Rules) -> Gap | None:
    if peer_group(member.kind, member.group) is None:
        return Gap.NO_GROUP
    return Gap.OUT_OF_SCOPE if member.kind not in approval.scope else total.gap(rules)


def _unranked(total: UnitScore, gap: Gap | None) -> Unranked:
    return Unranked(total.unit, gap or Gap.NO_GROUP, total.score, total.coverage, len(total.counted))


def _group(name: str, totals: Sequence[UnitScore], gaps: Mapping[str, Gap | None], rules: Rules) -> Group:
    others = tuple(_unranked(total, gaps[total.unit]) for total in totals if gaps[total.unit] is not None)
    taking_part = [total for total in totals if gaps[total.unit] is None]
    return Group(name, compare(taking_part, rules), others, has_places=len(taking_part) >= rules.min_group)
