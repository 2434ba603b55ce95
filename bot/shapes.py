"""Numbers that no group may ever see, whoever they belong to: mobile, identity and bank card numbers. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.fingerprint import DIGITS

# What people put between the digits of one number. Not the line end, per cent, colon or 、: those part figures.
_GAP = r"[ \t\-‐-―_.·,/*()\[\]]{0,2}"
# A number begins where no digit stands before it and ends where none follows. Each pattern is looked for at every
# place, so that a figure before the number hides nothing.
_MOBILE = re.compile(rf"(?<!\d)(?:(?:\+|00)?{_GAP}86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_IDENTITY = re.compile(rf"(?<!\d)(?=([1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx])(?![\dXx]))")
_CARDS = [re.compile(rf"(?<!\d)(?=([1-9](?:{_GAP}\d){{{more}}})(?!\d))") for more in (15, 16, 17, 18)]
# Weights and check signs of GB 11643-1999 (ISO 7064, MOD 11-2).
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_SHORTEST = 11
_UNSEEN = frozenset(("Cf", "Cs", "Mn"))
_CHECKS = "10X98765432"


def find_number(texts: Iterable[str]) -> str | None:
    """Return what kind of such a number one of the texts holds, in any spelling, or None."""
    for text in texts:
        plain = _plain(text)
        if sum(map(str.isdecimal, plain)) < _SHORTEST:
            continue
        if _MOBILE.search(plain):
            return "mobile number"
        if any(is_identity(_digits(found)) for found in _IDENTITY.findall(plain)):
            return "identity number"
        if any(passes_luhn(_digits(found)) for card in _CARDS for found in card.findall(plain)):
            return "bank card number"
    return None


def is_identity(number: str) -> bool:
    """Whether 18 signs are an identity number: their check sign is right."""
    return _CHECKS[sum(int(sign) * weight for sign, weight in zip(number, _WEIGHTS, strict=False)) % 11] == number[17]


def passes_luhn(number: str) -> bool:
    """Whether the last digit is the check digit of a bank card (ISO/IEC 7812-1, annex B)."""
    doubled = (int(sign) * 2 if place % 2 else int(sign) for place, sign in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _plain(text: str) -> str:
    # What is invisible may stand between any two digits; digits of every script are digits.
    plain = unicodedata.normalize("NFKC", text).translate(DIGITS)
    seen = (sign for sign in plain if unicodedata.category(sign) not in _UNSEEN)
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in seen)


def _digits(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isdecimal() or sign == "X")
