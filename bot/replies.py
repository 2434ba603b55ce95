"""Answers that leave in an HTTP response: a webhook waits here for the words its message gets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import handover
from bot.channel import STORE_SECONDS, Accepted
from bot.clock import Clock
from bot.db import Database
from bot.inbox import InboxRow
from bot.intake import AckWriter
from bot.messages import Body, Incoming, Kind
from bot.metrics import Metrics
from bot.outbox import Judging
from bot.seal import Seal

# Another process may handle the message and tells it by a notice (bot.presence); one may be missed, so we look, too.
_LOOK_SECONDS = 0.5
_WITHOUT_ID = frozenset((Kind.EVENT, Kind.CLICK, Kind.ENTER))


class Replies:
    """The Intake that webhooks use (bot.channel): stores messages, hands out their answers.

    judging tells, for a transaction and its time, what may leave (bot.steps.judge).
    """

    def __init__(
        self,
        db: Database,
        seal: Seal,
        clock: Clock,
        writer: AckWriter,
        metrics: Metrics,
        judging: Callable[[Session, datetime], Judging],
    ) -> None:
        self._metrics = metrics
        self._db = db
        self._seal = seal
        self._clock = clock
        self._writer = writer
        self._judging = judging
        self._lock = threading.Lock()
        self._waiting: dict[str, threading.Event] = {}

    def submit(self, message: Incoming) -> Future[Accepted]:
        """Have message stored once: the result is there after the commit, an exception if the database is gone."""
        stored = self._writer.submit(self._blinded(message))
        stored.add_done_callback(lambda done: self._count(message.door, done))
        return stored

    def accept(self, message: Incoming) -> Accepted:
        """Store message once and return after the commit. Raises if the database does not take it in time."""
        return self.submit(message).result(STORE_SECONDS)

    def _count(self, door: str, stored: Future[Accepted]) -> None:
        if stored.exception() is None:
            self._metrics.request(door, "new" if stored.result().is_new else "repeat")

    def _blinded(self, message: Incoming) -> Incoming:
        # The platform gives an event no id: the door makes one of who, when and what, or of the whole content. Repeats
        # must still be one and the row must name nobody; a digest without a key is undone by trying every member.
        if message.kind not in _WITHOUT_ID and not message.message_id.startswith("sha256-"):
            return message
        return replace(message, message_id=self._seal.blind(message.message_id))

    def settled(self, uid: str) -> None:
        """Wake whoever waits for the answer to message uid; called by the worker after its commit."""
        with self._lock:
            event = self._waiting.get(uid)
        if event is not None:
            event.set()

    def take_reply(self, uid: str, *, wait: float) -> Body | None:
        """Return the reply to message uid, waiting up to wait seconds for it, or None (see bot.channel.Intake)."""
        deadline = time.monotonic() + wait
        with self._lock:
            event = self._waiting.setdefault(uid, threading.Event())
        try:
            while True:
                door = self._door_with_reply(uid)
                if door is not None:
                    return self._take(uid, door)
                left = deadline - time.monotonic()
                if left <= 0 or self.is_settled(uid):
                    return None
                event.wait(min(left, _LOOK_SECONDS))
                event.clear()
        finally:
            with self._lock:
                self._waiting.pop(uid, None)

    def is_settled(self, uid: str) -> bool:
        """Whether message uid is unknown, or handled and nothing (more) will be said in answer."""
        with self._db.reading() as session:
            row = session.execute(select(InboxRow.state, InboxRow.door).where(InboxRow.uid == uid)).one_or_none()
            return row is None or (row.state != "new" and not handover.has_reply(session, uid, row.door))

    def _door_with_reply(self, uid: str) -> str | None:
        with self._db.reading() as session:
            door = session.scalar(select(InboxRow.door).where(InboxRow.uid == uid))
            return door if door is not None and handover.has_reply(session, uid, door) else None

    def _take(self, uid: str, door: str) -> Body | None:
        with self._db.transaction() as session:
            now = self._clock.now()
            guard = self._judging(session, now)
            return handover.take_reply(session, self._seal, uid, door, now, guard=guard)
