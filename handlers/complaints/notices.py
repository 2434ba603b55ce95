"""What a complainant is told: kept as sealed rows, sent to the vault's address, and whether and how it arrived.

The outbox key is "case/" and the notice's uid: it names neither case nor person.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot import audit
from bot.db import new_uid
from bot.messages import Outgoing, Text, ToOutsider
from bot.outbox import OutboxRow, OutboxState
from handlers.complaints.models import CaseRow, NoticeRow
from handlers.complaints.work import Work

log = logging.getLogger(__name__)

PREFIX = "case/"
LOOK_UP = "look-up"
# Neutral: a purpose stands in rows, logs and metrics.
PURPOSE = "notice"
_NOT_ARRIVING = (OutboxState.PARKED, OutboxState.FAILED, OutboxState.EXPIRED)


def put(work: Work, case: CaseRow, kind: str, words: str) -> list[Outgoing]:
    """Keep a notice and return the message that carries it; nothing is sent to somebody who was erased."""
    address = work.address(case)
    if address is None:
        return []
    uid = new_uid()
    body = work.close(case, words, f"notice/{uid}")
    work.session.add(
        NoticeRow(
            uid=uid, case_uid=case.uid, kind=kind, body=body, door=address.door.split("/")[0], created_at=work.now
        )
    )
    to = ToOutsider(address.door, address.external_id)
    return [Outgoing(key=f"{PREFIX}{uid}", to=to, body=Text(words), purpose=PURPOSE)]


def note_end(session: Session, key: str, is_sent: bool, now: datetime) -> None:
    """Record what became of a message of a notice, or of a part of it (handlers.ON_END).

    It is delivered when every part was sent. The platform may take a message and say later that it did not arrive:
    then it is not delivered after all, unless the complainant has looked it up.
    """
    uid = key.removeprefix(PREFIX).split("#")[0]
    row = session.scalar(select(NoticeRow).where(NoticeRow.uid == uid).with_for_update())
    if row is None or row.via == LOOK_UP:
        return
    if not is_sent:
        row.delivered_at, row.via, row.failed_at = None, "", row.failed_at or now
    elif row.delivered_at is None and _states(session, uid) <= {OutboxState.SENT}:
        row.delivered_at, row.via, row.failed_at = now, row.door, None
    log.info("complaint.notice id=%s delivered=%s", uid, is_sent)


def list_of(session: Session, case: str) -> Sequence[NoticeRow]:
    """Return the notices of a case, oldest first."""
    return list(session.scalars(select(NoticeRow).where(NoticeRow.case_uid == case).order_by(NoticeRow.id)))


def is_undelivered(session: Session, row: NoticeRow) -> bool:
    """Whether a notice is known not to have arrived: refused by the platform, or held back by its limits."""
    if row.delivered_at is not None:
        return False
    states = _states(session, row.uid)
    return row.failed_at is not None or not states or not states.isdisjoint(_NOT_ARRIVING)


def _states(session: Session, uid: str) -> set[str]:
    """Return how the messages that carry a notice stand: one, or one for each part of it."""
    key = f"{PREFIX}{uid}"
    is_part = OutboxRow.key.startswith(f"{key}#", autoescape=True)
    return set(session.scalars(select(OutboxRow.state).where(or_(OutboxRow.key == key, is_part))))


def look_up(work: Work, case: CaseRow) -> list[tuple[str, str, datetime]]:
    """Return (kind, words, when) of every notice to the complainant who looks, which delivers those that wait.

    A message that waits to be sent is withdrawn; one that is being sent is left alone. Raises SealError once erased.
    """
    shown = []
    for row in list_of(work.session, case.uid):
        shown.append((row.kind, work.open(case, row.body, f"notice/{row.uid}"), row.created_at))
        if row.delivered_at is None:
            _deliver_here(work, case, row)
    return shown


def _deliver_here(work: Work, case: CaseRow, row: NoticeRow) -> None:
    # The message before its notice, as whoever delivers locks them.
    withdraw(work.session, f"{PREFIX}{row.uid}", work.now)
    taken = update(NoticeRow).where(NoticeRow.uid == row.uid, NoticeRow.delivered_at.is_(None))
    taken = taken.values(delivered_at=work.now, via=LOOK_UP, failed_at=None)
    if work.session.execute(taken.returning(NoticeRow.id)).first() is None:
        return  # it arrived a moment ago
    detail = {"notice": row.uid, "via": LOOK_UP}
    audit.note(
        work.session,
        work.seal,
        actor="complainant",
        act="complaint.notice_delivered",
        subject=case.uid,
        now=work.now,
        detail=detail,
    )


def withdraw(session: Session, key: str, now: datetime) -> None:
    """Let the message of a key, and its further parts, no longer be sent, unless it is just being sent."""
    waiting = OutboxRow.state.in_((OutboxState.WAITING, OutboxState.PARKED))
    for matches in (OutboxRow.key == key, OutboxRow.key.startswith(f"{key}#", autoescape=True)):
        ended = update(OutboxRow).where(matches, waiting)
        session.execute(ended.values(state=OutboxState.EXPIRED, done_at=now, body=None, reason="no longer needed"))
