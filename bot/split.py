"""Cutting a long text into parts that a channel accepts."""

from __future__ import annotations

import unicodedata

# What belongs to the character before it: joiner, variation selectors, skin tones, flags of regions are left aside.
_JOINER = "\u200d"
_SELECTORS = ("\ufe0e", "\ufe0f")
_LONGEST_CLUSTER = 64  # bytes to give back at most, so that a hostile text cannot make a part empty


def split(text: str, limit: int) -> list[str]:
    """Cut text into parts that the channel accepts.

    limit is in UTF-8 bytes, as the platform counts. Cuts fall after a line end where there is one, else between
    characters, not inside an emoji made of several, as far as a few bytes allow. Nothing is lost or added: a line
    end stays at the end of its part, so joining the parts with nothing between gives the text back. An empty text
    is one empty part. Raises ValueError if limit is below 4.
    Source: WeCom developer docs 90236, 99110 (length limits in bytes, read 2026-11).
    """
    if limit < 4:
        raise ValueError("a part must hold at least one character of four bytes")
    data = text.encode("utf-8", "surrogatepass")
    parts = []
    start = 0
    while len(data) - start > limit:
        end = _cut(data, start, start + limit)
        parts.append(data[start:end].decode("utf-8", "surrogatepass"))
        start = end
    parts.append(data[start:].decode("utf-8", "surrogatepass"))
    return parts


def _cut(data: bytes, start: int, most: int) -> int:
    """Return where the part that begins at start ends: at most at most, and after start."""
    line_end = data.rfind(b"\n", start, most)
    if line_end >= start:
        return line_end + 1
    end = most
    while data[end] & 0xC0 == 0x80:
        end -= 1
    return _before_cluster(data, start, end)


def _before_cluster(data: bytes, start: int, end: int) -> int:
    """Move end to the front of a cluster that it would cut, unless the cluster is too long."""
    floor = max(start, end - _LONGEST_CLUSTER)
    while floor < len(data) and data[floor] & 0xC0 == 0x80:
        floor += 1
    before = data[floor:end].decode("utf-8", "surrogatepass")
    after = data[end : end + 4].decode("utf-8", "ignore")[:1]
    place = len(before)
    following = after
    while place and _clings(before[place - 1], following):
        place -= 1
        following = before[place]
    if place == 0:
        return end
    return end - len(before[place:].encode("utf-8", "surrogatepass"))


def _clings(character: str, following: str) -> bool:
    """Whether following is drawn together with character."""
    if not following:
        return False
    skin_tone = "\U0001f3fb" <= following <= "\U0001f3ff"
    return (
        character == _JOINER
        or following == _JOINER
        or following in _SELECTORS
        or skin_tone
        or unicodedata.combining(following) != 0
        or (character == "\r" and following == "\n")
    )
