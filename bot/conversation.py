"""Where a dialogue of several messages stands: a row, never process memory. Its data is sealed."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import media
from bot.db import Base
from bot.errors import SealError
from bot.seal import Seal

LIFE = timedelta(hours=24)
MEDIA = "media"


class DialogueRow(Base):
    """The open question of one conversation (blind key); at most one."""

    __tablename__ = "dialogue"
    conversation: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """An open question: topic names the route that asked ("progress.which_task"), data is what it needs to go on.

    data[MEDIA], where it is given: uids of messages whose media go when the dialogue expires.
    """

    topic: str
    data: dict[str, Any]


def key_of(seal: Seal, conversation: str) -> str:
    """Return the blind key of a conversation's dialogue: another than that of its messages, which name their senders'
    other words."""
    return seal.blind(f"dialogue|{conversation}")


def find(session: Session, seal: Seal, conversation: str, now: datetime) -> Dialogue | None:
    """Return the dialogue open in a conversation, or None; one that has expired or that no key opens is not open."""
    row = session.get(DialogueRow, key_of(seal, conversation))
    if row is None or row.expires_at <= now:
        return None
    try:
        return Dialogue(row.topic, json.loads(seal.open(row.data, row.conversation)))
    except SealError:
        return None


def open_dialogue(
    session: Session, seal: Seal, conversation: str, dialogue: Dialogue, now: datetime, life: timedelta = LIFE
) -> None:
    """Open a dialogue, replacing the one that was open."""
    key = key_of(seal, conversation)
    data = seal.close(json.dumps(dialogue.data, ensure_ascii=False).encode(), key)
    old = session.get(DialogueRow, key)
    if old is not None and old.expires_at <= now:
        media.drop(session, _media_of(seal, old))
    session.merge(DialogueRow(conversation=key, topic=dialogue.topic, data=data, expires_at=now + life))


def close_dialogue(session: Session, seal: Seal, conversation: str) -> None:
    """Close the dialogue of a conversation, if one is open."""
    session.execute(delete(DialogueRow).where(DialogueRow.conversation == key_of(seal, conversation)))


def sweep(session: Session, seal: Seal, now: datetime) -> None:
    """Delete expired dialogues, and what came with messages of theirs alone."""
    expired = select(DialogueRow).where(DialogueRow.expires_at <= now).with_for_update(skip_locked=True)
    for row in session.scalars(expired).all():
        media.drop(session, _media_of(seal, row))
        session.delete(row)


def find_media(session: Session, seal: Seal, conversation: str, topics: Collection[str]) -> list[str] | None:
    """Return the messages whose media go with a dialogue of certain topics, expired or not; None without one."""
    row = session.get(DialogueRow, key_of(seal, conversation))
    return _media_of(seal, row) if row is not None and row.topic in topics else None


def _media_of(seal: Seal, row: DialogueRow) -> list[str]:
    try:
        return list(json.loads(seal.open(row.data, row.conversation)).get(MEDIA, ()))
    except SealError:
        return []
