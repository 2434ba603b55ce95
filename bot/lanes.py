"""What holds a lane or a door up: the ledger that keeps the platform's limits, pauses, recipients out of reach.

A lane is a target of a door, under a blind name (bot.dispatch.lane_of).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.channel import Limit
from bot.db import Base
from bot.shared import insert_missing, upsert

_LEDGER_KEPT = timedelta(hours=49)
_AT_ONCE = 500


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


def lock_of(lane: str) -> str:
    """Return the name of the lock (bot.shared) under which limits and allowance of a lane are looked at and used."""
    return f"lane/{lane}"


def free_at(session: Session, lane: str, limits: Sequence[Limit], now: datetime) -> datetime:
    """Return when the ledger lets the next send to lane go: now, or a later instant."""
    free = now
    for limit in limits:
        since = now - timedelta(seconds=limit.seconds)
        query = select(SendRow.at).where(SendRow.lane == lane, SendRow.at > since).order_by(SendRow.at.desc())
        nth = session.scalar(query.offset(limit.count - 1).limit(1))
        if nth is not None:
            free = max(free, nth + timedelta(seconds=limit.seconds))
    return free


def note_send(session: Session, lane: str, now: datetime) -> None:
    """Write a call into the ledger."""
    session.add(SendRow(lane=lane, at=now))


def count_sends(session: Session, since: Mapping[str, datetime]) -> Counter[str]:
    """Return how many calls the ledger holds for each lane after its instant."""
    found: Counter[str] = Counter()
    names = sorted(since)
    for start in range(0, len(names), _AT_ONCE):
        these = names[start : start + _AT_ONCE]
        earliest = min(since[name] for name in these)
        rows = session.execute(select(SendRow.lane, SendRow.at).where(SendRow.lane.in_(these), SendRow.at > earliest))
        found.update(lane for lane, at in rows if at > since[lane])
    return found


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


def sweep(session: Session, now: datetime) -> None:
    """Delete ledger lines that no limit looks at, and pauses that are over."""
    session.execute(delete(SendRow).where(SendRow.at < now - _LEDGER_KEPT))
    session.execute(delete(PauseRow).where(PauseRow.until < now))
