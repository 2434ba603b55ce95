"""Who may read a case, and what an officer reads of it: every look is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import audit
from bot.errors import SealError
from bot.guard import Secret
from bot.people import Directory
from handlers.complaints import alerts, clocks, notices
from handlers.complaints.models import AccessRow, CaseRow, ClockRow, EventRow, NoticeRow
from handlers.complaints.roles import READERS, Desk, desk_of
from handlers.complaints.states import ENDED, Role
from handlers.complaints.work import Work, read_words

_MASKED = {"name": "[姓名]", "phone": "[电话]"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A case as an officer reads it. words: (kind, words, when), identity masked; empty once the person is erased."""

    case: CaseRow
    words: Sequence[tuple[str, str, datetime]] = field(repr=False)
    clocks: Sequence[ClockRow]
    notices: Sequence[tuple[NoticeRow, bool]]
    events: Sequence[tuple[EventRow, str]]


def may_see(session: Session, directory: Directory, case: str, secret: Secret, person_id: str) -> bool:
    """Whether a person may be shown a secret of a case: original words by role on the case, nothing else so far.

    An identity needs a grant and a query code is the complainant's alone.
    """
    row = session.get(CaseRow, case) if secret is Secret.TEXT else None
    if row is None:
        return False
    return _is_reader(desk_of(directory, row.unit_id, None, row.excluded), row, person_id)


def may_read(work: Work, case: CaseRow, person_id: str) -> bool:
    """Whether a person may read the original words of a case."""
    return _is_reader(work.desk(case), case, person_id)


def _is_reader(desk: Desk, case: CaseRow, person_id: str) -> bool:
    """Roles that read, in the case's own desk; with danger whoever is on duty, who has to act."""
    return person_id in desk.list(*READERS) or (bool(case.dangers) and person_id in desk.duty)


def open_case(work: Work, case: CaseRow, person_id: str) -> Opened:
    """Return a case to one who may read it; the look is recorded, and what would remind of its danger is withdrawn.

    case must be locked.
    """
    alerts.calm(work, case)
    if case.opened_at is None:
        case.opened_at = work.now
    role = _reads_as(work, case, person_id)
    work.session.add(AccessRow(case_uid=case.uid, person_id=person_id, role=role.value, at=work.now))
    opened = Opened(
        case,
        _read_masked(work, case),
        clocks.list_open(work.session, case.uid),
        [(row, notices.is_undelivered(work.session, row)) for row in notices.list_of(work.session, case.uid)],
        _list_events(work, case),
    )
    audit.note(
        work.session,
        work.seal,
        actor=person_id,
        act="complaint.read_original",
        subject=case.uid,
        now=work.now,
        detail={"role": role.value},
    )
    return opened


def _reads_as(work: Work, case: CaseRow, person_id: str) -> Role:
    held = work.desk(case).roles_of(person_id) & READERS
    return min(held) if held else Role.DIRECTOR


def _read_masked(work: Work, case: CaseRow) -> list[tuple[str, str, datetime]]:
    """Return the words without what the vault knows of the person: an identity needs a grant."""
    try:
        facts = work.vault.facts_of(work.session, case.person)
        said = read_words(work, case)
    except SealError:
        return []
    found = []
    for kind, words, at in said:
        for name, mask in _MASKED.items():
            words = words.replace(facts[name], mask) if facts.get(name) else words
        found.append((kind, words, at))
    return found


def _list_events(work: Work, case: CaseRow) -> list[tuple[EventRow, str]]:
    rows = work.session.scalars(select(EventRow).where(EventRow.case_uid == case.uid).order_by(EventRow.id))
    return [(row, _note_of(work, case, row)) for row in rows]


def _note_of(work: Work, case: CaseRow, row: EventRow) -> str:
    if row.note is None:
        return ""
    try:
        return work.open(case, row.note, f"event/{row.uid}")
    except SealError:
        return ""


def list_cases(work: Work, person_id: str) -> list[CaseRow]:
    """Return the cases that a person has something to do with and that have not ended, oldest first."""
    query = select(CaseRow).where(CaseRow.state.not_in([state.value for state in ENDED]))
    rows = work.session.scalars(query.order_by(CaseRow.received_at, CaseRow.serial))
    return [row for row in rows if may_read(work, row, person_id)]
