"""The public look-up by number and query code: what a visitor may see, and how often one may guess.

Unknown numbers and wrong codes take the same way through the rows and get the same answer. Wrong tries are counted per
number, durably and for all processes; beyond five each one makes the wait longer. The right code is let through all the
same: 60 random bits are not guessed, while numbers follow one another and anybody could lock them all.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from bot import audit
from bot.errors import SealError
from bot.shared import insert_missing, lock
from handlers.complaints import clocks, limits, notices, numbers
from handlers.complaints.clocks import Clock
from handlers.complaints.models import AttemptRow, CaseRow, EventRow
from handlers.complaints.numbers import Serial
from handlers.complaints.work import Work, list_numbered, lock_case

log = logging.getLogger(__name__)

FREE_TRIES = 5
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
# Who has not tried for so long begins anew.
_FORGIVEN = timedelta(hours=24)
# Numbers of other years were never given out or are long archived: nothing to guess, nothing to count.
_YEARS_BACK = 5
# Compared with where there is no case, so that both ways take the same time.
_NO_DIGEST = "0" * 32
# What a visitor learns of the events, by act; everything else is the office's own affair.
SHOWN_ACTS = ("T1", "T2", "T3", "T4", "T5", "T28")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visitor with the right code sees. events: (act, when); notices: (kind, words, when)."""

    number: str
    kind: str
    category: str
    state: str
    received_at: datetime
    limit: datetime | None
    events: Sequence[tuple[str, datetime]]
    notices: Sequence[tuple[str, str, datetime]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Number and code do not belong together, or one of them does not exist."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many wrong tries, this one among them: none counts as one before an instant."""

    until: datetime


Answer = Seen | Wrong | Wait


def find(work: Work, number: str, code: str) -> Answer:
    """Answer a visitor. What is no number or no code at all cannot be right, and is not counted as a try."""
    serial, typed = _serial(work, number), numbers.read_code(code)
    if serial is None or typed is None:
        return Wrong()
    found = list_numbered(work.session, work.complaints.prefix, serial.year, serial.serial)
    for case in found or (None,):
        known = case.code if case else _NO_DIGEST
        made = numbers.digest(work.seal, case.uid if case else _NO_DIGEST, typed)
        if hmac.compare_digest(known, made) and case is not None:
            work.session.execute(delete(AttemptRow).where(AttemptRow.number == _key(work, serial)))
            return _see(work, case)
    return _refuse(work, _attempt(work, serial))


def _serial(work: Work, number: str) -> Serial | None:
    """Return which number is meant; a bare serial is one of this year."""
    read = numbers.read_number(number)
    if read is None:
        return None
    year = limits.local_day(work.now).year
    serial = Serial(read.year or year, read.serial)
    return serial if year - _YEARS_BACK <= serial.year <= year else None


def _key(work: Work, serial: Serial) -> str:
    return work.seal.blind(f"look-up|{serial.year}|{serial.serial}")


def _attempt(work: Work, serial: Serial) -> AttemptRow:
    """Return the tries for a number, locked in every process; those long ago are forgiven."""
    key = _key(work, serial)
    lock(work.session, f"look-up/{key}")
    insert_missing(work.session, AttemptRow, number=key, failures=0, last_at=work.now)
    row = work.session.get_one(AttemptRow, key, with_for_update=True, populate_existing=True)
    if work.now - row.last_at > _FORGIVEN:
        row.failures, row.blocked_until = 0, None
    return row


def _refuse(work: Work, attempt: AttemptRow) -> Answer:
    """Count a wrong try, unless one has to wait; the fifth and every later one make the next wait twice as long."""
    if attempt.blocked_until is not None and attempt.blocked_until > work.now:
        return Wait(attempt.blocked_until)
    attempt.failures, attempt.last_at = attempt.failures + 1, work.now
    log.info("lookup.wrong tries=%d", attempt.failures)
    beyond = attempt.failures - FREE_TRIES
    if beyond < 0:
        return Wrong()
    attempt.blocked_until = work.now + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(beyond, 10))
    return Wait(attempt.blocked_until)


def _see(work: Work, found: CaseRow) -> Seen:
    """Show a case; notices that wait are delivered by this."""
    case = lock_case(work.session, found.uid) or found
    try:
        told = notices.look_up(work, case)
    except SealError:
        told = []
    events = work.session.execute(
        select(EventRow.act, EventRow.at)
        .where(EventRow.case_uid == case.uid, EventRow.act.in_(SHOWN_ACTS))
        .order_by(EventRow.id)
    )
    running = {clock.kind: clock.due_at for clock in clocks.list_open(work.session, case.uid)}
    limit = running.get(Clock.ANSWER) or running.get(Clock.ACCEPT) or running.get(Clock.FINISH)
    seen = Seen(
        number=case.number,
        kind=case.kind,
        category=case.category,
        state=case.state,
        received_at=case.received_at,
        limit=limit,
        events=[(act, at) for act, at in events],
        notices=told,
    )
    audit.note(work.session, work.seal, actor="complainant", act="complaint.looked_up", subject=case.uid, now=work.now)
    return seen
