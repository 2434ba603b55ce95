"""A ranked month as values: what is shown, and what another month, an appeal or a check needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from handlers.ranking.gate import Approval
from handlers.ranking.interval import Places
from handlers.ranking.unit import Gap
from handlers.ranking.versions import Rules


class Versus(StrEnum):
    """How a unit compares with the median of its peers, by the interval of its score."""

    ABOVE = "above"
    BELOW = "below"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Ranked:
    """One unit that is ranked.

    score is exact, shown is rounded. rank is the competition rank among peers, for the order of the list; place says
    whether it may be shown as a number. low and high are the 95 % interval of the unit's level, error the standard
    error of its score; all three in points, to 0.0001.
    """

    unit: str
    score: Fraction
    shown: Fraction
    coverage: Fraction
    tasks: int
    band: str
    rank: int
    is_tied: bool
    place: int | None
    places: Places | None
    low: Fraction | None
    high: Fraction | None
    error: Fraction | None
    versus: Versus


@dataclass(frozen=True, slots=True)
class Unranked:
    """One unit that is not ranked, and why. Its score is for its own page; None if nothing is scored."""

    unit: str
    gap: Gap
    score: Fraction | None
    coverage: Fraction
    tasks: int


@dataclass(frozen=True, slots=True)
class Group:
    """One peer group, ranked units first to last, the others by code. has_places: large enough for numbers at all."""

    name: str
    ranked: tuple[Ranked, ...]
    unranked: tuple[Unranked, ...]
    has_places: bool

    def as_shown(self) -> list[Ranked]:
        """Return the ranked units as a list may show them: by band, in it those with a place, then the others by code.

        `ranked` itself is in the order of scores, which would tell the places that are not to be told.
        """
        best = {one.band: one.shown for one in sorted(self.ranked, key=lambda one: one.shown)}
        return sorted(self.ranked, key=lambda one: (-best[one.band], one.place is None, one.place or 0, one.unit))


@dataclass(frozen=True, slots=True)
class Month:
    """A ranked month. apart are units without a group. inputs: digest of all lines that went in (hex)."""

    period: str
    frozen_at: datetime
    approval: Approval
    rules: Rules
    groups: tuple[Group, ...]
    apart: tuple[Unranked, ...]
    inputs: str
