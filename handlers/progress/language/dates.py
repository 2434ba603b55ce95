"""Days named in a message, resolved against the day it was written.

Every mention has two readings: `ahead`, the day it means as a promise, and `behind`, the day it means as a record of
something done. A vague mention (尽快, 这两天) and one that needs an unnoticed holiday have neither.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from bot.workdays import Calendar
from handlers.progress.language import daterules
from handlers.progress.language.daterules import Now, Reading

_N = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_COUNT = r"(?:\d{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_MONTH = r"(?<!\d)(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s{0,2}月(?:份)?"
_WHICH_MONTH = r"(?P<which>(?:下下|下|本|这|当|上)个?)月"
_HOLIDAY = r"(?P<holiday>元旦|新年|春节|清明|劳动节?|五一|端午|中秋|国庆|十一(?!月|[小中]))(?:节)?(?:假期?)?"
_BEFORE = r"(?:以前|之前|前)"
_LAST = rf"(?:\s{{0,2}}[日号]?\s{{0,2}}[-~到至]\s{{0,2}}(?P<last>{_N}))?"
_NOT_HOUSE = r"(?!\s{0,2}(?:楼|线|门|院|教学|宿舍|锅炉|公寓|车|文|令|通报|桶|店|[一-龥]?号楼))"
_LONG = r"个?工作日|天|日|个?周|个?星期|个?礼拜|个月"

_Reader = Callable[[re.Match[str], Now], Reading]


def _rule(pattern: str, reader: _Reader) -> tuple[re.Pattern[str], _Reader]:
    return re.compile(pattern), reader


# At one place the longest match wins, among equals the earlier rule.
_RULES = (
    _rule(
        r"(?:就?这|[过再])[一两几]天|[两三][三五]天|[一两]两天|近几[天日]|近[日期]|尽快|尽早|回头|改天|抽空|稍后"
        r"|过段时间|过一?阵子?"
        r"|(?<!\d)年前|下一步|过几天",
        daterules.vague,
    ),
    _rule(
        r"(?P<y>20\d\d)\s{0,2}[-/.年]\s{0,2}(?P<m>\d{1,2})\s{0,2}[-/.月]\s{0,2}(?P<day>\d{1,2})\s{0,2}[日号]?",
        daterules.full,
    ),
    _rule(
        rf"{_MONTH}\s{{0,2}}(?P<day>{_N})(?:\s{{0,2}}[日号]?\s{{0,2}}[-~到至]\s{{0,2}}(?:{_N}月)?(?P<last>{_N}))?"
        rf"(?:\s{{0,2}}[日号]|(?=\s{{0,2}}(?:{_BEFORE}|[,。;!]|$)))",
        daterules.month_day,
    ),
    _rule(
        rf"(?<![\d./])(?P<month>1[0-2]|0?[1-9])[./](?P<day>[12]\d|3[01]|0?[1-9])(?:\s{{0,2}}[日号](?!楼)|(?=\s{{0,2}}(?:{_BEFORE}"
        rf"|之?内|[交报完传开弄做办验已就])))",
        daterules.month_day,
    ),
    _rule(
        r"(?<=[到至于在计期迟延])(?P<month>1[0-2]|0?[1-9])[./](?P<day>[12]\d|3[01]|0?[1-9])(?![\d%])",
        daterules.month_day,
    ),
    _rule(
        rf"(?:{_MONTH}|{_WHICH_MONTH}|(?<![个\d])月)(?P<part>上旬|中旬|下旬|底|末|初|中(?![旬考段学小]))",
        daterules.month_part,
    ),
    _rule(rf"(?:{_MONTH}|{_WHICH_MONTH}|(?<![个\d])月)(?:之?内(?!容)|(?P<until>{_BEFORE}))", daterules.month_part),
    _rule(r"(?P<part>[上中下]旬)", daterules.month_part),
    _rule(
        rf"(?:{_WHICH_MONTH}\s{{0,2}}|(?<![\d第.〕\]a-z月]))(?P<day>{_N}){_LAST}\s{{0,2}}[号日]{_NOT_HOUSE}(?!\s{{0,2}}(?:内|之内|后"
        rf"|以内|常|志|程))",
        daterules.day_of_month,
    ),
    _rule(
        r"(?P<which>(?:下下|下|本|这|上)(?:一)?个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])(?!年)",
        daterules.weekday,
    ),
    _rule(r"(?P<which>下下|下|本|这|上)一?个?(?:周|星期|礼拜)(?:之?内|里|以内)?|(?<![一-龥\d])周内", daterules.week),
    _rule(
        r"(?P<rel>大前|大后|前|昨|今|当|明|后|本)(?:[天日](?!制)|(?<=[昨今明前后])儿个?)|(?P<rel2>[今明昨])[晚早](?!自|读)",
        daterules.relative,
    ),
    _rule(
        r"下班(?:以前|之前|前)|放学前|(?<![今明昨后前天日号一二三四五六])(?:上午|中午|下午|晚上)(?:\S{1,3}点)?前",
        daterules.today,
    ),
    _rule(
        rf"(?<![一二两三四五六七八九十\d])(?P<n>{_COUNT})\s{{0,2}}(?P<unit>{_LONG})\s{{0,2}}(?:之?内|以内|之?后|以后)",
        daterules.span,
    ),
    _rule(r"半个?月(?:之?内|以内|之?后|以后)", daterules.half_month),
    _rule(
        rf"(?:再有|还需要?|还要|还得|再过|再用|再要)\s{{0,2}}(?P<n>{_N})\s{{0,2}}(?P<unit>{_LONG})(?!内)",
        daterules.span,
    ),
    _rule(r"(?:今年)?年[底末]|(?<![一-龥\d])年内|今年内|本年度内", daterules.year_end),
    _rule(rf"(?:{_HOLIDAY}|节日?|(?:放|小长)假)(?:放假)?{_BEFORE}", daterules.before_holiday),
    _rule(
        rf"(?:{_HOLIDAY}|节|假期|收假|小长假)(?:过后|之后|以后|后)(?:上班|第一天|一上班|回来|第一个工作日|复工)*",
        daterules.after_holiday,
    ),
    _rule(
        rf"(?:学期)?期末(?:考试)?{_BEFORE}|放?[寒暑]假(?:放假)?{_BEFORE}|(?:本|这|这个)?学期(?:结束(?:{_BEFORE}|时)?"
        rf"|末|底|内)",
        daterules.term_end,
    ),
    _rule(rf"(?:下学期|春季|寒假后|新学期|春)?开学{_BEFORE}", daterules.term_start),
)
# 周五下班前, 明天下午四点前: the hour belongs to the day named just before it.
_HOUR = 4
_HINT = re.compile(r"[日号天周期拜月年节假班旬刚学晚早步快头空前后儿./]")


@dataclass(frozen=True)
class DateMention:
    start: int
    end: int
    ahead: date | None
    behind: date | None


def find_dates(text: str, today: date, calendar: Calendar) -> list[DateMention]:
    """Every day named in the text, in order, without overlaps."""
    if not _HINT.search(text):
        return []
    now = Now(today, calendar)
    candidates = [(found, reader) for pattern, reader in _RULES for found in pattern.finditer(text)]
    candidates.sort(key=lambda one: (one[0].start(), -one[0].end()))
    mentions: list[DateMention] = []
    for found, reader in candidates:
        if mentions and reader is daterules.today and found.start() - mentions[-1].end <= _HOUR:
            mentions[-1] = replace(mentions[-1], end=found.end())
        elif not mentions or found.start() >= mentions[-1].end:
            mentions.append(DateMention(found.start(), found.end(), *reader(found, now)))
    return mentions
