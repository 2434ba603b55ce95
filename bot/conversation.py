"""Where a dialogue of several messages stands: a row, never process memory. Its data is sealed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import LargeBinary, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db import Base
from bot.errors import SealError
from bot.seal import Seal

LIFE = timedelta(hours=24)


class DialogueRow(Base):
    """The open question of one conversation (blind key); at most one."""

    __tablename__ = "dialogue"
    conversation: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """An open question: topic names the route that asked ("progress.which_task"), data is what it needs to go on."""

    topic: str
    data: dict[str, Any]


def find(session: Session, seal: Seal, conversation: str, now: datetime) -> Dialogue | None:
    """Return the dialogue open in a conversation, or None; one that has expired or that no key opens is not open."""
    row = session.get(DialogueRow, seal.blind(conversation))
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
    key = seal.blind(conversation)
    data = seal.close(json.dumps(dialogue.data, ensure_ascii=False).encode(), key)
    session.merge(DialogueRow(conversation=key, topic=dialogue.topic, data=data, expires_at=now + life))


def close_dialogue(session: Session, seal: Seal, conversation: str) -> None:
    """Close the dialogue of a conversation, if one is open."""
    session.execute(delete(DialogueRow).where(DialogueRow.conversation == seal.blind(conversation)))


def sweep(session: Session, now: datetime) -> None:
    """Delete expired dialogues."""
    session.execute(delete(DialogueRow).where(DialogueRow.expires_at <= now))
