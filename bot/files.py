"""Text and JSON from outside, bounded: whatever is wrong with a file or a line is one fault that names the place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

LARGEST = 64 * 1024 * 1024
# Far below what Python's own recursion bears, so that nothing that walks through a value later can trip over it.
DEEPEST = 100


def read_text(path: Path, *, missing: str = "no such file") -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark. Raises ConfigError naming the path."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ConfigError([(str(path), f"is larger than {LARGEST // 1024**2} MiB")])
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        fault = missing
    except IsADirectoryError:
        fault = "is a folder, not a file"
    except UnicodeDecodeError:
        fault = "cannot be read as UTF-8 text"
    except OSError as error:
        fault = f"cannot be read: {error.strerror}"
    raise ConfigError([(str(path), fault)])


def read_json(path: Path) -> Any:
    """Return the JSON in a file. Raises ConfigError naming the path."""
    return parse_json(read_text(path), str(path))


def parse_json(text: str, at: str) -> Any:
    """Return the JSON in text. Raises ConfigError naming the place `at`."""
    try:
        return load_json(text)
    except ValueError as error:
        raise ConfigError([(at, f"not valid JSON: {error}")]) from None


def load_json(text: str | bytes) -> Any:
    """Return JSON that is at most DEEPEST levels deep and holds proper numbers. Raises ValueError without a value."""
    try:
        value = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("no UTF-8 text") from None
    except ValueError:  # from _finite, or Python's bound on digits
        raise ValueError("a number that is too large, or none") from None
    if is_deep(value):
        raise ValueError("nested too deeply")
    return value


def is_deep(value: object, most: int = DEEPEST) -> bool:
    """Whether mappings and lists hold each other in more than `most` levels."""
    level = [value]
    for _ in range(most):
        level = [child for each in level for child in _children(each) if isinstance(child, Mapping | list)]
        if not level:
            return False
    return True


def _children(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number
