"""The callback URL of the self-built apps: /wecom/app/<name>. Stores the message, then answers an empty 200."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint

from bot.callback import Call, Receiver, Reply
from bot.channel import Intake
from bot.channels.wecom import flask_door, xml
from bot.channels.wecom.app import wire
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.gate import BODY_LIMIT, WINDOW, Gate, OnInvalid
from bot.clock import Clock
from bot.messages import Incoming

PREFIX = "/wecom/app"


class Callbacks:
    """The callback URLs of doors (by name).

    window: how far a callback's timestamp may lie from now; limit: bytes of a body; on_invalid is told the reason
    (one word) of each refusal. Answers go out by message/send, so a callback never waits for a handler.
    """

    def __init__(
        self,
        doors: Mapping[str, AppDoor],
        intake: Intake,
        clock: Clock,
        *,
        window: timedelta = WINDOW,
        limit: int = BODY_LIMIT,
        on_invalid: OnInvalid | None = None,
    ) -> None:
        self._intake = intake
        self._limit = limit
        self._gate = Gate(clock, window=window, limit=limit, on_invalid=on_invalid)
        self._doors = {name: (door, Crypto(door.token, door.aes_key, door.corp_id)) for name, door in doors.items()}

    def blueprint(self) -> Blueprint:
        """Return the routes for Flask."""
        return flask_door.routes("wecom_app", PREFIX, self._limit, check=self.check, receive=self.receive)

    def receivers(self) -> dict[str, Receiver]:
        """Return who takes a POST, by path. None of them waits: a reply says itself what it waits for."""
        return {f"{PREFIX}/{name}": self.receive(name) for name in self._doors}

    def check(self, name: str) -> Receiver:
        """Return who answers the URL check of a door."""
        if name not in self._doors:
            return lambda call: self._gate.refuse_unknown()
        door, crypto = self._doors[name]
        return lambda call: self._gate.check_url(door.label, crypto, call)

    def receive(self, name: str) -> Receiver:
        """Return who takes the messages of a door."""
        if name not in self._doors:
            return lambda call: self._gate.refuse_unknown()
        door, crypto = self._doors[name]

        def take(call: Call) -> Reply:
            message = self._gate.read(door.label, lambda: _read(self._gate, door, crypto, call))
            return message if isinstance(message, Reply) else Reply(stored=self._intake.submit(message))

        return take


def _read(gate: Gate, door: AppDoor, crypto: Crypto, call: Call) -> Incoming:
    query = gate.query(call)
    encrypted = xml.find_encrypted(gate.body(call))
    plain = crypto.open(encrypted, signature=query.signature, timestamp=query.timestamp, nonce=query.nonce)
    return wire.parse(door, plain)
