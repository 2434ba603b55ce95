"""From a message to what it asks of the ledger.

Only whole sentences match, so that a report is never taken for a question.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, patterns))


_DROP = re.compile(r"[\s,。!?、:;~“”\"'()\[\]【】…·\-_/#]+")
_MENTION = re.compile(r"^\s*@\S+\s*")
_POLITE = r"(?:请问|请|麻烦|帮我|帮忙|帮|给我|我想|我要|想|要|能不能|可以|小督|你好){0,4}"
_LOOK = r"(?:看看|看一下|看下|查看|看|查一查|查查|查一下|查下|查询|查|发一下|发下|发|调出|打开|列一下|列出)?"
_WE = (
    r"(?:我们学校|我们幼儿园|我们单位|我们股室|我们科室|我们园|我们股|咱们学校|咱们园|我校|我园|咱校|咱园|本校|本园|"
    r"本单位|我单位|本股室|我股室|本股|我股|我们|咱们|我|自己|学校)?的?"
)
_NOW = r"(?:现在|目前|当前|本周|这周|本月|这个月|到底|都){0,8}"
_LEDGER = r"(?:(?:工作)?(?:总)?台[账帐])"
_END = r"(?:吧|呢|吗|么|嘛|啊|呀|了|的|一下|谢谢|怎么样|情况|如何){0,8}"
_WHICH = r"(?:哪些|哪几项|哪几个|哪项|什么|啥|几项|几个|多少)"
_LEFT = r"(?:还有|有|还剩|还差|还欠|还缺|差|剩|欠)"
_WORK = r"(?:任务|事项|工作|项目|事|东西|材料)"
_OWED = (
    r"(?:没有报|没报|没交|没做完|没做|没完成|没办完|没办|没弄完|没弄|未报|未交|未完成|未办结|"
    r"要报|要交|要做|要办|需要报|该报)"
)

_OWN = _compiled(
    rf"{_POLITE}{_LOOK}{_WE}{_LOOK}{_LEDGER}(?:清单)?{_WE}{_END}",
    rf"{_POLITE}{_LOOK}{_WE}{_NOW}{_LEFT}{_WHICH}{_WORK}?{_OWED}?(?:的)?{_WORK}?{_END}",
    rf"{_POLITE}{_LOOK}{_WE}{_NOW}(?:还)?{_WHICH}?{_WORK}?(?:还)?{_OWED}{_WHICH}{_WORK}?{_END}",
    rf"{_POLITE}{_LOOK}{_WE}{_NOW}{_WHICH}{_WORK}?(?:还)?{_OWED}{_END}",
    rf"{_POLITE}{_LOOK}{_WE}(?:的)?任务(?:清单|列表|单){_END}",
    rf"{_POLITE}{_LOOK}我(?:们)?的任务{_END}",
)
_ALL = r"(?:全区|全局|区里|各校|各学校|各单位|各股室|哪些学校|哪些单位|哪几家|哪几所学校|包校)?的?"
_MISSED = r"(?:逾期|超期|过期|红灯)"
_OVERDUE = _compiled(
    rf"{_POLITE}{_LOOK}{_ALL}{_WE}{_LEDGER}?{_ALL}{_WE}{_NOW}(?:有没有|有{_WHICH}|{_WHICH}|有)?{_WORK}?(?:已经|已|是|亮)?"
    rf"{_MISSED}(?:未完成|没完成)?(?:了)?(?:的)?(?:{_WORK}|{_LEDGER}|清单)?(?:有)?{_WHICH}?{_END}",
)
_ONE = _compiled(
    rf"{_POLITE}{_LOOK}{_LEDGER}(?P<name>.{{1,30}}?){_END}",
    rf"{_POLITE}{_LOOK}(?P<name>.{{1,30}}?)的?{_LEDGER}{_END}",
    r"(?:看看|看一下|看下|查看|看|查查|查一下|查下|查询|查)(?P<name>t\d{1,4})" + _END,
    r"(?P<name>t\d{1,4})(?:的)?(?:标准|要求|时限|期限|截止)(?:是)?(?:什么|多少|几号|哪天|什么时候)?" + _END,
    r"(?P<name>t\d{1,4})(?:是)?(?:什么|啥)(?:任务|要求|标准|情况|时候截止|时候到期)" + _END,
)
_CODE = re.compile(r"([a-z]{1,3})?0*(\d{1,4})(?:号|项)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AskOwn:
    """The own unit's open lines."""


@dataclass(frozen=True, slots=True)
class AskOverdue:
    """What is past its deadline."""


@dataclass(frozen=True, slots=True)
class AskOne:
    """One task or unit by a name, compact and lower case."""

    name: str


Question = AskOwn | AskOverdue | AskOne


def ask(text: str) -> Question | None:
    """Return what a text asks of the ledger, or None if it asks nothing of it."""
    said = compact(text)
    if not said or len(said) > 40:
        return None
    if _matches(_OVERDUE, said):
        return AskOverdue()
    if _matches(_OWN, said):
        return AskOwn()
    for pattern in _ONE:
        found = pattern.fullmatch(said)
        if found:
            return AskOne(found["name"])
    return None


def compact(text: str) -> str:
    """Return text in one spelling: half width, lower case, without a leading mention, blanks and punctuation."""
    return _DROP.sub("", unicodedata.normalize("NFKC", _MENTION.sub("", text))).lower()


def is_code(name: str) -> bool:
    """Whether a compact name has the form of a task's code."""
    return re.fullmatch(r"t\d{1,4}", name, re.ASCII) is not None


def same_code(name: str, code: str) -> bool:
    """Whether a compact name means a task's code: t8, 08 and 8号 are T08."""
    if name == code.lower():
        return True
    one, other = _CODE.fullmatch(name), _CODE.fullmatch(code.lower())
    if one is None or other is None:
        return False
    return int(one[2]) == int(other[2]) and one[1] in (None, other[1])


def _matches(patterns: tuple[re.Pattern[str], ...], said: str) -> bool:
    return any(pattern.fullmatch(said) for pattern in patterns)
