"""The clocks of a case: started, paused, resumed and ended; a due time that the calendar does not know stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.workdays import Calendar, UnknownDayError
from handlers.complaints import limits
from handlers.complaints.limits import Days, Limit, Working
from handlers.complaints.models import CaseRow, ClockRow
from handlers.complaints.work import Work


class Clock(StrEnum):
    """What a limit is for."""

    ACCEPT = "accept"  # decide whether the case is taken up (T4, T5)
    CEILING = "ceiling"  # the law's own limit for that; never pauses
    ANSWER = "answer"  # the complainant's answer to a question (T3)
    ASSIGN = "assign"  # dispatch to a unit (T8)
    FINISH = "finish"  # reply to the complainant, by law


# 信访工作条例 Art. 22 and 34 (complaints reference §15, R2 and R4); no setting.
CEILING = Days(15)
FINISH = Days(60)
ASSIGN = Working(1)
_UNITS: Mapping[str, type[Working] | type[Days]] = {"wd": Working, "day": Days}


def limit_of(clock: ClockRow) -> Limit:
    """Return a clock's limit as a type."""
    return _UNITS[clock.unit](clock.amount)


def list_open(session: Session, case: str) -> Sequence[ClockRow]:
    """Return the clocks of a case that run or are paused."""
    query = select(ClockRow).where(ClockRow.case_uid == case, ClockRow.ended_at.is_(None)).order_by(ClockRow.id)
    return list(session.scalars(query))


def find_open(session: Session, case: str, kind: Clock) -> ClockRow | None:
    """Return the open clock of a kind."""
    return next((clock for clock in list_open(session, case) if clock.kind == kind), None)


def start(work: Work, case: CaseRow, kind: Clock, limit: Limit) -> ClockRow:
    """Start a clock."""
    row = ClockRow(
        case_uid=case.uid,
        kind=kind,
        unit="wd" if isinstance(limit, Working) else "day",
        amount=limit.days,
        starts_at=work.now,
        pauses=[],
        warned=0,
    )
    reckon(row, work.directory.calendar)
    work.session.add(row)
    return row


def reckon(row: ClockRow, calendar: Calendar) -> bool:
    """Work out when a clock is due, from its start and its pauses; False if the calendar does not know."""
    limit = limit_of(row)
    try:
        ends = limits.due(row.starts_at, limit, calendar)
        stood = sum(limits.paused_days(*_span(span), limit, calendar) for span in row.pauses)
        row.due_at, row.missing = limits.later(ends, stood, limit, calendar), None
    except UnknownDayError as gap:
        row.due_at, row.missing = None, gap.day
    return row.due_at is not None


def pause(row: ClockRow | None, now: datetime) -> None:
    """Let a clock stand still."""
    if row is not None and row.paused_at is None:
        row.paused_at = now


def resume(row: ClockRow | None, now: datetime, calendar: Calendar) -> tuple[datetime | None, datetime | None] | None:
    """Let a clock go on; return its old and its new due time, None if it did not stand still."""
    if row is None or row.paused_at is None:
        return None
    old = row.due_at
    row.pauses = [*row.pauses, [row.paused_at.isoformat(), now.isoformat()]]
    row.paused_at = None
    reckon(row, calendar)
    return old, row.due_at


def end(session: Session, case: str, now: datetime, *kinds: Clock) -> None:
    """End the open clocks of these kinds; of every kind if none is named."""
    for row in list_open(session, case):
        if not kinds or row.kind in kinds:
            row.ended_at = now


def _span(span: Sequence[str]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(span[0]), datetime.fromisoformat(span[1])
