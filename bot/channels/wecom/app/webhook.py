"""The callback URL of the self-built apps: /wecom/app/<name>. Stores the message, then answers an empty 200."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, Response

from bot.channel import Intake
from bot.channels.wecom import xml
from bot.channels.wecom.app import wire
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.gate import BODY_LIMIT, WINDOW, Gate, OnInvalid, empty
from bot.clock import Clock
from bot.messages import Incoming


def blueprint(
    doors: Mapping[str, AppDoor],
    intake: Intake,
    clock: Clock,
    *,
    window: timedelta = WINDOW,
    limit: int = BODY_LIMIT,
    on_invalid: OnInvalid | None = None,
) -> Blueprint:
    """Return the routes of doors (by name).

    window: how far a callback's timestamp may lie from now; limit: bytes of a body; on_invalid is told the reason
    (one word) of each refusal. Answers go out by message/send, so a callback never waits for a handler.
    """
    routes = Blueprint("wecom_app", __name__, url_prefix="/wecom/app")
    gate = Gate(clock, window=window, limit=limit, on_invalid=on_invalid)
    cryptos = {name: Crypto(door.token, door.aes_key, door.corp_id) for name, door in doors.items()}

    @routes.get("/<name>")
    def check(name: str) -> Response:
        if name not in doors:
            return gate.refuse_unknown()
        return gate.check_url(doors[name].label, cryptos[name])

    @routes.post("/<name>")
    def receive(name: str) -> Response:
        if name not in doors:
            return gate.refuse_unknown()
        door = doors[name]
        message = gate.read(door.label, lambda: _read(gate, door, cryptos[name]))
        if isinstance(message, Response):
            return message
        accepted = gate.accept(door.label, intake, message)
        return accepted if isinstance(accepted, Response) else empty()

    return routes


def _read(gate: Gate, door: AppDoor, crypto: Crypto) -> Incoming:
    query = gate.query()
    encrypted = xml.find_encrypted(gate.body())
    plain = crypto.open(encrypted, signature=query.signature, timestamp=query.timestamp, nonce=query.nonce)
    return wire.parse(door, plain)
