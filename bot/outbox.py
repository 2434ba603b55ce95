"""Rows of messages to send.

A row is unique on its key. It is taken (marked "sending", with an owner) in one transaction, sent without any, and
marked in another; a row that is still "sending" when its owner is gone is of unknown outcome (bot.underway). One for
which the platform leaves no room until its recipient speaks is put aside (bot.parked).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import Index, LargeBinary, and_, delete, exists, false, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from bot import allowance, lanes
from bot.channel import Allowance, Limit
from bot.db import Base
from bot.errors import SealError
from bot.lanes import PauseRow
from bot.messages import Envelope, dump_envelope, load_envelope
from bot.retry import Decision, Fate
from bot.seal import Seal
from bot.shared import try_lock

_ROWS_KEPT = timedelta(days=400)
_ROUNDS = 20
UNREADABLE = "no key opens this message"


class OutboxState(StrEnum):
    """Where a message to send stands."""

    WAITING = "waiting"
    SENDING = "sending"
    PARKED = "parked"  # 待联系: kept until the other side writes
    SENT = "sent"
    FAILED = "failed"
    MAYBE = "maybe"
    EXPIRED = "expired"


_OPEN = text("state in ('waiting', 'sending')")
_PARKED = text("state = 'parked'")
_KEPT = text("body is not null and state in ('sent', 'expired')")


class OutboxRow(Base):
    """One message to send. lane is blind and names a target of a door; audience is an id of the directory or empty.

    starts_at is when it was meant to leave, due_at when it is next tried.
    is_urgent: it overtakes what waits in its lane.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open_lane", "lane", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_open_due", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_audience", "audience", "created_at"),
        Index("ix_outbox_parked", "lane", sqlite_where=_PARKED, postgresql_where=_PARKED),
        Index("ix_outbox_kept", "done_at", sqlite_where=_KEPT, postgresql_where=_KEPT),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    door: Mapped[str]
    lane: Mapped[str]
    audience: Mapped[str] = mapped_column(default="")
    purpose: Mapped[str]
    inbox_uid: Mapped[str | None] = mapped_column(index=True)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default=OutboxState.WAITING)
    may_repeat: Mapped[bool]
    is_urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempts: Mapped[int] = mapped_column(default=0)
    code: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    owner: Mapped[str | None]
    created_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    first_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Taken:
    """A row marked as being sent, with its opened envelope."""

    id: int
    uid: str
    key: str
    door: str
    lane: str
    audience: str
    purpose: str
    may_repeat: bool
    attempt: int
    first_at: datetime
    envelope: Envelope
    since: datetime | None = None  # when the other side last spoke, where the door has an allowance


# Tells why a row may not leave for whoever reads it, in words that hold nothing of it, or None (bot.steps.judge).
Judging = Callable[[OutboxRow, Envelope], str | None]


def claim(
    session: Session,
    seal: Seal,
    now: datetime,
    *,
    guard: Judging,
    owner: str,
    limits: Mapping[str, Sequence[Limit]],
    most: int,
    allowances: Mapping[str, Allowance] = MappingProxyType({}),
    on_end: Callable[[str], None] = lambda _key: None,
) -> list[Taken]:
    """Mark up to most due rows as being sent by owner and return them.

    Takes only the oldest open row of a lane, only where the lane's limits (by door) allow it now and neither door
    nor lane is paused; a row that a limit holds back gets a later due time, one for which nothing is left of the
    lane's allowance (by door) is put aside. Expired, unreadable and refused rows end here: on_end is told their keys.
    What guard refuses keeps its body and ends as failed: sent once more, it is judged once more.
    """
    taken: list[Taken] = []
    for _ in range(_ROUNDS):
        is_moving = False
        for row in _due_rows(session, now, most):
            if row.expires_at is not None and row.expires_at <= now:
                end(row, OutboxState.EXPIRED, now)
            elif (limits.get(row.door) or row.door in allowances) and not try_lock(session, lanes.lock_of(row.lane)):
                continue  # another process is just sending there: what it writes into the ledger is not seen yet
            elif (free_at := lanes.free_at(session, row.lane, limits.get(row.door, ()), now)) > now:
                row.due_at = free_at
            elif (found := _take(session, seal, guard, row, owner, now, allowances.get(row.door))) is not None:
                taken.append(found)
                if limits.get(row.door):
                    lanes.note_send(session, row.lane, now)
            if row.done_at is not None:
                on_end(row.key)
            is_moving = is_moving or row.state != OutboxState.WAITING
        if taken or not is_moving:
            break  # else others may stand behind what has ended, or was put aside
    return taken


def _due_rows(session: Session, now: datetime, most: int) -> list[OutboxRow]:
    other = aliased(OutboxRow)
    is_older = and_(other.id < OutboxRow.id, other.is_urgent == OutboxRow.is_urgent)
    overtakes = and_(other.is_urgent, ~OutboxRow.is_urgent, other.starts_at <= now)
    # What was meant for a later hour holds up nobody; what a limit or a retry holds back keeps its place, but not
    # before an urgent message.
    goes_first = or_(other.state == "sending", and_(is_older, other.starts_at <= OutboxRow.starts_at), overtakes)
    is_open = other.state.in_(("waiting", "sending"))
    blocked = exists().where(is_open, other.lane == OutboxRow.lane, other.id != OutboxRow.id, goes_first)
    paused = exists().where(PauseRow.name.in_((OutboxRow.door, OutboxRow.lane)), PauseRow.until > now)
    query = (
        select(OutboxRow)
        .where(OutboxRow.state == "waiting", OutboxRow.due_at <= now, ~blocked, ~paused)
        .order_by(OutboxRow.is_urgent.desc(), OutboxRow.due_at, OutboxRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def _take(
    session: Session, seal: Seal, guard: Judging, row: OutboxRow, owner: str, now: datetime, room: Allowance | None
) -> Taken | None:
    try:
        envelope = load_envelope(seal.open(row.body or b"", row.uid))
    except SealError:
        row.reason = UNREADABLE
        end(row, OutboxState.FAILED, now)
        return None
    if is_refused(guard, row, envelope, now):
        return None
    if room is not None and not _has_room(session, row, envelope, room, now):
        row.state = OutboxState.PARKED
        return None
    row.state = OutboxState.SENDING
    row.owner = owner
    row.attempts += 1
    row.first_at = row.first_at or now
    return Taken(
        id=row.id,
        uid=row.uid,
        key=row.key,
        door=row.door,
        lane=row.lane,
        audience=row.audience,
        purpose=row.purpose,
        may_repeat=row.may_repeat,
        attempt=row.attempts,
        first_at=row.first_at,
        envelope=envelope,
        since=allowance.find_since(session, row.lane) if room is not None else None,
    )


def is_refused(guard: Judging, row: OutboxRow, envelope: Envelope, now: datetime) -> bool:
    """Whether a row may not leave: it then ends here."""
    fault = guard(row, envelope)
    if fault is None:
        return False
    row.reason = f"guard: {fault}"
    end(row, OutboxState.FAILED, now)
    return True


def _has_room(session: Session, row: OutboxRow, envelope: Envelope, room: Allowance, now: datetime) -> bool:
    """Whether a message may leave now. An answer to an event is not counted; a repeated attempt, which may have
    arrived, is made in any case, and counted again only if the other side has spoken in between."""
    since = allowance.find_since(session, row.lane)
    if envelope.code or (row.first_at is not None and (since is None or since <= row.first_at)):
        return True
    has_room = allowance.use(session, row.lane, room, now)
    if has_room:
        lanes.note_send(session, row.lane, now)
    return has_room or row.first_at is not None


def finish(session: Session, row_id: int, now: datetime) -> bool:
    """Mark a row sent and delete its body; False if the platform has said meanwhile that it did not arrive."""
    row = session.get_one(OutboxRow, row_id, with_for_update=True)
    if row.state == OutboxState.FAILED:
        return False
    end(row, OutboxState.SENT, now)
    row.body = None
    return True


def settle(
    session: Session,
    row_id: int,
    decision: Decision,
    now: datetime,
    *,
    code: int | None,
    reason: str,
    is_definite: bool = False,
) -> None:
    """Carry out what bot.retry decided about a failed attempt. reason is safe to show.

    is_definite: nothing arrived for certain, so the platform's aid against doubles has not begun to run.
    """
    row = session.get_one(OutboxRow, row_id)
    row.code = code
    row.reason = reason
    row.owner = None
    match decision.fate:
        case Fate.AGAIN:
            row.state = OutboxState.WAITING
            row.due_at = decision.due_at or now
            row.attempts -= 0 if decision.counts else 1
            row.first_at = None if is_definite else row.first_at
        case Fate.SENT:
            finish(session, row_id, now)
        case Fate.PARKED:
            row.state = OutboxState.PARKED
            row.attempts -= 1
            row.first_at = None
        case Fate.FAILED | Fate.MAYBE:
            end(row, OutboxState(decision.fate), now)


def end(row: OutboxRow, state: OutboxState, now: datetime) -> None:
    """Mark a row as ended."""
    row.state = state
    row.owner = None
    row.done_at = now


def find_key(session: Session, uid: str) -> str | None:
    """Return the key of the message uid."""
    return session.scalar(select(OutboxRow.key).where(OutboxRow.uid == uid))


def next_due_at(session: Session) -> datetime | None:
    """Return when the next waiting row falls due."""
    return session.scalar(select(func.min(OutboxRow.due_at)).where(OutboxRow.state == "waiting"))


def sweep(session: Session, now: datetime) -> None:
    """Delete rows that were sent long ago."""
    session.execute(delete(OutboxRow).where(OutboxRow.state == "sent", OutboxRow.created_at < now - _ROWS_KEPT))


def seal_envelope(seal: Seal, envelope: Envelope, uid: str) -> bytes:
    """Return the sealed body of the row uid."""
    return seal.close(dump_envelope(envelope), uid)
