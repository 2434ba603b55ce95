"""Engine, transactions, the declarative base and the UTC column type.

SQLite: WAL, synchronous=FULL, every write transaction is BEGIN IMMEDIATE under one process-wide lock in which the
acknowledging writer goes first (ADR 0004). PostgreSQL: plain transactions, row locks do the rest.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

# A peer that is gone without a word is noticed after about 11 s, by either side.
_ALIVE = {"idle": 5, "interval": 2, "count": 3}
_POSTGRES = {
    "connect_timeout": 5,
    "tcp_user_timeout": 11_000,
    "application_name": "duban",
    **{f"keepalives_{name}": value for name, value in _ALIVE.items()},
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time has no place in the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Root of every table, with names for constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime()}  # noqa: RUF012 - SQLAlchemy's own protocol


def new_uid() -> str:
    """Return a fresh row id of 32 hex digits, made before the insert so that it can bind a sealed body."""
    return uuid.uuid4().hex


class WriteLock:
    """One writer at a time; urgent waiters (the acknowledging writer) go before the others."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._held = False
        self._urgent = 0

    @contextmanager
    def hold(self, *, urgent: bool) -> Iterator[None]:
        """Hold the lock for the block."""
        with self._condition:
            self._urgent += urgent
            while self._held or (self._urgent and not urgent):
                self._condition.wait()
            self._urgent -= urgent
            self._held = True
        try:
            yield
        finally:
            with self._condition:
                self._held = False
                self._condition.notify_all()


class Database:
    """The one database of a process. url is SQLAlchemy's: sqlite:///FILE or postgresql+psycopg://…"""

    def __init__(self, url: str | URL) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.connect_options: dict[str, Any] = {"timeout": 30} if self.is_sqlite else dict(_POSTGRES)
        options = {} if self.is_sqlite else {"pool_pre_ping": True}
        self.engine = create_engine(self.url, hide_parameters=True, connect_args=self.connect_options, **options)
        # PostgreSQL's default gives each statement a state of its own.
        reading = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self.engine.execution_options(duban_reading=True, **reading)
        self._lock = WriteLock()
        self.prepare = _prepare_sqlite if self.is_sqlite else _prepare_postgres
        event.listen(self.engine, "connect", lambda connection, _record: self.prepare(connection))
        if self.is_sqlite:
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a write transaction: committed at the end of the block, undone if it raises.

        Opened by webhook, worker, runner and console only; services get the session and never commit.
        """
        if not self.is_sqlite:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with (
            self._lock.hold(urgent=False),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def acknowledging(self, connection: Connection) -> Iterator[None]:
        """Open the urgent write transaction of the writer that acknowledges messages, on a connection it keeps."""
        if self.is_sqlite:
            with self._lock.hold(urgent=True), connection.begin():
                yield
        else:
            with connection.begin():
                yield

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a read-only view: never waits for a writer, sees one consistent state, is always rolled back."""
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any) -> None:
    # The driver's own transaction control begins only at the first write, which lets two readers both write.
    connection.isolation_level = None
    # secure_delete: what is erased is overwritten, not only given up (bot.vault.scrub empties the -wal file).
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgres(connection: Any) -> None:
    # A machine that lost its power says nothing: its locks must not be kept for the two hours of the system's default.
    was, connection.autocommit = connection.autocommit, True
    connection.execute("; ".join(f"set tcp_keepalives_{name} = {value}" for name, value in _ALIVE.items()))
    connection.autocommit = was


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("duban_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
