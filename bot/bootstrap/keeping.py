"""What an operator does about whoever stands behind a case: look at what there is, erase it, keep it by law."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.bootstrap.service import Service
from bot.db import new_uid
from bot.errors import ConfigError
from bot.people import load_directory
from bot.vault import scrub
from handlers.complaints import erasure, limits, numbers
from handlers.complaints.erasure import Trace
from handlers.complaints.models import CaseRow
from handlers.complaints.work import Work, find_number, lock_case


def look(service: Service, number: str) -> Trace | None:
    """Return what erasing the person behind a case would take away; None if that was done. Raises ConfigError."""
    with service.db.reading() as session:
        return erasure.look(session, service.seal, _find(service, session, number).person)


def erase(service: Service, number: str, reason: str) -> tuple[Trace | None, bool]:
    """Erase the person behind a case; returns what went, and whether the files of the database are scrubbed, too.

    Raises ConfigError for no case, BotError if the person may not be erased.
    """
    with service.db.transaction() as session:
        person = _find(service, session, number).person
        trace = erasure.erase(session, service.seal, person, service.clock.now(), erasure.OPERATOR, reason=reason)
    return trace, scrub(service.db)


def hold(service: Service, number: str, *, lift: bool) -> bool:
    """Keep a case from being erased, or let it go again; False if it is so already. Raises ConfigError."""
    with service.db.transaction() as session:
        found = _find(service, session, number)
        case = lock_case(session, found.uid) or found
        now, settings = service.clock.now(), service.config.complaints
        work = Work(session, service.seal, load_directory(session), settings, now)
        return (erasure.let_go if lift else erasure.hold)(work, case, new_uid())


def _find(service: Service, session: Session, number: str) -> CaseRow:
    read = numbers.read_number(number)
    if read is None:
        raise ConfigError([("number", "is none of a case: 2026-123, or 区教诉〔2026〕000123号")])
    year = read.year or limits.local_day(service.clock.now()).year
    found = find_number(session, service.config.complaints.prefix, year, read.serial)
    if found is None:
        raise ConfigError([("number", f"there is no case {year}-{read.serial}")])
    return found
