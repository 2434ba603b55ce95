"""Rows of received messages: accepted once, handled once, in order within a conversation.

A body is sealed from its first write and deleted once the message is handled; a failed one keeps it for a replay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, UniqueConstraint, bindparam, delete, exists, func, select, text
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from bot.db import Base, UTCDateTime
from bot.errors import SealError
from bot.messages import Incoming, load_incoming
from bot.retry import after_handle
from bot.seal import Seal


class InboxState(StrEnum):
    """Where a received message stands."""

    NEW = "new"
    HANDLED = "handled"
    IGNORED = "ignored"
    FAILED = "failed"


_OPEN = text("state = 'new'")
_ROWS_KEPT = timedelta(days=90)


class InboxRow(Base):
    """One received message, unique on (door, message_id). conversation is blind: it names nobody."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("door", "message_id"),
        Index("ix_inbox_open_conversation", "conversation", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_inbox_open_due", "id", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    door: Mapped[str]
    message_id: Mapped[str]
    conversation: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default=InboxState.NEW)
    reason: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


# Built once: these run for every message.
_OLDER = aliased(InboxRow)
_NEXT_DUE = (
    select(InboxRow)
    .where(
        InboxRow.state == "new",
        InboxRow.due_at <= bindparam("now", type_=UTCDateTime()),
        ~exists().where(_OLDER.state == "new", _OLDER.conversation == InboxRow.conversation, _OLDER.id < InboxRow.id),
    )
    .order_by(InboxRow.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_STILL_OPEN = (
    select(InboxRow)
    .where(InboxRow.id == bindparam("row_id"), InboxRow.state == "new")
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class Received:
    """One open inbox row with its opened message."""

    id: int
    uid: str
    attempts: int
    received_at: datetime
    message: Incoming


def next_due(session: Session, seal: Seal, now: datetime) -> Received | None:
    """Return the oldest due message whose conversation has none older, or None.

    On PostgreSQL the row stays locked until the transaction ends; a row that another worker holds is passed over.
    Raises SealError if the body cannot be opened; the row is then marked failed by the caller (see fail).
    """
    row = session.scalar(_NEXT_DUE, {"now": now})
    return None if row is None else _open(row, seal)


def claim(session: Session, row_id: int) -> InboxRow | None:
    """Return the row if it still waits to be handled, locked where the database can; None if somebody else has it."""
    return session.scalar(_STILL_OPEN, {"row_id": row_id})


def finish(session: Session, row_id: int, now: datetime, *, ignored: str = "") -> None:
    """Mark the message handled, or ignored with a reason, and delete its body."""
    row = session.get_one(InboxRow, row_id)
    row.state = InboxState.IGNORED if ignored else InboxState.HANDLED
    row.reason = ignored
    row.handled_at = now
    row.body = None


def fail(session: Session, row_id: int, now: datetime, error: str) -> bool:
    """Record a failed attempt; returns True when it was the last one and the row is now failed.

    error names the exception's class and place, never a text of the message.
    """
    row = session.get_one(InboxRow, row_id)
    row.attempts += 1
    row.reason = error
    due = after_handle(row.attempts, now)
    if due is None:
        row.state = InboxState.FAILED
        row.handled_at = now
        return True
    row.due_at = due
    return False


def postpone(session: Session, row_id: int, due_at: datetime, reason: str) -> None:
    """Let a message wait for something that is being looked up; this is no attempt."""
    row = session.get_one(InboxRow, row_id)
    row.due_at = due_at
    row.reason = reason


def replay(session: Session, row_id: int, now: datetime) -> bool:
    """Put a failed message back to be handled; False if it is not failed or its body is gone."""
    row = session.get(InboxRow, row_id)
    if row is None or row.state != InboxState.FAILED or row.body is None:
        return False
    row.state = InboxState.NEW
    row.attempts = 0
    row.due_at = now
    row.handled_at = None
    return True


def sweep(session: Session, now: datetime) -> None:
    """Delete what was handled long ago; the platform repeats a message for minutes, not for months."""
    session.execute(
        delete(InboxRow).where(InboxRow.state.in_(("handled", "ignored")), InboxRow.received_at < now - _ROWS_KEPT)
    )


def dismiss(session: Session, row_id: int) -> bool:
    """Let a failed message rest for ever: its body is deleted. False if it is not failed."""
    row = session.get(InboxRow, row_id)
    if row is None or row.state != InboxState.FAILED:
        return False
    row.state, row.body = InboxState.IGNORED, None
    return True


def list_failed(session: Session) -> list[InboxRow]:
    """Return every failed message, oldest first."""
    return list(session.scalars(select(InboxRow).where(InboxRow.state == InboxState.FAILED).order_by(InboxRow.id)))


def oldest_open(session: Session) -> datetime | None:
    """Return when the oldest message that still waits was received."""
    return session.scalar(select(func.min(InboxRow.received_at)).where(InboxRow.state == "new"))


def next_due_at(session: Session) -> datetime | None:
    """Return when the next waiting message falls due."""
    return session.scalar(select(func.min(InboxRow.due_at)).where(InboxRow.state == "new"))


def _open(row: InboxRow, seal: Seal) -> Received:
    message = load_incoming(seal.open(row.body or b"", row.uid))
    return Received(row.id, row.uid, row.attempts, row.received_at, message)


def list_unreadable(session: Session, seal: Seal, now: datetime) -> list[int]:
    """Return due messages whose bodies no configured key opens."""
    found = []
    for row in session.scalars(select(InboxRow).where(InboxRow.state == "new", InboxRow.due_at <= now)):
        try:
            seal.open(row.body or b"", row.uid)
        except SealError:
            found.append(row.id)
    return found
