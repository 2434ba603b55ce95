"""Rows that are being sent: whose they are, and which have lost their owner."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.outbox import OutboxRow, OutboxState


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
