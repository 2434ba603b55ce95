"""Rows of messages to send, and the ledger that keeps the platform's limits.

A row is unique on its key. It is taken (marked "sending", with an owner) in one transaction, sent without any, and
marked in another; a row that is still "sending" when its owner is gone is of unknown outcome (design 1.3, 1.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from bot.channel import Limit
from bot.db import Base
from bot.errors import SealError
from bot.messages import Body, Envelope, dump_envelope, load_envelope
from bot.retry import Decision, Fate
from bot.seal import Seal
from bot.shared import insert_missing, try_lock, upsert

# How long the words of a reply stay readable for a repeated poll or callback (bot.channel.Intake.take_reply).
REPLY_KEPT = timedelta(minutes=10)
_LEDGER_KEPT = timedelta(hours=49)
_ROWS_KEPT = timedelta(days=400)
UNREADABLE = "no key opens this message"


class OutboxState(StrEnum):
    """Where a message to send stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    MAYBE = "maybe"
    EXPIRED = "expired"


_OPEN = text("state in ('waiting', 'sending')")
_KEPT = text("body is not null and state in ('sent', 'expired')")


class OutboxRow(Base):
    """One message to send. lane is blind and names a target of a door; audience is an id of the directory or empty.

    starts_at is when it was meant to leave, due_at when it is next tried.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open_lane", "lane", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_open_due", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_audience", "audience", "created_at"),
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


class SendRow(Base):
    """The ledger of sends: one row for each call made to a lane."""

    __tablename__ = "send"
    __table_args__ = (Index("ix_send_lane_at", "lane", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    lane: Mapped[str]
    at: Mapped[datetime]


class PauseRow(Base):
    """A door or a lane that must rest until an instant."""

    __tablename__ = "pause"
    name: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    reason: Mapped[str]


class DeadTargetRow(Base):
    """A recipient whom a door can never reach; cleared when the person writes again or is imported or bound anew."""

    __tablename__ = "dead_target"
    audience: Mapped[str] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[int | None]
    since: Mapped[datetime]


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


def claim(
    session: Session, seal: Seal, now: datetime, *, owner: str, limits: dict[str, Sequence[Limit]], most: int
) -> list[Taken]:
    """Mark up to most due rows as being sent by owner and return them.

    Takes only the oldest open row of a lane, only where the lane's limits (by door) allow it now and neither door
    nor lane is paused; a row that a limit holds back gets a later due time. Expired rows end here.
    """
    taken: list[Taken] = []
    for row in _due_rows(session, now, most):
        if row.expires_at is not None and row.expires_at <= now:
            _end(row, OutboxState.EXPIRED, now)
        elif limits.get(row.door) and not try_lock(session, f"lane/{row.lane}"):
            continue  # another process is just sending there: what it writes into the ledger is not seen yet
        elif (free_at := _free_at(session, row.lane, limits.get(row.door, ()), now)) > now:
            row.due_at = free_at
        elif (found := _take(session, seal, row, owner, now)) is not None:
            taken.append(found)
            if limits.get(row.door):
                session.add(SendRow(lane=row.lane, at=now))
    return taken


def _due_rows(session: Session, now: datetime, most: int) -> list[OutboxRow]:
    older = aliased(OutboxRow)
    # What was meant for a later hour holds up nobody; what a limit or a retry holds back keeps its place.
    goes_first = or_(older.state == "sending", older.starts_at <= OutboxRow.starts_at)
    blocked = exists().where(
        older.state.in_(("waiting", "sending")), older.lane == OutboxRow.lane, older.id < OutboxRow.id, goes_first
    )
    paused = exists().where(PauseRow.name.in_((OutboxRow.door, OutboxRow.lane)), PauseRow.until > now)
    query = (
        select(OutboxRow)
        .where(OutboxRow.state == "waiting", OutboxRow.due_at <= now, ~blocked, ~paused)
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def _free_at(session: Session, lane: str, limits: Sequence[Limit], now: datetime) -> datetime:
    """Return when the ledger lets the next send to lane go: now, or a later instant."""
    free = now
    for limit in limits:
        since = now - timedelta(seconds=limit.seconds)
        query = select(SendRow.at).where(SendRow.lane == lane, SendRow.at > since).order_by(SendRow.at.desc())
        nth = session.scalar(query.offset(limit.count - 1).limit(1))
        if nth is not None:
            free = max(free, nth + timedelta(seconds=limit.seconds))
    return free


def _take(session: Session, seal: Seal, row: OutboxRow, owner: str, now: datetime) -> Taken | None:
    try:
        envelope = load_envelope(seal.open(row.body or b"", row.uid))
    except SealError:
        row.reason = UNREADABLE
        _end(row, OutboxState.FAILED, now)
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
    )


def finish(session: Session, row_id: int, now: datetime) -> None:
    """Mark a row sent and delete its body."""
    row = session.get_one(OutboxRow, row_id)
    _end(row, OutboxState.SENT, now)
    row.body = None


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
        case Fate.FAILED:
            _end(row, OutboxState.FAILED, now)
        case Fate.MAYBE:
            _end(row, OutboxState.MAYBE, now)


def _end(row: OutboxRow, state: OutboxState, now: datetime) -> None:
    row.state = state
    row.owner = None
    row.done_at = now


def take_reply(session: Session, seal: Seal, inbox_uid: str, door: str, now: datetime) -> Body | None:
    """Return the reply to an inbox row that leaves by the HTTP answer, and mark it sent."""
    query = select(OutboxRow).where(OutboxRow.inbox_uid == inbox_uid, OutboxRow.door == door).order_by(OutboxRow.id)
    row = session.scalars(query.with_for_update()).first()
    if row is None or row.body is None:
        return None
    body = load_envelope(seal.open(row.body, row.uid)).body
    if row.state == OutboxState.WAITING:
        row.attempts += 1
        row.first_at = now
        _end(row, OutboxState.SENT, now)
    return body if row.state == OutboxState.SENT else None


def has_reply(session: Session, inbox_uid: str, door: str) -> bool:
    """Whether a reply to the inbox row can be taken (or was taken a moment ago)."""
    query = select(OutboxRow.id).where(
        OutboxRow.inbox_uid == inbox_uid,
        OutboxRow.door == door,
        OutboxRow.state.in_(("waiting", "sent")),
        OutboxRow.body.is_not(None),
    )
    return session.scalar(query.limit(1)) is not None


def list_owners(session: Session) -> set[str]:
    """Return the processes that have taken rows to send."""
    owners = session.scalars(select(OutboxRow.owner).where(OutboxRow.state == "sending").distinct())
    return {owner for owner in owners if owner is not None}


def is_under_way(session: Session, row_id: int, owner: str) -> bool:
    """Whether the row is still being sent by owner; nobody else can take it before the transaction ends."""
    row = session.get_one(OutboxRow, row_id, with_for_update=True)
    return row.state == OutboxState.SENDING and row.owner == owner


def list_orphans(session: Session, gone: Iterable[str]) -> list[OutboxRow]:
    """Return rows that are being sent by owners who are gone: outcome unknown."""
    query = select(OutboxRow).where(OutboxRow.state == "sending", OutboxRow.owner.in_(list(gone)))
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def resend(session: Session, row_id: int, now: datetime) -> bool:
    """Put a failed or doubtful row back to be sent; False if it is neither or its body is gone."""
    row = session.get(OutboxRow, row_id)
    if row is None or row.state not in (OutboxState.FAILED, OutboxState.MAYBE) or row.body is None:
        return False
    row.state = OutboxState.WAITING
    row.attempts = 0
    row.first_at = None
    row.due_at = now
    row.done_at = None
    return True


def dismiss(session: Session, row_id: int) -> bool:
    """Let a failed or doubtful row rest for ever: its body is deleted. False if it is neither."""
    row = session.get(OutboxRow, row_id)
    if row is None or row.state not in (OutboxState.FAILED, OutboxState.MAYBE):
        return False
    row.body = None
    return True


def list_stuck(session: Session) -> list[OutboxRow]:
    """Return rows that ended as failed or doubtful and still hold their body, oldest first."""
    query = select(OutboxRow).where(OutboxRow.state.in_(("failed", "maybe")), OutboxRow.body.is_not(None))
    return list(session.scalars(query.order_by(OutboxRow.id)))


def pause(session: Session, name: str, until: datetime, reason: str) -> None:
    """Let a door or a lane rest until an instant; an earlier pause is replaced."""
    upsert(session, PauseRow, {"name": name}, {"until": until, "reason": reason})


def list_pauses(session: Session, now: datetime) -> list[str]:
    """Return the doors that rest now."""
    doors = select(PauseRow.name).where(PauseRow.until > now, or_(PauseRow.name.contains("/"), PauseRow.name == "push"))
    return sorted(session.scalars(doors))


def mark_dead(session: Session, audience: str, door: str, code: int | None, now: datetime) -> bool:
    """Remember that a recipient cannot be reached; False if that was known."""
    return insert_missing(session, DeadTargetRow, audience=audience, door=door, code=code, since=now)


def revive(session: Session, audience: str = "", door: str = "") -> None:
    """Forget that a recipient could not be reached: by this door, or by any; without an audience everybody."""
    forgotten = delete(DeadTargetRow)
    if audience:
        forgotten = forgotten.where(DeadTargetRow.audience == audience)
    if door:
        forgotten = forgotten.where(DeadTargetRow.door == door)
    session.execute(forgotten)


def next_due_at(session: Session) -> datetime | None:
    """Return when the next waiting row falls due."""
    return session.scalar(select(func.min(OutboxRow.due_at)).where(OutboxRow.state == "waiting"))


def sweep(session: Session, now: datetime) -> None:
    """Delete the bodies of replies that nobody will ask for again and ledger lines that no limit looks at."""
    stale = update(OutboxRow).where(
        OutboxRow.state.in_(("sent", "expired")), OutboxRow.body.is_not(None), OutboxRow.done_at < now - REPLY_KEPT
    )
    session.execute(stale.values(body=None))
    session.execute(delete(SendRow).where(SendRow.at < now - _LEDGER_KEPT))
    session.execute(delete(OutboxRow).where(OutboxRow.state == "sent", OutboxRow.created_at < now - _ROWS_KEPT))
    session.execute(delete(PauseRow).where(PauseRow.until < now))


def seal_envelope(seal: Seal, envelope: Envelope, uid: str) -> bytes:
    """Return the sealed body of the row uid."""
    return seal.close(dump_envelope(envelope), uid)
