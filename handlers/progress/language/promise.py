"""Which of the days a message names is the one that counts (supervision-domain.md, section 6, rule 7)."""

import re
from datetime import date

from handlers.progress.language import status
from handlers.progress.language.dates import DateMention
from handlers.progress.language.percents import Role
from handlers.progress.language.segments import Statement

_FORMER_DUE_BEFORE = re.compile(r"(?:原定|原计划|截止|规定|本应|原来|本来|到期|期限|要求|不是|并非)[^,。;]{0,4}$")
_FORMER_DUE_AFTER = re.compile(r"^[^,。;]{0,3}(?:到期|截止)")
_MEETING = re.compile(
    r"召开|开会|会议|开(?=$|[,。])|座谈|论证会|分析会|评审会|会上|开班|动员|部署会|家长会|例会|碰头|调度"
)
_START = re.compile(r"才(?:能|可)?[开来到]|开放|开通|开工|启动|开始|进场|动工|着手|到(?:货|$|齐)|送货|发货|复工")
_LAST = re.compile(r"全部|全面|全都|完工|竣工|最终|整体|彻底|最迟|最晚|收官|都能|总")
_OVER = re.compile(r"已|了$|过了?$|[一-龥]了\s{0,2}[\d一二两三四五六七八九十几□]")
_GAIN = re.compile(r"又[一-龥]{1,4}了|新增|[新多][一-龥]{1,2}了|[一-龥]了\s{0,2}[\d一二两三四五六七八九十几]")
_EXTENDED = re.compile(r"延|推迟|宽限|往后|缓|顺延|[改拖放挪晚推移调靠]后?[到至]|[推靠移]后")
# How far from a day words can bear on it.
_NEAR = 40
_NEVER, _OTHER, _FINISH, _FINAL, _ASKED = range(5)


def promised_date(statements: list[Statement], today: date, *, extension: bool, begun: bool) -> date | None:
    """The day the work is promised for, in an extension the day asked for; None if no day to come is named.

    A day for finishing beats a day for a meeting or for handing in papers; work not begun needs one for finishing.
    """
    best: list[tuple[int, date]] = []
    for one in statements:
        for day in one.part.dates:
            if day.ahead and (day.ahead > today or (day.ahead == today and not _OVER.search(one.part.text))):
                rank = _rank(one, day, extension=extension)
                if rank > (_NEVER if begun else _OTHER):
                    best.append((rank, day.ahead))
    return max(best)[1] if best else None


def _rank(one: Statement, day: DateMention, *, extension: bool) -> int:
    base = one.part.clause.start
    at, end, text = day.start - base, day.end - base, one.part.blanked
    before, after = text[max(0, at - _NEAR) : at], text[end : end + _NEAR]
    if extension and _EXTENDED.search(before):
        return _ASKED
    if _FORMER_DUE_BEFORE.search(before) or _FORMER_DUE_AFTER.match(after):
        return _NEVER
    if any(share.role is Role.PLAN and share.value < 100 for share in one.part.percents):
        return _NEVER
    if one.percents_now and not one.cues.planned and not status.FINISH.search(after):
        return _NEVER
    if _GAIN.search(after) and not one.cues.planned:
        return _NEVER
    if one.cues.blocked or (one.cues.negated and not one.cues.planned):
        return _NEVER
    if one.cues.evidence_note or (_MEETING.search(after) and not status.FINISH.search(after)):
        return _OTHER
    if status.FINISH.search(after) or not re.search(r"[一-龥]{2}", after.replace("以前", "").replace("之前", "")):
        return _FINAL if _LAST.search(before + after) else _FINISH
    return _NEVER if _START.search(after) else _OTHER


def done_date(statements: list[Statement], today: date) -> date | None:
    """The day a finished thing was finished, if a clause that says so names it."""
    days = [day.behind for one in statements for day in one.part.dates if day.behind and day.behind <= today]
    return days[-1] if days else None
