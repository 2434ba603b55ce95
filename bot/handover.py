"""Replies that leave in the HTTP answer to a callback, instead of being sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.messages import Body, load_envelope
from bot.outbox import Judging, OutboxRow, OutboxState, end, is_refused
from bot.seal import Seal

# How long the words of a reply stay readable for a repeated poll or callback (bot.channel.Intake.take_reply).
KEPT = timedelta(minutes=10)


def take_reply(
    session: Session, seal: Seal, inbox_uid: str, door: str, now: datetime, *, guard: Judging
) -> Body | None:
    """Return the reply to an inbox row that leaves by the HTTP answer, and mark it sent; None if it may not leave."""
    query = select(OutboxRow).where(OutboxRow.inbox_uid == inbox_uid, OutboxRow.door == door).order_by(OutboxRow.id)
    row = session.scalars(query.with_for_update()).first()
    if row is None or row.body is None:
        return None
    envelope = load_envelope(seal.open(row.body, row.uid))
    if row.state == OutboxState.WAITING and not is_refused(guard, row, envelope, now):
        row.attempts += 1
        row.first_at = now
        end(row, OutboxState.SENT, now)
    return envelope.body if row.state == OutboxState.SENT else None


def has_reply(session: Session, inbox_uid: str, door: str) -> bool:
    """Whether a reply to the inbox row can be taken (or was taken a moment ago)."""
    query = select(OutboxRow.id).where(
        OutboxRow.inbox_uid == inbox_uid,
        OutboxRow.door == door,
        OutboxRow.state.in_(("waiting", "sent")),
        OutboxRow.body.is_not(None),
    )
    return session.scalar(query.limit(1)) is not None


def sweep(session: Session, now: datetime) -> None:
    """Delete the bodies of replies that nobody will ask for again."""
    stale = update(OutboxRow).where(
        OutboxRow.state.in_(("sent", "expired")), OutboxRow.body.is_not(None), OutboxRow.done_at < now - KEPT
    )
    session.execute(stale.values(body=None))
