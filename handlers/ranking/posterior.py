"""Where a unit's level may lie, given few tasks and the level of its peers; pure. Source: supervision reference §3b.

Continuous shrinkage: θ̃ = μ + B·(x̄ − μ), B = τ²/(τ² + σ²/n); its variance is B·σ²/n.

A task's score is one look at how a unit works. σ² is what such looks differ by once the unit's own score and the
difficulty of the task (the mean deviation in the group) are taken out; n is the number of looks, less where weights
differ: (Σw)²/Σw². τ² is by how much units differ beyond that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from handlers.ranking.unit import UnitScore


@dataclass(frozen=True, slots=True)
class Posterior:
    """A normal distribution of a unit's level. error is the standard error of the score itself (σ/√n), None if unknown.

    is_open: peers do not differ beyond noise, or nobody can tell; then any place is as likely as another.
    """

    mean: float
    sd: float
    error: float | None
    is_open: bool = False


def estimate(group: Sequence[UnitScore]) -> dict[str, Posterior]:
    """Return the posterior of every unit of one group, each of which has a score."""
    scores = {unit.unit: float(unit.score or 0) for unit in group}
    looks = {unit.unit: _looks(unit) for unit in group}
    noise = _noise(group, scores)
    mean = fsum(scores.values()) / len(scores)
    if noise is None or len(scores) < 2:
        return {unit: Posterior(mean, 0.0, None, is_open=True) for unit in scores}
    spread = fsum((score - mean) ** 2 for score in scores.values()) / (len(scores) - 1)
    between = max(0.0, spread - fsum(noise / looks[unit] for unit in scores) / len(scores))
    return {unit: _shrink(score, mean, noise / looks[unit], between) for unit, score in scores.items()}


def _shrink(score: float, mean: float, error: float, between: float) -> Posterior:
    if not between:
        return Posterior(mean, 0.0, sqrt(error), is_open=error > 0)
    kept = between / (between + error)
    return Posterior(mean + kept * (score - mean), sqrt(kept * error), sqrt(error))


def _looks(unit: UnitScore) -> float:
    return unit.weight**2 / fsum(one.line.weight**2 for one in unit.counted)


def _noise(group: Sequence[UnitScore], scores: Mapping[str, float]) -> float | None:
    """Return σ², None where there are too few figures to tell the unit, the task and the noise apart."""
    apart: dict[str, list[float]] = {}
    for unit in group:
        own = scores[unit.unit]
        for one in unit.counted:
            apart.setdefault(one.line.task, []).append(float(one.score or 0) - own)
    figures = sum(map(len, apart.values()))
    freedom = figures - len(group) - len(apart) + 1
    if freedom < 1:
        return None
    return fsum(_squares(deviations) for deviations in apart.values()) / freedom


def _squares(values: Sequence[float]) -> float:
    mean = fsum(values) / len(values)
    return fsum((value - mean) ** 2 for value in values)
