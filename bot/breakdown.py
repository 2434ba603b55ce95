"""Why a database cannot be used, in words for the operator; never with a path, an address or a statement."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

_RESTORE = "put a backup back (docs/operating.md)"
_BUSY = ("busy: another process holds it", "try again; if it stays so, find and stop that process")
# By the lower byte of the code: https://www.sqlite.org/rescode.html (read 2026-11).
_SQLITE = {
    1: ("its tables are not those of its schema version", _RESTORE),
    5: _BUSY,
    6: _BUSY,
    8: ("cannot be written", "let the service's user write to the file and its folder"),
    10: ("the disk reports an error", "look at the disk and the room on it"),
    11: ("the file is damaged", _RESTORE),
    13: ("the disk is full", "make room"),
    14: ("the file cannot be opened", "name a file in a folder that the service's user may read and write"),
    26: ("the file is no SQLite database", f"name the right file, or {_RESTORE}"),
}
_SERVER = ("the server cannot be reached or refuses the login", "look at host, user and password, and at the server")


def explain(error: SQLAlchemyError) -> tuple[str, str]:
    """Return what is wrong with the database, and what to do."""
    origin = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(origin, sqlite3.Error):
        known = _SQLITE.get(getattr(origin, "sqlite_errorcode", 0) & 0xFF)
        if known is not None:
            return known
    elif origin is not None and isinstance(error, OperationalError | InterfaceError):
        return _SERVER
    state = getattr(origin, "sqlstate", None)
    return f"{type(error).__name__}{f' {state}' if state else ''}", "see the log of the service or of the server"
