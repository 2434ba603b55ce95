"""What the office is told unasked: numbers, topics and kinds only; never a word of the complainant, nor who it is."""

from __future__ import annotations

from datetime import date, datetime

from bot.workdays import SHANGHAI
from handlers.complaints import texts

# Added where the district file names nobody who could open the case: whoever reads it has to find somebody.
NOBODY_IN_CHARGE = (
    "区县文件没有登记能办理此件的人员(case_roles)或值班人员(duty)。"
    "如您无权办理,请马上报告领导,并请管理员补登后重新导入。"
)


def new_case(number: str, topic: str) -> str:
    """Tell the office of a new case."""
    return f"新到{number}({topic})。请在与小督的私聊中回复“办理 {texts.short(number)}”查看。"


def danger(number: str, kinds: str, *, again: bool) -> str:
    """Tell of danger, at any hour."""
    head = "【紧急·再次提醒】" if again else "【紧急】"
    return f"{head}{number}可能涉及{kinds}。请立即回复“办理 {texts.short(number)}”处理;请勿先告知被反映单位。"


def alarm(count: int) -> str:
    """Tell the administrators that many cases come in; nothing is blocked."""
    return f"近一小时登记投诉{count}件,达到提醒线。小督照常接收,请留意是否异常。"


def over_limit(numbers: list[str]) -> str:
    """The day's line about cases over the soft limits."""
    shown = "、".join(texts.short(number) for number in numbers[:20])
    more = f"等{len(numbers)}件" if len(numbers) > 20 else f"共{len(numbers)}件"
    return f"今天有同一反映人超出日常数量的登记{more}:{shown}。均已收下,请回复“办理 编号”逐件查看。"


def answered(number: str, *, by_silence: bool) -> str:
    """Tell the office that the wait for an answer is over."""
    if by_silence:
        return f"{number}补充期限已到,反映人没有补充。请按现有内容决定:“办理 {texts.short(number)}”。"
    return f"{number}反映人已补充。请回复“办理 {texts.short(number)}”查看。"


def added(number: str) -> str:
    """Tell the office of an addition."""
    return f"{number}反映人补充了内容。请回复“办理 {texts.short(number)}”查看。"


def wants_out(number: str) -> str:
    """Tell the office that the complainant wants to withdraw."""
    n = texts.short(number)
    return f"{number}反映人要求撤回。请核实是否自愿,再回复“撤回确认 {n}”;须继续办的回复“继续办理 {n}”。"


def stays(number: str) -> str:
    """Tell the office that the wish to withdraw was taken back."""
    return f"{number}反映人不再要求撤回,请继续办理。"


def pressed(number: str) -> str:
    """Tell the office that the complainant presses."""
    return f"{number}反映人催办,请在1个工作日内答复进展。回复“办理 {texts.short(number)}”查看。"


def proposal_returned(number: str) -> str:
    """Tell the proposer that the refusal was not signed."""
    return f"{number}不予受理的建议被退回,请重新决定:“办理 {texts.short(number)}”。"


def undelivered(number: str, kind: str) -> str:
    """Tell the office, once, that a notice has not arrived."""
    return (
        f"{number}的{texts.NOTICES[kind]}未送达。请电话联系反映人或商定其他方式(联系方式向身份保管人申请);"
        "反映人再来消息或网上查询时会自动送达。"
    )


def warning(number: str, clock: str, ends: datetime, stage: int) -> str:
    """Remind of a limit: at half (0), a day before (1), at its end (2)."""
    what = texts.CLOCKS[clock]
    local = ends.astimezone(SHANGHAI)
    when = f"{local.month}月{local.day}日{local:%H:%M}"
    if stage == 2:
        return f"{number}{what}期限已到({when})。请立即处理:“办理 {texts.short(number)}”。"
    left = "只剩1天" if stage == 1 else "已过半"
    return f"{number}{what}期限{left},{when}到期。回复“办理 {texts.short(number)}”处理。"


def unknown_limit(number: str, clock: str, missing: date) -> str:
    """Tell that a limit cannot be reckoned yet; nothing is guessed."""
    gap = f"{missing.year}年放假安排未公布({texts.day(missing)})"
    return f"{number}{texts.CLOCKS[clock]}期限暂算不出:{gap}。导入日历后自动计算。"
