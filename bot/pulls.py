"""Rows of accounts whose messages are pulled: how far each has been read, when next, and who is reading.

The platform only says that there is something (a wake-up); what it is must be asked for, from a cursor on. The cursor
moves in the transaction that stores the messages, so whatever dies in between, none is lost and none is there twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, LargeBinary, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db import Base
from bot.errors import Failure, SealError
from bot.messages import Kind, Outgoing
from bot.retry import backoff
from bot.router import Context, Ignore, Reading, Routes
from bot.seal import Seal
from bot.shared import Notice, insert_missing, tell

WAKE_UP = "kf_msg_or_event"
# Without a wake-up; the platform may drop one (WeCom docs 90930).
EVERY = timedelta(minutes=3)
# A token works for ten minutes (docs 94670), by the platform's clock.
_TOKEN_LIFE = timedelta(minutes=9, seconds=30)
# Longer than a call with its time-outs; who holds it longer than that counts as gone.
LEASE = timedelta(seconds=60)
# What lies further ahead comes from a clock that was set back.
_FARTHEST = timedelta(minutes=15)
# A cursor that is refused so often in a row is given up: the platform then begins three days back.
_REFUSALS = 3


class PullRow(Base):
    """One account. cursor: where the next page begins (empty: three days back); token (sealed) and token_at: those of
    the last wake-up; wakes counts wake-ups; started_at: when this account was first seen, what was said earlier is not
    ours to answer; attempts: calls that failed in a row, refusals: those that were refused for good.
    """

    __tablename__ = "pull"
    open_kfid: Mapped[str] = mapped_column(primary_key=True)
    door: Mapped[str]
    cursor: Mapped[str] = mapped_column(default="")
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    token_at: Mapped[datetime | None]
    wakes: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    owner: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    pulled_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Turn:
    """One page to be pulled: from which cursor, with which token, after how many wake-ups."""

    open_kfid: str
    door: str
    cursor: str
    token: str
    wakes: int
    started_at: datetime


def ensure(session: Session, accounts: Mapping[str, str], now: datetime) -> None:
    """Have a row for each account (the platform's id -> door), due at once where it is new."""
    for open_kfid, door in accounts.items():
        if not insert_missing(session, PullRow, open_kfid=open_kfid, door=door, due_at=now, started_at=now):
            row = PullRow.open_kfid == open_kfid
            session.execute(update(PullRow).where(row, PullRow.door != door).values(door=door))


def wake(session: Session, seal: Seal, open_kfid: str, token: str, sent_at: datetime, now: datetime) -> None:
    """Note a wake-up: the account is due at once, unless it waits because calls fail. Many are as good as one.

    The limit of calls without a token is no reason to wait with one; if that is refused too, it is.
    """
    row = session.get(PullRow, open_kfid, with_for_update=True)
    if row is None:
        return
    row.wakes += 1
    if token and (row.token_at is None or row.token_at <= sent_at or row.token_at > now):
        row.token, row.token_at = seal.close(token.encode(), f"pull/{open_kfid}"), min(sent_at, now)
    was_limited = row.attempts == 1 and row.reason.startswith(Failure.LIMITED)
    if not row.attempts or (token and was_limited):
        row.due_at = min(row.due_at, now)
    tell(session.connection(), Notice.PULL)


def claim(
    session: Session, seal: Seal, accounts: Collection[str], now: datetime, *, owner: str, gone: Collection[str]
) -> Turn | None:
    """Return the page that has waited longest, for owner alone while the lease lasts; None if none is due.

    gone: owners who are no more, whose leases are void.
    """
    query = (
        select(PullRow)
        .where(PullRow.open_kfid.in_(accounts), _is_due(now))
        .order_by(PullRow.due_at, PullRow.open_kfid)
        .with_for_update(skip_locked=True)
    )
    for row in session.scalars(query):
        if _is_held(row, now, owner, gone):
            continue
        row.owner, row.leased_until = owner, now + LEASE
        # A clock that was ahead when the account was first seen must not make what is said today too old.
        row.started_at = min(row.started_at, now)
        return Turn(row.open_kfid, row.door, row.cursor, _token(seal, row, now), row.wakes, row.started_at)
    return None


def list_owners(session: Session, accounts: Collection[str]) -> set[str]:
    """Return who is pulling now."""
    owners = session.scalars(select(PullRow.owner).where(PullRow.open_kfid.in_(accounts)))
    return {owner for owner in owners if owner is not None}


def hold(session: Session, turn: Turn, owner: str) -> PullRow | None:
    """Return the row of a turn, locked, if it is still owner's and nobody has moved its cursor; else None."""
    row = session.get(PullRow, turn.open_kfid, with_for_update=True)
    return row if row is not None and row.owner == owner and row.cursor == turn.cursor else None


def move(row: PullRow, turn: Turn, cursor: str, *, has_more: bool, now: datetime) -> None:
    """Note that a page was stored and where the next begins: at once if there is more, or a wake-up came meanwhile."""
    is_stuck = has_more and cursor in ("", turn.cursor)
    row.cursor = cursor or row.cursor
    row.pulled_at = now
    row.owner = row.leased_until = None
    row.refusals = 0
    if is_stuck:
        _put_off(row, now, "more was promised, but the cursor does not move")
        return
    row.attempts, row.reason = 0, ""
    row.due_at = now if has_more or row.wakes != turn.wakes else now + EVERY


def fail(row: PullRow, now: datetime, reason: str, *, wait: timedelta | None, is_refused: bool) -> bool:
    """Note a call that failed; True if the cursor was given up because it was refused again and again.

    The token is forgotten: it may be the reason, and the next wake-up brings another. wait: as the platform asks for.
    """
    row.token = row.token_at = None
    row.owner = row.leased_until = None
    row.refusals = row.refusals + 1 if is_refused else 0
    _put_off(row, now, reason, wait)
    if row.refusals < _REFUSALS or not row.cursor:
        return False
    row.cursor, row.refusals = "", 0
    return True


def _put_off(row: PullRow, now: datetime, reason: str, wait: timedelta | None = None) -> None:
    row.attempts += 1
    row.reason = reason[:200]
    row.due_at = now + (wait or backoff(row.attempts))


def is_due(session: Session, accounts: Collection[str], now: datetime) -> bool:
    """Whether a page of accounts is due, or being pulled."""
    query = select(PullRow.open_kfid).where(PullRow.open_kfid.in_(accounts), _is_due(now))
    return session.scalar(query.limit(1)) is not None


def next_due_at(session: Session, accounts: Collection[str]) -> datetime | None:
    """Return when the next of accounts falls due."""
    return session.scalar(select(func.min(PullRow.due_at)).where(PullRow.open_kfid.in_(accounts)))


def list_troubled(session: Session) -> list[PullRow]:
    """Return the accounts of which the last call failed."""
    return list(session.scalars(select(PullRow).where(PullRow.attempts > 0).order_by(PullRow.open_kfid)))


def make_routes(accounts: Mapping[str, str]) -> Routes:
    """Return the routes that take the wake-ups of accounts (the platform's id -> door). List them before the subjects.

    A wake-up counts for the account that it names, whatever URL of the company it came to.
    """
    routes = Routes("kf")

    def read(reading: Reading) -> str | Ignore | None:
        message = reading.message
        if message.kind is not Kind.EVENT or message.event != WAKE_UP:
            return None
        account = message.detail.get("open_kf_id", "")
        return account if account in accounts else Ignore("a wake-up of another kf account")

    @routes.on(read)
    def wake_up(ctx: Context, account: str) -> list[Outgoing]:
        sent_at = ctx.message.sent_at or ctx.now
        wake(ctx.session, ctx.seal, account, ctx.message.detail.get("token", ""), sent_at, ctx.now)
        return []

    return routes


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(PullRow.due_at <= now, PullRow.due_at > now + _FARTHEST)


def _is_held(row: PullRow, now: datetime, owner: str, gone: Collection[str]) -> bool:
    if row.owner is None or row.owner == owner or row.owner in gone or row.leased_until is None:
        return False
    return now < row.leased_until <= now + LEASE


def _token(seal: Seal, row: PullRow, now: datetime) -> str:
    if row.token is None or row.token_at is None or not now - _TOKEN_LIFE < row.token_at <= now:
        return ""
    try:
        return seal.open(row.token, f"pull/{row.open_kfid}").decode()
    except SealError:
        return ""
