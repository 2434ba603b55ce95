"""Rounding, places and bands of scores; pure and exact. Source: supervision reference §3, rank, and §3b, ties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from handlers.ranking.versions import Rules


def round_half_up(value: Fraction, step: Fraction) -> Fraction:
    """Return the nearest multiple of step, the greater one if two are as near (ROUND_HALF_UP)."""
    return (value / step + Fraction(1, 2)).__floor__() * step


def order(scores: Mapping[str, Fraction]) -> list[str]:
    """Return the units, the highest score first, equal ones in the order of their codes."""
    return sorted(scores, key=lambda unit: (-scores[unit], unit))


def ranks(scores: Sequence[Fraction], tie_band: Fraction) -> list[int]:
    """Return the competition ranks (1, 2, 2, 4) of rounded scores that come highest first.

    A unit shares the place of the one at the top of its tie while it is no more than tie_band below that.
    """
    found: list[int] = []
    top = Fraction(0)
    for index, score in enumerate(scores):
        is_tie = bool(found) and score >= top - tie_band
        if not is_tie:
            top = score
        found.append(found[-1] if is_tie else index + 1)
    return found


def band(shown: Fraction, rules: Rules) -> str:
    """Return the letter of a rounded score: what people read as 90.0 is an A."""
    return next((one.name for one in rules.bands if shown >= one.least), rules.last_band)
