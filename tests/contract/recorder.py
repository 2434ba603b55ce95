"""An Intake that keeps what it is given in memory, for tests that speak to the real endpoints."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from bot.channel import Accepted
from bot.messages import Body, Incoming


class Recorder:
    """Stores messages once per (door, id). replies: what take_reply gives, by message id; polls: ids asked for."""

    def __init__(self) -> None:
        self.messages: list[Incoming] = []
        self.replies: dict[str, Body] = {}
        self.waits: list[float] = []
        self.taken: list[str] = []
        self.open: set[str] = set()
        self.broken = False
        self._uids: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def submit(self, message: Incoming) -> Future[Accepted]:
        """Store message once; the future fails if broken."""
        stored: Future[Accepted] = Future()
        try:
            stored.set_result(self.accept(message))
        except TimeoutError as error:
            stored.set_exception(error)
        return stored

    def accept(self, message: Incoming) -> Accepted:
        """Store message once; raises if broken."""
        if self.broken:
            raise TimeoutError("the database is gone")
        with self._lock:
            key = (message.door, message.message_id)
            if key in self._uids:
                return Accepted(self._uids[key], is_new=False)
            uid = f"uid-{len(self.messages)}"
            self._uids[key] = uid
            self.messages.append(message)
            return Accepted(uid, is_new=True)

    def take_reply(self, uid: str, *, wait: float) -> Body | None:
        """Return the reply prepared for uid, at once."""
        self.waits.append(wait)
        self.taken.append(uid)
        return self.replies.get(uid)

    def is_settled(self, uid: str) -> bool:
        """Whether uid is not among the open ones."""
        return uid not in self.open

    def polls(self) -> int:
        """How often a reply was asked for that belongs to no stored message."""
        known = set(self._uids.values())
        return sum(uid not in known for uid in self.taken)
