"""How words of one person are shown to others: as words, whatever they look like; pure.

The platform renders a text's tags and links, a robot's whole markdown, and mentions; a line of one's own may look like
a line of ours. What is stored stays as it was written.
"""

from __future__ import annotations

import unicodedata

# An obstacle is named in a few words; more is the report's own affair.
LONGEST = 60
_BLANKS = {"Zs", "Zl", "Zp", "Cc"}
# Control and format characters (bidi, zero width), halves of pairs, private and unassigned ones.
_UNSEEN = {"Cf", "Cs", "Co", "Cn"}
_MARKS = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in "<>[]*`#@\\_~|&"})


def cite(words: str, most: int = LONGEST) -> str:
    """Return words in one line of at most so many characters, in which nothing is a tag, a mark or a mention."""
    seen = "".join(" " if _is_blank(char) else char for char in words if unicodedata.category(char) not in _UNSEEN)
    said = " ".join(seen.split()).translate(_MARKS).replace("://", "：//")
    return said if len(said) <= most else f"{said[: most - 1]}…"


def _is_blank(char: str) -> bool:
    return unicodedata.category(char) in _BLANKS
