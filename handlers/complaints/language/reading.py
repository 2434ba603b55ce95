"""One spelling for whatever people type: the rules see 被打 behind 被 打 and bei打; positions stay traceable."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handlers.complaints.language.simplified import simplify
from handlers.progress.language.normalise import normalise
from handlers.progress.language.phonetic import sound

# So many characters are read, to bound the time: ten messages of the longest length that WeCom allows.
LONGEST = 8000
# So far from a word a sentence is looked at.
_NEAR = 120
_STOPS = "。!?;\n"
_KEPT = re.compile(r"[一-龥a-z0-9%☐]")

# How words are written by people who hide them from others, or whose keyboard has stayed in Latin.
_LATIN = {
    "zi sha": "自杀",
    "zisha": "自杀",
    "zs": "自杀",
    "tiao lou": "跳楼",
    "tiaolou": "跳楼",
    "ge wan": "割腕",
    "gewan": "割腕",
    "zi can": "自残",
    "zican": "自残",
    "qiang jian": "强奸",
    "qiangjian": "强奸",
    "qj": "强奸",
    "xing qin": "性侵",
    "xingqin": "性侵",
    "wei xie": "猥亵",
    "weixie": "猥亵",
    "bei da": "被打",
    "beida": "被打",
    "jiu ming": "救命",
    "jiuming": "救命",
    "help": "救命",
    "sos": "救命",
    "bei": "被",
    "da": "打",
    "si": "死",
    "ba ling": "霸凌",
    "baling": "霸凌",
    "shi zong": "失踪",
    "zhong du": "中毒",
    "zhongdu": "中毒",
}
_LATIN_RE = re.compile(r"(?<![a-z])(?:" + "|".join(sorted(_LATIN, key=len, reverse=True)) + r")(?![a-z])")
# Known ways to write a word around a filter.
_VEILED = {
    "紫砂": "自杀",
    "紫杀": "自杀",
    "自鲨": "自杀",
    "自沙": "自杀",
    "自刹": "自杀",
    "自s": "自杀",
    "强j": "强奸",
    "强间": "强奸",
    "委亵": "猥亵",
    "猥泄": "猥亵",
    "猥谢": "猥亵",
    "性亲": "性侵",
    "想4": "想死",
    "不想或": "不想活",
    "跳搂": "跳楼",
    "隔腕": "割腕",
    "歌腕": "割腕",
}
_VEILED_RE = re.compile("|".join(_VEILED))
# 紫砂壶 is a teapot.
_NOT_VEILED = re.compile(r"紫砂(?=壶|锅|杯|陶|泥|工艺|茶)")
_BY_SOUND = [
    "自杀",
    "自残",
    "割腕",
    "跳楼",
    "强奸",
    "性侵",
    "猥亵",
    "轻生",
    "遗书",
    "溺水",
    "触电",
    "中毒",
    "失踪",
    "呕吐",
    "腹泻",
    "殴打",
    "骨折",
    "昏迷",
    "流血",
    "淤青",
    "不想活",
    "拉肚子",
    "上吐下泻",
    "食物中毒",
    "活不下去",
    "离家出走",
    "煤气",
    "窒息",
    "体罚",
    "霸凌",
    "欺凌",
]
_ORDINARY = frozenset(
    ("轻声", "中读", "中独", "着获", "骨者", "流学", "体发", "提罚", "七凌", "着伙", "失总", "食物中都")
)


@dataclass(frozen=True)
class Reading:
    """`text[i]` stands for `raw[origin[i]]`. Clauses are parted by ",", sentences by "。"; no blanks are left."""

    raw: str
    text: str
    origin: tuple[int, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where text[start:end] stands in the raw text."""
        return (self.origin[start], self.origin[end - 1] + 1) if start < end else (0, 0)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Return the borders of the sentence around text[start:end], as far as it is near (to bound the time)."""
        low, high = max(0, start - _NEAR), min(len(self.text), end + _NEAR)
        before, after = self.text.rfind("。", low, start), self.text.find("。", end, high)
        return before + 1 if before >= 0 else low, after if after >= 0 else high


def read(raw: str) -> Reading:
    """Bring a text into one spelling. Pure and total; takes time in proportion to its length."""
    normal = normalise(raw[:LONGEST], "小督")
    pieces = list(zip(simplify(normal.plain), normal.origin, strict=True))
    pieces = _replace(pieces, _LATIN_RE, _LATIN)
    tight = _tighten(pieces)
    tight = _replace(tight, _VEILED_RE, _VEILED)
    text = _mend("".join(char for char, _ in tight))
    return Reading(raw, text, tuple(origin for _, origin in tight))


def _replace(pieces: list[tuple[str, int]], pattern: re.Pattern[str], by: Mapping[str, str]) -> list[tuple[str, int]]:
    text, out, at = "".join(char for char, _ in pieces), [], 0
    for found in pattern.finditer(text):
        if _NOT_VEILED.match(text, found.start()):
            continue
        out += pieces[at : found.start()]
        word = by[found.group()]
        # The last character carries the last place, so that the span covers what was typed.
        last = pieces[found.end() - 1][1]
        out += [(char, pieces[found.start()][1]) for char in word[:-1]] + [(word[-1], last)]
        at = found.end()
    return out + pieces[at:]


def _tighten(pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Drop blanks and signs; what parts sentences becomes 。, what parts clauses becomes a comma."""
    out: list[tuple[str, int]] = []
    for char, origin in pieces:
        if _KEPT.match(char):
            out.append((char, origin))
        elif char in _STOPS and out and out[-1][0] not in "。":
            mark = (char if char in "。" else "。", origin)
            if out[-1][0] == ",":
                out[-1] = mark
            else:
                out.append(mark)
        elif char in ",、:()" and out and out[-1][0] not in "。,":
            out.append((",", origin))
    return out


def _index() -> dict[tuple[str, ...], str]:
    return {tuple(sound(char) for char in word): word for word in _BY_SOUND}


_SOUNDS = _index()
_SIZES = sorted({len(key) for key in _SOUNDS}, reverse=True)


def _mend(text: str) -> str:
    """Put the right word for one that sounds like it and shares half of its characters."""
    sounds = [sound(char) for char in text]
    chars = list(text)
    at = 0
    while at < len(text):
        step = 1
        for size in _SIZES:
            word = _SOUNDS.get(tuple(sounds[at : at + size]))
            typed = text[at : at + size]
            if word and word != typed and typed not in _ORDINARY and _shared(word, typed) * 2 >= size:
                chars[at : at + size] = word
                step = size
                break
        at += step
    return "".join(chars)


def _shared(one: str, other: str) -> int:
    return sum(a == b for a, b in zip(one, other, strict=True))


def mask(text: str, pattern: re.Pattern[str]) -> str:
    """Blank what a pattern finds; the length stays."""
    return pattern.sub(lambda found: "☐" * len(found.group()), text)


def spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Return the places of a pattern."""
    return [found.span() for found in pattern.finditer(text)]


def near(ones: Iterable[tuple[int, int]], others: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Return for each place the span up to its nearest other place, if at most gap characters lie between.

    others must be in order, as spans gives them.
    """
    starts = [start for start, _ in others]
    found = []
    for start, end in ones:
        after = bisect_left(starts, start)
        for index in (after, after - 1):
            if 0 <= index < len(others):
                low, high = others[index]
                if low - end <= gap and start - high <= gap:
                    found.append((min(start, low), max(end, high)))
                    break
    return found


def followed(ones: Iterable[tuple[int, int]], others: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Return the spans from a place to the next other place behind it, if at most gap characters lie between."""
    starts = [start for start, _ in others]
    found = []
    for start, end in ones:
        index = bisect_right(starts, end - 1)
        if index < len(others) and others[index][0] - end <= gap:
            found.append((start, others[index][1]))
    return found
