"""Figures that nobody can have meant: what holds one is asked for again, never written; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from handlers.progress.language import Item

_LARGEST = 10**7
_ODD = re.compile(
    r"(?<!\d)[-−]\s{0,2}\d{1,12}(?:\.\d{1,12})?\s{0,2}[%项处人个条次所户]"  # -5%
    r"|\d\.\d{1,12}\.\d{1,12}\s{0,2}%"  # 1.2.3%
    r"|\d[a-z]\d{1,12}\s{0,2}%"  # 1e5%
    r"|(?<![\dt])\d {1,8}\d{1,12}\s{0,2}%"  # 7 0%
    r"|\d{9}\s{0,2}[%项处人个条次所户]",
    re.IGNORECASE,
)


def are_odd(words: str, items: Iterable[Item]) -> bool:
    """Whether the words hold a malformed figure, or an item a percent or count that cannot be."""
    if _ODD.search(unicodedata.normalize("NFKC", words)):
        return True
    return any(
        (item.percent is not None and not 0 <= item.percent <= 100)
        or any(count is not None and not 0 <= count <= _LARGEST for count in (item.done, item.total))
        for item in items
    )
