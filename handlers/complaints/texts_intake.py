"""What people read while they tell a complaint: short, polite, plain Chinese. One question a message at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.messages import Body, Menu, Text
from handlers.citation import cite
from handlers.complaints.service import Receipt
from handlers.complaints.slots import Draft, Facts, Slot

# The notice that is agreed to; a change of its words is a new version.
NOTICE_VERSION = "2026-11"

EMERGENCY = "如有人受伤或正有危险,请先打电话:110报警、120急救、119火警。"
OTHER_WAYS = "也可以打12345;反映干部、教师违纪违法可打12388。"

AGREE, CANCEL, CONFIRM, FIX = "同意", "取消", "确认", "修改"
COMPLAIN, ASK, NEITHER = "我要投诉", "咨询或建议", "都不是"
UNCLEAR = "不清楚"

TYPE_PLEASE = "收到语音,但我听不了。请打字,或点输入法的话筒说成字;不方便打字请打12345,或回复“人工”看电话。"
WHAT_KIND = "这类消息我看不了,请用文字告诉我发生了什么,谢谢。"
FILE_KEPT = "图片(文件)已收下。"
FILES_FULL = "图片已经够多,这一张没有收。其余的请在工作人员联系您时再给。"
CANCELLED = "已取消,您刚才说的内容已删除,没有登记。以后需要时随时发消息给我。"
EXPIRED = "您上次没有提交的内容已超过24小时,已删除。"
RECALLED = "您撤回的那句话已删除。"
RECALLED_ALL = "您撤回的内容已删除,没有登记。"
FULL = "内容已经很长,请先回复“确认”提交,提交后还可以补充。"
SLOWLY = "您发的消息都收到了,一句不会丢。请不要着急,稍等一分钟再发,我会继续回复您。"
WARNED = "知道您着急。请说说具体是什么事:哪所学校、什么时候、发生了什么。只有骂人的话我们没法查,不会登记。"
STILL_ABUSE = "没有具体事情,这条没有登记。想好了随时可以告诉我是哪所学校、发生了什么。"
WHICH_UNIT = "请问是哪一所?"
TOLD_FIRST = "请先说说发生了什么。"
THANKS = "不客气。有情况随时告诉我。"
IN_DRAFT = "在的。您这件事还没有提交,可以接着说,或回复“取消”。"
FIX_HOW = "好的,请直接说哪里不对,例如:“学校是二小”“时间是上周五”“希望改成退费”。"
PRESS_LATER = "您现在说的这件还没有提交,提交以后才能催办。"
UNSENT = "您现在说的这件还没有提交。"
GO_ON_SAYING = "您刚才说的还没有提交,可以接着说。"
CALM_READ_BACK = "没有要改的就回复“确认”登记。"
START = "请说吧:哪所学校、什么时候、发生了什么。可以发图片。"
START_CHILD = "你说吧,是哪所学校,发生了什么事。"
GROUP_TOLD = "收到,已私信您。"
GROUP_UNTOLD = "这类事情请私聊小督办理,群里不便讨论。"
GROUP_DANGER = "如有危险,请先拨打110报警、120急救、119火警。"
DANGER_ASK = "请告诉我:现在在哪里、人安全吗?"
DANGER_MORE = f"收到,已补充到您的紧急登记,值班人员会看到。{EMERGENCY}"
_CHILD_HELP = "别怕,办公室的大人会来帮你,你没有做错。"


def welcome(office: str, unit: str) -> str:
    """Greet whoever opens the chat. unit: the school whose code was scanned, or ""."""
    scanned = f"您是扫“{cite(unit, 30)}”的码进来的,默认反映这所学校;不是请说明。\n" if unit else ""
    return (
        f"您好,这里是{office}的投诉举报和建议渠道。\n{scanned}"
        "请直接说:哪所学校、什么时候、发生了什么。可以发图片。\n"
        "·我们为您保密,不会告诉被反映的学校和个人;但您用的是微信,对微信平台不是匿名的。\n"
        f"·{EMERGENCY}\n·{OTHER_WAYS}"
    )


def guide(office: str) -> str:
    """Answer what has nothing to do with a complaint."""
    return (
        f"这里是{office}。要投诉、举报或提建议,请直接告诉我:哪所学校、什么时候、发生了什么。紧急情况请打110、120、119。"
    )


def notice(office: str, phone: str) -> str:
    """The notice that is read before anything is asked: who sees it, how long, which rights (PIPL art. 17)."""
    call = f",电话{phone}" if phone else ""
    return (
        "登记前请您知道:\n"
        f"·由{office}受理{call};只有经办人员能看您的话和身份,查身份要另经批准并留记录。\n"
        "·转给学校核查的是隐去您身份的内容,不会告诉被反映的人。\n"
        "·用途只是办理和答复,办结两年后删除;您可以随时查询、补充、更正、撤回或要求删除。\n"
        f"·对微信平台不是匿名的。(告知{NOTICE_VERSION}版)"
    )


def child_notice(office: str) -> str:
    """The same in simple words."""
    return (
        f"{_CHILD_HELP}\n先告诉你几件事:\n"
        f"·你说的话只有{office}的大人能看,他们不会告诉欺负你的人。\n"
        "·查这件事的时候不会说是你讲的。\n·你可以随时再说、改,或者不说了。\n"
        f"·微信知道是哪个号发的。(告知{NOTICE_VERSION}版)\n·现在有危险就打110。"
    )


def consent(office: str, phone: str, *, is_child: bool, lead: str = "") -> Menu:
    """Show the notice and ask whether it is agreed to. lead: what is said first."""
    words = child_notice(office) if is_child else notice(office, phone)
    first = lead or ("" if is_child else "您说的我先记着,还没有登记。")
    tail = "可以的话,回“同意”。" if is_child else "请回复“同意”继续,或“取消”。"
    return Menu("\n".join(part for part in (first, words) if part), ((AGREE, AGREE), (CANCEL, CANCEL)), tail)


def consent_again(*, is_child: bool) -> Menu:
    """Remind of the notice that was not answered yet."""
    head = "记下了。可以的话,先回“同意”。" if is_child else "记下了。登记前请先回复“同意”(或“取消”),谢谢。"
    return Menu(head, ((AGREE, AGREE), (CANCEL, CANCEL)))


def again(answer: str, options: Sequence[str], tail: str) -> Menu:
    """Answer a question that was put in between, and offer again what had been asked."""
    return Menu(answer, tuple((option, option) for option in options), tail)


def after_expiry(said: Body | str) -> Body | str:
    """Say first that an earlier draft is gone."""
    if isinstance(said, Menu):
        return replace(said, head=f"{EXPIRED}\n{said.head}")
    return f"{EXPIRED}\n{said}" if isinstance(said, str) else said


def doubt() -> Menu:
    """Ask whether what was written is meant for the office at all."""
    return Menu("您是要反映问题吗?请选一个:", ((COMPLAIN, COMPLAIN), (ASK, ASK), (NEITHER, NEITHER)))


def offer(kind: str, office: str, phone: str) -> Menu:
    """Offer to register a question or a suggestion; the notice is in it, so that one yes is enough."""
    named = "建议" if kind == "suggestion" else "咨询"
    head = f"您的{named}可以登记给{office},由工作人员答复。\n{notice(office, phone)}"
    tail = f"同意就回复“确认”登记;要投诉请回复“{COMPLAIN}”。"
    return Menu(head, ((CONFIRM, CONFIRM), (COMPLAIN, COMPLAIN), (CANCEL, CANCEL)), tail)


def ask(slot: Slot, *, is_child: bool) -> str:
    """Ask for one thing."""
    words = _SIMPLE if is_child else _QUESTIONS
    return words[slot]


_QUESTIONS = {
    Slot.WHAT: "请说说发生了什么事,越具体越好。",
    Slot.UNIT: "请问是哪所学校或单位?不清楚就回复“不清楚”。",
    Slot.WHEN: "请问大概是什么时候的事?记不清就回复“不清楚”。",
    Slot.WISH: "您希望怎么处理?没有特别要求就回复“不清楚”。",
    Slot.NAME: "实名请留下您的姓名和电话,只有批准的经办人员能看。不想留就回复“保密”。",
}
_SIMPLE = {
    Slot.WHAT: "发生了什么事?慢慢说。",
    Slot.UNIT: "你在哪所学校?不知道就回“不清楚”。",
    Slot.WHEN: "是什么时候的事?不记得就回“不清楚”。",
    Slot.WISH: "你希望大人怎么帮你?不知道就回“不清楚”。",
    Slot.NAME: "你叫什么名字?不想说就回“保密”。",
}


def which_unit(names: Sequence[str]) -> Menu:
    """Ask which of several units is meant."""
    return Menu(WHICH_UNIT, (*((f"u{number}", name) for number, name in enumerate(names)), ("u-", UNCLEAR)))


def read_back(draft: Draft, facts: Facts, unit: str, *, is_child: bool) -> Menu:
    """Read the summary back. unit: the name of the unit, or what was said instead. Holds no words but the writer's."""

    def said(words: str, most: int) -> str:
        return cite(words, most) if words else "未说明"

    named = "实名" if facts.is_named else "保密" if is_child else "保密(要实名请回复“实名”)"
    files = f"\n图片等:{len(draft.files)}件" if draft.files else ""
    head = (
        f"{'请看看对不对' if is_child else '请核对'}:\n"
        f"单位:{cite(unit, 40) if facts.units else said(unit, 40)}\n时间:{said(facts.happened, 40)}\n"
        f"事情:{said(draft.story, 90)}\n{'你' if is_child else '您'}希望:{said(facts.wish, 50)}\n"
        f"身份:{named}{files}"
    )
    tail = "对的话回“确认”,哪里不对直接说。" if is_child else "您的原话会完整保存。对的话回复“确认”登记。"
    return Menu(head, ((CONFIRM, CONFIRM), (FIX, FIX), (CANCEL, CANCEL)), tail)


def receipt(
    given: Receipt,
    *,
    office: str,
    due: date | None,
    accept_wd: int,
    url: str,
    is_kf: bool,
    is_over_limit: bool,
    is_child: bool,
) -> str:
    """The receipt: number, code, what comes next until when, and how to ask, add, press and withdraw."""
    until = f"{due.month}月{due.day}日前" if due else f"{accept_wd}个工作日内"
    lines = [
        f"已登记,编号:{given.number}",
        f"查询码:{given.code}(只显示这一次,请收好)",
        f"{office}会在{until}告诉您是否受理。",
        "·查进度回复“查询”;要补充直接说;催一催回复“催办”;不办了回复“撤回”。",
    ]
    if is_kf:
        lines.append(
            "·微信只让我们在您发消息后48小时内回复,之后的消息会先留着,您再发消息就能看到"
            + (f",也可用编号和查询码到 {url}/f/q 查看。" if url else "。")
        )
    elif url:
        lines.append(f"·也可用编号和查询码到 {url}/f/q 查看。")
    if is_over_limit:
        lines.append("·您近期登记较多,这件已收下,由工作人员统一处理。")
    lines.append(f"·{_CHILD_HELP}" if is_child else "·对我们的工作有意见,可打12345。")
    return "\n".join(lines)


def danger_receipt(given: Receipt, *, office: str, url: str, is_child: bool) -> str:
    """Answer danger: the emergency numbers first, then what was done, one question, the code, the notice."""
    look = f",可到 {url}/f/q 查看" if url else ""
    calm = f"{_CHILD_HELP}\n" if is_child else ""
    return (
        "有危险请马上打:110报警、120急救、119火警!\n"
        f"{calm}已紧急登记并通知值班人员,不会先通知学校。\n{DANGER_ASK}\n"
        f"编号:{given.number}\n查询码:{given.code}(只显示这一次{look})\n"
        f"说明:您的话和身份只有{office}的经办人员能看,对微信平台不是匿名的;为了救人会告诉公安、急救等部门。"
        f"您可随时查询、补充、要求更正或删除。(告知{NOTICE_VERSION}版)"
    )


def danger_again(number: str) -> str:
    """Answer more danger: the numbers first; it was added to the case that is known."""
    return f"有危险请马上打:110报警、120急救、119火警!\n已补充到紧急登记 {number},并再次提醒值班人员。\n{DANGER_ASK}"


def in_private(office: str, phone: str) -> Text:
    """Go on in private with what was said in a group."""
    menu = consent(
        office, phone, is_child=False, lead="您在群里提到的事,我先记着,没有登记,也不会转述。要办理请往下看。"
    )
    return Text(menu.plain)


def kept_beside(*, is_kept: bool) -> Text:
    """Tell in private that more words from a group were kept with the open draft, or that it is full."""
    if not is_kept:
        return Text(FULL)
    return Text("您在群里又提到的话我一并记下了,不会转述。请在这里接着回复,没有登记前随时可以回复“取消”。")
