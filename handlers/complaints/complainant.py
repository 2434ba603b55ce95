"""What a complainant does to a case: files, adds, presses, wants out, asks for the own ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot import audit, guard
from bot.db import new_uid
from bot.dispatch import lane_of
from bot.errors import UserError
from bot.messages import Outgoing
from bot.router import Context
from bot.workdays import UnknownDayError
from handlers.complaints import alerts, limits, numbers, routing, steps, texts
from handlers.complaints import texts_alerts as office_texts
from handlers.complaints.everyday import everyday
from handlers.complaints.language import topics
from handlers.complaints.models import CaseRow
from handlers.complaints.shapes import Own, Receipt, Statement, address_of
from handlers.complaints.states import COMPLAINANT, OPEN, Role, State
from handlers.complaints.work import (
    ADDITION,
    FILES,
    HAPPENED,
    ORIGINAL,
    PLACE,
    WISH,
    Work,
    event_of,
    keep_words,
    lock_case,
    work_of,
)

_PRESS_WD = 3
# Where no calendar reaches, a wish to be heard is believed after as many calendar days.
_PRESS_DAYS = timedelta(days=3)
# A child was harmed: the matter goes on whatever the complainant later wants.
_MINOR_TOPICS = frozenset((topics.PUNISHMENT, topics.BULLYING))


def file(ctx: Context, said: Statement) -> tuple[Receipt, list[Outgoing]]:
    """T1. See handlers.complaints.service.file."""
    work, code = work_of(ctx), numbers.new_code()
    known = ctx.session.scalar(select(CaseRow).where(CaseRow.origin == event_of(ctx)).with_for_update())
    if known is not None:
        # Only a digest is kept of the code that was made before: this one takes its place.
        known.code = numbers.digest(ctx.seal, known.uid, code)
        _protect(ctx, known.uid, guard.Secret.CODE, [code])
        return Receipt(known.uid, known.number, code), []
    case = _make(ctx, work, said, code)
    steps.file_event(work, case, COMPLAINANT, f"T1/{case.origin}")
    _keep(ctx, work, case, said)
    _protect(ctx, case.uid, guard.Secret.CODE, [code])
    told = alerts.new_case(work, case)
    detail = {"number": case.number, "over_limit": str(case.is_over_limit)}
    # Last: from here on no other process can append to the log before this transaction ends.
    audit.note(
        ctx.session, ctx.seal, actor=COMPLAINANT.id, act="complaint.T1", subject=case.uid, now=ctx.now, detail=detail
    )
    return Receipt(case.uid, case.number, code), told


def _make(ctx: Context, work: Work, said: Statement, code: str) -> CaseRow:
    """Make the row, with its number in the same transaction."""
    person = work.vault.admit(ctx.session, address_of(ctx), ctx.now)
    today, month = count_of(work, person)
    is_over = today >= ctx.complaints.new_per_day or month >= ctx.complaints.new_per_month
    uid, year, series = new_uid(), limits.local_day(ctx.now).year, ctx.complaints.prefix
    serial = numbers.next_serial(ctx.session, series, year)
    case = CaseRow(
        uid=uid,
        series=series,
        year=year,
        serial=serial,
        number=numbers.number_of(series, year, serial),
        code=numbers.digest(ctx.seal, uid, code),
        person=person,
        origin=event_of(ctx),
        state=State.DRAFT.value,
        kind=said.kind,
        topic=said.topic,
        category=topics.code_of(said.topic),
        unit_id=said.unit if said.unit in ctx.directory.units else None,
        excluded=[],
        dangers=list(said.dangers),
        is_minor=said.is_minor or said.topic in _MINOR_TOPICS,
        is_named=said.is_named,
        is_over_limit=is_over and not said.dangers,
        notice_version=said.notice_version,
        owner=Role.INTAKE.value,
        rounds=0,
        received_at=ctx.now,
    )
    place = "" if case.unit_id else said.place
    if facts := _identity(said):
        work.vault.learn(ctx.session, person, facts)
    routing.assign(work, case, (said.text, said.wish, place), work.member(case))
    ctx.session.add(case)
    ctx.session.flush()
    return case


def _keep(ctx: Context, work: Work, case: CaseRow, said: Statement) -> None:
    """Store what was said, and mark it and who said it for the guard."""
    given = ((ORIGINAL, said.text), (PLACE, said.place), (HAPPENED, said.happened), (WISH, said.wish))
    for kind, words in (*given, (FILES, "\n".join(said.inbox_uids))):
        keep_words(work, case, kind, words)
    _protect(ctx, case.uid, guard.Secret.IDENTITY, [*_identity(said).values(), ctx.message.sender])
    _protect(ctx, case.uid, guard.Secret.TEXT, [words for words in (said.text, said.wish) if words])


def _identity(said: Statement) -> Mapping[str, str]:
    """Return what a complainant told of himself."""
    return {name: value for name, value in (("name", said.name), ("phone", said.phone)) if value}


def _protect(ctx: Context, case: str, secret: guard.Secret, words: Sequence[str]) -> None:
    """Mark words as secrets of a case. A code is no everyday word, so nothing is passed over as such."""
    address = address_of(ctx)
    lane = lane_of(ctx.seal, address.door, address.external_id)
    common = guard.Common() if secret is guard.Secret.CODE else everyday(ctx.session, ctx.directory, ctx.complaints)
    guard.protect(ctx.session, ctx.seal, case, lane, secret, words, common=common)


def add(ctx: Context, case: str, text: str, dangers: Sequence[str] = (), files: Sequence[str] = ()) -> list[Outgoing]:
    """Add words to an own case; an answer to a question ends the wait for it (T3). New dangers are told at once."""
    work, row, event = work_of(ctx), _own(ctx, case), event_of(ctx)
    if State(row.state) not in OPEN:
        raise UserError(texts.ENDED)
    if steps.has_event(work, f"T3/{event}") or steps.has_event(work, f"added/{event}"):
        return []
    for kind, words in ((ADDITION, text), (FILES, "\n".join(files))):
        keep_words(work, row, kind, words)
    _protect(ctx, row.uid, guard.Secret.TEXT, [text])
    if dangers:
        row.dangers = list(dict.fromkeys((*row.dangers, *dangers)))
        row.is_over_limit = False
        steps.drop_proposal(row)
    routing.reassign(work, row, text, work.member(row))
    words = office_texts.added(row.number)
    if row.state == State.NEED_INFO:
        words = office_texts.answered(row.number, by_silence=False)
        steps.take(work, row, "T3", COMPLAINANT, f"T3/{event}")
    else:
        steps.record(work, row, "added", COMPLAINANT.id, Role.COMPLAINANT, f"added/{event}")
    if dangers:
        return alerts.danger(work, row, event)
    return alerts.to_office(work, row, f"added/{event}", words)


def withdraw(ctx: Context, case: str) -> list[Outgoing]:
    """Note that the complainant wants out; the office decides (T28)."""
    work, row, event = work_of(ctx), _own(ctx, case), event_of(ctx)
    if State(row.state) not in OPEN:
        raise UserError(texts.ENDED)
    if row.wants_out_at is not None:
        return []
    row.wants_out_at = ctx.now
    steps.record(work, row, "wants_out", COMPLAINANT.id, Role.COMPLAINANT, f"wants_out/{event}")
    return alerts.to_office(work, row, f"wants_out/{event}", office_texts.wants_out(row.number))


def stay(ctx: Context, case: str) -> list[Outgoing]:
    """Take the wish to withdraw back; nothing is told where there was none, or the office has followed it."""
    work, row, event = work_of(ctx), _own(ctx, case), event_of(ctx)
    if State(row.state) not in OPEN or row.wants_out_at is None:
        return []
    row.wants_out_at = None
    steps.record(work, row, "stays", COMPLAINANT.id, Role.COMPLAINANT, f"stays/{event}")
    return alerts.to_office(work, row, f"stays/{event}", office_texts.stays(row.number))


def press(ctx: Context, case: str) -> tuple[bool, list[Outgoing]]:
    """催办: once per 3 working days and case; False if that was used up or nothing is open."""
    work, row, event = work_of(ctx), _own(ctx, case), event_of(ctx)
    if State(row.state) not in OPEN or not _may_press(work, row.pressed_at):
        return False, []
    row.pressed_at = ctx.now
    steps.record(work, row, "pressed", COMPLAINANT.id, Role.COMPLAINANT, f"pressed/{event}")
    return True, alerts.to_office(work, row, f"pressed/{event}", office_texts.pressed(row.number))


def _may_press(work: Work, last: datetime | None) -> bool:
    if last is None:
        return True
    try:
        since = work.directory.calendar.working_between(limits.local_day(last), limits.local_day(work.now))
    except UnknownDayError:
        return work.now - last >= _PRESS_DAYS
    return since >= _PRESS_WD


def list_own(ctx: Context) -> list[Own]:
    """Return the sender's own cases, newest first."""
    person = work_of(ctx).vault.find(ctx.session, address_of(ctx))
    if person is None:
        return []
    rows = ctx.session.scalars(
        select(CaseRow).where(CaseRow.person == person).order_by(CaseRow.received_at.desc(), CaseRow.serial.desc())
    )
    return [_own_of(row) for row in rows]


def _own_of(row: CaseRow) -> Own:
    is_open = State(row.state) in OPEN
    is_leaving = is_open and row.wants_out_at is not None
    return Own(row.uid, row.number, texts.public_state(row.state), row.received_at, is_open, is_leaving)


def count_own(ctx: Context) -> tuple[int, int]:
    """Return how many cases the sender has filed today and in this month (Shanghai)."""
    work = work_of(ctx)
    person = work.vault.find(ctx.session, address_of(ctx))
    return count_of(work, person) if person is not None else (0, 0)


def count_of(work: Work, person: str) -> tuple[int, int]:
    """Return how many cases a person has filed today and in this month (Shanghai)."""
    return (_count(work, person, limits.day_start(work.now)), _count(work, person, limits.month_start(work.now)))


def _count(work: Work, person: str, since: datetime) -> int:
    query = select(func.count()).select_from(CaseRow).where(CaseRow.person == person, CaseRow.received_at >= since)
    return work.session.scalar(query) or 0


def _own(ctx: Context, case: str) -> CaseRow:
    """Return an own case, locked. Raises UserError for any other."""
    person = work_of(ctx).vault.find(ctx.session, address_of(ctx))
    row = lock_case(ctx.session, case) if person is not None else None
    if row is None or row.person != person:
        raise UserError(texts.NOT_FOUND)
    return row
