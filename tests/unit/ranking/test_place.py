"""Rounding, ties and bands. Vectors: supervision reference §3, rank, and §3b, ties."""

from __future__ import annotations

from fractions import Fraction

import pytest

from handlers.ranking.place import band, order, ranks, round_half_up
from tests.unit.ranking.cases import RULES

STEP = Fraction(1, 10)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("75.25", "75.3"), ("75.35", "75.4"), ("75.2499999", "75.2"), ("0.05", "0.1"), ("99.95", "100"), ("0", "0")],
)
def test_scores_are_rounded_half_up_in_decimal(value: str, shown: str) -> None:
    # §3 says "round S to 0.1 (ROUND_HALF_UP, decimal)"; a float would make 75.25 to 75.2 and 75.35 to 75.3
    assert Fraction(shown) == round_half_up(Fraction(value), STEP)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (["90", "80", "80", "70"], [1, 2, 2, 4]),  # "standard competition ranking 1-2-2-4 (并列)"
        (["90", "90", "90"], [1, 1, 1]),
        (["90", "80", "70", "70"], [1, 2, 3, 3]),
        ([], []),
    ],
)
def test_equal_scores_share_a_place_and_the_next_is_skipped(scores: list[str], expected: list[int]) -> None:
    assert expected == ranks([Fraction(each) for each in scores], Fraction(0))


def test_a_wider_tie_is_cut_from_the_top() -> None:
    # §3 says "cut greedily from the top (a unit joins while S ≥ group top − tie_band)"
    scores = [Fraction(each) for each in ("90", "89.6", "89.5", "89.4", "88.9", "88.8")]

    assert ranks(scores, Fraction("0.5")) == [1, 1, 1, 4, 4, 6]


def test_ties_stand_in_the_order_of_their_codes() -> None:
    # §3 says "ties listed in the fixed code order"
    scores = {"S20": Fraction(80), "S03": Fraction(80), "S11": Fraction(90)}

    assert order(scores) == ["S11", "S03", "S20"]


@pytest.mark.parametrize(
    ("shown", "letter"),
    [("100", "A"), ("90", "A"), ("89.9", "B"), ("75", "B"), ("74.9", "C"), ("60", "C"), ("59.9", "D"), ("0", "D")],
)
def test_bands_follow_what_people_read(shown: str, letter: str) -> None:
    # §3 says "Bands A ≥90, B 75–<90, C 60–<75, D <60"
    assert letter == band(Fraction(shown), RULES)
