"""What the three doors send, word for word, and what they make of the answers."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channel import Channel, Parcel
from bot.channels.wecom.app.send import AppChannel
from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import AppDoor, RobotDoor
from bot.channels.wecom.mark import mark, unmark
from bot.channels.wecom.push.send import PushChannel
from bot.channels.wecom.robot.send import RobotChannel
from bot.errors import Failure, SendError
from bot.messages import Body, Button, Card, CardUpdate, Envelope, Image, Markdown, Text
from tests.unit.wecom.stub import Stub

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
URL = "https://duban.example.cn/console/"
CARD = Card("t1", "标题", "副题", (("学校", "一小"),), (Button("ok", "同意"),))
CARD_JSON = {
    "card_type": "button_interaction",
    "main_title": {"title": "标题"},
    "sub_title_text": "副题",
    "horizontal_content_list": [{"keyname": "学校", "value": "一小"}],
    "button_list": [{"text": "同意", "style": 1, "key": "ok"}],
    "task_id": "t1",
}
PNG = b"\x89PNG\r\n" + b"x" * 50


def parcel(body: Body, address: str = "zhao", *, uid: str = "u1", attempt: int = 1, mentions: Any = ()) -> Parcel:
    """Return a parcel of this moment."""
    return Parcel(uid, Envelope(address, body, mentions), "reply", attempt, NOW)


def refused(channel: Channel, sent: Parcel, now: datetime = NOW) -> SendError:
    """Return the error of sending a parcel."""
    with pytest.raises(SendError) as raised:
        channel.send(sent, now)
    return raised.value


@pytest.fixture
def app(door: AppDoor, client: Client) -> AppChannel:
    return AppChannel(door, client, card_url=URL)


@pytest.fixture
def push(client: Client) -> PushChannel:
    return PushChannel(client, {"chat-1": "KEY1"}.get)


@pytest.fixture
def robot_channel(robot: RobotDoor, client: Client) -> RobotChannel:
    return RobotChannel(robot, client, card_url=URL)


@pytest.mark.parametrize("body", [Text("请上报"), Markdown("**请上报**")])
def test_an_app_text_is_exactly_this(app: AppChannel, stub: Stub, body: Text | Markdown) -> None:
    stub.answers["message/send"] = {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": "m-1"}

    receipt = app.send(parcel(body), NOW)

    assert receipt.provider_id == "m-1"
    assert stub.calls_to("message/send")[0].json == {
        "touser": "zhao",
        "agentid": 1000002,
        "msgtype": body.type,
        body.type: {"content": body.content + mark("u1")},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }


def test_an_app_card_is_exactly_this_and_gives_its_response_code(app: AppChannel, stub: Stub) -> None:
    stub.answers["message/send"] = {"errcode": 0, "msgid": "m", "response_code": "RC"}

    assert app.send(parcel(CARD), NOW).provider_id == "RC"
    assert stub.calls_to("message/send")[0].json == {
        "touser": "zhao",
        "agentid": 1000002,
        "msgtype": "template_card",
        "template_card": CARD_JSON,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }


def test_a_second_attempt_is_the_same_json_and_another_parcel_is_not(app: AppChannel, stub: Stub) -> None:
    app.send(parcel(Text("请上报")), NOW)
    app.send(parcel(Text("请上报"), attempt=2), NOW)
    app.send(parcel(Text("请上报"), uid="u2"), NOW)

    first, second, third = (call.body for call in stub.calls_to("message/send"))
    assert first == second
    assert first != third


def test_a_mark_is_small_invisible_and_can_be_taken_off() -> None:
    assert len(mark("u1").encode()) == 48
    assert not any(char.isprintable() for char in mark("u1"))
    assert unmark(f"甲{mark('u1')}乙{mark('u2')}") == "甲乙"
    assert unmark("👨‍👩‍👧 a\u200bb") == "👨‍👩‍👧 a\u200bb"


@pytest.mark.parametrize("body", [Text("请上报"), CardUpdate("t1", "已办", "", (), "RC")])
def test_no_hint_or_log_names_the_recipient(
    app: AppChannel, stub: Stub, body: Body, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = {"errcode": 60111, "errmsg": "invalid userid Zhao.San, hint: [1234] zhao.san not found"}
    stub.answers |= {"message/send": refusal, "message/update_template_card": refusal}

    error = refused(app, parcel(body, "zhao.san"))

    assert "hint: [1234]" in error.hint
    assert "zhao" not in f"{error.hint}{error}{caplog.text}".lower()


def test_the_longest_text_that_may_be_sent_fits_with_its_mark(app: AppChannel, stub: Stub) -> None:
    app.send(parcel(Text("a" * app.byte_limits["text"])), NOW)

    error = refused(app, parcel(Text("a" * (app.byte_limits["text"] + 1))))

    assert (error.failure, len(stub.calls_to("message/send"))) == (Failure.REJECTED, 1)


def test_a_picture_is_uploaded_once_for_all_attempts(app: AppChannel, stub: Stub) -> None:
    stub.answers["media/upload"] = {"errcode": 0, "type": "image", "media_id": "MID"}

    app.send(parcel(Image(PNG)), NOW)
    app.send(parcel(Image(PNG), attempt=2), NOW)

    (upload,) = stub.calls_to("media/upload")
    assert upload.query == {"access_token": "token-1", "type": "image"}
    assert upload.files == {"media": ("image.png", PNG)}
    assert [call.json["image"] for call in stub.calls_to("message/send")] == [{"media_id": "MID"}] * 2


def test_a_picture_whose_media_id_expired_is_uploaded_again_once(app: AppChannel, stub: Stub) -> None:
    stub.answers["media/upload"] = {"errcode": 0, "media_id": "MID"}
    stub.answers["message/send"] = {"errcode": 40007, "errmsg": "invalid media_id"}

    failures = [refused(app, parcel(Image(PNG), attempt=attempt)).failure for attempt in (1, 2)]

    assert failures == [Failure.BUSY, Failure.REJECTED]
    assert len(stub.calls_to("media/upload")) == 2


@pytest.mark.parametrize("field", ["invaliduser", "unlicenseduser"])
def test_a_partial_failure_is_a_dead_target(app: AppChannel, stub: Stub, field: str) -> None:
    stub.answers["message/send"] = {"errcode": 0, "errmsg": "ok", field: "zhao"}

    assert refused(app, parcel(Text("x"))).failure is Failure.DEAD_TARGET


@pytest.mark.parametrize("address", ["", "@all", "@ALL", "a|b"])
def test_a_message_never_goes_to_more_than_one_member(app: AppChannel, stub: Stub, address: str) -> None:
    assert refused(app, parcel(Text("x"), address)).failure is Failure.REJECTED
    assert stub.calls == []


def test_a_card_is_updated_by_its_response_code(app: AppChannel, stub: Stub) -> None:
    app.send(parcel(CardUpdate("t1", "已同意", lines=(("经办", "赵"),), response_code="RC")), NOW)

    assert stub.calls_to("message/update_template_card")[0].json == {
        "userids": ["zhao"],
        "agentid": 1000002,
        "response_code": "RC",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {"title": "已同意"},
            "horizontal_content_list": [{"keyname": "经办", "value": "赵"}],
            "card_action": {"type": 1, "url": URL},
        },
    }


def test_an_update_without_a_code_or_with_a_used_one_is_dropped(app: AppChannel, stub: Stub) -> None:
    stub.answers["message/update_template_card"] = {"errcode": 60140, "errmsg": "used"}

    assert refused(app, parcel(CardUpdate("t1", "x"))).failure is Failure.REJECTED
    assert refused(app, parcel(CardUpdate("t1", "x", response_code="RC"))).failure is Failure.REJECTED


def test_a_seventh_line_of_a_card_stays_readable(app: AppChannel, stub: Stub) -> None:
    lines = tuple((f"第{number}行", str(number)) for number in range(7))

    app.send(parcel(Card("t1", "标题", lines=lines, buttons=(Button("ok", "好"),))), NOW)

    card = stub.calls_to("message/send")[0].json["template_card"]
    assert (len(card["horizontal_content_list"]), card["sub_title_text"]) == (6, "第6行：6")


@pytest.mark.parametrize(
    ("body", "mentions", "payload"),
    [
        (Text("x"), ("zhao", "li"), {"msgtype": "text", "text": {"content": "x", "mentioned_list": ["zhao", "li"]}}),
        (Text("x"), (), {"msgtype": "text", "text": {"content": "x"}}),
        (Markdown("# x"), (), {"msgtype": "markdown", "markdown": {"content": "# x"}}),
        (CARD, (), {"msgtype": "markdown", "markdown": {"content": "**标题**\n副题\n> 学校：一小"}}),
        (
            Image(PNG),
            (),
            {
                "msgtype": "image",
                "image": {
                    "base64": base64.b64encode(PNG).decode(),
                    "md5": hashlib.md5(PNG, usedforsecurity=False).hexdigest(),
                },
            },
        ),
    ],
)
def test_a_push_is_exactly_this(push: PushChannel, stub: Stub, body: Body, mentions: Any, payload: Any) -> None:
    push.send(parcel(body, "chat-1", mentions=mentions), NOW)

    (call,) = stub.calls
    assert (call.path, call.query, call.json) == ("/cgi-bin/webhook/send", {"key": "KEY1"}, payload)


def test_a_push_into_an_unknown_group_is_a_dead_target(push: PushChannel, stub: Stub) -> None:
    assert refused(push, parcel(Text("x"), "chat-2")).failure is Failure.DEAD_TARGET
    assert stub.calls == []


@pytest.mark.parametrize(
    ("code", "failure", "after"),
    [(93000, Failure.DEAD_TARGET, None), (45009, Failure.LIMITED, 60), (999_999, Failure.REJECTED, None)],
)
def test_a_push_is_judged_by_its_errcode(
    push: PushChannel, stub: Stub, code: int, failure: Failure, after: float | None
) -> None:
    stub.answers["webhook/send"] = {"errcode": code, "errmsg": "no"}

    error = refused(push, parcel(Text("x"), "chat-1"))

    assert (error.failure, error.code, error.retry_after) == (failure, code, after)


@pytest.mark.parametrize("body", [Text("长" * 683), Markdown("长" * 1366), Image(b"x" * 2_097_153)])
def test_what_a_push_cannot_hold_is_not_sent(push: PushChannel, stub: Stub, body: Body) -> None:
    assert refused(push, parcel(body, "chat-1")).failure is Failure.REJECTED
    assert stub.calls == []


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        (Text("x"), {"msgtype": "markdown", "markdown": {"content": "x"}}),
        (Markdown("**x**"), {"msgtype": "markdown", "markdown": {"content": "**x**"}}),
        (CARD, {"msgtype": "template_card", "template_card": CARD_JSON}),
        (CardUpdate("t", "已同意"), {"msgtype": "markdown", "markdown": {"content": "**已同意**"}}),
    ],
)
def test_a_late_answer_is_exactly_this(robot_channel: RobotChannel, stub: Stub, body: Body, payload: Any) -> None:
    robot_channel.send(parcel(body, f"{stub.base}/cgi-bin/aibot/response?response_code=R%2B1"), NOW)

    (call,) = stub.calls
    assert (call.path, call.query, call.json) == ("/cgi-bin/aibot/response", {"response_code": "R+1"}, payload)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/cgi-bin/aibot/response?response_code=R", "https://evil.example/cgi-bin/x", "answer:M1", ""],
)
def test_a_late_answer_goes_nowhere_but_to_the_platform(robot_channel: RobotChannel, stub: Stub, address: str) -> None:
    assert refused(robot_channel, parcel(Text("x"), address)).failure is Failure.REJECTED
    assert refused(robot_channel, parcel(Text("x"), f"{stub.base}/console/?a=b")).failure is Failure.REJECTED
    assert stub.calls == []


def test_a_picture_cannot_be_a_late_answer(robot_channel: RobotChannel, stub: Stub) -> None:
    address = f"{stub.base}/cgi-bin/aibot/response?response_code=R"

    assert refused(robot_channel, parcel(Image(PNG), address)).failure is Failure.REJECTED


def test_a_refused_card_is_said_in_words(robot_channel: RobotChannel, stub: Stub) -> None:
    stub.answers["aibot/response"] = lambda call: (
        {"errcode": 40008, "errmsg": "invalid message type"} if call.json["msgtype"] == "template_card" else {}
    )

    robot_channel.send(parcel(CARD, f"{stub.base}/cgi-bin/aibot/response?response_code=R"), NOW)

    assert stub.calls[-1].json == {"msgtype": "markdown", "markdown": {"content": "**标题**\n副题\n> 学校：一小"}}


def test_a_refused_card_whose_address_is_then_used_up_was_not_delivered(
    robot_channel: RobotChannel, stub: Stub
) -> None:
    stub.answers["aibot/response"] = lambda call: {"errcode": 40008 if "template_card" in call.json else 60140}
    sent = parcel(CARD, f"{stub.base}/cgi-bin/aibot/response?response_code=R", attempt=2)

    assert refused(robot_channel, sent).failure is Failure.REJECTED


def test_an_answer_that_is_too_long_is_not_sent(robot_channel: RobotChannel, stub: Stub) -> None:
    sent = parcel(Text("长" * 7000), f"{stub.base}/cgi-bin/aibot/response?response_code=R")

    assert refused(robot_channel, sent).failure is Failure.REJECTED
    assert stub.calls == []


def test_a_picture_that_is_too_large_is_not_sent(app: AppChannel, stub: Stub) -> None:
    assert refused(app, parcel(Image(b"x" * 2_097_153))).failure is Failure.REJECTED
    assert stub.calls == []


@pytest.mark.parametrize(
    ("attempt", "hour", "failure"),
    [(1, 1, Failure.REJECTED), (2, 1, Failure.DELIVERED), (2, 3, Failure.REJECTED)],
)
def test_a_used_code_tells_a_second_attempt_that_the_first_arrived(
    robot_channel: RobotChannel, stub: Stub, attempt: int, hour: int, failure: Failure
) -> None:
    stub.answers["aibot/response"] = {"errcode": 60140, "errmsg": "used"}
    sent = parcel(Text("x"), f"{stub.base}/cgi-bin/aibot/response?response_code=R", attempt=attempt)

    assert refused(robot_channel, sent, NOW.replace(hour=hour)).failure is failure


def test_the_doors_are_channels(app: AppChannel, push: PushChannel, robot_channel: RobotChannel) -> None:
    doors: list[Channel] = [app, push, robot_channel]

    assert [(door.name, door.has_aid) for door in doors] == [
        ("app/office", True),
        ("push", False),
        ("robot/duban", True),
    ]
    assert [(limit.count, limit.seconds) for limit in app.limits] == [(30, 60), (1000, 3600)]
    assert [(limit.count, limit.seconds) for limit in push.limits] == [(20, 60)]
    assert [dict(door.byte_limits) for door in doors] == [
        {"text": 2000, "markdown": 2000},
        {"text": 2048, "markdown": 4096},
        {"text": 20_480, "markdown": 20_480},
    ]
