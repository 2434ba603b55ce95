"""What a unit comes to over a period, and whether that is enough to rank it; pure and exact.

Source: supervision reference §3: S = Σ w·s / Σ w over scored tasks; coverage = scored weight / applicable weight;
ranked only with at least 3 scored tasks and coverage of at least 0.60.

Tasks whose clock is stopped leave both sums. One exception, because a blocker told in time never lowers a score (§3b):
where a task would have raised the score as it stood when its clock stopped, it stays in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from handlers.ranking.score import Scored, State
from handlers.ranking.versions import Rules

_OUTSIDE = (State.AHEAD, State.EXEMPT, State.UNLISTED)


class Gap(StrEnum):
    """Why a unit is not ranked."""

    FEW_TASKS = "few_tasks"
    LOW_COVERAGE = "low_coverage"
    NO_GROUP = "no_group"  # a teaching point, or the bureau itself
    OUT_OF_SCOPE = "out_of_scope"  # the filed list does not name its kind


@dataclass(frozen=True, slots=True)
class UnitScore:
    """A unit's score, exact, None if nothing is scored. counted are the lines that make it up, by task code."""

    unit: str
    score: Fraction | None
    counted: tuple[Scored, ...]
    other: tuple[Scored, ...]
    weight: int
    applicable: int

    @property
    def coverage(self) -> Fraction:
        """The share of the applicable weight that is scored; 0 if nothing is applicable."""
        return Fraction(self.weight, self.applicable) if self.applicable else Fraction(0)

    def gap(self, rules: Rules) -> Gap | None:
        """Return what is missing for a ranking (数据不足), None if nothing is."""
        if len(self.counted) < rules.min_tasks:
            return Gap.FEW_TASKS
        return Gap.LOW_COVERAGE if self.coverage < rules.min_coverage else None


def add_up(unit: str, lines: Iterable[Scored]) -> UnitScore:
    """Add up the lines of one unit, in whatever order they come."""
    ordered = sorted(lines, key=lambda one: one.line.task)
    counted = [one for one in ordered if one.score is not None and not one.is_stopped]
    points, weight = sum((one.points for one in counted), Fraction(0)), sum(one.line.weight for one in counted)
    if counted:
        for one in _stopped_best_first(ordered):
            if one.points * weight > points * one.line.weight:
                counted.append(one)
                points, weight = points + one.points, weight + one.line.weight
        counted.sort(key=lambda one: one.line.task)
    chosen = {one.line.task for one in counted}
    other = tuple(one for one in ordered if one.line.task not in chosen)
    missing = sum(one.line.weight for one in other if not one.is_stopped and one.state not in _OUTSIDE)
    return UnitScore(unit, points / weight if weight else None, tuple(counted), other, weight, weight + missing)


def _stopped_best_first(lines: Iterable[Scored]) -> list[Scored]:
    stopped = [one for one in lines if one.is_stopped and one.score is not None]
    return sorted(stopped, key=lambda one: (-one.points / one.line.weight, one.line.task))
