"""Binding a group: its robot chat, the request for its push address, and the address itself, sealed.

Who may is for handlers.district.rules; nothing here returns or shows a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.lanes import revive
from bot.people import ChatRow, bump_revision
from bot.seal import Seal
from handlers.district.models import BindingRequestRow

LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Bound:
    """What binding a robot chat did. freed: the group this chat stood for before, now unbound, if another."""

    has_address: bool
    freed: str | None


def bind_chat(session: Session, chat_id: str, robot_chat: str) -> Bound:
    """Let a group of the directory be the given robot chat.

    The chat stands for one group: one that had it loses it, with its push address. A group that moves to another
    chat loses its push address too, for that still leads into the old one.
    """
    row = session.get_one(ChatRow, chat_id)
    if row.robot_chat == robot_chat:
        return Bound(row.webhook_key is not None, None)
    former = session.scalar(select(ChatRow).where(ChatRow.robot_chat == robot_chat))
    if former is not None:
        former.robot_chat = None
        former.webhook_key = None
        session.flush()
    if row.robot_chat is not None:
        row.webhook_key = None
    row.robot_chat = robot_chat
    bump_revision(session)
    session.flush()
    return Bound(row.webhook_key is not None, former.id if former else None)


def ask_address(session: Session, person_id: str, chat_id: str, now: datetime) -> None:
    """Remember that a person has been asked for a group's push address; the newest request counts."""
    session.merge(BindingRequestRow(person_id=person_id, chat_id=chat_id, at=now, expires_at=now + LIFE))


def find_request(session: Session, person_id: str, now: datetime) -> str | None:
    """Return the group whose push address is awaited from a person, or None."""
    row = session.get(BindingRequestRow, person_id)
    return row.chat_id if row is not None and row.expires_at > now else None


def store_address(session: Session, seal: Seal, chat_id: str, key: str) -> None:
    """Seal a group's push key and let the group be tried anew. The request stays open for a corrected address."""
    session.get_one(ChatRow, chat_id).webhook_key = seal.close(key.encode(), f"chat/{chat_id}")
    revive(session, chat_id)
    bump_revision(session)
    session.flush()
