"""Messages that failed or are doubtful, for the person who looks after them: send once more, or let them rest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.outbox import OutboxRow, OutboxState


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
