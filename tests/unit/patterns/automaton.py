"""Draws a pattern as an automaton: its states are the characters it reads, its arrows what may follow.

An arrow is counted, for a repeat inside a repeat may go from one character to the next in two ways. What is looked
ahead or behind for is taken for granted where it stands, and drawn apart.
"""

from __future__ import annotations

import re
import re._constants as sre
import re._parser as parser
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

# A bounded repeat is as good as an unbounded one from so many rounds on.
MANY = 16
# Of the rounds that a shorter one may leave out so many are drawn: enough to see how a round joins the next.
_DRAWN = 3
# Characters that stand for all that a pattern does not write down.
_FILLERS = "5٣qQ_ \n龘①,。;%■□◇☓"
_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}
REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


@dataclass(frozen=True)
class Automaton:
    """reads: the characters of each state; follow: how often each state follows another (twice: in two ways)."""

    reads: list[frozenset[str]]
    follow: dict[int, Counter[int]]


def draw(pattern: re.Pattern[str]) -> Iterator[Automaton]:
    """Yield the automaton of a pattern, and of everything it looks ahead or behind for."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    known = frozenset(characters(tree)) | frozenset(_FILLERS)
    for nodes in (tree, *_looked_for(tree)):
        pen = _Pen(known, bool(pattern.flags & re.IGNORECASE))
        pen.sequence(nodes)
        yield Automaton(pen.reads, pen.follow)


def _looked_for(nodes: Iterable[tuple[Any, Any]]) -> Iterator[Any]:
    for op, value in nodes:
        for part in parts(op, value) if op is not sre.IN else ():
            if op in (sre.ASSERT, sre.ASSERT_NOT):
                yield part
            yield from _looked_for(part)


def characters(nodes: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """Yield every character that a parsed pattern writes down, and the ends of its ranges."""
    for op, value in nodes:
        if op in (sre.LITERAL, sre.NOT_LITERAL):
            yield chr(value)
        elif op is sre.RANGE:
            yield from map(chr, value)
        else:
            for part in parts(op, value):
                yield from characters(part)


def parts(op: Any, value: Any) -> list[Any]:
    """Return the parsed patterns inside a node."""
    if op in REPEATS:
        return [value[2]]
    if op is sre.SUBPATTERN:
        return [value[-1]]
    if op is sre.BRANCH:
        return list(value[1])
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [value[1]]
    return [value] if op in (sre.ATOMIC_GROUP, sre.IN) else []


def reads(op: Any, value: Any, char: str, *, ignores_case: bool) -> bool:
    """Whether a node that stands for one character reads this one."""
    if ignores_case and char.swapcase() != char and reads(op, value, char.swapcase(), ignores_case=False):
        return True
    if op is sre.LITERAL:
        return ord(char) == value
    if op is sre.NOT_LITERAL:
        return ord(char) != value
    if op is sre.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    if op is sre.CATEGORY:
        return re.match(_CATEGORIES[value], char) is not None
    if op is sre.IN:
        negated = value[0][0] is sre.NEGATE
        held = any(reads(*part, char, ignores_case=False) for part in value if part[0] is not sre.NEGATE)
        return held != negated
    return op is sre.ANY and char != "\n"


@dataclass
class _Piece:
    """A part of the automaton: in how many ways it is empty, and begins and ends with which states."""

    empty: int = 1
    first: Counter[int] = field(default_factory=Counter)
    last: Counter[int] = field(default_factory=Counter)

    def or_nothing(self) -> _Piece:
        return _Piece(min(2, self.empty + 1), self.first, self.last)


class _Pen:
    """Draws the automaton of a parsed pattern."""

    def __init__(self, known: frozenset[str], ignores_case: bool) -> None:
        self.known = known
        self.ignores_case = ignores_case
        self.reads: list[frozenset[str]] = []
        self.follow: dict[int, Counter[int]] = defaultdict(Counter)

    def sequence(self, nodes: Iterable[tuple[Any, Any]]) -> _Piece:
        whole = _Piece()
        for op, value in nodes:
            whole = self._joined(whole, self._node(op, value))
        return whole

    def _node(self, op: Any, value: Any) -> _Piece:
        if op in REPEATS:
            return self._repeat(*value, gives_back=op is not sre.POSSESSIVE_REPEAT)
        if op is sre.BRANCH:
            return _either([self.sequence(branch) for branch in value[1]])
        if op in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
            return self.sequence(parts(op, value)[0])
        if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF):
            return _Piece()
        return self._state(frozenset(c for c in self.known if reads(op, value, c, ignores_case=self.ignores_case)))

    def _state(self, chars: frozenset[str]) -> _Piece:
        self.reads.append(chars)
        only = Counter({len(self.reads) - 1: 1})
        return _Piece(0, only, only)

    def _joined(self, one: _Piece, other: _Piece) -> _Piece:
        self._lead(one.last, other.first)
        first, last = Counter(one.first), Counter(other.last)
        for state, ways in other.first.items():
            first[state] += ways * one.empty
        for state, ways in one.last.items():
            last[state] += ways * other.empty
        return _Piece(min(2, one.empty * other.empty), +first, +last)

    def _repeat(self, least: int, most: int, body: Any, *, gives_back: bool) -> _Piece:
        """A loop, or a few rounds of which the later ones may be left out; what gives nothing back goes round once."""
        if most >= MANY:
            whole = self.sequence(body)
            if gives_back:
                self._lead(whole.last, whole.first)
        else:
            whole = _Piece()
            for _ in range(min(most - least, _DRAWN)):
                whole = self._joined(self.sequence(body), whole).or_nothing()
            for _ in range(least):
                whole = self._joined(self.sequence(body), whole)
            return whole
        return whole if least else whole.or_nothing()

    def _lead(self, ends: Counter[int], begins: Counter[int]) -> None:
        for end, ways in ends.items():
            for begin, more in begins.items():
                self.follow[end][begin] += ways * more


def _either(pieces: list[_Piece]) -> _Piece:
    first: Counter[int] = Counter()
    last: Counter[int] = Counter()
    for piece in pieces:
        first += piece.first
        last += piece.last
    return _Piece(min(2, sum(piece.empty for piece in pieces)), first, last)
