"""Erasing whoever complained, on request or two years after the end, and keeping from it what the law holds.

Cases keep number, state and dates. What was said lies under the person's own key and cannot be read once that is gone;
pictures and whatever waits in the boxes lie under the keys of the installation, and are deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from bot import audit, conversation, forgetting, guard, marks, media
from bot.db import Database
from bot.errors import BotError, SealError
from bot.forgetting import Held, Stuck
from bot.media import MediaRow
from bot.messages import Outgoing
from bot.seal import Seal
from bot.shapes import find_number
from bot.ticks import Tick
from bot.vault import Address, Vault, VaultRow, scrub
from bot.workdays import SHANGHAI
from handlers.complaints import steps
from handlers.complaints.dialogue import TOPICS, lock_talk
from handlers.complaints.models import CaseRow, EventRow, NoticeRow, TextRow
from handlers.complaints.states import ENDED, Role
from handlers.complaints.work import FILES, Work

log = logging.getLogger(__name__)

OPERATOR = "operator"
HELD, RELEASED = "held", "released"
_YEARS = 2  # as the notice promises (handlers.complaints.texts_intake)
# One night erases so many at most: it is one transaction, in which others wait.
_MOST = 40
_SCRUBBED_FOR = timedelta(days=8)
_LONGEST_REASON = 80


class KeptError(BotError):
    """Somebody may not be erased now; the message holds numbers of cases and nothing else of them."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What there is of a person, as counts. open and held: numbers of cases that forbid erasing."""

    cases: tuple[str, ...]
    open: tuple[str, ...]
    held: tuple[str, ...]
    texts: int
    media: int
    outbox: int
    inbox: int
    dialogues: int

    @property
    def counts(self) -> dict[str, int]:
        """Every count by its name."""
        return {
            "cases": len(self.cases),
            "texts": self.texts,
            "media": self.media,
            "outbox": self.outbox,
            "inbox": self.inbox,
            "dialogues": self.dialogues,
        }


@dataclass(frozen=True, slots=True)
class _Found:
    """A trace, and where it leads: messages whose media there are, rows of the boxes."""

    trace: Trace
    files: set[str]
    held: Held


def look(session: Session, seal: Seal, person: str) -> Trace | None:
    """Return what erasing a person of the vault would take away, or None if that was done. Writes nothing.

    Raises SealError if no key opens the person's own.
    """
    address = _address(session, seal, person)
    stuck = forgetting.read_stuck(session, seal)
    return None if address is None else _find(session, seal, person, address, stuck).trace


def _find(session: Session, seal: Seal, person: str, address: Address, stuck: Stuck) -> _Found:
    cases = list(session.scalars(select(CaseRow).where(CaseRow.person == person).order_by(CaseRow.serial)))
    uids = [each.uid for each in cases]
    held = forgetting.find(session, seal, address, uids, stuck)
    pending = conversation.find_media(session, seal, forgetting.conversation_of(address), TOPICS)
    files = {*_files_of(session, seal, person, uids), *(pending or ())}
    on_hold = list_held(session, uids)
    trace = Trace(
        cases=tuple(each.number for each in cases),
        open=tuple(each.number for each in cases if each.state not in ENDED),
        held=tuple(each.number for each in cases if each.uid in on_hold),
        texts=_count_texts(session, uids),
        media=session.scalar(select(func.count()).where(MediaRow.inbox_uid.in_(files))) or 0,
        outbox=len(held.outbox),
        inbox=len(held.inbox),
        dialogues=int(pending is not None),
    )
    return _Found(trace, files, held)


def erase(
    session: Session,
    seal: Seal,
    person: str,
    now: datetime,
    actor: str,
    *,
    reason: str = "",
    stuck: Stuck | None = None,
) -> Trace | None:
    """Erase a person of the vault for ever and return what went, or None if that was done before.

    reason: why although a case is open or held by law: a reference that stands in clear in the audit log. stuck: what
    bot.forgetting.read_stuck returned in this transaction, for whoever erases several.
    Raises KeptError without one, or for one that repeats what is secret; SealError if no key opens the person's own.
    Call bot.vault.scrub after the commit.
    """
    address = _address(session, seal, person)
    if address is None:
        return None
    # In the order of an answer: the talk, the cases, then the messages; nothing is locked after the audit entry.
    lock_talk(session, seal, forgetting.conversation_of(address))
    uids = list(
        session.scalars(select(CaseRow.uid).where(CaseRow.person == person).order_by(CaseRow.uid).with_for_update())
    )
    if _address(session, seal, person) is None:
        return None  # somebody else was a moment earlier
    found = _find(session, seal, person, address, forgetting.read_stuck(session, seal) if stuck is None else stuck)
    _require_free(session, seal, found.trace, uids, reason)
    _forget(session, seal, address, found, uids, now)
    Vault(seal).erase(session, person, now)
    counts = {name: str(count) for name, count in found.trace.counts.items()}
    detail = counts | ({"reason": reason} if reason else {})
    audit.note(session, seal, actor=actor, act="person.erased", subject=person, now=now, detail=detail)
    return found.trace


def _forget(
    session: Session, seal: Seal, address: Address, found: _Found, cases: Collection[str], now: datetime
) -> None:
    """Delete what is not under the person's own key."""
    media.drop(session, found.files)
    if found.trace.dialogues:
        conversation.close_dialogue(session, seal, forgetting.conversation_of(address))
    forgetting.forget(session, seal, address, found.held, now)
    # Nobody is to be told that they did not arrive.
    waiting = NoticeRow.delivered_at.is_(None) & NoticeRow.told_at.is_(None)
    session.execute(update(NoticeRow).where(NoticeRow.case_uid.in_(cases), waiting).values(told_at=now))
    for each in cases:
        guard.release(session, each)


def _address(session: Session, seal: Seal, person: str) -> Address | None:
    there = select(VaultRow.uid).where(VaultRow.uid == person, VaultRow.erased_at.is_(None))
    return Vault(seal).address_of(session, person) if session.scalar(there) is not None else None


def _require_free(session: Session, seal: Seal, trace: Trace, cases: Collection[str], reason: str) -> None:
    kept = dict.fromkeys((*trace.open, *trace.held))
    if not reason:
        if kept:
            raise KeptError(f"open, or held by law: {', '.join(kept)}")
        return
    found = marks.find(session, marks.hasher_of(seal), [reason])
    repeats = any(each in cases for secret in found for each, _ in secret.holders)
    if len(reason) > _LONGEST_REASON or find_number([reason]) is not None or repeats:
        raise KeptError(
            f"the reason stays readable in the audit log: give a reference, at most {_LONGEST_REASON} signs, without "
            "words, names or numbers of the case"
        )


def _files_of(session: Session, seal: Seal, person: str, cases: Collection[str]) -> set[str]:
    """Return the messages whose media lie with cases."""
    found: set[str] = set()
    for row in session.scalars(select(TextRow).where(TextRow.case_uid.in_(cases), TextRow.kind == FILES)):
        try:
            found.update(Vault(seal).open(session, person, row.body, f"text/{row.uid}").decode().splitlines())
        except SealError:
            log.warning("erasure.unreadable text=%s", row.uid)
    return found


def _count_texts(session: Session, cases: Collection[str]) -> int:
    counts = (
        select(func.count()).where(TextRow.case_uid.in_(cases)),
        select(func.count()).where(NoticeRow.case_uid.in_(cases)),
        select(func.count()).where(EventRow.case_uid.in_(cases), EventRow.note.is_not(None)),
    )
    return sum(session.scalar(query) or 0 for query in counts)


def hold(work: Work, row: CaseRow, event: str) -> bool:
    """Keep a case by law (a dispute, an inquiry) until it is let go; False if it is kept already."""
    return row.uid not in list_held(work.session, [row.uid]) and steps.record(
        work, row, HELD, OPERATOR, Role.ADMIN, f"{HELD}/{event}"
    )


def let_go(work: Work, row: CaseRow, event: str) -> bool:
    """End a hold; False if there is none."""
    return row.uid in list_held(work.session, [row.uid]) and steps.record(
        work, row, RELEASED, OPERATOR, Role.ADMIN, f"{RELEASED}/{event}"
    )


def list_held(session: Session, cases: Collection[str]) -> set[str]:
    """Return those of cases that are held by law."""
    query = select(EventRow.case_uid, EventRow.act).where(
        EventRow.case_uid.in_(cases), EventRow.act.in_((HELD, RELEASED))
    )
    held: set[str] = set()
    for uid, act in session.execute(query.order_by(EventRow.id)):
        (held.add if act == HELD else held.discard)(uid)
    return held


def list_due(session: Session, now: datetime) -> list[str]:
    """Return whose cases have all ended two years ago or more, by their last events; those held by law are left out."""
    at = func.max(EventRow.at)
    last = select(EventRow.case_uid, at.label("at")).where(EventRow.act.not_in((HELD, RELEASED)))
    ends = last.group_by(EventRow.case_uid).subquery()
    is_open = case((CaseRow.state.in_([state.value for state in ENDED]), 0), else_=1)
    query = (
        select(CaseRow.person)
        .join(VaultRow, VaultRow.uid == CaseRow.person)
        .join(ends, ends.c.case_uid == CaseRow.uid)
        .where(VaultRow.erased_at.is_(None))
        .group_by(CaseRow.person)
        .having(func.max(is_open) == 0, func.max(ends.c.at) <= _years_before(now))
        .order_by(func.max(ends.c.at), CaseRow.person)
    )
    people = list(session.scalars(query))
    cases = session.execute(select(CaseRow.uid, CaseRow.person).where(CaseRow.person.in_(people))).all()
    held = list_held(session, [row.uid for row in cases])
    kept = {row.person for row in cases if row.uid in held}
    return [person for person in people if person not in kept]


def _years_before(now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI)
    is_leap_day = (local.month, local.day) == (2, 29)
    return local.replace(year=local.year - _YEARS, day=28 if is_leap_day else local.day)


def expire(tick: Tick) -> list[Outgoing]:
    """Erase whose time has come, as many as one night takes; a rehearsal only counts. Nobody is told."""
    due = list_due(tick.session, tick.due)
    if tick.session.connection().get_execution_options().get("duban_reading"):
        tick.notes.append(f"{len(due)} persons would be erased, at most {_MOST} of them in one night")
        return []
    stuck = forgetting.read_stuck(tick.session, tick.seal) if due else {}
    erased = failed = 0
    for person in due:
        if erased == _MOST:
            break
        try:
            if not _talks(tick, person):
                erased += erase(tick.session, tick.seal, person, tick.due, "bot", stuck=stuck) is not None
        except (KeptError, SealError):
            failed += 1  # something new since, or a key is missing: nothing was written for this one
    level = logging.WARNING if failed else logging.INFO
    log.log(level, "erasure.expired persons=%d left=%d failed=%d", erased, len(due) - erased - failed, failed)
    return []


def _talks(tick: Tick, person: str) -> bool:
    """Whether somebody is just telling something: an old case must not take along the draft of a new one."""
    address = _address(tick.session, tick.seal, person)
    if address is None:
        return False
    found = conversation.find(tick.session, tick.seal, forgetting.conversation_of(address), tick.due)
    is_telling = found is not None and found.topic in TOPICS
    return is_telling or forgetting.has_new(tick.session, tick.seal, address)


def scrub_lately(db: Database, now: datetime) -> None:
    """Overwrite in the files of the database what was erased in the last days: for the end of the nightly job.

    Several nights, as it is put off while somebody reads.
    """
    with db.reading() as session:
        lately = session.scalar(select(VaultRow.uid).where(VaultRow.erased_at > now - _SCRUBBED_FOR).limit(1))
    if lately is not None:
        log.info("erasure.scrubbed done=%s", scrub(db))
