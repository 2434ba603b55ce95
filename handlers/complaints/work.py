"""What everything that happens to a case works with: rows, keys, who is who, the settings, the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import new_uid
from bot.errors import SealError, UserError
from bot.people import Directory
from bot.router import Context
from bot.seal import Seal
from bot.sections import Complaints
from bot.ticks import Tick
from bot.vault import Address, Vault, VaultRow
from handlers.complaints.models import CaseRow, EventRow, SerialRow, TextRow
from handlers.complaints.roles import Desk, desk_of
from handlers.complaints.states import Role

# What a case's words are kept as.
ORIGINAL, PLACE, HAPPENED, WISH, ADDITION = "original", "place", "happened", "wish", "addition"
FILES = "files"  # ids of the messages that brought files, one a line


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction's hands on cases; now is an aware instant."""

    session: Session
    seal: Seal
    directory: Directory
    complaints: Complaints
    now: datetime
    public_url: str = ""

    @property
    def vault(self) -> Vault:
        """The identities."""
        return Vault(self.seal)

    def close(self, case: CaseRow, words: str, bound_to: str) -> bytes:
        """Return words sealed with the key of the case's complainant for one row."""
        return self.vault.close(self.session, case.person, words.encode(), bound_to)

    def open(self, case: CaseRow, sealed: bytes, bound_to: str) -> str:
        """Return what close sealed. Raises SealError once the person is erased."""
        return self.vault.open(self.session, case.person, sealed, bound_to).decode()

    def desk(self, case: CaseRow) -> Desk:
        """Return who acts on a case; its own complainant and whom its words name never do."""
        return desk_of(self.directory, case.unit_id, self.member(case), case.excluded)

    def member(self, case: CaseRow) -> str | None:
        """Return the person of the directory who filed the case, if one did. Never written anywhere.

        An officer who writes from the public door is known by the name given, if any.
        """
        address = self.address(case)
        if address is None:
            return None
        if address.door.startswith("kf/"):
            name = self.vault.facts_of(self.session, case.person).get("name", "")
            return next((one.id for one in self.directory.people.values() if name and one.name == name), None)
        person = self.directory.find_sender(address.external_id)
        return person.id if person else None

    def address(self, case: CaseRow) -> Address | None:
        """Return where the complainant is written to; None once erased."""
        try:
            return self.vault.address_of(self.session, case.person)
        except SealError:
            return None


def require_somebody(work: Work, case: CaseRow, why_not: str) -> None:
    """Raise UserError with what to say if the case's complainant is erased: nobody can be asked any more."""
    there = select(VaultRow.uid).where(VaultRow.uid == case.person, VaultRow.erased_at.is_(None))
    if work.session.scalar(there) is None:
        raise UserError(why_not)


def work_of(ctx: Context) -> Work:
    """Return the hands of an answer."""
    return Work(ctx.session, ctx.seal, ctx.directory, ctx.complaints, ctx.now, ctx.public_url)


def work_of_tick(tick: Tick) -> Work:
    """Return the hands of a job, at its due time."""
    return Work(tick.session, tick.seal, tick.directory, tick.complaints, tick.due, tick.public_url)


def lock_case(session: Session, uid: str) -> CaseRow | None:
    """Return a case as it is now; nobody else changes it before the transaction ends."""
    return session.get(CaseRow, uid, with_for_update=True, populate_existing=True)


def list_numbered(session: Session, series: str, year: int, serial: int) -> Sequence[CaseRow]:
    """Return the cases of a number: that of the series in use first, then those from before the prefix was changed."""
    series_known = CaseRow.series.in_(select(SerialRow.series))
    query = select(CaseRow).where(series_known, CaseRow.year == year, CaseRow.serial == serial)
    return sorted(session.scalars(query), key=lambda case: (case.series != series, -case.received_at.timestamp()))


def find_number(session: Session, series: str, year: int, serial: int) -> CaseRow | None:
    """Return the case of a number, of the series in use if there is one."""
    return next(iter(list_numbered(session, series, year, serial)), None)


def roles_held(session: Session, case: CaseRow, person: str) -> frozenset[Role]:
    """Return the roles in which a person has acted on a case."""
    query = select(EventRow.role).where(EventRow.case_uid == case.uid, EventRow.actor == person).distinct()
    return frozenset(Role(role) for role in session.scalars(query))


def event_of(ctx: Context) -> str:
    """Return what stands for a complainant's message in rows of a case: the same for the same message, but blind."""
    return ctx.seal.blind(f"case-event|{ctx.uid}")


def keep_words(work: Work, case: CaseRow, kind: str, words: str) -> None:
    """Store words of the complainant, sealed; nothing for none."""
    if not words:
        return
    uid = new_uid()
    body = work.close(case, words, f"text/{uid}")
    work.session.add(TextRow(uid=uid, case_uid=case.uid, kind=kind, body=body, at=work.now))


def read_words(work: Work, case: CaseRow) -> Sequence[tuple[str, str, datetime]]:
    """Return (kind, words, when) of all that the complainant has said, oldest first. Raises SealError once erased."""
    rows = work.session.scalars(select(TextRow).where(TextRow.case_uid == case.uid).order_by(TextRow.id))
    return [(row.kind, work.open(case, row.body, f"text/{row.uid}"), row.at) for row in rows]
