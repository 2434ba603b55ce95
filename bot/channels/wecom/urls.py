"""The callback URLs of all doors of one kind, by the doors' names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from flask import Blueprint

from bot.callback import Call, Receiver, Reply
from bot.channel import Intake
from bot.channels.wecom import flask_door
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.gate import BODY_LIMIT, WINDOW, Gate, OnInvalid
from bot.clock import Clock


class Door(Protocol):
    """What a callback URL needs of its door."""

    @property
    def label(self) -> str:
        """The door's name in rows and logs."""
        ...


D = TypeVar("D", bound=Door)


class CallbackUrls(ABC, Generic[D]):
    """Answers the calls of doors, each with the crypto of its URL.

    window: how far a callback's timestamp may lie from now; limit: bytes of a body; on_invalid is told the reason
    (one word) of each refusal.
    """

    PREFIX: str

    def __init__(
        self,
        doors: Mapping[str, tuple[D, Crypto]],
        intake: Intake,
        clock: Clock,
        *,
        window: timedelta = WINDOW,
        limit: int = BODY_LIMIT,
        on_invalid: OnInvalid | None = None,
    ) -> None:
        self.doors = doors
        self.intake = intake
        self.clock = clock
        self.gate = Gate(clock, window=window, limit=limit, on_invalid=on_invalid)
        self._limit = limit

    def blueprint(self) -> Blueprint:
        """Return the routes for Flask."""
        name = self.PREFIX.strip("/").replace("/", "_")
        return flask_door.routes(name, self.PREFIX, self._limit, check=self.check, receive=self.receive)

    def check(self, name: str) -> Receiver:
        """Return who answers the URL check of a door."""
        if name not in self.doors:
            return lambda call: self.gate.refuse_unknown()
        door, crypto = self.doors[name]
        return lambda call: self.gate.check_url(door.label, crypto, call)

    def receive(self, name: str) -> Receiver:
        """Return who takes the messages of a door."""
        if name not in self.doors:
            return lambda call: self.gate.refuse_unknown()
        door, crypto = self.doors[name]
        return lambda call: self.take(door, crypto, call)

    @abstractmethod
    def take(self, door: D, crypto: Crypto, call: Call) -> Reply:
        """Store the message in a call of door and answer it."""
