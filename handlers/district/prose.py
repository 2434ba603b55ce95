"""Which characters the texts of a district file may hold: names and ids one line of visible signs, prose breaks too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.invisible import find_odd

# Parts that people write in several lines; everything else is shown, compared or sent to as one.
_PROSE = frozenset(("approvals_note", "duty", "fields", "note", "progress", "public_holidays_source", "standard"))
_BREAKS = "\t\n\r"


def faults(value: object, at: str = "", allowed: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, fault) for every text and key within value that holds a control or invisible character."""
    if isinstance(value, str):
        yield from _fault(value, at, allowed)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            path = f"{at}.{key}".lstrip(".")
            yield from _fault(str(key), path, "")
            yield from faults(item, path, _BREAKS if key in _PROSE else allowed)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, f"{at}[{index}]", allowed)


def _fault(text: str, at: str, allowed: str) -> Iterator[tuple[str, str]]:
    odd = find_odd(text, allowed)
    if odd is not None:
        yield at, f"holds a control or invisible character ({odd})"
