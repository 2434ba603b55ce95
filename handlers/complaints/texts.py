"""What complainants are told about a case and what the office reads about it: plain, polite, short.

A notice names everything that the reference demands of it (§9); one that cannot is not issued (MissingField).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from bot.errors import BotError
from bot.workdays import SHANGHAI
from handlers.citation import cite
from handlers.complaints.refusals import Ground
from handlers.complaints.states import Refusal, State

# A notice fits one message and one screen of a phone.
LONGEST = 300

STATES: Mapping[State, str] = {
    State.DRAFT: "待提交",
    State.RECEIVED: "已登记",
    State.NEED_INFO: "待补充",
    State.ACCEPTED: "已受理",
    State.REFUSED: "不予受理",
    State.TRANSFERRED: "已转送",
    State.MERGED: "已并案",
    State.ASSIGNED: "待签收",
    State.HANDLING: "办理中",
    State.DISPUTED: "派单异议",
    State.NOTICE: "已发整改通知",
    State.RECTIFYING: "整改中",
    State.SUBMITTED: "待审核",
    State.RETURNED: "退回重办",
    State.VERIFIED: "待答复",
    State.REPLIED: "已答复",
    State.FOLLOWUP: "待回访",
    State.CLOSED: "办结",
    State.SUSPENDED: "中止",
    State.WITHDRAWN: "已撤回",
    State.REVIEW: "复查中",
    State.ARCHIVED: "已归档",
}
# What goes on between the office and a unit is no business of whoever asks from outside.
_INSIDE = frozenset(
    (State.ASSIGNED, State.DISPUTED, State.NOTICE, State.RECTIFYING, State.SUBMITTED, State.RETURNED, State.VERIFIED)
)

KINDS: Mapping[str, str] = {"complaint": "投诉举报", "suggestion": "建议", "query": "咨询"}
# Kinds of danger as the language module names them.
DANGERS: Mapping[str, str] = {
    "violence": "人身伤害",
    "sexual": "性侵害或性骚扰",
    "self_harm": "自伤自杀",
    "illness": "食物中毒或多人生病",
    "missing": "走失失联",
    "acute": "紧急险情",
}
CATEGORIES: Mapping[str, str] = {
    "A": "机关作风",
    "B": "师德师风",
    "C": "有偿补课",
    "D": "收费与教辅",
    "E": "招生入学",
    "F": "学生安全与欺凌",
    "G": "食堂与卫生",
    "H": "教学管理",
    "I": "校外培训",
    "J": "教师权益",
    "K": "校园建设与后勤",
    "L": "廉洁问题",
    "M": "其他",
    "N": "学生资助",
}


class MissingField(BotError):
    """A notice lacks something that it has to say; it is not issued."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """受理告知. Every field has to be there. limit: the day by which the law wants an answer."""

    number: str
    today: date | None
    category: str
    office: str
    limit: date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """补充材料通知. until: the day until which we wait; None where no calendar tells it, then days counts."""

    number: str
    question: str
    days: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Refused:
    """不予受理告知. path is the way open instead, with a contact."""

    number: str
    today: date | None
    plain: str
    basis: str
    path: str
    office: str


def state_word(state: str) -> str:
    """Return the Chinese word for a state."""
    return STATES[State(state)]


def public_state(state: str) -> str:
    """Return what somebody outside is told of a state."""
    return STATES[State.HANDLING] if State(state) in _INSIDE else STATES[State(state)]


def accepted(said: Accepted) -> str:
    """受理告知: number, date, category, what comes next, who handles it until when, what the complainant may do."""
    _require(said)
    return (
        f"【受理告知】{said.number}\n"
        f"您反映的事项已于{day(said.today)}受理,类别:{said.category}。\n"
        f"由{said.office}组织核查,按规定最迟{day(said.limit)}前书面答复您。\n"
        "您可以随时回复:“查询”看进度、直接补充情况、“催办”、“撤回”;对办理有意见可打12345。\n"
        "查询码见登记回执;您的身份按告知书保密,不会告诉被反映方。"
    )


def asked(said: Asked) -> str:
    """补充材料通知: what is missing and why, until when, what happens if nothing comes."""
    _require(said, "until")
    until = f"{day(said.until)}17:30前" if said.until else f"{said.days}个工作日内"
    return (
        f"【请补充】{said.number}\n为查清您反映的事项,请补充:\n{said.question}\n"
        f"请在{until}直接回复;到时没有补充,我们按现有内容决定是否受理。"
    )


def refused(said: Refused) -> str:
    """不予受理告知: the reason in plain words, the rule, the way open instead, the right to ask for a review."""
    _require(said)
    return (
        f"【不予受理告知】{said.number}\n很抱歉,{said.plain},依据{said.basis},不予受理。\n"
        f"您可以:{said.path}。\n"
        f"如不同意,可在30日内向我们申请复查(请说明编号),由其他人员复核。\n{said.office} {day(said.today)}"
    )


def withdrawn(number: str) -> str:
    """Tell that the wish was followed."""
    return f"【撤回告知】{number}\n已按您的意愿撤回,不再办理。以后需要可以重新提交。"


def goes_on(number: str) -> str:
    """Tell that the matter goes on without the complainant."""
    return (
        f"【撤回告知】{number}\n您希望撤回的意愿已记录。本事项关系安全、未成年人或公共利益,我们依法继续办理,"
        "不再要求您配合,您的身份继续保密。"
    )


def ground_line(ground: Ground) -> str:
    """Name a reason for an officer."""
    return f"{ground.short}({ground.plain})"


def dangers(kinds: Iterable[str]) -> str:
    """Name kinds of danger."""
    return "、".join(DANGERS.get(kind, kind) for kind in kinds)


def day(value: date | None) -> str:
    """Write a day in Chinese."""
    return f"{value.year}年{value.month}月{value.day}日" if value else "未知"


def moment(value: datetime) -> str:
    """Write an instant in Shanghai's time, to the minute."""
    return f"{value.astimezone(SHANGHAI):%m-%d %H:%M}"


def _require(said: object, *optional: str) -> None:
    missing = [field.name for field in fields(said) if field.name not in optional and not getattr(said, field.name)]  # type: ignore[arg-type]
    if missing:
        raise MissingField(f"{type(said).__name__} lacks {', '.join(missing)}")


NOT_FOUND = "没有找到您的这件登记。"
ENDED = "这件已经办结,不能再补充。有新情况请直接告诉我,我重新登记。"


CLOCKS: Mapping[str, str] = {
    "accept": "受理",
    "ceiling": "受理法定15日",
    "answer": "等待补充",
    "assign": "派单",
    "finish": "答复法定60日",
}
NOTICES: Mapping[str, str] = {
    "accepted": "受理告知",
    "asked": "补充材料通知",
    "refused": "不予受理告知",
    "withdrawn": "撤回告知",
    "goes_on": "撤回告知",
}


def short(number: str) -> str:
    """Return a number as it is typed: 123, of another year 2025-123 is not shortened by us."""
    serial = number.rsplit("〕", 1)[-1].removesuffix("号")
    return serial.lstrip("0") or serial


def refusal(why: Refusal, state: str) -> str:
    """Say politely why a step was not taken."""
    return _REFUSALS.get(why, "现在不能这样处理,没有改动。").format(state=state_word(state))


_REFUSALS: Mapping[Refusal, str] = {
    Refusal.NOT_IN_TABLE: "没有这样的办理步骤,没有改动。",
    Refusal.WRONG_STATE: "这件目前是“{state}”,不能这样处理,没有改动。",
    Refusal.NOT_YOURS: "您在这件上没有这个权限,没有改动。",
    Refusal.CONFLICT: "这件由其他同志办理,没有改动。",
    Refusal.NO_MORE_ROUNDS: "补充询问次数已用完,请按现有内容决定受理或不予受理。",
    Refusal.NO_QUESTION: "请写明要补充什么,例如:补充 123 请说明是哪个班级。",
    Refusal.NO_REASON: "请选一个不予受理的理由(不署名不是理由)。",
    Refusal.NO_PATH: "这个理由还没有可告知的其他途径,没有改动。",
    Refusal.NOT_PROPOSED: "没有待签发的不予受理建议,没有改动。",
    Refusal.SAME_PERSON: "提出和签发须是两个人,请由另一位签发。",
    Refusal.DANGER: "这件涉及人身安全,不能不予受理,请尽快办理。",
    Refusal.ASK_FIRST: "“补充后仍不清楚”要先问过反映人,请先发补充通知。",
    Refusal.NOT_ASKED_FOR: "反映人没有要求撤回,没有改动。",
    Refusal.GOES_ON: "这件涉及安全、未成年人或公共利益,反映人撤回也要继续办理,请回复“继续办理”。",
    Refusal.NOT_YET: "时间未到,没有改动。",
}


def one_line(words: str, most: int = 60) -> str:
    """Return words of others in one harmless line."""
    return cite(words, most)
