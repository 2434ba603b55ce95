"""What of a text is compared: its bare signs, windows over them, and the few that stand for a whole text. Pure.

Texts are chosen by winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: Local Algorithms for Document Fingerprinting",
SIGMOD 2003): of every RUN consecutive shingles the one with the least hash, so that a copied run is always noticed.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from collections.abc import Iterable, Sequence

# Shingles are of 10 signs; of each 3 that follow one another one is kept: copies of 10 + 3 - 1 = 12 signs are found.
SHINGLE = 10
RUN = 3
SHORTEST_COPY = SHINGLE + RUN - 1
# A word is looked up by its last 2, 4 or 10 signs and then compared whole: three windows find words of any length.
# The last ones, since platform ids of one enterprise begin alike.
ANCHORS = (2, 4, SHINGLE)
# A shingle or short line with fewer signs of its own (neither digits nor in words that everybody uses) is no secret.
_OWN = 4
# From so many signs on, a piece of our own wording is recognised as such.
_PIECE = 6
# Digits as Chinese writes them, the capital ones of accounts, too.
DIGITS = str.maketrans("零〇○一壹幺二贰三叁四肆五伍六陆七柒八捌九玖", "0001112233445566778899")
# Letters by category, but nobody sees them (Hangul fillers).
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0")
# Controls, formats, halves of pairs; marks (variation selectors, too), separators, punctuation, symbols.
_DROPPED = frozenset(("Cc", "Cf", "Cs"))
_DROPPED_CLASSES = frozenset("MZPS")


def bare(text: str) -> str:
    """Return the signs of text that carry it: compatibility forms made plain, lower case, every digit as 0-9 (Chinese
    ones, too), without spaces, punctuation, symbols, combining marks and what is invisible.
    """
    plain = unicodedata.normalize("NFKC", text).translate(DIGITS).casefold()
    return "".join([_digit(sign) for sign in unicodedata.normalize("NFKC", plain) if _is_kept(sign)])


def _is_kept(sign: str) -> bool:
    if "\u4e00" <= sign <= "\u9fff":
        return True  # most of what is read here
    if sign.isascii():
        return sign.isalnum()
    category = unicodedata.category(sign)
    return category not in _DROPPED and category[0] not in _DROPPED_CLASSES and sign not in _UNSEEN


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if not sign.isascii() and sign.isdecimal() else sign


class Hasher:
    """Keyed digests of 64 bits as signed numbers, for columns of that size. key has 16 to 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def windows(self, signs: str, size: int) -> list[int]:
        """Return the digest of each run of size signs; none where there are fewer."""
        raw, width, key, blake2b = signs.encode("utf-32-le"), 4 * size, self._key, hashlib.blake2b
        starts = range(0, len(raw) - width + 1, 4)
        digests = b"".join(blake2b(raw[at : at + width], digest_size=8, key=key).digest() for at in starts)
        return list(struct.unpack(f">{len(starts)}q", digests))

    def whole(self, signs: str, purpose: bytes) -> int:
        """Return the digest of all signs, another one for each purpose (at most 16 bytes)."""
        raw = signs.encode("utf-32-le")
        digest = hashlib.blake2b(raw, digest_size=8, key=self._key, person=purpose).digest()
        return int.from_bytes(digest, "big", signed=True)


class Common:
    """What everybody says: words (names of units and topics …) and texts (our own wording). Compared bare."""

    def __init__(self, words: Iterable[str] = (), texts: Iterable[str] = ()) -> None:
        lines = {bare(line) for text in texts for line in text.splitlines()}
        self._words = {word for word in map(bare, words) if len(word) > 1}
        self._lines = lines | self._words
        # Of a longer line any piece is ours: it may be quoted in part, and with a figure or a name in its gaps.
        pieces = {line[at : at + _PIECE] for line in lines for at in range(len(line) - _PIECE + 1)}
        pieces |= self._words | {line for line in lines if 1 < len(line) < _PIECE}
        self._by_start: dict[str, list[str]] = {}
        for piece in pieces:
            self._by_start.setdefault(piece[:2], []).append(piece)

    def __contains__(self, word: object) -> bool:
        """Whether word is one of the words, or a whole line of the texts."""
        return isinstance(word, str) and bare(word) in self._lines

    def own(self, signs: str) -> list[bool]:
        """Tell of each sign of a bare text whether it is neither a digit nor part of what everybody says."""
        own = [not sign.isdecimal() for sign in signs]
        for at in range(len(signs) - 1):
            for piece in self._by_start.get(signs[at : at + 2], ()):
                if signs.startswith(piece, at):
                    own[at : at + len(piece)] = [False] * len(piece)
        return own


NOTHING_COMMON = Common()


def winnow(signs: str, digests: Sequence[int], common: Common = NOTHING_COMMON) -> set[int]:
    """Return the digests of shingles that stand for a bare text: enough to notice any copy of SHORTEST_COPY signs.

    digests: of each shingle, in order. Shingles that everybody could have written do not count.
    """
    own = common.own(signs)
    kept = [digest if sum(own[at : at + SHINGLE]) >= _OWN else None for at, digest in enumerate(digests)]
    chosen: set[int] = set()
    for at in range(max(1, len(kept) - RUN + 1)):
        window = [digest for digest in kept[at : at + RUN] if digest is not None]
        if window:
            chosen.add(min(window))
    return chosen


def is_telling_line(signs: str, common: Common = NOTHING_COMMON) -> bool:
    """Whether a bare text too short for winnowing tells something: enough signs of its own, and not our own wording."""
    return signs not in common and sum(common.own(signs)) >= _OWN


def is_telling_word(signs: str, common: Common = NOTHING_COMMON) -> bool:
    """Whether a bare word can name somebody and nothing else: long enough for what it is written with, not common.

    Digits alone need 6, Latin letters with or without digits 4, others 2 signs that are no digits.
    """
    if signs in common:
        return False
    if signs.isdecimal():
        return len(signs) >= 6
    if signs.isascii():
        return len(signs) >= 4
    return sum(not sign.isdecimal() for sign in signs) >= 2


def anchor_size(length: int) -> int:
    """Return by how many of its last signs a word of length (2 or more) is looked up."""
    return max(size for size in ANCHORS if size <= length)
