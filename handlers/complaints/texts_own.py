"""What people read about what they have registered: where it stands, what was added, pressed or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.messages import Menu
from bot.workdays import SHANGHAI
from handlers.complaints.shapes import Own
from handlers.complaints.texts import STATES
from handlers.complaints.texts_intake import OTHER_WAYS
from handlers.complaints.texts_pages import MEANINGS

# What a state means, by the word that is shown for it.
_MEANINGS = {STATES[state]: meaning for state, meaning in MEANINGS.items()}

NEW_ONE = "新的投诉"
WITHDRAW_YES, WITHDRAW_NO = "确认撤回", "不撤回"

NOTHING_OPEN = "没有查到您正在办理的事项。要反映问题,请直接告诉我:哪所学校、什么时候、发生了什么。"
NOTHING_YET = "您还没有登记过。要反映问题,请直接告诉我:哪所学校、什么时候、发生了什么。"
NOT_YOURS = "没有查到您名下的这个编号,请核对。用别的微信登记的,请用编号和查询码在网页上查。"
LEAVING = ",您已申请撤回,等办公室核对"
STAYS = "反映人说明:不撤回,请继续办理。"
WITHDRAW_KEPT = "好的,没有撤回,继续办理。"
ADD_WHAT = "好的,请直接说要补充的内容,也可以发图片。"
NOTED_TOO = "这句也记下了。"
ONLY_FILE = "(图片或文件)"
ADDED_FILE = "图片(文件)已收下,已补充到"

SAY_AGAIN = "刚才的另一个要求还没有办,请再发一次。"


def already_filed(number: str) -> str:
    """Answer a second 确认."""
    return f"已经登记过了,编号:{number}。查询码已在回执中发给您。"


def code_told(phone: str) -> str:
    """Answer who asks for the code."""
    lost = f",请打电话{phone}并说出编号" if phone else ",请直接回复“查询”看进度"
    return f"查询码已在回执中发给您,只显示那一次。找不到了{lost}。"


def code_typed(url: str) -> str:
    """Answer who types a query code into the chat."""
    where = f"请到 {url}/f/q 填编号和查询码" if url else "请回复“查询”"
    return f"查询码不用发给我,也别告诉别人。{where},就能看到进度。"


def status(cases: Sequence[Own]) -> str:
    """List the sender's own cases."""
    lines = [f"·{own.number}:{own.state}({_day(own.received_at)}登记)" + LEAVING * own.is_leaving for own in cases]
    if len(cases) == 1:
        lines += [_MEANINGS[own.state] for own in cases if own.state in _MEANINGS]
    if any(own.is_open for own in cases):
        lines.append("要补充直接说,催一催回复“催办”,不办了回复“撤回”。")
    return "您的登记:\n" + "\n".join(lines)


def which_case(cases: Sequence[Own]) -> Menu:
    """Ask which of the sender's cases is meant."""
    return Menu("请问是哪一件?", tuple((f"c{place}", own.number) for place, own in enumerate(cases)))


def add_or_new(numbers: Sequence[str], *, is_again: bool = False) -> Menu:
    """Ask whether words belong to a case that is open or to a new one. is_again: more was said instead of a choice."""
    options = tuple((f"c{place}", f"补充到{number}") for place, number in enumerate(numbers))
    ask = "这是补充原来的事,还是新的一件?"
    return Menu(f"{NOTED_TOO}{ask}" if is_again else ask, (*options, ("new", NEW_ONE)))


def added(number: str) -> str:
    """Confirm an addition."""
    return f"已补充到 {number}。"


def pressed(number: str) -> str:
    """Confirm a press."""
    return f"已为您催办 {number},办公室已收到提醒。有了进展会在这里告诉您。"


def pressed_already(number: str) -> str:
    """Refuse a second press within three working days."""
    return f"{number} 3个工作日内已催办过,办公室已收到提醒,请再等一等。"


def withdraw_sure(number: str) -> Menu:
    """Ask once whether a case is really to be withdrawn."""
    head = f"您要撤回 {number} 吗?涉及人身安全、未成年人或公共利益的,我们仍会继续处理。"
    return Menu(head, (("yes", WITHDRAW_YES), ("no", WITHDRAW_NO)))


def withdrawn(number: str) -> str:
    """Confirm that a withdrawal was asked for."""
    return f"已收到您对 {number} 的撤回申请,办公室核对后结束办理,并告诉您。"


def recalled_after(number: str) -> str:
    """Say what a recalled message of a registered case means."""
    return f"您撤回了消息,已按申请撤回 {number} 转给办公室核对。如果还要办,请回复“继续办理”。"


def human(phone: str) -> str:
    """Say how to reach a person."""
    return f"人工电话:{phone}(工作日8:30-17:30)。{OTHER_WAYS}" if phone else f"人工请打12345转教育局。{OTHER_WAYS}"


SECRECY = (
    "我们保密:核查时不说是谁反映的,也不会告诉被反映的学校和个人;但对微信平台不是匿名的。真遇到打击报复,请马上告诉我。"
)
WHY_CONSENT = "意思是:您同意我们保存您说的话、去查这件事,我才能登记。"
WHY_SLOT = "问清楚了才好查。"
WHY_READ_BACK = "上面是我记下的内容,对就回复“确认”,哪里不对直接说。"


def who(office: str) -> str:
    """Say who is talking."""
    return f"我是{office}的机器人小督,先把您说的记下来,后面由工作人员办理。"


def how_long(accept_wd: int) -> str:
    """Say how long it takes, by the rules."""
    return f"登记后{accept_wd}个工作日内告诉您是否受理;受理后按规定最迟60日内书面答复。"


def _day(instant: datetime) -> str:
    local = instant.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日"
