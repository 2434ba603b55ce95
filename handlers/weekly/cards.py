"""The names on a reminder card: its id, which comes back with a click, and the keys of its buttons; pure."""

from __future__ import annotations

import re
from enum import StrEnum

PREFIX = "weekly-"
_FOREIGN = re.compile(r"[^0-9A-Za-z_-]")
_CARD = re.compile(r"weekly-(\d{4}W\d\d)-.+")


class Choice(StrEnum):
    """What a click on the card says."""

    UNCHANGED = "weekly.unchanged"
    UPDATE = "weekly.update"
    STUCK = "weekly.stuck"


def card_id(week: str, person: str) -> str:
    """Return the id of a person's card of a week: weekly-2026W48-P-S13-2.

    The platform takes [0-9A-Za-z_-@] only (WeCom developer docs 101032); other characters of a person's id become
    their code between two @.
    """
    return f"{PREFIX}{week}-{_FOREIGN.sub(lambda found: f'@{ord(found[0]):x}@', person)}"


def week_of(card: str) -> str | None:
    """Return the week of a card's id, or None if the id is not one of ours."""
    found = _CARD.fullmatch(card)
    return found[1] if found else None
