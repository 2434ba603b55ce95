"""Robot callbacks the vectors do not have, and the mention of the robot."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.channels.wecom.doors import RobotDoor
from bot.channels.wecom.robot.wire import StreamPoll, parse
from bot.errors import RequestError
from bot.messages import Attachment, Incoming, Kind, dump_incoming, load_incoming


def read(robot: RobotDoor, **fields: Any) -> Incoming:
    """Return the parsed message with these fields, a text in a group unless they say otherwise."""
    data = {
        "msgid": "M1==",
        "aibotid": "aib1",
        "chatid": "wr1",
        "chattype": "group",
        "from": {"userid": "zhao"},
        "msgtype": "text",
        "text": {"content": "好"},
    }
    message = parse(robot, json.dumps(data | fields).encode())
    assert isinstance(message, Incoming)
    return message


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("@小督 已完成 第3项", "已完成 第3项"),
        ("@小督\u2005已完成", "已完成"),
        ("已完成 @小督", "已完成"),
        ("请 @小督 看一下", "请 看一下"),
        ("第一行\n@小督 第二行", "第一行\n第二行"),
        ("@小督", ""),
        ("@小督查 请看", "@小督查 请看"),
        ("@督导助手 已完成", "@督导助手 已完成"),
        (" 没有提到 ", " 没有提到 "),
    ],
)
def test_the_robots_own_mention_is_taken_out(robot: RobotDoor, said: str, read_as: str) -> None:
    assert read(robot, text={"content": said}).text == read_as


def test_a_robot_without_a_name_leaves_the_text(robot: RobotDoor) -> None:
    assert read(replace(robot, display_name=""), text={"content": "@小督 好"}).text == "@小督 好"


def test_an_encrypted_id_is_also_kept_as_delivered(robot: RobotDoor) -> None:
    message = read(robot, **{"from": {"userid": "woAJ2GCAAA"}})

    assert (message.sender, message.detail["raw_userid"]) == ("woaj2gcaaa", "woAJ2GCAAA")


def test_a_mixed_message_keeps_texts_pictures_and_their_order(robot: RobotDoor) -> None:
    items = [
        {"msgtype": "image", "image": {"url": "https://a.qq.com/1"}},
        {"msgtype": "text", "text": {"content": "@小督 前"}},
        {"msgtype": "hologram"},
        {"msgtype": "text", "text": {"content": "后"}},
    ]

    message = read(robot, msgtype="mixed", mixed={"msg_item": items})

    assert (message.kind, message.text) == (Kind.MIXED, "前\n后")
    assert message.attachments == (Attachment(Kind.IMAGE, url="https://a.qq.com/1"),)
    assert message.detail["parts"] == "image,text,unknown,text"


def test_another_robots_message_is_refused(robot: RobotDoor) -> None:
    with pytest.raises(RequestError, match="bot_id"):
        read(robot, aibotid="aib2")


def test_any_robot_is_taken_if_none_is_configured(robot: RobotDoor) -> None:
    assert read(replace(robot, bot_id=""), aibotid="aib2").text == "好"


def test_kinds_and_events_of_the_future_are_taken(robot: RobotDoor) -> None:
    kind = read(robot, msgtype="hologram")
    event = read(robot, msgtype="event", event={"eventtype": "robot_renamed", "robot_renamed": {"name": "新"}})

    assert (kind.kind, kind.detail) == (Kind.UNKNOWN, {"msg_type": "hologram"})
    assert (event.kind, event.event, event.detail) == (Kind.EVENT, "robot_renamed", {"name": "新"})


def test_a_message_without_an_id_gets_one_from_its_content(robot: RobotDoor) -> None:
    first, second = read(robot, msgid="", text={"content": "甲"}), read(robot, msgid="", text={"content": "乙"})

    assert first.message_id.startswith("sha256-")
    assert first.message_id != second.message_id


def test_a_poll_is_no_message(robot: RobotDoor) -> None:
    data = {"msgid": "p", "aibotid": "aib1", "msgtype": "stream", "stream": {"id": "s1"}}

    assert parse(robot, json.dumps(data).encode()) == StreamPoll("s1")


@pytest.mark.parametrize("odd", [None, 7, True, [], {}, "\ud800\x00", [[[]]], {"content": {"content": 1}}])
def test_odd_values_give_a_message_that_can_be_stored(robot: RobotDoor, odd: Any) -> None:
    for field in ("text", "from", "chatid", "msgid", "quote", "response_url", "create_time"):
        message = read(robot, **{field: odd})

        assert load_incoming(dump_incoming(message)) == message
        assert "\x00" not in message.message_id + message.sender + message.chat


@pytest.mark.parametrize("plain", [b"[]", b"1", b"{", b"[" * 100_000, b"\xff", b'{"aibotid": "aib1"}'])
def test_what_is_no_message_is_refused(robot: RobotDoor, plain: bytes) -> None:
    with pytest.raises(RequestError):
        parse(robot, plain)
