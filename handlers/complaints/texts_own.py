"""What people read about what they have registered: where it stands, what was added, pressed or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.messages import Menu
from bot.workdays import SHANGHAI
from handlers.complaints.shapes import Own
from handlers.complaints.texts_intake import OTHER_WAYS

NEW_ONE = "新的投诉"
WITHDRAW_YES, WITHDRAW_NO = "确认撤回", "不撤回"

NOTHING_OPEN = "没有查到您正在办理的事项。要反映问题,请直接告诉我:哪所学校、什么时候、发生了什么。"
NOTHING_YET = "您还没有登记过。要反映问题,请直接告诉我:哪所学校、什么时候、发生了什么。"
NOT_YOURS = "没有查到您名下的这个编号,请核对。用别的微信登记的,请用编号和查询码在网页上查。"
STAYS = "反映人说明:不撤回,请继续办理。"
WITHDRAW_KEPT = "好的,没有撤回,继续办理。"
ADDED_FILE = "图片(文件)已收下,已补充到"


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
    lines = [f"·{own.number}:{own.state}({_day(own.received_at)}登记)" for own in cases]
    return "您的登记:\n" + "\n".join(lines) + "\n要补充直接说,催一催回复“催办”。"


def which_case(cases: Sequence[Own]) -> Menu:
    """Ask which of the sender's cases is meant."""
    return Menu("请问是哪一件?", tuple((f"c{place}", own.number) for place, own in enumerate(cases)))


def add_or_new(numbers: Sequence[str]) -> Menu:
    """Ask whether words belong to a case that is open or to a new one."""
    options = tuple((f"c{place}", f"补充到{number}") for place, number in enumerate(numbers))
    return Menu("这是补充原来的事,还是新的一件?", (*options, ("new", NEW_ONE)))


def added(number: str) -> str:
    """Confirm an addition."""
    return f"已补充到 {number}。"


def pressed(number: str) -> str:
    """Confirm a press."""
    return f"已为您催办 {number},1个工作日内给您答复。"


def pressed_already(number: str) -> str:
    """Refuse a second press within three working days."""
    return f"{number} 3个工作日内已催办过,工作人员正在办,请再等一等。"


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


def _day(instant: datetime) -> str:
    local = instant.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日"
