"""Whether something may be ranked at all: only what is on the annual filed list (清单管理); pure.

Source: supervision reference §0, C1, after 教师厅〔2025〕2号, section 2: what is not on the list may not be carried out
(http://www.moe.gov.cn/srcsite/A10/s7058/202511/t20251107_1419596.html, read 2026-11). An object without a number that
holds on the day is collected and reminded as ever, but not ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Object(StrEnum):
    """What may be filed, by the names of the district file (`approvals[].object`)."""

    MONTH = "monthly_ranking"
    APPRAISAL = "appraisal"
    SPECIAL = "special_assessment"


@dataclass(frozen=True, slots=True)
class Approval:
    """One number of the filed list. scope: the kinds of unit it names. Valid from one day to another, both included."""

    ref: str
    object: str
    scope: frozenset[str]
    approver: str | None
    approved_on: date | None
    valid_from: date
    valid_to: date

    def holds(self, day: date) -> bool:
        """Whether it is valid on a day."""
        return self.valid_from <= day <= self.valid_to

    def is_complete(self, day: date) -> bool:
        """Whether it has a number, an approver, and a date not after the day."""
        return bool(self.ref.strip() and self.approver) and self.approved_on is not None and self.approved_on <= day


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Approval, ...]:
    """Read the `approvals` of a district file, whose shape was checked when it was imported."""
    return tuple(
        Approval(
            ref=row["ref"],
            object=row["object"],
            scope=frozenset(row.get("scope", ())),
            approver=row.get("approver"),
            approved_on=date.fromisoformat(row["date"]) if row.get("date") else None,
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]),
        )
        for row in rows
    )


class Ground(StrEnum):
    """Why an object may not be ranked."""

    NOT_LISTED = "not_listed"
    NOT_VALID = "not_valid"  # listed, not on that day
    INCOMPLETE = "incomplete"  # without approver or date


@dataclass(frozen=True, slots=True)
class Refusal:
    """An object that may not be ranked. refs are the numbers that were found and do not do."""

    object: str
    day: date
    ground: Ground
    refs: tuple[str, ...] = ()


def check(object_: str, day: date, approvals: Iterable[Approval]) -> Approval | Refusal:
    """Return the number under which an object may be ranked on a day, the newest of several, or the refusal."""
    listed = [one for one in approvals if one.object == object_]
    valid = [one for one in listed if one.holds(day)]
    good = [one for one in valid if one.is_complete(day)]
    if good:
        return max(good, key=lambda one: (one.approved_on or date.min, one.ref))
    ground = Ground.INCOMPLETE if valid else Ground.NOT_VALID if listed else Ground.NOT_LISTED
    return Refusal(object_, day, ground, tuple(sorted(one.ref for one in valid or listed)))


def listed_refs(object_: str, day: date, approvals: Iterable[Approval]) -> frozenset[str]:
    """Return every number under which a task counts for an object on a day."""
    return frozenset(one.ref for one in approvals if one.object == object_ and one.holds(day) and one.is_complete(day))
