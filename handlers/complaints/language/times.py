"""The words that say when something happened, happens or will: days, weeks, terms, holidays, spans of them."""

from __future__ import annotations

import re

from handlers.complaints.language.model import Span

_N = r"[〇零一二两三四五六七八九十\d０-９]"
_CLOCK = rf"{_N}{{1,3}}(?:[:：]\d\d|点(?:{_N}{{1,3}}分?|半|多|钟|整)?)"
_PART = r"(?:一?大?早上|早晨|清晨|上午|中午|下午|傍晚|晚上|夜里|半夜|凌晨|早|晚)"
_DAY = (
    rf"(?:(?:\d{{4}}|[二两][〇零]{_N}{{2}})年)?{_N}{{1,2}}月份?(?:{_N}{{1,3}}[日号](?!楼|线|院|门|窗)"
    rf"|[上中下]旬|初|底)?"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{4}年(?:[春夏秋冬]季?)?"
    r"|(?<![组村路巷弄\d])\d{1,2}[日号](?=[,，。\s]|上午|下午|晚|中午|早|那天|开始|前|后)"
    r"|大前天|前[天晚]|昨[天晚日]|今[天早晚日]|明[天晚早日]|后天|前几天|前两天|前段时间|这几天|这两天|最近"
    r"|近期|近日|当天|刚才|刚刚"
)
_WEEK = (
    r"(?:上上|上|下下|下|本|这|每)个?(?:周|星期|礼拜)[一二三四五六日天末]?(?!期)|上个?月[初中底]?|这个月"
    r"|本月|下个?月[初中底]?"
    r"|(?:今年|去年|前年|明年|后年)(?:[春夏秋冬]季?|上半年|下半年|年初|年底)?|上半年|下半年"
)
_TERM = (
    r"(?:上|下|这|本|新|整)个?学[期年](?:以来|初|末|开始)?|从?开学(?:到现在|至今|以来|初|前|后|第一[天周])"
    r"|(?:寒|暑)假(?:期间|前|后|里)?|期[中末]考?试?[前后]?"
    r"|(?:国庆|教师节|元旦|春节|五一|六一|中秋|清明|端午|劳动节|儿童节|十一)(?:节)?(?:假期|放假)?(?:期间"
    r"|前后?|后|当天|那天)"
)
_EVERY = rf"每(?:天|日|晚|早|周|星期|月|学期|年)(?:{_PART}|[一二三四五六日天末]|(?={_CLOCK}))"
_LIMIT = rf"{_N}{{1,3}}个?工作日(?:之?内)?"
_ONE = rf"(?:{_DAY}|{_WEEK}|{_TERM}|{_EVERY}|{_LIMIT})"
_ATOM = rf"{_ONE}的?(?:{_PART})?(?:{_CLOCK})?|(?:周|星期|礼拜)[一二三四五六日天](?:{_PART})(?:{_CLOCK})?"
_ENDING = r"(?:左右|之?前(?!天)|之?后(?!天)|以来|期间|前后|当天)?"
_WHEN = re.compile(
    rf"从(?:{_ATOM})(?:开始|起|至今|到现在)|从?(?:{_ATOM}){_ENDING}(?:(?:到|至"
    rf"|[-—~～])(?:{_ATOM}){_ENDING})?|(?:晚上|周末|早上|白天)[和跟、](?:周末|晚上|节假日|早上)"
)
# How long ago somebody lives or a paper is valid is no time of what happened.
_NOT_WHEN = re.compile(r"^(?:今年|最近)[一-龥]?\d+岁")


def find_times(text: str) -> tuple[Span, ...]:
    """Return the words that say when, in order, as typed; clock times and parts of the day only beside a day."""
    found = []
    for match in _WHEN.finditer(text):
        words = match.group().rstrip("的")
        if words and not _NOT_WHEN.match(text[match.start() : match.start() + 12]):
            found.append(Span(match.start(), match.start() + len(words), words))
    return tuple(found)
