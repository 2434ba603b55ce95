"""Messages put aside until their recipient writes (待联系), and what the platform says of a message afterwards."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.outbox import OutboxRow, OutboxState

_LANES_AT_ONCE = 500
_OVER = (OutboxState.FAILED, OutboxState.EXPIRED)


def bring_back(session: Session, lanes: Collection[str], now: datetime) -> int:
    """Let what is put aside in lanes wait to be sent again, in its old order; returns how many messages."""
    names, found = sorted(lanes), 0
    for start in range(0, len(names), _LANES_AT_ONCE):
        these = names[start : start + _LANES_AT_ONCE]
        query = update(OutboxRow).where(OutboxRow.lane.in_(these), OutboxRow.state == "parked")
        back = query.values(state=OutboxState.WAITING, due_at=now, reason="", code=None)
        found += session.connection().execute(back).rowcount
    return found


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
