"""Replaces personal data by placeholders; nothing else of a text changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from handlers.complaints.language import numbers
from handlers.complaints.language.addresses import find_addresses
from handlers.complaints.language.names import find_names
from handlers.complaints.language.numbers import Found, find_numbers

# Where places overlap, the earlier in this list wins: a student number holds an id, a bank card may hold a phone.
_ORDER = (
    numbers.MAIL,
    numbers.STUDENT,
    numbers.ID_CARD,
    numbers.CARD,
    numbers.PLATE,
    numbers.QQ,
    numbers.MOBILE,
    numbers.WECHAT,
    numbers.PHONE,
    numbers.ADDRESS,
    numbers.NAME,
)
# Names are told by the words around them; everything else has a form of its own.
_SURE, _NAMED = 0.95, 0.8


@dataclass(frozen=True, slots=True)
class Personal:
    """A place of personal data in the text as typed; type is the word in the placeholder (姓名, 手机号 …)."""

    type: str
    start: int
    end: int
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with placeholders, what was replaced in order, and how sure that is all (0 to 1)."""

    text: str
    replaced: tuple[Personal, ...]
    confidence: float


def redact(text: str) -> Redacted:
    """Replace personal data, in any spelling, by one of the 11 placeholders.

    These are [姓名] [手机号] [电话] [身份证号] [住址] [微信号] [QQ号] [邮箱] [银行卡号] [车牌号] [学籍号].
    Pure and total; an officer approves what leaves.
    """
    places = _chosen(chain(find_numbers(text), find_addresses(text), find_names(text)))
    out, at = [], 0
    for start, end, kind in places:
        out += [text[at:start], f"[{kind}]"]
        at = end
    replaced = tuple(Personal(kind, start, end, text[start:end]) for start, end, kind in places)
    sure = _NAMED if any(one.type == numbers.NAME for one in replaced) else _SURE
    return Redacted("".join(out) + text[at:], replaced, sure)


def _chosen(found: Iterable[Found]) -> list[Found]:
    """Return places that do not overlap, in the order of the text."""
    rank = {kind: at for at, kind in enumerate(_ORDER)}
    kept: list[Found] = []
    taken: set[int] = set()
    for start, end, kind in sorted(set(found), key=lambda one: (rank[one[2]], one[0] - one[1], one[0])):
        if start < end and taken.isdisjoint(range(start, end)):
            kept.append((start, end, kind))
            taken.update(range(start, end))
    return sorted(kept)
