"""Messages put aside until their recipient writes (待联系), and what the platform says of a message afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from bot.outbox import OutboxRow, OutboxState

_LANES_AT_ONCE = 500
_OVER = (OutboxState.FAILED, OutboxState.EXPIRED)


def bring_back(session: Session, room: Mapping[str, int], now: datetime) -> int:
    """Let what is put aside in lanes wait to be sent again, in its old order; returns how many messages.

    room: by lane, how many at most. What is urgent comes back first, then what has waited longest; the others stay.
    """
    names, found = sorted(room), 0
    order = func.row_number().over(partition_by=OutboxRow.lane, order_by=(OutboxRow.is_urgent.desc(), OutboxRow.id))
    is_of_use = or_(OutboxRow.expires_at.is_(None), OutboxRow.expires_at > now)
    for start in range(0, len(names), _LANES_AT_ONCE):
        these = OutboxRow.lane.in_(names[start : start + _LANES_AT_ONCE])
        query = select(OutboxRow.id, OutboxRow.lane, order).where(these, OutboxRow.state == "parked", is_of_use)
        ids = [row_id for row_id, lane, place in session.execute(query) if place <= room[lane]]
        back = update(OutboxRow).where(OutboxRow.id.in_(ids), OutboxRow.state == "parked")
        changed = back.values(state=OutboxState.WAITING, due_at=now, reason="", code=None)
        found += session.connection().execute(changed).rowcount if ids else 0
    return found


def is_parked(session: Session, key: str) -> bool:
    """Whether the message of this key, or a part of it, waits until its recipient writes."""
    named = or_(OutboxRow.key == key, OutboxRow.key.startswith(f"{key}#", autoescape=True))
    return session.scalar(select(OutboxRow.id).where(named, OutboxRow.state == "parked").limit(1)) is not None


def end_expired(session: Session, now: datetime) -> list[str]:
    """End what was put aside and is no longer worth sending; returns the keys."""
    query = (
        update(OutboxRow)
        .where(OutboxRow.state == "parked", OutboxRow.expires_at <= now)
        .values(state=OutboxState.EXPIRED, done_at=now, body=None)
        .returning(OutboxRow.key)
        .execution_options(synchronize_session=False)
    )
    return list(session.scalars(query))


def refuse_late(session: Session, uid: str, now: datetime, *, code: int | None, reason: str) -> OutboxRow | None:
    """End the message uid as failed, although the platform had taken it; None if it is none of ours or has failed.

    Its body is deleted: with the id that it had the platform would take it for a repeat.
    """
    row = session.scalar(select(OutboxRow).where(OutboxRow.uid == uid).with_for_update())
    if row is None or row.state in _OVER:
        return None
    row.state = OutboxState.FAILED
    row.owner = None
    row.code = code
    row.reason = reason
    row.body = None
    row.done_at = now
    return row


def count(session: Session) -> int:
    """Return how many messages are put aside."""
    return session.scalar(select(func.count()).where(OutboxRow.state == "parked")) or 0
