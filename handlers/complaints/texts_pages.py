"""What the public look-up page says: plain Chinese for somebody who is worried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.workdays import SHANGHAI
from handlers.complaints.states import State

TITLE = "办理进度查询"
LEAD = "填写登记时收到的编号和查询码。查询码只有您知道,请勿告诉他人。"
WRONG = "编号或查询码不正确,请对照回执逐位核对。"
EMERGENCY = "如有危险,请立即拨打 110、120 或 119。"
NO_NOTICES = "还没有给您的通知。有新的通知会显示在这里。"

# What a state means for the complainant, and what comes next.
MEANINGS: Mapping[State, str] = {
    State.RECEIVED: "已经登记,工作人员正在看,会告诉您是否受理。",
    State.NEED_INFO: "需要您补充一些情况,请看下面的通知,直接在聊天里回复即可。",
    State.ACCEPTED: "已经受理,正在安排核查,办好后书面答复您。",
    State.HANDLING: "正在核查办理,办好后书面答复您。",
    State.REFUSED: "没有受理,原因和您可以走的其他途径请看下面的通知。",
    State.TRANSFERRED: "已转送有权处理的单位。",
    State.MERGED: "与同类事项一并办理,结果会告诉您。",
    State.REPLIED: "已经答复,请看下面的通知。",
    State.FOLLOWUP: "已经答复,想听听您是否满意。",
    State.CLOSED: "已经办结。",
    State.SUSPENDED: "因其他程序正在进行,暂时中止,之后继续。",
    State.WITHDRAWN: "已按您的意愿撤回,不再办理。",
    State.REVIEW: "正在由其他人员复查。",
    State.ARCHIVED: "已经办结归档。",
}
EVENTS: Mapping[str, str] = {
    "T1": "已登记",
    "T2": "请您补充情况",
    "T3": "补充结束,继续审核",
    "T4": "已受理",
    "T5": "不予受理",
    "T28": "已撤回",
}
LIMITS: Mapping[State, str] = {
    State.RECEIVED: "最迟告知是否受理",
    State.NEED_INFO: "请在此前补充",
    State.ACCEPTED: "最迟书面答复",
}


def how_to_add(office: str, phone: str) -> str:
    """Say how to add, press and withdraw."""
    call = f";也可拨打 {phone}" if phone else ""
    return f"要补充情况、催办或撤回,请在登记时的聊天里直接发消息给{office}{call}。"


def wait(until: datetime, now: datetime) -> str:
    """Say that there were too many tries, and when the next one counts."""
    minutes = max(1, -(-int((until - now).total_seconds()) // 60))
    return f"试的次数太多,请{minutes}分钟后再试。忘了查询码,可以在登记时的聊天里回复“查询”。"


def day(value: datetime) -> str:
    """Write a day in Shanghai."""
    local = value.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"


def moment(value: datetime) -> str:
    """Write an instant in Shanghai, to the minute."""
    local = value.astimezone(SHANGHAI)
    return f"{day(value)} {local:%H:%M}"
