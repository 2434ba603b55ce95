"""What progress says: short, polite Chinese for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.workdays import SHANGHAI
from handlers.citation import cite

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
STATUS = {
    "done": "已完成",
    "not_started": "未启动",
    "blocked": "受阻",
    "not_applicable": "不涉及",
    "in_progress": "进行中",
}
OPS = {">=": "超过", "<": "不到", "~": "约"}

EXAMPLE = "例如:T08 70%,月底前完工"
DECLINED = "好的,没有登记。有进展直接说就行。"
NOT_CLEAR = f"抱歉,还是没弄明白,这条没有登记。请写上编号和进度,{EXAMPLE}。"
NOTHING_TO_RETRACT = "最近7天没有您报过、还可作废的进展。"
RETRACTED_IN_PRIVATE = "已作废您在别处报的上一条,内容已私信您。"
RETRACTED_UNTOLD = "已作废您在别处报的上一条。内容发不到您的私信,请先在企业微信里打开小督应用。"
CORRECT_HOW = "请直接说正确的数,例如:更正 T08 75%。"
NOTHING_UNCHANGED = "还没有可沿用的数据。请直接说进展," + EXAMPLE + "。"
COMPLAINT_IN_GROUP = "这类情况请不要在群里说,小督没有记录、也不会转述。要反映请私聊小督说“我要投诉”,我们为您保密。"
COMPLAINT_IN_PRIVATE = "这一句没有留存。如果要投诉或举报,请回复“我要投诉”,我们为您保密。"
SUGGESTION = "谢谢您的建议。小督暂时还不能登记建议,请报党建工作办公室(献良策)。"
QUESTION = "这个问题小督还答不上来。您可以问“我校台账”“台账 逾期”,或发“帮助”。"
NOTICE = "收到。小督不转发通知;需要群发提醒请联系局办公室。"
APPEAL = "已把您的异议转给局办公室,工作人员会与您联系。请备好当时的上报记录。"


def may_not(unit: str, task: str) -> str:
    """Refuse a report for a unit that is not the sender's to report for."""
    return f"您不能代{unit}上报 {task}。请由该单位信息员、包校股室或牵头股室上报;没有登记。"


def amount(
    status: str | None,
    percent: float | None,
    op: str | None,
    done: int | None,
    total: int | None,
    done_unit: str = "项",
) -> str:
    """Say how far a task is: 70%、约40%、9/12(75%)、已完成."""
    if status in ("done", "not_started", "not_applicable"):
        return STATUS[status]
    parts: list[str] = []
    if done is not None:
        parts.append(f"{done}/{total}" if total else f"{done}项")
    if percent is not None:
        said = f"{OPS.get(op or '', '')}{percent:g}%"
        parts.append(f"({said})" if parts else said)
    if not parts:
        parts.append(STATUS.get(status or "", "已登记"))
    elif status == "blocked":
        parts.append(" 受阻")
    return "".join(parts)


def recorded_line(head: str, said: str, promised: date | None, blocker: str | None) -> str:
    """One recorded item: T08 校舍维修 60%(预计11-30,卡点:下雨外墙没法施工). blocker: as it was written."""
    notes = []
    if promised is not None:
        notes.append(f"预计{promised:%m-%d}" if said not in ("已完成",) else f"{promised:%m-%d}")
    if words := cite(blocker or ""):
        notes.append(f"卡点:{words}")
    return f"{head} {said}" + (f"({','.join(notes)})" if notes else "")


def recorded(lines: Sequence[str], unchanged: Sequence[str], left: Sequence[str], *, corrected: bool) -> str:
    """Echo what was written, and how to put it right."""
    parts = list(lines)
    if unchanged:
        parts.append(f"{'、'.join(unchanged)} 无变化")
    text = f"{'已更正' if corrected else '已记'}:{';'.join(parts)}。有误回复“更正”。"
    if left:
        text += f"\n{'、'.join(left)} 还没报过数,请补一句进展。"
    return text


def retracted(lines: Sequence[str], at: datetime) -> str:
    """Echo what was taken back."""
    return f"已作废 {at.astimezone(SHANGHAI):%m-%d %H:%M} 报的:{';'.join(lines)}。"


def which(kind: str, options: Sequence[str]) -> str:
    """Ask for one of several tasks or units."""
    listed = "\n".join(f"{CIRCLED[number]} {option}" for number, option in enumerate(options[: len(CIRCLED)]))
    return f"请问是哪{'一项' if kind == 'task' else '个单位'}?回复序号即可:\n{listed}"


def which_open(kind: str) -> str:
    """Ask for the task or unit where nothing can be offered."""
    if kind == "task":
        return "请问是哪一项任务?请带上编号或名称再说一次,例如:T33 食堂自查已完成。"
    return "请问是哪个单位?请写上学校全称再说一次。"


def how_far(task: str) -> str:
    """Ask for the missing figure of a report."""
    return f"{task} 现在到百分之几,或预计哪天完成?"


def figures_differ(task: str) -> str:
    """Ask for a figure again where what was said cannot be, or cannot all hold."""
    return f"{task} 的数对不上,没有登记。请问现在到百分之几?"


def until_when(task: str) -> str:
    """Ask for the date of an extension."""
    return f"{task} 想延到哪一天?例如:12月31日。"


def confirm(lines: Sequence[str]) -> str:
    """Ask whether an uncertain reading is right."""
    return f"我理解为:{';'.join(lines)}。对吗?回复“对”登记,或直接说正确的。"


def extension(lines: Sequence[str]) -> str:
    """Echo a request for another deadline."""
    return f"已登记延期申请:{';'.join(lines)}。批复前仍按原期限提醒,有误回复“作废”。"


def extension_notice(unit: str, lines: Sequence[str]) -> str:
    """Tell the lead section's head about a request."""
    return f"{unit} 申请延期:{';'.join(lines)}。10个工作日以内由股长审核,更长的报分管局领导。"


def appeal_notice(unit: str, name: str) -> str:
    """Tell the clerks that somebody disputes a published figure."""
    return f"{unit} {name} 对通报或排名提出异议,请主动联系核实。"
