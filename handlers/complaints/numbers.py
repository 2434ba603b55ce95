"""Numbers of cases without gaps, and the query codes that open them; reading both as people type them.

A code has 12 signs of 5 random bits each and a check sign (complaints reference §8).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.seal import Seal
from bot.shared import upsert
from handlers.complaints.models import SerialRow

# Crockford's 32 signs, without I, L, O and U; who types one of these means 1, 1, 0 and V.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans("ILOU", "110V")
_VALUES = {sign: value for value, sign in enumerate(_SIGNS)}
_RANDOM = 12
# The field of 32 elements by x^5 + x^2 + 1: any one wrong sign and any two swapped ones change the check sign.
_FIELD = 0b100101

_NUMBER = re.compile(r"(?:[\u4e00-\u9fff]{2,12})?[〔\[(【]?(20\d\d)[〕\])】]?(?:年|-|/|第)*?(\d{1,6})号?")
_SHORT = re.compile(r"第?(\d{1,6})号?")


@dataclass(frozen=True, slots=True)
class Serial:
    """The number of a case within its series: year 0 where only the serial was said."""

    year: int
    serial: int


def next_serial(session: Session, series: str, year: int) -> int:
    """Return the next number of a series in a year, from 1. It is given back if the transaction is undone.

    Whoever takes one holds the series until the transaction ends, in any process, so that there are no gaps.
    """
    upsert(session, SerialRow, {"series": series, "year": year}, {"last": 1}, {"last": SerialRow.last + 1})
    taken = session.scalar(select(SerialRow.last).where(SerialRow.series == series, SerialRow.year == year))
    assert taken is not None  # noqa: S101 - written one line above, in this transaction
    return taken


def number_of(prefix: str, year: int, serial: int) -> str:
    """Return the public number: 区教诉〔2026〕000123号."""
    return f"{prefix}〔{year}〕{serial:06d}号"


def read_number(text: str) -> Serial | None:
    """Return what a typed number means (区教诉〔2026〕000123号, 2026-123, 123), or None if it is none."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    full = _NUMBER.fullmatch(plain)
    if full and int(full[2]):
        return Serial(int(full[1]), int(full[2]))
    short = _SHORT.fullmatch(plain)
    return Serial(0, int(short[1])) if short and int(short[1]) else None


def new_code() -> str:
    """Return a fresh query code of 13 signs."""
    drawn = "".join(secrets.choice(_SIGNS) for _ in range(_RANDOM))
    return drawn + _check_sign(drawn)


def read_code(text: str) -> str | None:
    """Return a typed code as it was given out, or None if its length, a sign or the check sign is wrong."""
    code = re.sub(r"[\s\-_.·]+", "", unicodedata.normalize("NFKC", text)).upper().translate(_MEANT)
    if len(code) != _RANDOM + 1 or any(sign not in _VALUES for sign in code):
        return None
    return code if code[-1] == _check_sign(code[:-1]) else None


def digest(seal: Seal, case: str, code: str) -> str:
    """Return what is stored of a code: useless without the index key, and different for every case."""
    return seal.blind(f"case-code|{case}|{code}")


def _check_sign(signs: str) -> str:
    value = 0
    for sign in signs:
        value = (value ^ _VALUES[sign]) << 1
        value ^= _FIELD if value & 0b100000 else 0
    return _SIGNS[value]
