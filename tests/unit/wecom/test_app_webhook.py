"""The app's callback URL beyond the vectors."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from datetime import timedelta

import pytest

from bot.channel import Accepted
from bot.messages import Incoming
from tests.unit.wecom.callbacks import NOW, House

TEXT = (
    "<xml><ToUserName>ww0</ToUserName><FromUserName>zhao</FromUserName><CreateTime>1795482000</CreateTime>"
    "<MsgType>text</MsgType><Content>家里的事</Content><MsgId>1</MsgId><AgentID>1000002</AgentID></xml>"
).encode()


def test_a_message_is_stored_and_answered_empty() -> None:
    house = House()

    answer = house.to_app(TEXT)

    assert (answer.status_code, answer.data) == (200, b"")
    assert [message.text for message in house.intake.messages] == ["家里的事"]


def test_a_database_that_is_gone_makes_the_platform_repeat() -> None:
    house = House()
    house.intake.broken = True

    assert house.to_app(TEXT).status_code == 503


@pytest.mark.parametrize(("minutes", "status"), [(-11, 403), (-9, 200), (9, 200), (11, 403)])
def test_only_callbacks_of_the_last_ten_minutes_are_taken(minutes: int, status: int) -> None:
    house = House()
    house.clock.set(NOW + timedelta(minutes=minutes))

    assert house.to_app(TEXT).status_code == status


@pytest.mark.parametrize("timestamp", ["", "abc", "-1", "1e9", "９", "9" * 12, " 1795482000"])
def test_a_timestamp_is_plain_digits(timestamp: str) -> None:
    house = House()

    assert house.to_app(TEXT, timestamp=timestamp).status_code == 400


def test_refusals_are_counted_by_reason_and_say_nothing() -> None:
    house = House()

    answers = [
        house.to_app(TEXT, msg_signature="0" * 40),
        house.to_app(b"<xml/>"),
        house.to_app(TEXT, nonce=""),
        house.http.post("/wecom/app/office", query_string=house.query(house.app_crypto, "x"), data=b"A" * 1_100_000),
        house.http.post("/wecom/app/nobody"),
        house.http.get("/wecom/app/nobody"),
        house.http.get("/wecom/app/office", query_string=house.query(house.app_crypto, "x")),
    ]

    assert [answer.status_code for answer in answers] == [403, 400, 400, 413, 404, 404, 400]
    assert all(answer.data == b"" for answer in answers)
    assert house.invalid == [
        "signature", "xml", "missing_param", "too_large", "unknown_door", "unknown_door", "missing_param",
    ]  # fmt: skip


def test_what_cannot_even_be_handed_over_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()

    def submit(message: Incoming) -> Future[Accepted]:
        raise ValueError("the row cannot be built")

    monkeypatch.setattr(house.intake, "submit", submit)
    answer = house.to_app(TEXT)

    assert (answer.status_code, answer.data) == (503, b"")


def test_other_methods_are_refused() -> None:
    assert House().http.put("/wecom/app/office").status_code == 405


def test_nothing_that_was_said_gets_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    house = House()
    house.to_app(TEXT)
    house.to_app(TEXT.replace(b"</xml>", b"<!-- "))
    house.intake.broken = True
    house.to_app(TEXT)

    assert caplog.records
    assert not [word for word in ("家里的事", "zhao", "app-token") if word in caplog.text]
