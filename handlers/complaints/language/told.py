"""Frames of a danger: small classes of words that stand near one another, in any order, and tell of one thing."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from handlers.complaints.language.model import DangerKind
from handlers.complaints.language.reading import spans

# So far around a place words are looked for that make it harmless.
_BESIDE = 6
_LONGEST_WORD = 30

CHILD = (
    r"(?:孩|娃|伢|崽|细佬|小朋友|宝宝|小宝|大宝|二宝|儿子|女儿|闺女|姑娘|丫头|妮[子儿]|老[大二三幺]|幺[儿妹]|孙|侄|外甥|弟|妹|表[哥姐]"
    r"|学生|同学|同桌|室友|男生|女生|幼儿|新生|住校生|寄宿生|走读生|队员|班里|我们班|初[一二三]|高[一二三]|个小的|小[一-龥](?=[跟说把在今昨]))"
)
ONE = rf"(?:{CHILD}|[他她人我])"
STAFF = (
    r"(?:老师|班主任|教练|教官|校长|园长|主任|保育员|宿管|门卫|保安|司机|阿姨"
    r"|叔叔|伯伯|大爷|爷爷|大叔|师傅|老头|老板|辅导|指挥|校医)"
)
MANY = (
    r"(?:[两二三四五六七八九十几\d]{1,3}(?:来|多)?(?:个|名|人|位)|好几|好些|好多|一群|一伙|一帮|几个|他们|她们|一大片|全班|整个班|半个班"
    r"|[高初][一二三]的|[四五六]年级)"
)


@dataclass(frozen=True, slots=True)
class Told:
    """A frame: each of the parts stands within width characters of the first; veto is what makes it harmless.

    sure: 0 to 1, how sure it is that the words together tell of a danger.
    """

    kind: DangerKind
    parts: tuple[re.Pattern[str], ...]
    width: int = 24
    veto: re.Pattern[str] | None = None
    sure: float = 0.8

    def places(self, text: str) -> Iterator[tuple[int, int, float]]:
        """Yield (start, end, sure) for each place that the frame tells of; time in proportion to the text."""
        anchors = spans(self.parts[0], text)
        others = [spans(part, text) for part in self.parts[1:]] if anchors else []
        if not all(others):
            return
        for start, end in anchors:
            low, high = start, end
            for found in others:
                close = _closest(found, start, end, self.width)
                if close is None:
                    break
                low, high = min(low, close[0]), max(high, close[1])
            else:
                if not (self.veto and self.veto.search(text[max(0, low - _BESIDE) : high + _BESIDE])):
                    yield low, high, self.sure


def _closest(found: list[tuple[int, int]], start: int, end: int, width: int) -> tuple[int, int] | None:
    """Return the span nearest to start:end, if at most width characters lie between."""
    best: tuple[int, int] | None = None
    gap = width + 1
    for low, high in found[bisect_left(found, (start - width - _LONGEST_WORD, 0)) :]:
        if low - end > width:
            break
        away = max(0, low - end, start - high)
        if away < gap:
            best, gap = (low, high), away
    return best
