"""The callback URL of a kf account beyond the vector: what wakes, what is refused, what is told apart."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask

from bot.channels.wecom.app import wire as app_wire
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.doors import AppDoor, KfDoor
from bot.channels.wecom.kf import webhook
from bot.clock import SetClock
from bot.messages import Kind
from tests.contract.recorder import Recorder
from tests.unit.wecom.callbacks import KEY, NOW

WAKE = (
    b"<xml><ToUserName>ww0</ToUserName><CreateTime>1795482000</CreateTime><MsgType>event</MsgType>"
    b"<Event>kf_msg_or_event</Event><Token>ENCtok</Token><OpenKfId>wk1</OpenKfId></xml>"
)


class Door:
    """One account behind a real blueprint."""

    def __init__(self) -> None:
        self.intake = Recorder()
        self.invalid: list[str] = []
        app = AppDoor("office", "ww0", 1000002, "s", "app-token", KEY)
        self.crypto = Crypto("kf-token", KEY, "ww0")
        doors = {"parents": KfDoor("parents", app, "wk1", "kf-token", KEY)}
        callbacks = webhook.Callbacks(doors, self.intake, SetClock(NOW), on_invalid=self.invalid.append)
        flask = Flask("kf")
        flask.register_blueprint(callbacks.blueprint())
        self.http = flask.test_client()

    def call(self, plain: bytes, *, nonce: str = "n1", name: str = "parents", **changes: str) -> Any:
        """Post a callback with this plaintext."""
        encrypted, timestamp = self.crypto.seal(plain), str(int(NOW.timestamp()))
        signature = self.crypto.sign(timestamp, nonce, encrypted)
        query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce} | changes
        body = f"<xml><ToUserName>ww0</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        return self.http.post(f"/wecom/kf/{name}", query_string=query, data=body)


def test_a_wake_up_is_stored_with_its_token_and_answered_empty() -> None:
    door = Door()
    answer = door.call(WAKE)

    assert (answer.status_code, answer.data) == (200, b"")
    (message,) = door.intake.messages
    assert (message.door, message.kind, message.event, message.sender) == (
        "kf/parents", Kind.EVENT, "kf_msg_or_event", "",
    )  # fmt: skip
    assert message.detail == {"token": "ENCtok", "open_kf_id": "wk1"}
    assert message.sent_at is not None
    assert int(message.sent_at.timestamp()) == 1795482000


def test_a_repeated_call_is_one_and_another_of_the_same_second_is_two() -> None:
    door = Door()
    for nonce in ("n1", "n1", "n2"):
        assert door.call(WAKE, nonce=nonce).status_code == 200

    assert len(door.intake.messages) == 2


def test_another_account_or_event_is_taken_too_and_judged_later() -> None:
    door = Door()
    for plain in (WAKE.replace(b"wk1", b"wk2"), WAKE.replace(b"kf_msg_or_event", b"kf_account_auth_change")):
        assert door.call(plain).status_code == 200

    assert [(message.event, message.detail["open_kf_id"]) for message in door.intake.messages] == [
        ("kf_msg_or_event", "wk2"),
        ("kf_account_auth_change", "wk1"),
    ]


@pytest.mark.parametrize(
    ("plain", "status", "reason"),
    [
        (WAKE.replace(b"ww0", b"ww9"), 403, "corp_id"),
        (WAKE.replace(b">event<", b">text<"), 400, "msg_type"),
        (b"<xml>", 400, "xml"),
        (b"\xff", 400, "utf8"),
        (b"<!DOCTYPE x><xml/>", 400, "xml_doctype"),
    ],
)
def test_what_is_no_event_of_ours_is_refused(plain: bytes, status: int, reason: str) -> None:
    door = Door()

    assert door.call(plain).status_code == status
    assert door.invalid == [reason]
    assert door.intake.messages == []


def test_forged_stale_and_unknown_calls_are_refused() -> None:
    door = Door()
    answers = [
        door.call(WAKE, msg_signature="0" * 40),
        door.call(WAKE, timestamp="1795000000"),
        door.call(WAKE, name="nobody"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 404]
    assert door.intake.messages == []


def test_a_database_that_is_gone_makes_the_platform_repeat() -> None:
    door = Door()
    door.intake.broken = True

    assert door.call(WAKE).status_code == 503


def test_the_url_check_echoes() -> None:
    door = Door()
    echo, timestamp = door.crypto.seal(b"echo-1"), str(int(NOW.timestamp()))
    query = {"msg_signature": door.crypto.sign(timestamp, "n", echo), "timestamp": timestamp, "nonce": "n"}
    answer = door.http.get("/wecom/kf/parents", query_string=query | {"echostr": echo})

    assert (answer.status_code, answer.data) == (200, b"echo-1")


def test_no_token_gets_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    door = Door()
    door.call(WAKE)
    door.call(WAKE.replace(b"ww0", b"ww9"))

    assert caplog.records
    assert "ENCtok" not in caplog.text


def test_a_wake_up_at_the_apps_url_reads_the_same() -> None:
    """WeCom may call the app that may use kf instead (docs 94670): the route that takes it looks at the same fields."""
    app = AppDoor("office", "ww0", 1000002, "s", "app-token", KEY)
    theirs = app_wire.parse(app, WAKE)
    ours = webhook.parse(KfDoor("parents", app, "wk1", "kf-token", KEY), WAKE)

    assert (theirs.kind, theirs.event, theirs.sent_at) == (ours.kind, ours.event, ours.sent_at)
    assert ours.detail.items() <= theirs.detail.items()
