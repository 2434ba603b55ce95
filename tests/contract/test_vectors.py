"""Every vector of the app, of the robot and of kf, through the real callback URLs (vectors/README.md)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from flask import Flask

from bot.channels.wecom import xml
from bot.channels.wecom.app import webhook as app_webhook
from bot.channels.wecom.crypto import Crypto, decrypt_media, read_key
from bot.channels.wecom.doors import AppDoor, KfDoor, RobotDoor
from bot.channels.wecom.kf import webhook as kf_webhook
from bot.channels.wecom.robot import webhook as robot_webhook
from bot.clock import SetClock
from bot.errors import RequestError
from bot.messages import Attachment, Incoming, Kind, Quote, dump_incoming, load_incoming
from tests.contract.recorder import Recorder
from tests.web import served

VECTORS = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "vectors").glob("[0-9]*.json"))
]
CALLBACKS = ("url_verify", "callback")
# Official accounts are not served.
LEFT_OUT = {"mp": "official accounts are no channel of this project"}
OPEN_KFID = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"


def having(*kinds: str) -> list[Any]:
    """Return the vectors of these kinds as parameters; those of channels left out are skipped with the reason."""
    parameters = []
    for vector in VECTORS:
        reason = LEFT_OUT.get(vector["channel"])
        marks = [pytest.mark.skip(reason=reason)] if reason else []
        if vector["kind"] in kinds:
            parameters.append(pytest.param(vector, id=f"{vector['id']}-{vector['name']}", marks=marks))
    return parameters


def raw_body(request: dict[str, Any]) -> bytes:
    """Return the bytes of a request as they were on the wire."""
    if "body_gen" in request:
        made = request["body_gen"]
        body = (made["prefix"] + made["repeat"] * made["count"] + made["suffix"]).encode()
        assert (made["length"], made["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
        return body
    if "body_b64" in request:
        return base64.b64decode(request["body_b64"])
    return (request["body"] or "").encode()


class Server:
    """The real endpoints for the doors of one vector, over one recording intake; front: by the product's web server."""

    def __init__(self, channel: str, front: bool) -> None:
        self.channel = channel
        self.front = front
        self.intake = Recorder()
        self.clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))

    def crypto(self, config: dict[str, Any]) -> Crypto:
        """Return the crypto of one channel instance."""
        return Crypto(config["token"], config["encoding_aes_key"], config["receiveid"])

    def send(self, config: dict[str, Any], step: dict[str, Any]) -> Any:
        """Return the answer to the request of a step, at the time of the step."""
        self.clock.set(datetime.fromtimestamp(step["now"], UTC))
        app = Flask("vectors")
        token, key = config["token"], config["encoding_aes_key"]
        callbacks: app_webhook.Callbacks | robot_webhook.Callbacks | kf_webhook.Callbacks
        if self.channel == "wecom_app":
            door = AppDoor("x", config["receiveid"], config.get("agent_id", 218), "secret", token, key)
            callbacks = app_webhook.Callbacks({"x": door}, self.intake, self.clock)
        elif self.channel == "wecom_kf":
            app_door = AppDoor("office", config["receiveid"], config["agent_id"], "secret", "t", key)
            callbacks = kf_webhook.Callbacks(
                {"x": KfDoor("x", app_door, OPEN_KFID, token, key)}, self.intake, self.clock
            )
        else:
            # The vectors' robot is called 督导助手; this one was renamed, so the mention stays in the text.
            robot = RobotDoor("x", "小督", config["aibotid"], token, key)
            manners = robot_webhook.Manners("https://duban.example.cn/console/")
            callbacks = robot_webhook.Callbacks({"x": robot}, self.intake, self.clock, manners)
        app.register_blueprint(callbacks.blueprint())
        path = callbacks.PREFIX
        if self.front:
            receivers = {} if isinstance(callbacks, robot_webhook.Callbacks) else callbacks.receivers()
            with served(app, receivers) as url:
                return by_network(f"{url}{path}/x", step["request"])
        return by_client(app, f"{path}/x", step["request"])


@dataclass(frozen=True)
class Response:
    """What came back."""

    status_code: int
    data: bytes


def by_client(app: Flask, path: str, request: dict[str, Any]) -> Response:
    """Return the answer of the application itself."""
    answer = app.test_client().open(
        path,
        method=request["method"],
        query_string=request["query"],
        headers=request["headers"],
        data=raw_body(request),
    )
    return Response(answer.status_code, answer.data)


def by_network(url: str, request: dict[str, Any]) -> Response:
    """Return the answer of the web server over a real connection."""
    answer = requests.request(
        request["method"],
        url,
        params=request["query"],
        headers=request["headers"],
        data=raw_body(request),
        timeout=30,
    )
    return Response(answer.status_code, answer.content)


def check(step: dict[str, Any], answer: Any, crypto: Crypto) -> None:
    """Compare status and body of an answer with what the step expects."""
    expected = step["expected"]
    assert answer.status_code in expected["http_status_any_of"]
    if expected["response_body"] is not None:
        assert answer.data == expected["response_body"].encode()
    elif expected["verdict"] == "reject":
        assert answer.data == b""
    elif answer.data:
        envelope = json.loads(answer.data)
        assert envelope["nonce"] == step["nonce"]
        assert isinstance(envelope["timestamp"], int)
        plain_answer = crypto.open(
            envelope["encrypt"],
            signature=envelope["msgsignature"],
            timestamp=str(envelope["timestamp"]),
            nonce=envelope["nonce"],
        )
        json.loads(plain_answer)


@pytest.mark.parametrize("front", [False, True], ids=["flask", "front"])
@pytest.mark.parametrize("vector", having(*CALLBACKS))
def test_a_callback_is_taken_or_refused_as_the_vector_says(vector: dict[str, Any], front: bool) -> None:
    server = Server(vector["channel"], front)
    calls = []
    for step in vector["steps"]:
        config = step.get("config_override") or vector["config"]
        before = len(server.intake.messages) + server.intake.polls()
        answer = server.send(config, step)
        check(step, answer, server.crypto(config))
        calls.append(len(server.intake.messages) + server.intake.polls() - before)
        allowed = step["expected"]["handler_calls"]
        assert calls[-1] in (allowed if isinstance(allowed, list) else [allowed])
        if calls[-1] and "fields" in step["expected"]:
            check_fields(step["expected"]["fields"], server, config)

    total = vector.get("expected_handler_calls_total")
    assert total in (None, sum(calls))


def test_the_advisory_vectors_are_met_too() -> None:
    """They are our policy (age of a callback) and run above like the others; this names them in the report."""
    assert [vector["name"] for vector in VECTORS if vector["advisory"]] == ["stale_timestamp_three_days"]


def check_fields(expected: dict[str, Any], server: Server, config: dict[str, Any]) -> None:
    """Compare the expected fields with the stored message (or poll)."""
    if "stream_id" in expected:
        assert server.intake.taken[-1] == expected["stream_id"]
        assert server.intake.messages == []
        return
    message = server.intake.messages[-1]
    assert load_incoming(dump_incoming(message)) == message
    found = fields_of(message, config)
    for name, value in expected.items():
        if name == "dedup_key":
            assert message.message_id.startswith(value.lower() if ":" in value else value)
        elif name == "text_stripped":
            assert found["text"].strip() == value
        elif name == "text_length":
            assert len(found["text"]) == value
        elif name == "text_sha256":
            assert hashlib.sha256(found["text"].encode()).hexdigest() == value
        elif name == "sender":
            assert found["sender"] == value.lower()
        elif name in ("parts", "parts_known"):
            assert parts_of(message.kind, message.text, message.attachments, message.detail.get("parts", "")) == value
        elif name == "quote":
            assert quote_of(message.quote, value) == value
        else:
            assert (name, found[name]) == (name, value)


def fields_of(message: Incoming, config: dict[str, Any]) -> dict[str, Any]:
    """Return the vector's names for what a message carries."""
    click, detail = message.click, message.detail
    attachment = message.attachments[0] if message.attachments else Attachment(message.kind)
    is_event = bool(message.event)
    feedback = {
        "id": detail.get("feedback_id"),
        "type": int(detail.get("feedback_type") or 0),
        "content": detail.get("feedback_content"),
        "reasons": [int(reason) for reason in detail.get("feedback_reasons", "").split(",") if reason],
    }
    return {
        "channel": {"app": "wecom_app", "robot": "aibot", "kf": "wecom_kf"}[message.door.partition("/")[0]],
        "type": "event" if is_event else message.kind.value,
        "sender": message.sender,
        "agent_id": int(detail.get("agent_id") or 0),
        "bot_id": config.get("aibotid"),
        "chat_id": message.chat,
        "chat_type": "group" if message.chat else "single",
        "msg_id": message.message_id,
        "created_at": int(message.sent_at.timestamp()) if message.sent_at else None,
        "text": message.text,
        "event": message.event,
        "event_key": click.key if click else detail.get("event_key", ""),
        "media_id": attachment.media_id,
        "media_url": attachment.url,
        "format": attachment.format,
        "task_id": click.task_id if click else "",
        "card_type": click.card_type if click else "",
        "response_code": click.response_code if click else "",
        "selected": {key: list(ids) for key, ids in click.selected.items()} if click else {},
        "response_url": message.response_url,
        "kf_token": detail.get("token", ""),
        "open_kfid": detail.get("open_kf_id", ""),
        "feedback": feedback,
    }


def parts_of(kind: Kind, text: str, attachments: tuple[Attachment, ...], order: str) -> list[dict[str, str]]:
    """Return the parts of a mixed message in their order, from the joined texts and the list of pictures."""
    assert kind is Kind.MIXED
    texts, urls = iter(text.split("\n")), iter(attachment.url for attachment in attachments)
    return [
        {"type": part, "text": next(texts)} if part == "text" else {"type": part, "media_url": next(urls)}
        for part in order.split(",")
    ]


def quote_of(quote: Quote | None, like: dict[str, Any]) -> dict[str, Any]:
    """Return a quote under the vector's names. A quote keeps no order of its parts: texts come first."""
    assert quote is not None
    if "parts" in like:
        return {"type": quote.kind.value, "parts": parts_of(quote.kind, quote.text, quote.attachments, "text,image")}
    found = {"type": quote.kind.value, "text": quote.text}
    return found if not quote.attachments else {**found, "media_url": quote.attachments[0].url}


@pytest.mark.parametrize("vector", having("reply"))
def test_a_reply_is_sealed_byte_for_byte_like_the_vector(vector: dict[str, Any]) -> None:
    config = vector["config"]
    crypto = Crypto(config["token"], config["encoding_aes_key"], config["receiveid"])
    for step in vector["steps"]:
        plain, random16 = step["plaintext"].encode(), step["random16"].encode()
        expected = step["expected"]["envelope"]
        if step["expected"]["format"] == "json":
            timestamp = int(step["timestamp"])
            assert expected == robot_webhook.render_envelope(crypto, plain, timestamp, step["nonce"], random16=random16)
            continue
        encrypted = crypto.seal(plain, random16=random16)
        signature = crypto.sign(step["timestamp"], step["nonce"], encrypted)
        text = xml.render_envelope(encrypted, signature, step["timestamp"], step["nonce"])
        assert expected == {child.tag: child.text for child in ElementTree.fromstring(text)}  # noqa: S314 - our own


@pytest.mark.parametrize("vector", having("media"))
def test_media_are_decrypted(vector: dict[str, Any]) -> None:
    for step in vector["steps"]:
        data, key = base64.b64decode(step["ciphertext_b64"]), read_key(step["aes_key"])
        if step["expected"]["verdict"] == "reject":
            with pytest.raises(RequestError):
                decrypt_media(data, key)
            continue
        plain = decrypt_media(data, key)
        expected = step["expected"]
        assert (expected["plaintext_length"], expected["plaintext_sha256"]) == (
            len(plain),
            hashlib.sha256(plain).hexdigest(),
        )
