"""The rank interval, against the reference's own figures and against its draws. Source: supervision reference §3b."""

from __future__ import annotations

import random
from collections.abc import Mapping
from math import exp, lgamma, log

import pytest

from handlers.ranking.interval import Places, Spread, places, spread_out
from handlers.ranking.posterior import Posterior

LOW, HIGH = 0.025, 0.975


def beta(a: float, b: float, cells: int = 400) -> Spread:
    """Return Beta(a, b) over [0, 1] in cells."""
    middles = [(cell + 0.5) / cells for cell in range(cells)]
    heights = [exp(lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1) * log(x) + (b - 1) * log(1 - x)) for x in middles]
    return Spread(0, tuple(height / sum(heights) for height in heights))


def test_the_reference_example() -> None:
    # §3b says "Check: 190/200, 55/60, 45/50, 7/8, 96/120 with μ=0.85, m=20 → medians 1,3,3,4,5;
    # intervals 1–3, 1–4, 1–5, 1–5, 3–5"
    counts = {"a": (190, 200), "b": (55, 60), "c": (45, 50), "d": (7, 8), "e": (96, 120)}
    spreads = {unit: beta(k + 20 * 0.85, n - k + 20 * 0.15) for unit, (k, n) in counts.items()}

    assert {
        "a": Places(1, 1, 3),
        "b": Places(1, 3, 4),
        "c": Places(1, 3, 5),
        "d": Places(1, 4, 5),
        "e": Places(3, 5, 5),
    } == places(spreads, LOW, HIGH)


def drawn(posteriors: Mapping[str, Posterior], draws: int = 10_000) -> dict[str, Places]:
    """Rank seeded draws, as the reference does."""
    chance, units = random.Random(2026_11), sorted(posteriors)
    found: dict[str, list[int]] = {unit: [] for unit in units}
    for _ in range(draws):
        levels = {unit: chance.gauss(posteriors[unit].mean, posteriors[unit].sd) for unit in units}
        for place, unit in enumerate(sorted(units, key=lambda unit: -levels[unit]), 1):
            found[unit].append(place)
    points = [int(draws * LOW), draws // 2, int(draws * HIGH)]
    return {unit: Places(*(sorted(ranks)[point] for point in points)) for unit, ranks in found.items()}


@pytest.mark.parametrize("size", [2, 5, 21, 34, 60])
def test_the_sum_agrees_with_ten_thousand_draws(size: int) -> None:
    chance = random.Random(size)
    posteriors = {f"S{n:02}": Posterior(chance.gauss(80, 6), chance.choice([1.5, 2.5, 4.0]), 1.0) for n in range(size)}

    summed, reference = places(spread_out(posteriors, 0.025), LOW, HIGH), drawn(posteriors)

    # Ten thousand draws may themselves be a place off where two places are about as likely.
    for unit, own in summed.items():
        other = reference[unit]
        assert max(abs(own.low - other.low), abs(own.middle - other.middle), abs(own.high - other.high)) <= 1, unit
    assert sum(summed[unit] == reference[unit] for unit in summed) >= size / 2


def test_sure_levels_have_their_own_place() -> None:
    posteriors = {unit: Posterior(level, 0.0, 0.0) for unit, level in {"a": 90.0, "b": 89.9, "c": 60.0}.items()}

    assert {"a": Places(1, 1, 1), "b": Places(2, 2, 2), "c": Places(3, 3, 3)} == places(
        spread_out(posteriors, 0.025), LOW, HIGH
    )


@pytest.mark.parametrize("size", [2, 6, 40])
def test_equal_units_have_equal_intervals_over_the_whole_group(size: int) -> None:
    found = places(spread_out({f"S{n:02}": Posterior(80.0, 2.0, 2.0) for n in range(size)}, 0.025), LOW, HIGH)

    assert len(set(found.values())) == 1
    assert found["S00"].count >= 0.9 * size


def test_the_interval_holds_as_many_places_as_it_names() -> None:
    assert Places(2, 3, 4).count == 3
