"""The rules for a robot's answers that the platform keeps, one by one."""

import base64
import hashlib
from typing import Any

import pytest

from bot.clock import SetClock
from bot.sandbox import Callbacks, Manners, State
from tests.unit.sandbox.conftest import card
from tests.unit.sandbox.fakebot import FakeBot, stream

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
ITEM = {
    "msgtype": "image",
    "image": {
        "base64": base64.b64encode(PNG).decode(),
        "md5": hashlib.md5(PNG, usedforsecurity=False).hexdigest(),
    },
}


def with_pictures(count: int, *, finish: bool = True) -> dict[str, Any]:
    answer = stream("图", finish=finish)
    answer["stream"]["msg_item"] = [ITEM] * count
    return answer


@pytest.mark.parametrize(
    ("answer", "violation"),
    [
        (stream("x" * 20481), "robot: stream content exceeds 20480 bytes"),
        (stream("x", id=""), "robot: the first stream answer has no id"),
        (with_pictures(11), "robot: msg_item needs finish=true and at most ten pictures"),
        ({"msgtype": "template_card", "template_card": card(button_list=[])}, "robot: template_card.button_list must"),
        ({"msgtype": "markdown", "markdown": {"content": "x"}}, "robot: msgtype 'markdown' may not answer a message"),
    ],
)
def test_a_bad_answer_is_noted(bot: FakeBot, people: Callbacks, answer: dict[str, Any], violation: str) -> None:
    bot.answer_robot = lambda _: answer
    people.say_in_group("C1", "zhaomin", "@小督 七成").wait()

    assert len(bot.platform.violations) == 1
    assert bot.platform.violations[0].startswith(violation)


def test_pictures_and_a_card_come_with_a_finished_stream(bot: FakeBot, people: Callbacks) -> None:
    bot.answer_robot = lambda _: (
        with_pictures(2)
        | {
            "msgtype": "stream_with_template_card",
            "template_card": card(),
        }
    )
    people.say_in_group("C1", "zhaomin", "@小督 排名").wait()
    text, shown = bot.platform.entries("C1", sender="robot/duban")

    assert (len(text.media), shown.task_id) == (2, "t1")
    assert bot.platform.violations == []


def test_a_stream_that_never_ends_fails(bot: FakeBot) -> None:
    swift = Manners(poll_seconds=0.02, stream_seconds=0.1)
    bot.answer_robot = lambda _: stream("正在算", finish=False)
    with Callbacks(bot.platform, manners=swift) as people:
        people.say_in_group("C1", "zhaomin", "@小督 排名").wait()
        entry = bot.platform.wait_entry("C1", sender="robot/duban")

    assert entry.state is State.FAILED
    assert bot.platform.violations == ["robot: a stream was not finished within six minutes"]


def test_a_poll_may_be_answered_with_a_stream_only(bot: FakeBot, people: Callbacks) -> None:
    answers = iter([stream("", finish=False), {"msgtype": "template_card", "template_card": card()}, stream("好了")])
    bot.answer_robot = lambda _: next(answers)
    people.say_in_group("C1", "zhaomin", "@小督 排名")
    bot.platform.wait_entry("C1", sender="robot/duban")

    assert bot.platform.violations == ["robot: a stream poll may be answered with a stream only"]


def test_a_message_may_stay_unanswered(bot: FakeBot, people: Callbacks) -> None:
    people.say_in_group("C1", "zhaomin", "@小督 七成").wait()

    assert len(bot.platform.entries("C1")) == 1
    assert bot.platform.violations == []


def test_entering_and_clicking_have_their_own_answers(bot: FakeBot, people: Callbacks, clock: SetClock) -> None:
    bot.platform.post("C1", "robot/duban", "template_card", card=card())
    bot.answer_robot = lambda _: stream("不该这样答")
    people.enter_chat("zhaomin").wait()
    people.click("t1", "li", "done").wait()
    people.give_feedback("li", "fb1", 1).wait()

    assert bot.platform.violations == [
        "robot: enter_chat may be answered with text or template_card only",
        "robot: a click may be answered with update_template_card only",
        "robot: feedback may be answered with nothing only",
    ]
