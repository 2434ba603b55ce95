"""What an import would change, as lines for a terminal. A push key is never part of a change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers.district.changes import LEFT, Change, Kind

_SIGNS = {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.REMOVED: "-"}
_WIDEST = 60


def render(changes: Sequence[Change], most: int = 100) -> list[str]:
    """Return a line of totals, what cannot be done, and at most `most` changes, one a line."""
    if not changes:
        return ["Nothing would change."]
    totals = Counter(change.kind for change in changes)
    counted = ", ".join(f"{totals[kind]} {kind}" for kind in Kind if totals[kind])
    refused = [change for change in changes if change.fault]
    lines = [f"{len(changes)} changes: {counted}"]
    lines += _bounded([f"✗ {_head(change)}: {change.fault}" for change in refused], most)
    return lines + _bounded([_line(change) for change in changes if not change.fault], most)


def _bounded(lines: list[str], most: int) -> list[str]:
    rest = len(lines) - most
    return [*lines[:most], f"…and {rest} more"] if rest > 0 else lines


def _line(change: Change) -> str:
    text = f"{_SIGNS[change.kind]} {_head(change)}"
    if not change.field:
        return text
    if change.field == LEFT:
        return f"{text} (its history is kept)" if change.new is None else f"{text} (listed again)"
    if change.field == "webhook_key":
        return f"{text}: webhook_key {change.new}"
    return f"{text}: {change.field} {_cell(change.old)} → {_cell(change.new)}"


def _head(change: Change) -> str:
    return f"{change.what} {change.id} {change.name}".rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    text = str(value) if isinstance(value, str | date) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
