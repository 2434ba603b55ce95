"""Every number of the rules, and from which day it holds, so that an old month recomputes to the same bytes; pure.

The defaults are those of the supervision reference (§3, §3b). A district that changes one adds a version with a later
day and only the changed numbers; versions of the past are never edited (docs/ranking.md, "Changing a number").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, time
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Band:
    """A letter and the least score, 0 to 100, that earns it."""

    name: str
    least: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The numbers in force from one day on. Shares are 0 to 1, scores 0 to 100, days are working days."""

    valid_from: date = date.min

    # The light (§3, §2). Ends of work are local.
    near_days: int = 3
    lag: Fraction = Fraction(15, 100)
    end_of_work: time = time(17)

    # The score of one task (§3).
    least_expected: Fraction = Fraction(1, 10)
    late_floor: Fraction = Fraction(60)
    late_per_day: Fraction = Fraction(3)
    overdue_per_day: Fraction = Fraction(5)
    overdue_most_days: int = 10
    unverified: Fraction = Fraction(95, 100)

    # The score of a unit (§3).
    min_tasks: int = 3
    min_coverage: Fraction = Fraction(60, 100)

    # Places and bands (§3, §3b). The last band has no floor.
    step: Fraction = Fraction(1, 10)
    tie_band: Fraction = Fraction(0)
    min_group: int = 5
    place_span: Fraction = Fraction(1, 3)
    bands: tuple[Band, ...] = (Band("A", Fraction(90)), Band("B", Fraction(75)), Band("C", Fraction(60)))
    last_band: str = "D"

    # Intervals (§3b): the two ends of the rank interval, and the normal quantile of the 95 % interval of a score.
    low_point: Fraction = Fraction(25, 1000)
    high_point: Fraction = Fraction(975, 1000)
    z: Fraction = Fraction(1959964, 1000000)


class RulesError(ValueError):
    """Settings of the rules that cannot hold; `faults` has one line for each, by dotted key."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions, the oldest first; the first one holds since ever."""

    all: tuple[Rules, ...]

    def on(self, day: date) -> Rules:
        """Return the rules in force on a local day."""
        return next(rules for rules in reversed(self.all) if rules.valid_from <= day)


SHIPPED = Versions((Rules(),))


def read(rows: Iterable[Mapping[str, Any]]) -> Versions:
    """Return the shipped version followed by a district's own, each with the numbers it changes.

    A row has `valid_from` (a date, or ISO text) and names of `Rules`; `bands` maps letters to least scores, and a
    number may be int, float, or text like "1/3". Raises RulesError with every fault.
    """
    versions, faults = [SHIPPED.all[0]], []
    for index, row in enumerate(rows):
        at = f"rules[{index}]"
        changes, wrong = _parse(row, at)
        if not wrong:
            rules = replace(versions[-1], **changes)
            wrong = [f"{at}.{fault}" for fault in _contradictions(rules, versions[-1])]
            versions.append(rules)
        faults += wrong
    if faults:
        raise RulesError(faults)
    return Versions(tuple(versions))


def _parse(row: Mapping[str, Any], at: str) -> tuple[dict[str, Any], list[str]]:
    kinds = {field.name: str(field.type) for field in fields(Rules)}
    changes, faults = {}, [] if "valid_from" in row else [f"{at}.valid_from: is missing"]
    for key, value in row.items():
        if key not in kinds:
            faults.append(f"{at}.{key}: is no number of the rules")
            continue
        try:
            changes[key] = _READERS[kinds[key]](value)
        except (ValueError, TypeError, AttributeError, ZeroDivisionError):
            faults.append(f"{at}.{key}: cannot be read as {kinds[key]}")
    return changes, faults


def _contradictions(rules: Rules, before: Rules) -> list[str]:
    floors = [band.least for band in rules.bands]
    names = [band.name for band in rules.bands] + [rules.last_band]
    checks = {
        "valid_from: must be later than the version before": rules.valid_from > before.valid_from,
        "lag: must lie between 0 and 1": 0 <= rules.lag <= 1,
        "near_days: must not be negative": rules.near_days >= 0,
        "least_expected: must be above 0 and at most 1": 0 < rules.least_expected <= 1,
        "late_floor: must lie between 0 and 100": 0 <= rules.late_floor <= 100,
        "late_per_day: must not be negative": rules.late_per_day >= 0,
        "overdue_per_day: must not be negative": rules.overdue_per_day >= 0,
        "overdue_most_days: must not be negative": rules.overdue_most_days >= 0,
        "unverified: must lie between 0 and 1": 0 <= rules.unverified <= 1,
        "min_tasks: must be at least 1": rules.min_tasks >= 1,
        "min_coverage: must lie between 0 and 1": 0 <= rules.min_coverage <= 1,
        "step: must be above 0": rules.step > 0,
        "tie_band: must not be negative": rules.tie_band >= 0,
        "min_group: must be at least 2": rules.min_group >= 2,
        "place_span: must be above 0 and at most 1": 0 < rules.place_span <= 1,
        "bands: must fall from one to the next": floors == sorted(set(floors), reverse=True),
        "bands: must have different names": len(set(names)) == len(names),
        "low_point: must lie below 1/2, high_point above": 0 < rules.low_point < Fraction(1, 2) < rules.high_point < 1,
        "z: must be above 0": rules.z > 0,
    }
    return [fault for fault, holds in checks.items() if not holds]


def _fraction(value: object) -> Fraction:
    if isinstance(value, bool):
        raise TypeError
    return Fraction(str(value))


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _day(value: Any) -> date:
    return value if type(value) is date else date.fromisoformat(value)


def _time(value: Any) -> time:
    return value if isinstance(value, time) else time.fromisoformat(value)


def _word(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _bands(value: Mapping[str, object]) -> tuple[Band, ...]:
    return tuple(Band(_word(name), _fraction(least)) for name, least in value.items())


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "date": _day,
    "time": _time,
    "int": _whole,
    "str": _word,
    "Fraction": _fraction,
    "tuple[Band, ...]": _bands,
}
