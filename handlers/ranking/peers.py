"""Compares the units of one peer group: order, bands, and a place only where it means something; pure.

Source: supervision reference §3 (rank) and §3b (a place number only if the rank interval holds at most a third of the
group, else the band; above and below the median by the interval of the score).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from handlers.ranking import interval
from handlers.ranking.interval import Places
from handlers.ranking.place import band, order, ranks, round_half_up
from handlers.ranking.posterior import Posterior, estimate
from handlers.ranking.result import Ranked, Versus
from handlers.ranking.unit import UnitScore
from handlers.ranking.versions import Rules

_FINE = 10_000
_LEAST, _MOST = Fraction(0), Fraction(100)


def compare(totals: Sequence[UnitScore], rules: Rules) -> tuple[Ranked, ...]:
    """Rank units that all have a score, the first one first. Groups that are too small get no places."""
    if not totals:
        return ()
    by_unit = {total.unit: total for total in sorted(totals, key=lambda total: total.unit)}
    exact = {unit: total.score or Fraction(0) for unit, total in by_unit.items()}
    shown = {unit: round_half_up(score, rules.step) for unit, score in exact.items()}
    ordered = order(shown)
    rank_of = dict(zip(ordered, ranks([shown[unit] for unit in ordered], rules.tie_band), strict=True))
    posteriors = estimate(list(by_unit.values()))
    places = _places(posteriors, rules) if len(by_unit) >= rules.min_group else {}
    circle = _Circle(rules, shown, rank_of, Counter(rank_of.values()), posteriors, places, median(exact.values()))
    # Units of one tie stand in the order of their codes, also where the tie is wider than equal scores.
    return tuple(_ranked(by_unit[unit], circle) for unit in sorted(ordered, key=lambda unit: (rank_of[unit], unit)))


@dataclass(frozen=True, slots=True)
class _Circle:
    """What each unit's row needs of the group."""

    rules: Rules
    shown: Mapping[str, Fraction]
    rank: Mapping[str, int]
    shared: Mapping[int, int]
    posteriors: Mapping[str, Posterior]
    places: Mapping[str, Places]
    median: Fraction


def _places(posteriors: Mapping[str, Posterior], rules: Rules) -> Mapping[str, Places]:
    size = len(posteriors)
    if any(one.is_open for one in posteriors.values()):
        return dict.fromkeys(posteriors, Places(1, (size + 1) // 2, size))
    spreads = interval.spread_out(posteriors, float(rules.step) / 4)
    return interval.places(spreads, float(rules.low_point), float(rules.high_point))


def _ranked(total: UnitScore, circle: _Circle) -> Ranked:
    rules, rank, posterior = circle.rules, circle.rank[total.unit], circle.posteriors[total.unit]
    places = circle.places.get(total.unit)
    is_clear = places is not None and places.count <= rules.place_span * len(circle.places)
    low, high = _level(posterior, rules)
    return Ranked(
        unit=total.unit,
        score=total.score or Fraction(0),
        shown=circle.shown[total.unit],
        coverage=total.coverage,
        tasks=len(total.counted),
        band=band(circle.shown[total.unit], rules),
        rank=rank,
        is_tied=circle.shared[rank] > 1,
        place=rank if is_clear else None,
        places=places,
        low=low,
        high=high,
        error=None if posterior.error is None else _fine(posterior.error),
        versus=_versus(low, high, circle.median),
    )


def _level(posterior: Posterior, rules: Rules) -> tuple[Fraction | None, Fraction | None]:
    if posterior.is_open:
        return None, None
    reach = float(rules.z) * posterior.sd
    low, high = _fine(posterior.mean - reach), _fine(posterior.mean + reach)
    return max(_LEAST, low), min(_MOST, high)


def _versus(low: Fraction | None, high: Fraction | None, middle: Fraction) -> Versus:
    if low is not None and low > middle:
        return Versus.ABOVE
    return Versus.BELOW if high is not None and high < middle else Versus.ALIKE


def _fine(value: float) -> Fraction:
    # Far coarser than what processors may differ by, far finer than anything shown.
    return Fraction(round(value * _FINE), _FINE)
