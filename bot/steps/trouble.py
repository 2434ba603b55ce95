"""When the database, and not what was being done, is the trouble: nothing is counted, everything is tried later."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from bot.retry import backoff

# Busy, locked, read-only, input or output, corrupt, full, cannot open, locking protocol, no database
# (https://www.sqlite.org/rescode.html, read 2026-11). The driver calls a fault in a statement operational, too.
_SQLITE = frozenset((5, 6, 8, 10, 11, 13, 14, 15, 26))
# Connection, rolled back for others, no resources, not available now, operator, system; and a server that only reads
# (https://www.postgresql.org/docs/current/errcodes-appendix.html, read 2026-11).
_POSTGRES = ("08", "40", "53", "55", "57", "58", "25006")


def is_passing(error: BaseException) -> bool:
    """Whether error says that the database is away, full, locked or overtaken, and nothing about a message."""
    if isinstance(error, TimeoutError):  # no connection became free
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in _SQLITE
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_POSTGRES)
    return isinstance(error, OperationalError | InterfaceError)


class Setbacks:
    """The attempts of this process that came to nothing without a fault of the message, until the rows say so again."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._owed: dict[int, datetime] = {}

    @property
    def owed(self) -> Mapping[int, datetime]:
        """When each message is due again whose attempt is still counted in its row."""
        return self._owed

    def release(self, row_ids: Iterable[int], now: datetime) -> None:
        """Note that messages were not opened at all: they are due at once."""
        self._owed |= dict.fromkeys(row_ids, now)

    def note(self, row_id: int, now: datetime) -> None:
        """Note that the database broke off an attempt: it is made again, later each time."""
        self._counts[row_id] = self._counts.get(row_id, 0) + 1
        self._owed[row_id] = now + backoff(self._counts[row_id], most=60.0)

    def settle(self, row_id: int) -> None:
        """Forget how often a message that has come to an end was broken off."""
        self._counts.pop(row_id, None)

    def clear(self) -> None:
        """Forget what was owed: the rows say it now."""
        self._owed.clear()
