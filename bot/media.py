"""Pictures, voices and files that came with a message: fetched from the platform once, kept sealed.

The platform keeps a robot's file for five minutes and an app's for three days, so fetching does not wait for people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import LargeBinary, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db import Base, new_uid
from bot.errors import SealError
from bot.messages import Attachment, Incoming, Kind
from bot.retry import backoff
from bot.seal import Seal

# Doors by which the public writes: what they attach is evidence, and lies on the platform for three days.
PUBLIC = "kf/"
_PUBLIC_MOST = 9
_MAX_ATTEMPTS = 5
_WAIT = timedelta(seconds=40)
_PUBLIC_ATTEMPTS = 18  # with the waits between them more than a day
_PUBLIC_WAIT = timedelta(hours=6)
_KEPT = timedelta(days=180)

Download = Callable[[str, Attachment], bytes]


class MediaState(StrEnum):
    """Where a piece of media stands."""

    WAITING = "waiting"
    FETCHED = "fetched"
    FAILED = "failed"


class MediaRow(Base):
    """One attachment of one message; source (where it lies) and content are sealed."""

    __tablename__ = "media"
    __table_args__ = (UniqueConstraint("inbox_uid", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    inbox_uid: Mapped[str]
    number: Mapped[int]
    door: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=MediaState.WAITING, index=True)
    reason: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    source: Mapped[bytes | None] = mapped_column(LargeBinary)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int | None]
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A piece of media to fetch."""

    id: int
    uid: str
    door: str
    attachment: Attachment


def put(session: Session, seal: Seal, inbox_uid: str, message: Incoming, now: datetime) -> None:
    """Note what came with a message to be fetched.

    Of members the first picture: more than one is never asked for. Of the public everything, up to nine.
    """
    for number, attachment in enumerate(_wanted(message)):
        uid = new_uid()
        source = json.dumps([attachment.media_id, attachment.url, attachment.format]).encode()
        session.add(
            MediaRow(
                uid=uid,
                inbox_uid=inbox_uid,
                number=number,
                door=message.door,
                kind=attachment.kind,
                source=seal.close(source, uid),
                received_at=now,
                due_at=now,
            )
        )


def _wanted(message: Incoming) -> list[Attachment]:
    if message.door.startswith(PUBLIC):
        return list(message.attachments[:_PUBLIC_MOST])
    return [attachment for attachment in message.attachments if attachment.kind is Kind.IMAGE][:1]


def next_due(session: Session, seal: Seal, now: datetime, *, lease: timedelta = timedelta(0)) -> Waiting | None:
    """Return the piece of media that has waited longest, or None. Nobody else gets it for the time of the lease."""
    query = select(MediaRow).where(MediaRow.state == "waiting", MediaRow.due_at <= now).order_by(MediaRow.id).limit(1)
    row = session.scalar(query.with_for_update(skip_locked=True))
    if row is None or row.source is None:
        return None
    try:
        media_id, url, format_ = json.loads(seal.open(row.source, row.uid))
    except SealError:
        row.state, row.reason, row.source = MediaState.FAILED, "no key opens this source", None
        return None
    if lease:
        row.due_at = now + lease
    return Waiting(row.id, row.uid, row.door, Attachment(Kind(row.kind), media_id, url, format_))


def finish(session: Session, seal: Seal, waiting: Waiting, content: bytes) -> None:
    """Keep the content, sealed, and forget where it lay. A second fetch changes nothing; what was dropped stays so."""
    row = _locked(session, waiting)
    if row is None or row.state != MediaState.WAITING:
        return
    row.state = MediaState.FETCHED
    row.content = seal.close(content, row.uid)
    row.size = len(content)
    row.source = None


def fail(session: Session, waiting: Waiting, now: datetime, reason: str, *, final: bool) -> None:
    """Record a failed fetch; a final one, or the last of several, ends it."""
    row = _locked(session, waiting)
    if row is None:
        return  # dropped meanwhile
    row.attempts += 1
    row.reason = reason
    is_public = row.door.startswith(PUBLIC)
    attempts, longest = (_PUBLIC_ATTEMPTS, _PUBLIC_WAIT) if is_public else (_MAX_ATTEMPTS, _WAIT)
    if final or row.attempts >= attempts:
        row.state = MediaState.FAILED
        row.source = None
    else:
        row.due_at = now + min(backoff(row.attempts, most=longest.total_seconds()), longest)


def _locked(session: Session, waiting: Waiting) -> MediaRow | None:
    return session.get(MediaRow, waiting.id, with_for_update=True, populate_existing=True)


def drop(session: Session, inbox_uids: Collection[str]) -> int:
    """Delete what came with messages, fetched or not: their words were taken back. Returns how many pieces."""
    if not inbox_uids:
        return 0
    dropped = delete(MediaRow).where(MediaRow.inbox_uid.in_(sorted(inbox_uids))).returning(MediaRow.id)
    return len(session.scalars(dropped).all())


def sweep(session: Session, now: datetime) -> None:
    """Delete pictures that are older than they may be kept."""
    session.execute(delete(MediaRow).where(MediaRow.received_at < now - _KEPT))


def next_due_at(session: Session) -> datetime | None:
    """Return when the next fetch falls due."""
    return session.scalar(select(func.min(MediaRow.due_at)).where(MediaRow.state == "waiting"))
