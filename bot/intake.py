"""Acknowledge after commit, and commit in groups: the one thread that writes received messages.

Whatever waits is committed in one transaction; a repeat is answered without a write (design 1.4).
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from bot.channel import STORE_SECONDS, Accepted
from bot.clock import Clock
from bot.db import Database, UTCDateTime, new_uid
from bot.messages import Incoming, dump_incoming
from bot.seal import Seal
from bot.shared import Notice, tell

log = logging.getLogger(__name__)

_BATCH = 400
_REMEMBERED = 20_000
_MOMENT = 0.005
_MOMENTS = 10
_CROWD = 300  # a second
_STOP = object()
_DEADLOCK = "40P01"  # PostgreSQL's SQLSTATE

Key = tuple[str, str]


# Plain statements on a bare connection: this path runs for every callback.
_COLUMNS = (
    "uid", "door", "message_id", "conversation", "body", "state", "reason", "attempts", "received_at", "due_at"
)  # fmt: skip
_INSERT = text(
    f"insert into inbox ({', '.join(_COLUMNS)}) values ({', '.join(f':{name}' for name in _COLUMNS)}) "  # noqa: S608 - names only
    "on conflict (door, message_id) do nothing"
).bindparams(bindparam("received_at", type_=UTCDateTime()), bindparam("due_at", type_=UTCDateTime()))
_FIND = text("select uid from inbox where door = :door and message_id = :message_id")


def row_of(seal: Seal, message: Incoming, now: datetime) -> dict[str, Any]:
    """Return the inbox row of a message received now, its body sealed."""
    uid = new_uid()
    return {
        "uid": uid,
        "door": message.door,
        "message_id": message.message_id,
        "conversation": seal.blind(message.conversation),
        "body": seal.close(dump_incoming(message), uid),
        "state": "new",
        "reason": "",
        "attempts": 0,
        "received_at": now,
        "due_at": now,
    }


@dataclass(frozen=True, slots=True)
class _Ticket:
    """One row on its way to the writer and the promise that was given for it."""

    row: dict[str, Any]
    stored: Future[Accepted]


class _Pace:
    """How many messages come in a second, by the last twentieth of one. Counted by one thread."""

    _SECONDS = 0.05

    def __init__(self) -> None:
        self._rate = 0.0
        self._since = 0.0
        self._count = 0

    def count(self, messages: int) -> None:
        """Count messages that came in."""
        now = time.monotonic()
        if now - self._since >= self._SECONDS:
            self._rate, self._since, self._count = self._count / (now - self._since), now, 0
        self._count += messages

    def is_fast(self) -> bool:
        """Whether it is a crowd."""
        return self._rate >= _CROWD and time.monotonic() - self._since < 2 * self._SECONDS


class AckWriter:
    """Stores messages. accept may be called from any thread between start and stop."""

    def __init__(self, db: Database, seal: Seal, clock: Clock, on_stored: Callable[[], None]) -> None:
        self._db = db
        self._seal = seal
        self._clock = clock
        self._on_stored = on_stored
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ack-writer", daemon=True)
        self._recent: OrderedDict[Key, str] = OrderedDict()
        self._repeats: dict[str, int] = {}
        self._lock = threading.Lock()
        self._pace = _Pace()
        self._connection: Connection | None = None  # the thread's own

    def start(self) -> None:
        """Start the writer thread."""
        self._thread.start()

    def stop(self) -> None:
        """Commit what waits, then end the thread."""
        self._queue.put(_STOP)
        self._thread.join()

    def submit(self, message: Incoming) -> Future[Accepted]:
        """Have message stored once; the result is there after the commit. Its exception: the database failed."""
        stored: Future[Accepted] = Future()
        key = (message.door, message.message_id)
        with self._lock:
            known = self._recent.get(key)
            if known is not None:
                self._repeats[known] = self._repeats.get(known, 0) + 1
                stored.set_result(Accepted(known, is_new=False))
                return stored
        self._queue.put(_Ticket(row_of(self._seal, message, self._clock.now()), stored))
        return stored

    def accept(self, message: Incoming, *, timeout: float = STORE_SECONDS) -> Accepted:
        """Store message once and return after the commit.

        Raises TimeoutError if the database does not take it in timeout seconds; the platform then calls again.
        """
        return self.submit(message).result(timeout)

    def give_way(self) -> None:
        """Wait while a crowd of messages comes in, but not for long: for work that can wait, before it begins."""
        for _ in range(_MOMENTS):
            if not self._pace.is_fast():
                return
            time.sleep(_MOMENT)

    def repeats_of(self, uid: str) -> int:
        """Return how many repeats of message uid this process has turned away."""
        with self._lock:
            return self._repeats.get(uid, 0)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch = [self._queue.get()]
            while len(batch) < _BATCH and not self._queue.empty():
                batch.append(self._queue.get())
            stopping = _STOP in batch
            work = [item for item in batch if item is not _STOP]
            if work:
                self._store(work)
        self._hang_up()

    def _store(self, work: list[_Ticket]) -> None:
        rows = [ticket.row for ticket in work]
        try:
            accepted = self._commit_again(rows)
        except Exception as error:  # the callers answer 503, and the platform calls again
            log.error("ack.store_failed error=%s rows=%d", type(error).__name__, len(work))
            self._hang_up()
            for ticket in work:
                ticket.stored.set_exception(error)
            return
        self._pace.count(len(work))
        for ticket, result in zip(work, accepted, strict=True):
            self._remember(_key_of(ticket.row), result)
            ticket.stored.set_result(result)
        self._on_stored()

    def _commit_again(self, rows: list[dict[str, Any]]) -> list[Accepted]:
        """Commit, once more on a new connection where the first try says nothing about the next.

        The kept connection may be dead; two processes that insert the same rows in different orders wait for each
        other until PostgreSQL refuses one of them. A transaction with one row holds nothing another could wait for.
        """
        try:
            return self._commit(rows)
        except DBAPIError as error:
            self._hang_up()
            if error.connection_invalidated:
                return self._commit(rows)
            if getattr(error.orig, "sqlstate", "") == _DEADLOCK:
                return [self._commit([row])[0] for row in rows]
            raise

    def _commit(self, rows: list[dict[str, Any]]) -> list[Accepted]:
        """Insert the rows that are not there yet and return what became of each."""
        if self._connection is None:
            self._connection = self._db.engine.connect()
        with self._db.acknowledging(self._connection):
            stored_now = self._connection.execute(_INSERT, rows).rowcount
            if stored_now:
                tell(self._connection, Notice.INBOX)
            if stored_now == len(rows):
                return [Accepted(row["uid"], is_new=True) for row in rows]
            stored = [str(self._connection.execute(_FIND, row).scalar_one()) for row in rows]
        return [Accepted(uid, is_new=uid == row["uid"]) for uid, row in zip(stored, rows, strict=True)]

    def _hang_up(self) -> None:
        """Give up the connection: what failed on it may have left it unusable."""
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None

    def _remember(self, key: Key, accepted: Accepted) -> None:
        with self._lock:
            if not accepted.is_new:
                self._repeats[accepted.uid] = self._repeats.get(accepted.uid, 0) + 1
            self._recent[key] = accepted.uid
            while len(self._recent) > _REMEMBERED:
                _, uid = self._recent.popitem(last=False)
                self._repeats.pop(uid, None)


def _key_of(row: dict[str, Any]) -> Key:
    return row["door"], row["message_id"]
