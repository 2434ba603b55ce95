"""What happens to cases by the clock: limits, silence, notices that did not arrive; as it stood at the due time.

Rows are locked in one order before anything is noted, so that two processes never wait for each other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from bot import audit
from bot.messages import Outgoing
from bot.ticks import Tick
from bot.workdays import UnknownDayError
from handlers.complaints import alerts, clocks, limits, notices, steps
from handlers.complaints import texts_alerts as office_texts
from handlers.complaints.clocks import Clock
from handlers.complaints.models import AttemptRow, CaseRow, ClockRow, NoticeRow
from handlers.complaints.states import BOT, ENDED, Refusal, Role
from handlers.complaints.work import Work, work_of_tick

log = logging.getLogger(__name__)

# Limits that the office is reminded of; later stages of a case bring their own.
_WARNED = (Clock.ACCEPT, Clock.CEILING)
_MAY_BE_DUE = (
    ClockRow.ended_at.is_(None),
    or_(
        ClockRow.due_at.is_(None),
        ClockRow.kind == Clock.ANSWER,
        ClockRow.kind.in_(_WARNED) & ClockRow.paused_at.is_(None),
    ),
)
_AT_ONCE = 500
_ATTEMPTS_KEPT = timedelta(days=2)
# Older notices were told about when they were young.
_NOTICES_SINCE = timedelta(days=60)


def watch(tick: Tick) -> list[Outgoing]:
    """End waits by silence (T3), warn of limits, tell what a calendar lacks, tell once what has not arrived."""
    work = work_of_tick(tick)
    cases = _lock_due(work)
    told = _tell_undelivered(work)
    for case, clock in _open_clocks(work, cases):
        if clock.due_at is None and not clocks.reckon(clock, work.directory.calendar):
            told += _tell_unknown(work, case, clock)
        elif clock.kind == Clock.ANSWER:
            told += _end_silence(work, case, clock)
        elif clock.kind in _WARNED and clock.paused_at is None:
            told += _warn(work, case, clock)
    return told


def queue(tick: Tick) -> list[Outgoing]:
    """Tell the office in one line a day of the cases over the soft limits; each person of those that are theirs."""
    work = work_of_tick(tick)
    query = select(CaseRow).where(CaseRow.is_over_limit.is_(True), CaseRow.queued_told_at.is_(None))
    query = query.where(CaseRow.received_at <= tick.due).order_by(CaseRow.uid).with_for_update()
    rows = list(work.session.scalars(query))
    numbers: dict[str, list[str]] = {}
    for case in sorted(rows, key=lambda case: (case.year, case.serial)):
        case.queued_told_at = tick.due
        for person in work.desk(case).list(Role.INTAKE):
            numbers.setdefault(person, []).append(case.number)
    day = limits.local_day(tick.due)
    return [
        outgoing
        for person, own in numbers.items()
        for outgoing in alerts.tell([person], f"office/queue/{day}", office_texts.over_limit(own))
    ]


def anchor(tick: Tick) -> list[Outgoing]:
    """Anchor the audit log for the day that has ended, and forget old attempts on the public page."""
    tick.session.execute(delete(AttemptRow).where(AttemptRow.last_at < tick.due - _ATTEMPTS_KEPT))
    day = limits.local_day(tick.due) - timedelta(days=1)
    line = audit.anchor(tick.session, tick.seal, day, tick.due)
    # What a rehearsal anchors is undone: it must not stand in the log as if it held.
    if not tick.session.connection().get_execution_options().get("duban_reading"):
        log.info("%s", line)
    return []


def _lock_due(work: Work) -> dict[str, CaseRow]:
    """Return the cases of which a clock may have to do something now, locked; the others stay free for everybody."""
    uids = _list_due(work)
    found: dict[str, CaseRow] = {}
    for start in range(0, len(uids), _AT_ONCE):
        query = select(CaseRow).where(CaseRow.uid.in_(uids[start : start + _AT_ONCE]))
        query = query.where(CaseRow.state.not_in([state.value for state in ENDED]))
        rows = work.session.scalars(query.order_by(CaseRow.uid).with_for_update())
        found |= {row.uid: row for row in rows}
    return found


def _list_due(work: Work) -> list[str]:
    """Return the cases with clocks that have something to do; limits end at one time of a day, so few are alike."""
    alike = (ClockRow.kind, ClockRow.unit, ClockRow.amount, ClockRow.due_at, ClockRow.warned)
    found: set[str] = set()
    for values in work.session.execute(select(*alike).where(*_MAY_BE_DUE).distinct()).all():
        kind, unit, amount, due_at, warned = values
        if _has_work(work, ClockRow(kind=kind, unit=unit, amount=amount, due_at=due_at, warned=warned)):
            same = (column.is_not_distinct_from(value) for column, value in zip(alike, values, strict=True))
            found.update(work.session.scalars(select(ClockRow.case_uid).where(*_MAY_BE_DUE, *same)))
    return sorted(found)


def _has_work(work: Work, clock: ClockRow) -> bool:
    if clock.due_at is None:
        return True
    if clock.kind == Clock.ANSWER:
        return limits.is_past(clock.due_at, work.now)
    return _passed(work, clock, clock.due_at) > clock.warned


def _open_clocks(work: Work, cases: dict[str, CaseRow]) -> Iterator[tuple[CaseRow, ClockRow]]:
    """Yield the clocks of cases that are locked by now, as they are now."""
    uids = list(cases)
    for start in range(0, len(uids), _AT_ONCE):
        query = select(ClockRow).where(ClockRow.case_uid.in_(uids[start : start + _AT_ONCE]), *_MAY_BE_DUE)
        rows = work.session.scalars(query.order_by(ClockRow.id).execution_options(populate_existing=True))
        for clock in list(rows):
            if clock.ended_at is None:
                yield cases[clock.case_uid], clock


def _end_silence(work: Work, case: CaseRow, clock: ClockRow) -> list[Outgoing]:
    if not limits.is_past(clock.due_at, work.now):
        return []
    taken = steps.take(work, case, "T3", BOT, f"T3/{case.uid}/{clock.id}")
    if isinstance(taken, Refusal) or not taken.is_new:
        return []
    return alerts.to_office(work, case, f"silence/{clock.id}", office_texts.answered(case.number, by_silence=True))


def _warn(work: Work, case: CaseRow, clock: ClockRow) -> list[Outgoing]:
    """Give the newest warning that is due; one that was overtaken is not given any more."""
    if clock.due_at is None:
        return []
    passed = _passed(work, clock, clock.due_at)
    if passed <= clock.warned:
        return []
    clock.warned = passed
    said = office_texts.warning(case.number, clock.kind, clock.due_at, passed - 1)
    key = f"office/{case.uid}/limit/{clock.id}/{passed}"
    return alerts.tell(work.desk(case).list(Role.INTAKE), key, said)


def _passed(work: Work, clock: ClockRow, due_at: datetime) -> int:
    """Return how many of a limit's warnings have come due; where the calendar does not know, all at its end."""
    try:
        stages = limits.warnings(due_at, clocks.limit_of(clock), work.directory.calendar)
    except UnknownDayError:
        stages = (due_at,) * 3
    return sum(work.now >= at for at in stages)


def _tell_unknown(work: Work, case: CaseRow, clock: ClockRow) -> list[Outgoing]:
    """Say once that a limit cannot be reckoned; nothing is guessed."""
    if clock.missing is None or clock.kind not in (*_WARNED, Clock.ANSWER):
        return []
    said = office_texts.unknown_limit(case.number, clock.kind, clock.missing)
    return alerts.to_office(work, case, f"unknown/{clock.id}", said)


def _tell_undelivered(work: Work) -> list[Outgoing]:
    waiting = NoticeRow.delivered_at.is_(None) & NoticeRow.told_at.is_(None)
    recent = (NoticeRow.created_at <= work.now) & (NoticeRow.created_at > work.now - _NOTICES_SINCE)
    rows = work.session.scalars(select(NoticeRow).where(waiting, recent).order_by(NoticeRow.id).with_for_update())
    told: list[Outgoing] = []
    for row in rows:
        if notices.is_undelivered(work.session, row):
            row.told_at = work.now
            case = work.session.get_one(CaseRow, row.case_uid)
            told += alerts.to_office(
                work, case, f"undelivered/{row.uid}", office_texts.undelivered(case.number, row.kind)
            )
    return told
