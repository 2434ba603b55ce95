"""Whether a unit has moved since another month; pure. Source: supervision reference §3b, change; M18."""

from __future__ import annotations

from enum import StrEnum

from handlers.ranking.result import Month, Ranked
from handlers.ranking.versions import Rules


class Trend(StrEnum):
    """How a unit's score moved."""

    UP = "up"
    DOWN = "down"
    STEADY = "steady"  # not beyond noise


def trend(before: Ranked, now: Ranked, rules: Rules) -> Trend | None:
    """Compare two months of one unit: it moved only if the 95 % interval of the difference excludes 0.

    None if that cannot be told. The months count as independent although most tasks go on, which makes the interval
    wider than it is, never narrower.
    """
    if before.error is None or now.error is None:
        return None
    moved = now.score - before.score
    noise = rules.z**2 * (before.error**2 + now.error**2)
    if now.shown == before.shown or moved**2 <= noise:
        return Trend.STEADY
    return Trend.UP if moved > 0 else Trend.DOWN


def trends(before: Month, now: Month) -> dict[str, Trend]:
    """Return the trend of each unit ranked in both months; empty if the numbers of the rules have changed between."""
    if before.rules != now.rules:
        return {}
    old = {one.unit: one for group in before.groups for one in group.ranked}
    pairs = [(old[one.unit], one) for group in now.groups for one in group.ranked if one.unit in old]
    found = {one.unit: trend(earlier, one, now.rules) for earlier, one in pairs}
    return {unit: moved for unit, moved in found.items() if moved is not None}
