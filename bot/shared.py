"""What processes that share one database need of it: notices, locks by name, inserts that two may make at once.

SQLite has one process and one writer: there nobody is told and nothing is locked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.db import Base

_NOTIFY = text("select pg_notify(:channel, :payload)")
_LOCK = text("select pg_advisory_xact_lock(:key)")
_TRY_LOCK = text("select pg_try_advisory_xact_lock(:key)")
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Notice(StrEnum):
    """What is told to the other processes; the values are PostgreSQL's channels. Payloads hold ids only."""

    INBOX = "duban_inbox"  # messages were stored
    OUTBOX = "duban_outbox"  # there is something to send
    PULL = "duban_pull"  # an account has something to be pulled
    SETTLED = "duban_settled"  # the message of the payload, its uid, has come to its end


def key_of(name: str) -> int:
    """Return the number by which PostgreSQL knows the lock of a name: signed, of 64 bits."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def tell(connection: Connection, notice: Notice, payload: str = "") -> None:
    """Tell every process, ours too, as soon as the transaction is committed; equal notices of one are told once."""
    if _is_shared(connection):
        connection.execute(_NOTIFY, {"channel": notice, "payload": payload})


def lock(session: Session, name: str) -> None:
    """Be the only one with this name until the transaction ends; waits for whoever is."""
    if _is_shared(session.connection()):
        session.execute(_LOCK, {"key": key_of(name)})


def try_lock(session: Session, name: str) -> bool:
    """Be the only one with this name until the transaction ends; False if somebody else is."""
    return not _is_shared(session.connection()) or bool(session.scalar(_TRY_LOCK, {"key": key_of(name)}))


def insert_missing(session: Session, row: type[Base], **values: Any) -> bool:
    """Insert a row unless its key is there already, whoever brought it, a moment ago; True if it was not."""
    statement = _insert(session, row).values(**values).on_conflict_do_nothing()
    return session.connection().execute(statement.returning(*row.__table__.primary_key)).first() is not None


def upsert(
    session: Session,
    row: type[Base],
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    change: Mapping[str, Any] | None = None,
) -> None:
    """Insert a row, or set values (or what change says) where the key is there already. Not seen by loaded objects."""
    statement = _insert(session, row).values(**key, **values)
    session.connection().execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(change or values)))


def _insert(session: Session, row: type[Base]) -> Any:
    return _INSERTS[session.connection().dialect.name](row)


def _is_shared(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
