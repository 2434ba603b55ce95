"""Rows of received messages: accepted once, handled once, in order within a conversation.

A body is sealed from its first write and deleted once the message is handled; a failed one keeps it for a replay.
An attempt is counted before the message is opened and taken back when it ends well: what ends the process counts, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    Index,
    LargeBinary,
    Select,
    Subquery,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db import Base, UTCDateTime
from bot.messages import Incoming, load_incoming
from bot.retry import MAX_HANDLES, after_begun, after_handle
from bot.seal import Seal
from bot.shared import Notice, tell


class InboxState(StrEnum):
    """Where a received message stands."""

    NEW = "new"
    HANDLED = "handled"
    IGNORED = "ignored"
    FAILED = "failed"


_OPEN = text("state = 'new'")
_ROWS_KEPT = timedelta(days=90)


class InboxRow(Base):
    """One received message, unique on (door, message_id). conversation is blind: it names nobody.

    attempts: how often handling was begun and did not end well.
    """

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


# Built once: these run for every batch, or for every message.
_OPEN_ROWS = select(InboxRow.id, InboxRow.conversation).where(InboxRow.state == "new")


def _due(open_rows: Subquery) -> Select[int, str, int, datetime, bytes | None]:
    """Return the query of due rows of which no conversation has an older open one, first due first."""
    heads = select(func.min(open_rows.c.id)).group_by(open_rows.c.conversation)
    return (
        select(InboxRow.id, InboxRow.uid, InboxRow.attempts, InboxRow.received_at, InboxRow.body)
        .where(
            InboxRow.id.in_(heads),
            InboxRow.state == "new",
            # What was never begun is due at once: its times are the future's if the clock was set back meanwhile.
            or_(InboxRow.due_at <= bindparam("now", type_=UTCDateTime()), InboxRow.due_at == InboxRow.received_at),
        )
        .order_by(InboxRow.due_at, InboxRow.id)
        .limit(bindparam("most"))
    )


# A long backlog is not read whole for each batch, unless its beginning holds nothing that is due.
_DUE_NEAR = _due(_OPEN_ROWS.order_by(InboxRow.id).limit(500).subquery())
_DUE_ANYWHERE = _due(_OPEN_ROWS.subquery())
_STILL_OPEN = (
    select(InboxRow)
    .where(InboxRow.id == bindparam("row_id"), InboxRow.state == "new")
    .with_for_update(skip_locked=True)
)
_PUT_BACK = (
    update(InboxRow.__table__)  # type: ignore[arg-type] # a declared class's table is one
    .where(InboxRow.id == bindparam("row_id"), InboxRow.state == "new", InboxRow.attempts > 0)
    .values(attempts=InboxRow.attempts - 1, due_at=bindparam("again_at", type_=UTCDateTime()))
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open inbox row, still sealed. attempts holds the present one once it is begun."""

    id: int
    uid: str
    attempts: int
    received_at: datetime
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Received:
    """One open inbox row with its opened message."""

    id: int
    uid: str
    attempts: int
    received_at: datetime
    message: Incoming


def list_due(session: Session, now: datetime, most: int) -> list[Waiting]:
    """Return up to most due messages, first due first, none of which has an older open one in its conversation.

    A message that was begun before, and did not end, comes alone: should it end the process, it takes nobody along.
    """
    values = {"now": now, "most": most}
    rows = session.execute(_DUE_NEAR, values).all() or session.execute(_DUE_ANYWHERE, values).all()
    found = [Waiting(row.id, row.uid, row.attempts, row.received_at, row.body) for row in rows]
    if found and found[0].attempts:
        return found[:1]
    return [waiting for waiting in found if not waiting.attempts]


def begin(session: Session, found: Sequence[Waiting], now: datetime) -> list[Waiting]:
    """Count an attempt for each of found (from list_due) and return those that nobody else has begun meanwhile.

    Commit before anything is opened. Should nothing more be heard of them, they fall due again by themselves.
    """
    if not found:
        return []
    attempts = found[0].attempts
    ours = _lease(session, found, attempts + 1, now)
    return [replace(each, attempts=attempts + 1) for each in found if each.id in ours]


def renew(session: Session, begun: Sequence[Waiting], now: datetime) -> list[Waiting]:
    """Put off the time at which others may begin what begin has returned; returns those that nobody has meanwhile."""
    ours = _lease(session, begun, begun[0].attempts, now) if begun else set()
    return [each for each in begun if each.id in ours]


def _lease(session: Session, rows: Sequence[Waiting], attempts: int, now: datetime) -> set[int]:
    # Whoever works on a row has it: nobody waits here, so two processes never wait for each other.
    free = (
        select(InboxRow.id)
        .where(
            InboxRow.id.in_([each.id for each in rows]),
            InboxRow.state == "new",
            InboxRow.attempts == rows[0].attempts,
        )
        .with_for_update(skip_locked=True)
    )
    query = (
        update(InboxRow)
        .where(InboxRow.id.in_(free))
        .values(attempts=attempts, due_at=after_begun(attempts, now))
        .returning(InboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return set(session.scalars(query))


def put_back(session: Session, again: Mapping[int, datetime]) -> None:
    """Take back the attempts of messages, by row id, that were begun and came to nothing; each is due at its time."""
    if again:
        session.connection().execute(_PUT_BACK, [{"row_id": row, "again_at": at} for row, at in again.items()])


def unseal(waiting: Waiting, seal: Seal) -> Received:
    """Open a message. Raises SealError if no key opens it."""
    message = load_incoming(seal.open(waiting.body or b"", waiting.uid))
    return Received(waiting.id, waiting.uid, waiting.attempts, waiting.received_at, message)


def claim(session: Session, row_id: int) -> InboxRow | None:
    """Return the row if it still waits to be handled, locked where the database can; None if somebody else has it."""
    return session.scalar(_STILL_OPEN, {"row_id": row_id})


def finish(session: Session, row_id: int, now: datetime, *, ignored: str = "") -> None:
    """Mark the message handled, or ignored with a reason, and delete its body."""
    row = session.get_one(InboxRow, row_id)
    row.state = InboxState.IGNORED if ignored else InboxState.HANDLED
    row.reason = ignored
    row.attempts = max(0, row.attempts - 1)
    row.handled_at = now
    row.body = None
    _tell_end(session, row)


def fail(session: Session, row_id: int, now: datetime, error: str) -> bool:
    """Record that the attempt failed; returns True when it was the last one and the row is now failed.

    error names the exception's class and place, never a text of the message.
    """
    row = session.get_one(InboxRow, row_id, with_for_update=True)
    if row.state != InboxState.NEW:
        return False  # somebody else has handled it meanwhile
    row.reason = error
    due = after_handle(row.attempts, now)
    if due is None:
        row.attempts = min(row.attempts, MAX_HANDLES)
        row.state = InboxState.FAILED
        row.handled_at = now
        _tell_end(session, row)
        return True
    row.due_at = due
    return False


def _tell_end(session: Session, row: InboxRow) -> None:
    # Only the webhooks of robots wait for an answer.
    if row.door.startswith("robot/"):
        tell(session.connection(), Notice.SETTLED, row.uid)


def postpone(session: Session, row_id: int, due_at: datetime, reason: str) -> None:
    """Let a message wait for something that is being looked up; this is no attempt."""
    row = claim(session, row_id)
    if row is None:
        return
    row.attempts = max(0, row.attempts - 1)
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


def has_failed(session: Session) -> bool:
    """Whether any message waits for a person; cheaper than to count them."""
    return session.scalar(select(InboxRow.id).where(InboxRow.state == InboxState.FAILED).limit(1)) is not None


def count_failed(session: Session, since: datetime | None = None) -> int:
    """Return how many messages are failed now; since: only those that failed later."""
    query = select(func.count()).where(InboxRow.state == InboxState.FAILED)
    return session.scalar(query if since is None else query.where(InboxRow.handled_at > since)) or 0


def oldest_open(session: Session) -> datetime | None:
    """Return when the oldest message that still waits was received."""
    return session.scalar(select(func.min(InboxRow.received_at)).where(InboxRow.state == "new"))


def next_due_at(session: Session) -> datetime | None:
    """Return when the next waiting message falls due."""
    return session.scalar(select(func.min(InboxRow.due_at)).where(InboxRow.state == "new"))
