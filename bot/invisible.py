"""Characters that no id, name or setting may hold: nobody sees them; terminals, databases and XML trip over them."""

from __future__ import annotations

import unicodedata

# Controls, formats (zero width, direction), halves of a pair, line and paragraph separators. Private and unassigned
# ones are let through: rare Chinese names are written with them.
_ODD = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def find_odd(text: str, allowed: str = "") -> str | None:
    """Return the first such character of text as U+XXXX, None if there is none."""
    if text.isprintable():
        return None
    found = (sign for sign in text if sign not in allowed and unicodedata.category(sign) in _ODD)
    return next((f"U+{ord(sign):04X}" for sign in found), None)


def visible(text: str) -> str:
    """Return text on one line, with such characters written as \\u escapes."""
    return "".join(f"\\u{ord(sign):04x}" if find_odd(sign) else sign for sign in text)
