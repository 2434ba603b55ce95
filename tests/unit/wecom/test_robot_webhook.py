"""What the robot answers, by what it is asked and what there is to say."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from bot.channel import Accepted
from bot.messages import Body, Button, Card, CardUpdate, Image, Incoming, Kind, Markdown, Text
from tests.unit.wecom.callbacks import CARD_URL, House

SAID = {"msgtype": "text", "from": {"userid": "zhao"}, "text": {"content": "@小督 本月排名"}}
POLL = {"msgtype": "stream", "stream": {"id": "uid-0"}}
ENTER = {"msgtype": "event", "from": {"userid": "zhao"}, "event": {"eventtype": "enter_chat"}}
CLICK = {
    "msgtype": "event",
    "chatid": "wr1",
    "from": {"userid": "Zhao"},
    "event": {
        "eventtype": "template_card_event",
        "template_card_event": {"card_type": "button_interaction", "event_key": "ok", "task_id": "t1"},
    },
}
CARD = Card("t2", "标题", "副题", (("学校", "一小"),), (Button("ok", "同意"), Button("no", "退回", 3)))
CARD_JSON = {
    "card_type": "button_interaction",
    "main_title": {"title": "标题"},
    "sub_title_text": "副题",
    "horizontal_content_list": [{"keyname": "学校", "value": "一小"}],
    "button_list": [{"text": "同意", "style": 1, "key": "ok"}, {"text": "退回", "style": 3, "key": "no"}],
    "task_id": "t2",
}


def house_with(reply: Body | None, *, is_open: bool = False) -> House:
    """Return a house whose first message gets reply; is_open: something may still be said."""
    house = House()
    if reply is not None:
        house.intake.replies["uid-0"] = reply
    if is_open:
        house.intake.open.add("uid-0")
    return house


def stream(content: str, *, finish: bool = True) -> dict[str, Any]:
    """Return a stream answer of the first message."""
    return {"msgtype": "stream", "stream": {"id": "uid-0", "finish": finish, "content": content}}


@pytest.mark.parametrize("reply", [Text("第一名"), Markdown("第一名")])
def test_a_ready_answer_is_a_finished_stream(reply: Body) -> None:
    house = house_with(reply)

    assert house.opened(house.to_robot(SAID)) == stream("第一名")
    assert house.intake.waits == [1.5]


def test_an_answer_that_takes_longer_comes_with_a_poll() -> None:
    house = house_with(None, is_open=True)

    first = house.opened(house.to_robot(SAID))
    second = house.opened(house.to_robot(POLL))
    house.intake.replies["uid-0"] = Text("第一名")
    third = house.opened(house.to_robot(POLL))

    assert first == second == stream("正在处理…", finish=False)
    assert third == stream("第一名")
    assert house.intake.waits == [1.5, 0.5, 0.5]
    assert len(house.intake.messages) == 1


def test_a_message_that_gets_no_answer_is_answered_empty() -> None:
    house = house_with(None)

    assert house.opened(house.to_robot(SAID)) is None


def test_a_stream_that_nobody_knows_is_ended() -> None:
    house = House()

    answer = house.opened(house.to_robot({"msgtype": "stream", "stream": {"id": "of-another-life"}}))

    assert answer["stream"]["finish"] is True


def test_a_repeated_message_gets_the_same_words() -> None:
    house = house_with(Text("第一名"))

    assert house.opened(house.to_robot(SAID)) == house.opened(house.to_robot(SAID))
    assert len(house.intake.messages) == 1


def test_a_card_answers_a_message_alone_and_a_poll_with_its_stream() -> None:
    house = house_with(CARD)

    message, poll = house.opened(house.to_robot(SAID)), house.opened(house.to_robot(POLL))

    assert message == {"msgtype": "template_card", "template_card": CARD_JSON}
    assert poll == {**stream(""), "msgtype": "stream_with_template_card", "template_card": CARD_JSON}


def test_a_picture_ends_a_stream() -> None:
    house = house_with(Image(b"\x89PNG"))

    item = house.opened(house.to_robot(SAID))["stream"]["msg_item"][0]

    md5 = hashlib.md5(b"\x89PNG", usedforsecurity=False).hexdigest()
    assert item == {"msgtype": "image", "image": {"base64": base64.b64encode(b"\x89PNG").decode(), "md5": md5}}


def test_an_answer_that_is_too_long_is_cut_at_a_character() -> None:
    house = house_with(Text("长" * 7000))

    content = house.opened(house.to_robot(SAID))["stream"]["content"]

    assert content == "长" * (20_480 // 3)


def test_an_update_replaces_the_clicked_card_for_everybody() -> None:
    house = house_with(CardUpdate("t1", "已同意", lines=(("经办", "赵"),)))

    assert house.opened(house.to_robot(CLICK)) == {
        "response_type": "update_template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {"title": "已同意"},
            "horizontal_content_list": [{"keyname": "经办", "value": "赵"}],
            "card_action": {"type": 1, "url": CARD_URL},
            "task_id": "t1",
        },
    }
    assert house.intake.waits == [3.5]


def test_words_replace_the_clicked_card_for_the_person_alone() -> None:
    house = house_with(Text("这张卡片已经由李主任处理。\n无需再点。"))

    answer = house.opened(house.to_robot(CLICK))

    assert answer["userids"] == ["Zhao"]
    assert answer["template_card"]["main_title"]["title"] == "这张卡片已经由李主任处理。"
    assert answer["template_card"]["sub_title_text"] == "无需再点。"
    assert answer["template_card"]["task_id"] == "t1"


def test_a_card_of_the_same_task_takes_the_place_of_the_clicked_one() -> None:
    same = Card("t1", "标题", buttons=(Button("sure", "确认"),))
    house = house_with(same)

    assert house.opened(house.to_robot(CLICK))["template_card"]["button_list"][0]["key"] == "sure"


@pytest.mark.parametrize("reply", [None, Image(b"x")])
def test_a_click_without_words_is_answered_empty(reply: Body | None) -> None:
    house = house_with(reply, is_open=True)

    assert house.opened(house.to_robot(CLICK)) is None


def test_who_opens_the_chat_is_welcomed_in_plain_text() -> None:
    house = house_with(Markdown("您好"))

    assert house.opened(house.to_robot(ENTER)) == {"msgtype": "text", "text": {"content": "您好"}}


def test_a_welcome_may_be_a_card() -> None:
    house = house_with(CARD)

    assert house.opened(house.to_robot(ENTER)) == {"msgtype": "template_card", "template_card": CARD_JSON}


def test_a_judgement_is_stored_and_answered_empty() -> None:
    house = house_with(Text("谢谢"))
    event = {"eventtype": "feedback_event", "feedback_event": {"id": "f", "type": 1}}

    assert house.opened(house.to_robot({"msgtype": "event", "event": event})) is None
    assert house.intake.messages[0].detail["feedback_type"] == "1"
    assert house.intake.taken == []


def test_the_answer_reuses_the_nonce_of_the_request() -> None:
    house = house_with(Text("好"))

    assert house.to_robot(SAID).get_json()["nonce"] == "n1"


def test_a_fault_after_storing_still_promises_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()

    def fail(*_: Any, **__: Any) -> Body:
        raise TimeoutError

    monkeypatch.setattr(house.intake, "take_reply", fail)
    monkeypatch.setattr(house.intake, "is_settled", fail)

    assert house.opened(house.to_robot(SAID)) == stream("正在处理…", finish=False)


def test_a_database_that_is_gone_makes_the_platform_repeat() -> None:
    house = House()
    house.intake.broken = True

    assert house.to_robot(SAID).status_code == 503


def test_an_unknown_robot_is_refused() -> None:
    house = House()

    answers = [house.http.get("/wecom/robot/nobody"), house.http.post("/wecom/robot/nobody")]

    assert [(answer.status_code, answer.data) for answer in answers] == [(404, b"")] * 2


@pytest.mark.parametrize("body", ['{"encrypt": ""}', '{"encrypt": 1}', "{}", "[]", '{"encrypt": "\\ud800"}'])
def test_an_envelope_without_a_text_is_refused(body: str) -> None:
    house = House()
    query = house.query(house.robot_crypto, "x")

    assert house.http.post("/wecom/robot/duban", query_string=query, data=body).status_code == 400


def test_a_bug_in_reading_is_a_refusal_without_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    monkeypatch.setattr("bot.channels.wecom.robot.wire._mixed", None)

    answer = house.to_robot({"msgtype": "mixed", "mixed": {}})

    assert (answer.status_code, answer.data) == (400, b"")
    assert house.invalid == ["unreadable"]


def test_the_recorder_is_an_intake() -> None:
    """The stand-in keeps to the protocol, so these tests mean something."""
    recorder = House().intake
    message = Incoming("robot/duban", "M", Kind.TEXT)

    assert recorder.accept(message) == Accepted("uid-0", is_new=True)
    assert recorder.accept(message) == Accepted("uid-0", is_new=False)
