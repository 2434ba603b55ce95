"""Where somebody lives: a house, unit or room number or a village group, with the place before it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.complaints.language.numbers import ADDRESS, Found, fold

_N = r"[0-9一二三四五六七八九十百零〇]{1,5}"
_PLACE = (
    r"(?:省|市|区|县|镇|乡|街道|社区|村委会|村|屯|庄|寨|湾|坝|路|大街|街|大道|巷|胡同|弄|小区|花园|花苑|苑"
    r"|家园|公寓|新村|新城|城|府|庭|郡|园|里|院|楼|坊|广场|佳苑|嘉园|名居|华庭|雅居)"
)
_LINK = rf"(?:(?:东|西|南|北|中)?{_N}(?:期|区|段|路|街|巷|弄|组团)|[东南西北]区|附近)?"
# Tails that make an address out of a place.
_HOUSE = (
    rf"(?:{_N}(?:号院|号附{_N}号|弄|巷|支弄)?(?:{_N})?号(?!线|楼|门|窗|桌|考|教|路|公交|车|校车|院|那|上午"
    rf"|下午|晚|前|后|开|到|起)(?:之[一二三四五])?)"
)
_BUILDING = rf"(?:{_N}|[A-Za-z][0-9]{{0,2}})(?:号楼|栋|幢|座|号院)|{_N}#楼?"
_UNIT = rf"{_N}(?:单元|门洞)"
_ROOM = rf"(?:{_N}楼{_N}|[A-Za-z]?{_N}|[0-9]{{1,2}}-[0-9]{{2,4}})(?:室|号房|户(?!主|型|人|困|贫|籍|口)|房)"
_FLOOR = rf"{_N}[楼层]"
_SHORT = r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{2,4}|[0-9]{1,2}-[0-9]{3,4}"
_GROUP = rf"(?:第?{_N}|[上下东西南北前后中]{{1,2}})(?:村民小组|小组|组|队|社)(?!长|合|织|团|成|会|的|建|员)(?:{_N}号)?"
_TAIL = re.compile(
    rf"(?:{_GROUP}|(?:{_BUILDING})[ ,-]?(?:{_UNIT})?[ ,-]?(?:{_FLOOR})?[ ,-]?(?:{_ROOM}"
    rf"|[0-9]{{3,4}}(?![0-9元块人年]))?|(?:{_UNIT})[ ,-]?(?:{_FLOOR})?[ ,-]?(?:{_ROOM}"
    rf"|[0-9]{{3,4}}(?![0-9元块人年]))?"
    rf"|{_HOUSE}(?:[ ,-]?(?:{_BUILDING}))?(?:[ ,-]?(?:{_UNIT}))?(?:[ ,-]?(?:{_ROOM}"
    rf"|[0-9]{{3,4}}(?![0-9元块人年])))?|{_SHORT}|{_ROOM})"
)
_IS_HOME = re.compile(
    rf"单元|门洞|室|房|户|组|队|社|(?<!楼)号(?!楼|院$)|-[0-9]|(?:栋|幢|座|号楼|号院"
    rf"|#)[ ,-]?(?:{_N}[楼层])?[ ,-]?[0-9]{{3,4}}$"
)
_BEFORE = 40
_ADMIN = re.compile(r"[镇乡县市省]$|(?<![小社])区$")


def find_addresses(text: str) -> Iterator[Found]:
    """Yield the places of addresses, whole; an estate, village, road or building alone is none."""
    plain = fold(text)
    end_of_last = 0
    for tail in _TAIL.finditer(plain):
        if tail.start() < end_of_last or not _IS_HOME.search(tail.group()):
            continue
        start = _head(plain, tail.start(), end_of_last)
        if start is None:
            continue
        end_of_last = tail.end()
        yield start, tail.end(), ADDRESS


def _head(plain: str, end: int, least: int) -> int | None:
    """Return where the place before a number begins; None if there is no place right before it."""
    begin = max(least, end - _BEFORE)
    window = plain[begin:end].rstrip(" ,")
    lead = re.search(r"(?:^|[^一-龥0-9A-Za-z ])(?P<rest>[一-龥0-9A-Za-z ]*)$", window)
    if not lead:
        return None
    rest = lead["rest"]
    offset = begin + lead.start("rest")
    skip = _lead_length(rest)
    rest, offset = rest[skip:], offset + skip
    if not re.search(rf"{_PLACE}{_LINK}$", rest) or _ADMIN.search(rest):
        return None
    return offset


# Words that lead to an address and are no part of it.
_STOP = re.compile(
    r"家住在?|住在|住址是?|地址是?在?|居住在|居住地|搬到了?|位于|户籍地?|租住在?|租在|现住在?|家在|就在"
    r"|送到|寄到|老家|住(?!宅|户|房)|在|是|到(?!底)|去|从|往|我家|他家|她家|我们|叫|老师|学生|同学|孩子"
    r"|地点"
)


def _lead_length(rest: str) -> int:
    """Return how many characters before an address only lead to it."""
    ends = [found.end() for found in _STOP.finditer(rest)]
    return max((end for end in ends if re.search(_PLACE, rest[end:])), default=0)
