"""What the kf door asks and sends, word for word, and what it makes of the answers."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channel import Allowance, Parcel
from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import AppDoor, KfDoor
from bot.channels.wecom.kf.accounts import Account, list_accounts
from bot.channels.wecom.kf.pull import Puller
from bot.channels.wecom.kf.send import KfChannel
from bot.errors import Failure, SendError
from bot.messages import Body, Card, Envelope, Image, Markdown, Menu, Text
from tests.unit.wecom.conftest import KEY
from tests.unit.wecom.stub import Stub

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
UID = "0123456789abcdef0123456789abcdef"
MENU = Menu("请选择类别", (("food", "食堂"), ("bus", "校车")), "也可以直接打字")


@pytest.fixture
def account(door: AppDoor) -> KfDoor:
    return KfDoor("parents", door, "wk1", "kf-token", KEY)


@pytest.fixture
def channel(account: KfDoor, client: Client) -> KfChannel:
    return KfChannel(account, client)


def parcel(body: Body, *, address: str = "wmAB", code: str = "", attempt: int = 1) -> Parcel:
    return Parcel(UID, Envelope(address, body, (), code), "reply", attempt, NOW)


def fault(channel: KfChannel, sent: Parcel) -> SendError:
    with pytest.raises(SendError) as raised:
        channel.send(sent, NOW)
    return raised.value


def test_a_text_names_the_account_the_person_and_our_id(channel: KfChannel, stub: Stub) -> None:
    stub.answers["kf/send_msg"] = {"errcode": 0, "errmsg": "ok", "msgid": UID}
    receipt = channel.send(parcel(Text("已登记")), NOW)

    (call,) = stub.calls_to("kf/send_msg")
    assert call.query == {"access_token": "token-1"}
    assert call.json == {
        "touser": "wmAB", "open_kfid": "wk1", "msgid": UID, "msgtype": "text", "text": {"content": "已登记"},
    }  # fmt: skip
    assert receipt.provider_id == UID
    assert "已登记".encode() in call.body


def test_what_kf_does_not_know_goes_as_words(channel: KfChannel, stub: Stub) -> None:
    channel.send(parcel(Markdown("**好**")), NOW)
    channel.send(parcel(Card("t", "标题")), NOW)

    assert [call.json["text"]["content"] for call in stub.calls_to("kf/send_msg")] == ["**好**", "**标题**"]


def test_a_menu_and_one_that_is_too_large(channel: KfChannel, stub: Stub) -> None:
    channel.send(parcel(MENU), NOW)
    channel.send(parcel(Menu("长" * 400, MENU.options)), NOW)
    channel.send(parcel(Menu("请选择", tuple((str(n), f"第{n}类") for n in range(11)))), NOW)

    menu, long, many = (call.json for call in stub.calls_to("kf/send_msg"))
    assert menu["msgmenu"] == {
        "head_content": "请选择类别",
        "list": [
            {"type": "click", "click": {"id": "food", "content": "食堂"}},
            {"type": "click", "click": {"id": "bus", "content": "校车"}},
        ],
        "tail_content": "也可以直接打字",
    }
    assert (long["msgtype"], many["msgtype"]) == ("text", "text")
    assert many["text"]["content"].endswith("11. 第10类")


def test_an_answer_to_an_event_leaves_by_its_code(channel: KfChannel, stub: Stub) -> None:
    channel.send(parcel(MENU, code="W"), NOW)

    (call,) = stub.calls_to("kf/send_msg_on_event")
    assert {name: call.json[name] for name in ("code", "msgid", "msgtype")} == {
        "code": "W", "msgid": UID, "msgtype": "msgmenu",
    }  # fmt: skip
    assert "touser" not in call.json
    assert stub.calls_to("kf/send_msg") == []


def test_a_picture_is_uploaded_with_the_apps_token(channel: KfChannel, stub: Stub) -> None:
    stub.answers["media/upload"] = {"errcode": 0, "media_id": "M"}
    channel.send(parcel(Image(b"\x89PNG..")), NOW)

    assert stub.calls_to("kf/send_msg")[0].json["image"] == {"media_id": "M"}
    assert fault(channel, parcel(Image(b"x" * (2 * 1024 * 1024 + 1)))).failure is Failure.REJECTED


def test_what_is_too_long_or_for_nobody_is_not_sent(channel: KfChannel, stub: Stub) -> None:
    assert fault(channel, parcel(Text("字" * 683))).failure is Failure.REJECTED
    assert fault(channel, parcel(Text("x"), address="")).failure is Failure.REJECTED
    assert stub.calls_to("kf/send_msg") == []


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (95001, Failure.SPENT),
        (95002, Failure.SPENT),
        (95031, Failure.SPENT),
        (95033, Failure.DELIVERED),
        (95018, Failure.REJECTED),
        (95000, Failure.DOOR_DOWN),
        (45009, Failure.LIMITED),
        (-1, Failure.BUSY),
    ],
)
def test_the_errcode_decides(channel: KfChannel, stub: Stub, code: int, failure: Failure) -> None:
    stub.answers["kf/send_msg"] = {"errcode": code, "errmsg": "no"}

    assert fault(channel, parcel(Text("x"))).failure is failure


def test_neither_person_nor_code_gets_into_hint_or_log(
    channel: KfChannel, stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.answers["kf/send_msg"] = {"errcode": 40003, "errmsg": "invalid wmAB"}
    stub.answers["kf/send_msg_on_event"] = {"errcode": 40003, "errmsg": "invalid wmAB by W0123"}
    hints = [fault(channel, parcel(Text("家里的事"), code=code)).hint for code in ("", "W0123")]

    for word in ("wmAB", "W0123", "家里的事"):
        assert word not in caplog.text
        assert word not in "".join(hints)


def test_the_door_answers_only_and_has_an_aid(channel: KfChannel) -> None:
    assert channel.allowance == Allowance(5, 48 * 3600)
    assert (channel.name, channel.has_aid, channel.byte_limits["text"]) == ("kf/parents", True, 2048)
    assert channel.aid_seconds >= 48 * 3600
    assert "menu" in channel.byte_limits  # else a menu becomes a text before


def test_a_page_is_asked_for_from_the_cursor_with_the_token(account: KfDoor, client: Client, stub: Stub) -> None:
    item = {"msgid": "m1", "external_userid": "wmA", "send_time": 1767226100, "origin": 3, "msgtype": "text"}
    stub.answers["kf/sync_msg"] = {
        "errcode": 0,
        "next_cursor": "C1",
        "has_more": 1,
        "msg_list": [{**item, "text": {"content": "一"}}, {**item, "msgid": "m2", "origin": 5}, "garbage"],
    }
    pull = Puller(client, {account.label: account})
    page = pull("kf/parents", "C0", "ENCtok")
    pull("kf/parents", "", "")

    assert [message.text for message in page.messages] == ["一"]
    assert (page.cursor, page.has_more) == ("C1", True)
    first, second = (call.json for call in stub.calls_to("kf/sync_msg"))
    base: dict[str, Any] = {"open_kfid": "wk1", "limit": 1000, "voice_format": 0}
    assert first == base | {"cursor": "C0", "token": "ENCtok"}
    assert second == base


@pytest.mark.parametrize("answer", [{}, {"msg_list": None, "has_more": 0}, {"msg_list": "x", "next_cursor": 7}])
def test_an_odd_page_is_empty(account: KfDoor, client: Client, stub: Stub, answer: dict[str, Any]) -> None:
    stub.answers["kf/sync_msg"] = {"errcode": 0, **answer}
    page = Puller(client, {account.label: account})("kf/parents", "", "")

    assert (page.messages, page.has_more) == ((), False)


def test_a_refused_token_is_not_repeated_in_the_log(
    account: KfDoor, client: Client, stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.answers["kf/sync_msg"] = {"errcode": 95007, "errmsg": "bad token ENCtok"}
    with pytest.raises(SendError) as raised:
        Puller(client, {account.label: account})("kf/parents", "", "ENCtok")

    assert raised.value.failure is Failure.BUSY
    assert "ENCtok" not in caplog.text + raised.value.hint


def test_accounts_are_listed_page_by_page(door: AppDoor, client: Client, stub: Stub) -> None:
    every = [{"open_kfid": f"wk{n}", "name": f"账号{n}", "manage_privilege": n % 2 == 0} for n in range(130)]
    stub.answers["kf/account/list"] = lambda call: {
        "errcode": 0,
        "account_list": every[call.json["offset"] :][: call.json["limit"]],
    }
    accounts = list_accounts(client, door)

    assert len(accounts) == 130
    assert accounts[1] == Account("wk1", "账号1", False)
    assert [call.json["offset"] for call in stub.calls_to("kf/account/list")] == [0, 100]
