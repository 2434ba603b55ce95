"""What officers read about cases in their private chat, and what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.people import Directory
from bot.workdays import SHANGHAI
from handlers.citation import cite
from handlers.complaints import texts
from handlers.complaints.cards import Press
from handlers.complaints.models import CaseRow, ClockRow, EventRow, NoticeRow
from handlers.complaints.reading import Opened
from handlers.complaints.work import ADDITION, FILES, HAPPENED, ORIGINAL, PLACE, WISH

IN_PRIVATE = "请在与小督的私聊中办理。"
IN_APP = "投诉请在工作台的小督应用里办理,机器人这里不显示内容。"
NOTHING = "没有待办的投诉。"
NO_SUCH = "没有找到这个编号,请核对。回复“投诉”看待办。"
NOBODY_TO_ASK = "反映人的信息已按规定删除,无法再向其补问。"
WHICH = "请带上编号,例如“受理 123”;回复“投诉”看待办。"
VAGUE = "请用编号,一次一件,例如“受理 123”;回复“投诉”看编号。"
NOT_HERE = "小督现在能办:受理、请补充、不予受理、撤回确认、继续办理。派单、转送、答复、办结请先按原来的办法办。"
ERASED = "(反映人信息已按要求删除,原文不可读)"
HIDDEN = "(此行含他人身份信息,已隐去)"
ASK_HOW = "请直接回复要请反映人补充的内容(会原样发给反映人)。不问了请回复“取消”。"
ASK_DROPPED = "好的,没有发出询问。"
NAME_IS_NO_REASON = "不署名不是不予受理的理由。请另选理由,或回复“受理”。"
WHICH_REASON = "请选不予受理的理由:"
NO_SIGNER = "没有可以签发的人(须与提出人不同、且无须回避),请联系分管领导。"
STALE = "这张卡片已失效,没有改动。请回复“投诉”看待办。"
NOT_ISSUED = "告知书缺少必要内容,没有发出,也没有改动。请联系管理员检查配置。"
DONE_BEFORE = "这一步之前已经办过。"

_SHOWN = 15
_LONGEST_LINE = 1500
_KINDS = {ORIGINAL: "原文", PLACE: "所说单位", HAPPENED: "时间", WISH: "诉求", ADDITION: "补充"}
_ACTS = {
    "T1": "登记",
    "T2": "请反映人补充",
    "T3": "补充结束",
    "T4": "受理",
    "T5": "不予受理",
    "T28": "撤回",
    "added": "反映人补充",
    "pressed": "反映人催办",
    "wants_out": "反映人要求撤回",
    "stays": "反映人不再撤回",
    "proposed": "建议不予受理",
    "returned": "退回建议",
    "goes_on": "决定继续办理",
    "held": "依法保留,暂不清除",
    "released": "解除保留",
}
_WHO = {"complainant": "反映人", "bot": "小督", "operator": "管理员"}


def listed(rows: Sequence[tuple[CaseRow, datetime | None]]) -> str:
    """List cases with the limit that runs: number, topic, state."""
    lines = [_line(case, due) for case, due in rows[:_SHOWN]]
    more = [f"还有{len(rows) - _SHOWN}件,办完再看。"] if len(rows) > _SHOWN else []
    first = texts.short(rows[0][0].number)
    return "\n".join([f"待办投诉{len(rows)}件(回复编号打开,例如“办理 {first}”):", *lines, *more])


def _line(case: CaseRow, due: datetime | None) -> str:
    urgent = "【急】" if case.dangers else ""
    limit = f",{due.astimezone(SHANGHAI):%m-%d %H:%M}前" if due else ""
    return f"·{urgent}{texts.short(case.number)} {topic(case)},{texts.state_word(case.state)}{limit}"


def topic(case: CaseRow) -> str:
    """Return what a case is about."""
    return case.topic or texts.KINDS.get(case.kind, "")


def for_others(case: CaseRow) -> str:
    """What everybody else of the office is told: number and state."""
    return f"{case.number}:{texts.state_word(case.state)}。这件由其他同志办理。"


def opened(found: Opened, directory: Directory, mask: Callable[[str], str]) -> str:
    """Show a case to one who may read it. mask: what a line becomes before it is shown."""
    case = found.case
    unit = directory.units.get(case.unit_id or "")
    kind = texts.KINDS.get(case.kind, "")
    head = [f"{case.number}({kind}·{topic(case)}·{texts.state_word(case.state)})"]
    if case.dangers:
        head.append(f"【紧急】{texts.dangers(case.dangers)};先保人身安全,必要时报警,勿先告知被反映单位")
    head += ["【反映人要求撤回】"] if case.wants_out_at else []
    head.append(f"登记:{texts.moment(case.received_at)};{'实名' if case.is_named else '保密'},身份须经批准才能查看")
    head += [f"单位:{unit.name}"] if unit else []
    said = [line for kind, words, at in found.words for line in _said(kind, words, at)] or [ERASED]
    tail = [f"期限:{_clock(clock)}" for clock in found.clocks]
    tail += [f"通知:{_notice(row, is_undelivered)}" for row, is_undelivered in found.notices]
    tail += [mask(f"经过:{_event(row, note, directory)}") for row, note in found.events]
    return "\n".join([*head, *map(mask, said), *tail])


def _said(kind: str, words: str, at: datetime) -> list[str]:
    if kind == FILES:
        return [f"附件:{len(words.splitlines())}件({texts.moment(at)})"]
    named = _KINDS[kind] + (f"({texts.moment(at)})" if kind == ADDITION else "")
    lines = [cite(line, _LONGEST_LINE) for line in words.splitlines() if line.strip()]
    return [f"{named}:{lines[0]}", *lines[1:]] if lines else []


def _clock(clock: ClockRow) -> str:
    named = texts.CLOCKS[clock.kind]
    if clock.paused_at is not None:
        return f"{named},暂停中"
    if clock.due_at is None:
        return f"{named},放假安排未公布,暂算不出"
    return f"{named},{texts.moment(clock.due_at)}前"


def _notice(row: NoticeRow, is_undelivered: bool) -> str:
    named = f"{texts.NOTICES[row.kind]}({texts.moment(row.created_at)})"
    if row.delivered_at is not None:
        via = {"kf": "微信客服", "app": "企业微信", "look-up": "网上查询"}.get(row.via, row.via)
        return f"{named}已送达({via},{texts.moment(row.delivered_at)})"
    return f"{named}未送达,请电话联系或商定其他方式" if is_undelivered else f"{named}待送达"


def _event(row: EventRow, note: str, directory: Directory) -> str:
    person = directory.people.get(row.actor)
    who = person.name if person else _WHO.get(row.actor, "")
    said = f":{cite(note, 200)}" if note else ""
    return f"{texts.moment(row.at)} {_ACTS.get(row.act, row.act)}({who}){said}"


def done(press: Press, number: str) -> str:
    """Confirm what was done."""
    return _DONE[press].format(number=number)


_DONE = {
    Press.ACCEPT: "已受理{number},受理告知会发给反映人。",
    Press.ASK: "已就{number}发出补充通知,受理期限暂停。",
    Press.CONFIRM: "{number}已撤回,会告知反映人。",
    Press.GO_ON: "{number}继续办理,会告知反映人。",
    Press.SIGN: "已签发{number}的不予受理告知,会发给反映人。",
    Press.RETURN: "已退回{number}的不予受理建议。",
}


def proposed(number: str, short: str) -> str:
    """Confirm a proposal."""
    return f"已建议不予受理 {number}(理由:{short}),送主任签发;签发前可随时改为受理。"
