"""What officers say about cases, and what is not for this subject."""

from __future__ import annotations

import pytest

from bot.messages import Button
from handlers.complaints import cards, commands
from handlers.complaints.commands import Command, Verb
from handlers.complaints.numbers import Serial
from handlers.complaints.states import Reason

N = Serial(0, 123)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("投诉", Command(Verb.LIST)),
        ("待办", Command(Verb.LIST)),
        ("我的待办。", Command(Verb.LIST)),
        ("办理 123", Command(Verb.OPEN, N)),
        ("办理123号", Command(Verb.OPEN, N)),
        ("123 办理", Command(Verb.OPEN, N)),
        ("办理 区教诉〔2026〕000123号", Command(Verb.OPEN, Serial(2026, 123))),
        ("@小督 办理 123", Command(Verb.OPEN, N)),
        ("受理", Command(Verb.ACCEPT)),
        ("那件受理", Command(Verb.ACCEPT, is_that=True)),
        ("受理：１２３", Command(Verb.ACCEPT, N)),
        ("补充 123 请说明是哪个班", Command(Verb.ASK, N, "请说明是哪个班")),
        ("补充123,请说明\n是哪个班", Command(Verb.ASK, N, "请说明\n是哪个班")),
        ("补充 那件 哪个班?", Command(Verb.ASK, None, "哪个班?", is_that=True)),
        ("不予受理 123", Command(Verb.REFUSE, N)),
        ("不予受理 123 不属本局职责", Command(Verb.REFUSE, N, "不属本局职责")),
        ("不受理123 重复", Command(Verb.REFUSE, N, "重复")),
        ("撤回确认 123", Command(Verb.CONFIRM, N)),
        ("确认撤回123", Command(Verb.CONFIRM, N)),
        ("继续办理 123", Command(Verb.GO_ON, N)),
    ],
)
def test_commands(text: str, meant: Command) -> None:
    assert commands.read(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T08 70%",
        "投诉二小乱收费",
        "我要投诉",
        "受理条件是什么",
        "办理居住证要多久",
        "办理情况如下:已完成",
        "台账",
        "受理 1234567",
        "撤回",
        "继续办理好了吗",
        "8号到七成了",
        "x" * 2000,
    ],
)
def test_what_is_for_others(text: str) -> None:
    assert commands.read(text) is None


def test_a_card_is_read_back_and_foreign_ones_are_not() -> None:
    uid = "a" * 32
    assert cards.read(f"case-{uid}-0123456789abcdef", "case.accept") == cards.Pressed(uid, "", cards.Press.ACCEPT)
    assert cards.read(f"case-{uid}-0f", "case.reason.remit") == cards.Pressed(uid, "", None, Reason.REMIT)
    assert cards.read(f"casesign-{uid}-P-B01-1", "case.sign") == cards.Pressed("", uid, cards.Press.SIGN)
    for task_id, key in [
        (f"case-{uid}-0f", "weekly.update"),
        ("weekly-2026W48-P-1", "case.accept"),
        (f"case-{uid}-0f", "case.reason.anonymous"),
        ("case-short-0f", "case.accept"),
    ]:
        assert cards.read(task_id, key) is None


def test_no_card_has_more_buttons_than_the_platform_takes() -> None:
    class Case:
        uid, number, rounds, topic, kind, state = "a" * 32, "区教诉〔2026〕000001号", 1, "其他", "complaint", "received"

    card = cards.reasons(Case(), "b" * 32)  # type: ignore[arg-type]
    assert len(card.buttons) == cards.MOST_BUTTONS
    assert all(isinstance(button, Button) for button in card.buttons)
    assert "无实质内容" in card.subtitle  # what finds no room is named by words
    assert len(card.task_id) <= 128
