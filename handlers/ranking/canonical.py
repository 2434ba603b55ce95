"""One way to write a result as bytes, so that equal results have equal digests in every process; pure.

JSON with sorted keys and no blanks; exact numbers as "n/d", instants in UTC, sets sorted. Nothing in it depends on the
order of what came in, on hashing, or on the machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction
from operator import attrgetter
from typing import Any

from handlers.ranking.line import Line

SCHEMA = "duban-ranking/1"


def dump(value: object) -> bytes:
    """Return the bytes of a value made of dataclasses, exact numbers, days, instants, texts and collections.

    Raises TypeError for anything else, floats above all.
    """
    content = {"schema": SCHEMA, "value": _plain(value)}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: object) -> str:
    """Return the SHA-256 of a value's bytes, in hex."""
    return hashlib.sha256(dump(value)).hexdigest()


def digest_lines(lines: Iterable[Line]) -> str:
    """Return the SHA-256 of lines in the order of their units and tasks, one after the other, in hex."""
    found = hashlib.sha256()
    for line in sorted(lines, key=attrgetter("unit", "task")):
        found.update(_encode(_FACTS(line)).encode())
    return found.hexdigest()


def _names(value: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(value))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value  # a StrEnum is its text
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(_plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in _names(value)}
    raise TypeError(f"a {type(value).__name__} has no canonical form")


# Whatever the encoder does not know itself goes through _plain; a month has tens of thousands of lines.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode
_FACTS = attrgetter(*_names(Line))
