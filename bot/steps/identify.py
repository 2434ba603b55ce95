"""identify: find out who is behind the encrypted ids that some robots deliver (reference: WeCom docs 101521)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import SendError
from bot.inbox import Received
from bot.people import Directory, OpenUserRow, bump_revision
from bot.retry import backoff
from bot.shared import insert_missing
from bot.steps.house import House

log = logging.getLogger(__name__)

_PER_CALL = 100
# A member outside the app's visible range is not found; somebody may put that right.
_ASK_AGAIN = timedelta(hours=1)
# How long a message waits for its sender to be known before it is treated as a stranger's.
PATIENCE = timedelta(seconds=40)
LOOK_AGAIN = timedelta(seconds=1)


def must_wait(session: Session, directory: Directory, received: Received, now: datetime) -> bool:
    """Whether a message should wait because its sender's encrypted id is still being looked up; notes it to be."""
    message = received.message
    if not looks_encrypted(message.door, message.sender) or directory.find_sender(message.sender) is not None:
        return False
    if now - received.received_at > PATIENCE:
        return False
    row = session.get(OpenUserRow, message.sender)
    if row is None:
        spelled = message.detail.get("raw_userid", message.sender)
        insert_missing(session, OpenUserRow, open_userid=message.sender, spelled=spelled, due_at=now)
        return True
    if row.userid is not None:
        # Found since the directory was read: the message is read once more with the newer one.
        return message.sender not in directory.open_users
    return row.due_at <= now + PATIENCE


def looks_encrypted(door: str, sender: str) -> bool:
    """Whether a sender's id has the shape of an encrypted one: robots only, "wo…", at least 24 characters."""
    return door.startswith("robot/") and sender.startswith("wo") and len(sender) >= 24


def identify(house: House) -> bool:
    """Ask the platform about the ids that are due; False if there are none."""
    now = house.clock.now()
    with house.db.reading() as session:
        due = select(OpenUserRow.spelled).where(OpenUserRow.userid.is_(None), OpenUserRow.due_at <= now)
        spelled = list(session.scalars(due.limit(_PER_CALL)))
    if not spelled:
        return False
    try:
        found = house.identify(spelled)
    except SendError as error:
        log.warning("identify.error ids=%d failure=%s code=%s", len(spelled), error.failure, error.code)
        found = None
    with house.db.transaction() as session:
        for row in session.scalars(select(OpenUserRow).where(OpenUserRow.spelled.in_(spelled))):
            row.attempts += 1
            row.userid = (found or {}).get(row.spelled)
            row.due_at = now + (backoff(row.attempts) if found is None else _ASK_AGAIN)
        if found:
            bump_revision(session)
    log.info("identify.done ids=%d found=%d", len(spelled), len(found or {}))
    return True


def next_due_at(session: Session) -> datetime | None:
    """Return when the next id is to be asked about."""
    return session.scalar(select(func.min(OpenUserRow.due_at)).where(OpenUserRow.userid.is_(None)))


def count(session: Session) -> tuple[int, int]:
    """Return how many encrypted ids are known, and how many are not."""
    known = session.scalar(select(func.count()).where(OpenUserRow.userid.is_not(None))) or 0
    unknown = session.scalar(select(func.count()).where(OpenUserRow.userid.is_(None))) or 0
    return known, unknown
