"""Acknowledge after commit, and commit in groups: the one thread that writes received messages.

Whatever waits is committed in one transaction; a repeat is answered without a write (design 1.4).
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.channel import Accepted
from bot.clock import Clock
from bot.db import Database, new_uid
from bot.inbox import InboxRow
from bot.messages import Incoming, dump_incoming
from bot.seal import Seal

log = logging.getLogger(__name__)

_BATCH = 400
_REMEMBERED = 20_000
_STOP = object()

Key = tuple[str, str]


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

    def start(self) -> None:
        """Start the writer thread."""
        self._thread.start()

    def stop(self) -> None:
        """Commit what waits, then end the thread."""
        self._queue.put(_STOP)
        self._thread.join()

    def accept(self, message: Incoming, *, timeout: float = 4.0) -> Accepted:
        """Store message once and return after the commit.

        Raises TimeoutError if the database does not take it in timeout seconds; the platform then calls again.
        """
        key = (message.door, message.message_id)
        with self._lock:
            known = self._recent.get(key)
            if known is not None:
                self._repeats[known] = self._repeats.get(known, 0) + 1
                return Accepted(known, is_new=False)
        future: Future[Accepted] = Future()
        self._queue.put((self._row(message), future))
        return future.result(timeout)

    def repeats_of(self, uid: str) -> int:
        """Return how many repeats of message uid this process has turned away."""
        with self._lock:
            return self._repeats.get(uid, 0)

    def _row(self, message: Incoming) -> dict[str, Any]:
        uid, now = new_uid(), self._clock.now()
        return {
            "uid": uid,
            "door": message.door,
            "message_id": message.message_id,
            "conversation": self._seal.blind(message.conversation),
            "body": self._seal.close(dump_incoming(message), uid),
            "state": "new",
            "reason": "",
            "attempts": 0,
            "received_at": now,
            "due_at": now,
        }

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

    def _store(self, work: list[tuple[dict[str, Any], Future[Accepted]]]) -> None:
        try:
            with self._db.transaction(urgent=True) as session:
                uids = self._insert(session, [row for row, _ in work])
        except Exception as error:  # the callers answer 503, and the platform calls again
            log.error("ack.store_failed error=%s rows=%d", type(error).__name__, len(work))
            for _, future in work:
                future.set_exception(error)
            return
        for row, future in work:
            uid = uids[_key_of(row)]
            accepted = Accepted(uid, is_new=uid == row["uid"])
            self._remember(_key_of(row), accepted)
            future.set_result(accepted)
        self._on_stored()

    def _insert(self, session: Session, rows: list[dict[str, Any]]) -> dict[Key, str]:
        insert = sqlite.insert if self._db.is_sqlite else postgresql.insert
        statement = insert(InboxRow).on_conflict_do_nothing(index_elements=["door", "message_id"])
        stored = set(session.connection().execute(statement.returning(InboxRow.uid), rows).scalars())
        return {_key_of(row): row["uid"] if row["uid"] in stored else _find(session, _key_of(row)) for row in rows}

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


def _find(session: Session, key: Key) -> str:
    door, message_id = key
    query = select(InboxRow.uid).where(InboxRow.door == door, InboxRow.message_id == message_id)
    return session.scalars(query).one()
