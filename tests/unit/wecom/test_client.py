"""Tokens, time-outs and lost answers, against a real server."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.wrappers import Response

from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.identity import openuserid_to_userid
from bot.channels.wecom.tokens import Token
from bot.channels.wecom.transport import Transport
from bot.clock import SetClock
from bot.errors import Failure, SendError
from tests.unit.wecom.stub import Call, MemoryStore, Stub, raw_server

# Named, not written, in the test: a traceback quotes the lines it passes.
PLANTED = ("token-planted", "key-planted", "top-secret-of-app", "机密内容")


def fault(client: Client, door: AppDoor, **how: Any) -> SendError:
    """Return the error of a call."""
    with pytest.raises(SendError) as raised:
        client.call(door, "message/send", {"a": "中"}, **how)
    return raised.value


def test_a_token_is_fetched_once_and_kept(stub: Stub, client: Client, door: AppDoor) -> None:
    for _ in range(3):
        client.call(door, "message/send", {"a": "中文"})

    assert [call.query for call in stub.calls_to("gettoken")] == [{"corpid": "ww0", "corpsecret": "top-secret-of-app"}]
    assert [call.query for call in stub.calls_to("message/send")] == [{"access_token": "token-1"}] * 3
    assert stub.calls_to("message/send")[0].body == '{"a":"中文"}'.encode()


def test_a_token_is_renewed_five_minutes_early(stub: Stub, client: Client, door: AppDoor, clock: SetClock) -> None:
    start = clock.now()
    for seconds in (0, 6899, 6900):
        clock.set(start + timedelta(seconds=seconds))
        client.call(door, "message/send", {})

    assert [call.query["access_token"] for call in stub.calls_to("message/send")] == ["token-1", "token-1", "token-2"]


def test_twenty_threads_fetch_one_token(stub: Stub, client: Client, door: AppDoor) -> None:
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: client.call(door, "message/send", {}), range(20)))

    assert (stub.tokens, len(stub.calls_to("message/send"))) == (1, 20)


def test_twenty_threads_ask_a_refusing_platform_once(stub: Stub, client: Client, door: AppDoor) -> None:
    stub.answers["gettoken"] = {"errcode": 40001, "errmsg": "invalid credential"}

    with ThreadPoolExecutor(20) as pool:
        errors = list(pool.map(lambda _: fault(client, door), range(20)))

    assert len(stub.calls_to("gettoken")) == 1
    assert {(error.failure, error.code) for error in errors} == {(Failure.DOOR_DOWN, 40001)}


def test_another_process_that_fetches_is_waited_for(
    stub: Stub, client: Client, door: AppDoor, store: MemoryStore, clock: SetClock
) -> None:
    key = door.token_key
    assert store.lease(key, clock.now(), 20)
    token = Token("of-the-other", clock.now() + timedelta(hours=1))
    timer = threading.Timer(0.15, store.write, (key, token))
    timer.start()

    client.call(door, "message/send", {})
    timer.join()

    assert stub.tokens == 0
    assert stub.calls_to("message/send")[0].query == {"access_token": "of-the-other"}


def test_a_dead_process_does_not_hold_the_lease_for_ever(
    stub: Stub, client: Client, door: AppDoor, store: MemoryStore, clock: SetClock
) -> None:
    store.lease(door.token_key, clock.now() - timedelta(seconds=30), 20)

    client.call(door, "message/send", {})

    assert stub.tokens == 1
    assert store.leases == {}


def test_a_lease_that_stays_taken_is_passing_trouble(
    stub: Stub, door: AppDoor, store: MemoryStore, clock: SetClock
) -> None:
    client = Client(stub.base, store, clock, patience=0.1)
    store.lease(door.token_key, clock.now(), 20)

    assert fault(client, door).failure is Failure.BUSY
    assert stub.calls == []
    client.close()


@pytest.mark.parametrize("answer", [{"errcode": 0}, {"errcode": 0, "access_token": ""}, b"", {"errcode": -1}])
def test_an_answer_without_a_token_is_passing_trouble(stub: Stub, client: Client, door: AppDoor, answer: Any) -> None:
    stub.answers["gettoken"] = answer

    assert fault(client, door).failure is Failure.BUSY


def test_a_token_that_lives_briefly_is_renewed_at_half_its_life(
    stub: Stub, client: Client, door: AppDoor, store: MemoryStore, clock: SetClock
) -> None:
    stub.answers["gettoken"] = {"errcode": 0, "access_token": "brief", "expires_in": 100}

    client.call(door, "message/send", {})

    assert store.tokens[door.token_key].renew_at == clock.now() + timedelta(seconds=50)


def test_a_question_is_a_get(stub: Stub, client: Client, door: AppDoor) -> None:
    stub.answers["getcallbackip"] = {"errcode": 0, "ip_list": ["203.0.113.9"]}

    assert client.call(door, "getcallbackip", params={"a": "b"})["ip_list"] == ["203.0.113.9"]
    assert [(call.method, call.query) for call in stub.calls_to("getcallbackip")] == [
        ("GET", {"a": "b", "access_token": "token-1"})
    ]


@pytest.mark.parametrize("code", [40014, 42001, 41001])
def test_a_refused_token_is_replaced_and_the_call_repeated_once(
    stub: Stub, client: Client, door: AppDoor, code: int
) -> None:
    stub.answers["message/send"] = lambda call: (
        {"errcode": 0, "msgid": "m"} if call.query["access_token"] == "token-2" else {"errcode": code, "errmsg": "old"}
    )

    assert client.call(door, "message/send", {})["msgid"] == "m"
    assert (stub.tokens, len(stub.calls_to("message/send"))) == (2, 2)


def test_a_token_that_is_always_refused_stops_the_door_after_one_repeat(
    stub: Stub, client: Client, door: AppDoor
) -> None:
    stub.answers["message/send"] = {"errcode": 42001, "errmsg": "expired"}

    error = fault(client, door)

    assert (error.failure, error.code) == (Failure.DOOR_DOWN, 42001)
    assert (stub.tokens, len(stub.calls_to("message/send"))) == (2, 2)


def test_an_untrusted_address_is_named_with_the_address_the_platform_saw(
    stub: Stub, client: Client, door: AppDoor
) -> None:
    stub.answers["message/send"] = {
        "errcode": 60020,
        "errmsg": "not allow to access from your ip, hint: [1767226738_6_abc], from ip: 203.0.113.9, 张三",
    }

    error = fault(client, door)

    assert (error.failure, error.retry_after) == (Failure.DOOR_DOWN, 60)
    assert "203.0.113.9" in error.hint
    assert "hint: [1767226738_6_abc]" in error.hint
    assert error.hint.isascii()


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (500, Failure.UNKNOWN),
        (502, Failure.UNKNOWN),
        (429, Failure.LIMITED),
        (404, Failure.REJECTED),
        (302, Failure.BUSY),
        (403, Failure.BUSY),
    ],
)
def test_a_status_other_than_200_is_judged_by_whether_the_call_arrived(
    stub: Stub, client: Client, door: AppDoor, status: int, failure: Failure
) -> None:
    stub.answers["message/send"] = Response("no", status, headers={"Location": stub.base})

    assert fault(client, door).failure is failure


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"[1]", b'{"errcode": "x"}', b'{"errcode": null}', b"\xff\xfe", b"[" * 50_000]
)
def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(
    stub: Stub, client: Client, door: AppDoor, answer: bytes
) -> None:
    stub.answers["message/send"] = answer

    assert fault(client, door).failure is Failure.UNKNOWN


def test_a_slow_answer_leaves_the_outcome_unknown(
    stub: Stub, door: AppDoor, store: MemoryStore, clock: SetClock
) -> None:
    store.write(door.token_key, Token("t", clock.now() + timedelta(hours=1)))
    client = Client(stub.base, store, clock, transport=Transport(read_timeout=0.2))
    gate = threading.Event()
    stub.answers["message/send"] = lambda call: gate.wait(5) and {}
    started = time.monotonic()

    error = fault(client, door)
    gate.set()
    client.close()

    assert error.failure is Failure.UNKNOWN
    assert time.monotonic() - started < 4


def test_a_lost_answer_means_what_the_caller_says(store: MemoryStore, clock: SetClock, door: AppDoor) -> None:
    store.write(door.token_key, Token("t", clock.now() + timedelta(hours=1)))
    for answer in (None, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"):
        with raw_server(answer) as base:
            client = Client(base, store, clock, transport=Transport(read_timeout=1))
            found = [fault(client, door).failure, fault(client, door, lost=Failure.BUSY).failure]
            client.close()

        assert found == [Failure.UNKNOWN, Failure.BUSY]


def test_a_server_that_is_not_there_was_surely_not_reached(store: MemoryStore, clock: SetClock, door: AppDoor) -> None:
    store.write(door.token_key, Token("t", clock.now() + timedelta(hours=1)))
    for base in ("http://127.0.0.1:9", "http://no-such-host.invalid"):
        client = Client(base, store, clock, transport=Transport(connect_timeout=1))

        assert fault(client, door).failure is Failure.BUSY


def test_nothing_secret_is_in_logs_or_exceptions(
    stub: Stub, client: Client, door: AppDoor, store: MemoryStore, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")  # as loud as can be, whatever a test before has set
    store.write(door.token_key, Token(PLANTED[0], clock.now() + timedelta(hours=1)))
    texts = []

    def echo(call: Call) -> dict[str, Any]:
        return {"errcode": 40058, "errmsg": f"bad request {call.path}?access_token={call.query['access_token']}"}

    stub.answers["message/send"] = echo
    stub.answers["webhook/send"] = lambda call: {"errcode": 93000, "errmsg": f"no robot key={call.query['key']}"}
    for attempt in (
        lambda: client.call(door, "message/send", {"text": PLANTED[3]}),
        lambda: client.post("webhook/send", {}, params={"key": PLANTED[1]}),
        lambda: (store.clear(door.token_key, PLANTED[0]), stub.stop(), client.call(door, "message/send", {})),
        lambda: client.post("webhook/send", {}, params={"key": PLANTED[1]}),
    ):
        try:
            attempt()
        except SendError as error:
            chain = [error.__cause__, error.__context__]
            texts.append("".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)) + repr(chain))

    logged = [record for record in caplog.records if record.name != "werkzeug"]  # the stand-in's own log
    written = "".join(repr(vars(record)) + record.getMessage() for record in logged) + "".join(texts)
    assert len(texts) == 4
    assert {"urllib3.connectionpool", "bot.channels.wecom.client"} <= {record.name for record in logged}
    assert [secret for secret in PLANTED if secret in written] == []


def test_encrypted_ids_are_resolved_a_thousand_at_a_time(stub: Stub, client: Client, door: AppDoor) -> None:
    def resolve(call: Call) -> dict[str, Any]:
        ids = call.json["open_userid_list"]
        pairs = [{"open_userid": one, "userid": f"User{one[2:]}"} for one in ids if one != "wo3"]
        return {"errcode": 0, "userid_list": pairs, "invalid_open_userid_list": ["wo3"]}

    stub.answers["batch/openuserid_to_userid"] = resolve

    found = openuserid_to_userid(client, door, [f"wo{number}" for number in range(1500)])

    assert [len(call.json["open_userid_list"]) for call in stub.calls_to("batch/openuserid_to_userid")] == [1000, 500]
    assert (len(found), found["wo7"], "wo3" in found) == (1499, "user7", False)


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=R", True),
        ("https://qyapi.weixin.qq.com:443/x", True),
        ("http://qyapi.weixin.qq.com/x", False),
        ("https://qyapi.weixin.qq.com.evil.example/x", False),
        ("https://evil.example/?qyapi.weixin.qq.com", False),
        ("https://qyapi.weixin.qq.com@evil.example/x", False),
        ("https://evil.example\\@qyapi.weixin.qq.com/x", False),
        ("https://qyapi.weixin.qq.com:8443/x", False),
        ("https://qyapi.weixin.qq.com:x/", False),
        ("https://169.254.169.254/latest", False),
        ("https://[::1/", False),
        ("//qyapi.weixin.qq.com/x", False),
        ("answer:M1", False),
        ("", False),
    ],
)
def test_only_the_platforms_own_address_is_ours(store: MemoryStore, clock: SetClock, url: str, ours: bool) -> None:
    assert Client("https://qyapi.weixin.qq.com", store, clock).is_ours(url) is ours
