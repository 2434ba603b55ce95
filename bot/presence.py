"""Signs of life on PostgreSQL, and the ear of a process: one connection of its own for both (ADR 0015).

A process holds a session lock on its owner id; the lock dies with the process, and what it had under way is then of
unknown outcome. The same connection listens to what others tell, so that its loss is noticed at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.db import Database
from bot.shared import Notice, key_of

if TYPE_CHECKING:
    from psycopg import Connection

log = logging.getLogger(__name__)

# How long an owner may be without a lock before it counts as gone: after a restart of PostgreSQL everybody has to come
# back first, and who comes back soon goes on.
_GRACE_SECONDS = 3.0
_TURN_SECONDS = 0.5
_AGAIN_SECONDS = 0.3
_PING_SECONDS = 5.0
_FIRST_SECONDS = 5.0

# A lock on one 64-bit number shows as two halves.
_HELD = text(
    "select (classid::bigint << 32) | objid::bigint from pg_locks where locktype = 'advisory' and objsubid = 1 "
    "and granted and database = (select oid from pg_database where datname = current_database())"
)


class Signs(Protocol):
    """How a process knows whether others, and itself, are taken for alive."""

    def is_given(self, session: Session) -> bool:
        """Whether our own sign of life is to be seen, so that something may be taken under way."""
        ...

    def find_gone(self, session: Session, owners: Collection[str]) -> list[str]:
        """Return those of owners who are no more."""
        ...


class Alone:
    """The signs of an SQLite file, which one process holds: everybody else is gone."""

    def is_given(self, session: Session) -> bool:
        """Return True: the file lock is the sign."""
        return True

    def find_gone(self, session: Session, owners: Collection[str]) -> list[str]:
        """Return all of them."""
        return list(owners)


class Presence:
    """The signs of processes on PostgreSQL. ears: who is told a payload, by notice; on_back: after a lost connection,
    when notices may have been missed."""

    def __init__(
        self, db: Database, owner: str, ears: Mapping[Notice, Callable[[str], None]], on_back: Callable[[], None]
    ) -> None:
        self._db = db
        self._owner = owner
        self._ears = {str(notice): ear for notice, ear in ears.items()}
        self._on_back = on_back
        self._stopping = threading.Event()
        self._here = threading.Event()
        self._missing: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        """Take the lock and listen; returns once both are done, or after 5 s, and then goes on trying."""
        self._thread.start()
        self._here.wait(_FIRST_SECONDS)

    def stop(self) -> None:
        """Give the lock back."""
        self._stopping.set()
        self._thread.join()

    def is_given(self, session: Session) -> bool:
        """Whether our own sign of life is to be seen by everybody, asked of the database."""
        return key_of(self._owner) in set(session.scalars(_HELD))

    def find_gone(self, session: Session, owners: Collection[str]) -> list[str]:
        """Return those of owners who had no lock at this look and at one at least 3 s ago.

        Have owners read before: a process takes its lock before it owns anything.
        """
        held = set(session.scalars(_HELD))
        now = time.monotonic()
        self._missing = {each: self._missing.get(each, now) for each in owners if key_of(each) not in held}
        return [each for each, since in self._missing.items() if now - since >= _GRACE_SECONDS]

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._connect() as connection:
                    self._listen(connection)
            except Exception as error:  # the database is away: everything waits until it is back
                if self._here.is_set():
                    log.warning("presence.lost owner=%s error=%s", self._owner, type(error).__name__)
                self._here.clear()
                self._stopping.wait(_AGAIN_SECONDS)

    def _connect(self) -> Connection[tuple[object, ...]]:
        import psycopg  # only who uses PostgreSQL has it installed

        arguments, options = self._db.engine.dialect.create_connect_args(self._db.url)
        return psycopg.connect(*arguments, **{**self._db.connect_options, **options}, autocommit=True)

    def _listen(self, connection: Connection[tuple[object, ...]]) -> None:
        self._db.prepare(connection)
        for channel in self._ears:
            connection.execute(f'listen "{channel}"')
        is_held = False
        pinged = time.monotonic()
        while not self._stopping.is_set():
            # What we left behind on a connection that was cut may hold it for a while; it counts for us until then.
            if not is_held:
                is_held = self._take(connection)
            for notify in connection.notifies(timeout=_TURN_SECONDS):
                self._ears[notify.channel](notify.payload)
                if self._stopping.is_set() or not is_held:
                    break
            if time.monotonic() - pinged > _PING_SECONDS:
                connection.execute("select 1")
                pinged = time.monotonic()

    def _take(self, connection: Connection[tuple[object, ...]]) -> bool:
        row = connection.execute("select pg_try_advisory_lock(%s)", (key_of(self._owner),)).fetchone()
        if row is None or not row[0]:
            return False
        log.info("presence.given owner=%s", self._owner)
        self._here.set()
        self._on_back()
        return True
