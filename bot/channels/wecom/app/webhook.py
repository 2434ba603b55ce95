"""The callback URL of the self-built apps: /wecom/app/<name>. Stores the message, then answers an empty 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.callback import Call, Receiver, Reply
from bot.channel import Intake
from bot.channels.wecom import xml
from bot.channels.wecom.app import wire
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.urls import CallbackUrls
from bot.clock import Clock
from bot.messages import Incoming


class Callbacks(CallbackUrls[AppDoor]):
    """The apps' URLs. Answers go out by message/send, so a callback never waits for a handler."""

    PREFIX = "/wecom/app"

    def __init__(self, doors: Mapping[str, AppDoor], intake: Intake, clock: Clock, **limits: Any) -> None:
        """Keywords as in CallbackUrls."""
        cryptos = {name: (door, Crypto(door.token, door.aes_key, door.corp_id)) for name, door in doors.items()}
        super().__init__(cryptos, intake, clock, **limits)

    def receivers(self) -> dict[str, Receiver]:
        """Return who takes a POST, by path. None of them waits: a reply says itself what it waits for."""
        return {f"{self.PREFIX}/{name}": self.receive(name) for name in self.doors}

    def take(self, door: AppDoor, crypto: Crypto, call: Call) -> Reply:
        """Have the message stored; the reply waits for it."""
        message = self.gate.read(door.label, lambda: self._read(door, crypto, call))
        return message if isinstance(message, Reply) else self.gate.submit(door.label, self.intake, message)

    def _read(self, door: AppDoor, crypto: Crypto, call: Call) -> Incoming:
        query = self.gate.query(call)
        encrypted = xml.find_encrypted(self.gate.body(call))
        plain = crypto.open(encrypted, signature=query.signature, timestamp=query.timestamp, nonce=query.nonce)
        return wire.parse(door, plain)
