"""Reading decrypted payloads that may hold anything: each function has an answer for every input."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_KEY_LENGTH = 180  # longer ids are replaced by a digest, so that they fit an index


def as_text(value: Any) -> str:
    """Return value as text that any database and JSON can hold; empty for what is neither text nor a number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode()


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: Any) -> list[Any]:
    """Return value as a list: XML gives one element alone, several as a list, none as nothing."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def as_moment(value: Any) -> datetime | None:
    """Return the instant of epoch seconds, or None if they are missing or absurd."""
    try:
        return datetime.fromtimestamp(int(as_text(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def as_key(*parts: str) -> str:
    """Return parts joined by ":"; if that is too long for an index, its start and a digest."""
    key = ":".join(parts)
    if len(key) <= _KEY_LENGTH:
        return key
    return f"{key[: _KEY_LENGTH - 65]}#{hashlib.sha256(key.encode()).hexdigest()}"


def digest(data: bytes) -> str:
    """Return an id for a payload that brings none of its own."""
    return f"sha256-{hashlib.sha256(data).hexdigest()}"


def as_choices(items: Any, *, question: str, options: str, option: str) -> dict[str, tuple[str, ...]]:
    """Return what was chosen on a card: question key to option ids. The names differ between XML and JSON."""
    chosen = {}
    for item in map(as_mapping, as_list(items)):
        ids = as_list(as_mapping(item.get(options)).get(option))
        chosen[as_text(item.get(question))] = tuple(as_text(one) for one in ids)
    return chosen
