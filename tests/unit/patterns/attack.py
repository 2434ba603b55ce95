"""Makes the words that should keep a pattern busiest: each of its repeats walked to the end of the longest message.

Run as a program it tries them on every pattern, naming each before; its caller holds the watch.
"""

from __future__ import annotations

import re
import re._constants as sre
import re._parser as parser
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from tests.unit.patterns.automaton import REPEATS, characters, parts, reads
from tests.unit.patterns.collect import list_patterns

# So many characters of a message are read (handlers.progress.language.understand).
LONGEST = 800
# What no pattern reads on: after it a repeat must give back whatever it took.
_END = "☓"
# Words tried of one repeat: its shortest ones, and all of them in a row.
_WORDS = 12
_COMMON = "零一完成 5\nqA"


def attacks(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield texts of the longest length, for each repeat of a pattern several."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    known = [*dict.fromkeys([*characters(tree), *_COMMON])]
    for lead, body in _repeats(tree, "", known):
        words = [word for word in islice(_words(body, known), _WORDS) if word]
        for word in dict.fromkeys([*words, "".join(words)]) if words else ():
            yield _long(lead, word)
            yield _long("", word)


def _long(lead: str, word: str) -> str:
    return (lead + word * LONGEST)[: LONGEST - 1] + _END


def _repeats(nodes: Any, lead: str, known: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield every repeat with a word that leads to it from the beginning."""
    for op, value in nodes:
        if op in REPEATS and value[1] > 1:
            yield lead, value[2]
        for inner in parts(op, value) if op is not sre.IN else ():
            yield from _repeats(inner, lead, known)
        lead += next(_words([(op, value)], known), "")


def _words(nodes: Any, known: list[str]) -> Iterator[str]:
    """Yield words that a sequence reads, the shortest way through each of its choices in turn."""
    if not nodes:
        yield ""
        return
    (op, value), rest = nodes[0], nodes[1:]
    for head in _heads(op, value, known):
        for tail in islice(_words(rest, known), 2):
            yield head + tail


def _heads(op: Any, value: Any, known: list[str]) -> Iterator[str]:
    if op in REPEATS:
        least, _, body = value
        yield from (word * max(1, least) for word in islice(_words(body, known), 3))
        if not least:
            yield ""
    elif op is sre.BRANCH:
        for branch in value[1]:
            yield from islice(_words(branch, known), 3)
    elif op in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
        yield from _words(parts(op, value)[0], known)
    elif op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF):
        yield ""
    else:
        yield from islice((char for char in known if reads(op, value, char, ignores_case=False)), 3)


if __name__ == "__main__":
    for found in list_patterns():
        sys.stdout.write(f"{found.place}\n")
        sys.stdout.flush()
        for text in attacks(found.pattern):
            found.pattern.search(text)
            found.pattern.fullmatch(text)
    sys.stdout.write("done\n")
