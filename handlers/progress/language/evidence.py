"""What the clauses about one task add up to: status, figures, date and obstacle."""

import datetime
import re
from dataclasses import dataclass, replace
from datetime import date

from handlers.progress.language import figures, status
from handlers.progress.language.blocker import find_blocker
from handlers.progress.language.conflict import conflicts
from handlers.progress.language.figures import Figures
from handlers.progress.language.model import Status
from handlers.progress.language.plan import is_plan
from handlers.progress.language.promise import done_date, promised_date
from handlers.progress.language.scope import Matter
from handlers.progress.language.segments import Segment, Statement
from handlers.progress.language.tasks import How
from handlers.progress.language.verdict import Case

_BEFORE = re.compile(r"以前|之前|前|左右|[吧呢哈啊]")
_BUSY = re.compile(r"[弄做搞办干整]|会|推迟|改到|安排|处理")


@dataclass(frozen=True)
class Evidence:
    """`blocker` is a span of the whole text; status None means that nothing is said about the state.

    `conflicting`: what is said cannot all hold, so the figures are left out. `lately`: the count may be only the
    latest part of all that is done.
    """

    status: Status | None
    percent: float | None = None
    op: str | None = None
    done: int | None = None
    total: int | None = None
    date: datetime.date | None = None
    blocker: tuple[int, int] | None = None
    unchanged: bool = False
    conflicting: bool = False
    lately: bool = False


def weigh(
    segment: Segment,
    matter: Matter,
    today: date,
    *,
    extension: bool = False,
    restated: bool = False,
    nth: int | None = None,
) -> Evidence:
    """`nth` picks one of several shares that are listed for as many tasks or units; `restated`: a correction."""
    own = [one for one in segment.statements if not one.lead or one.cues.remain]
    stated = figures.read(own, matter, nth, today)
    case = Case(own, matter, today, stated)
    found = case.status(extension=extension)
    clash = conflicts(case, found, nth, restated=restated)
    if clash:
        found, stated = Status.IN_PROGRESS, Figures(None, (), None)
    if found is Status.DONE:
        return Evidence(found, percent=100, date=done_date(case.done_clauses(), today))
    if found is Status.NOT_APPLICABLE:
        return Evidence(found)
    day = promised_date(segment.statements, today, extension=extension, begun=found is not Status.NOT_STARTED)
    reasons = extension or found in {Status.BLOCKED, Status.NOT_STARTED}
    told = [one.span for one in segment.statements if _may_block(one, today)]
    blocker = find_blocker(told, matter.words, any_reason=reasons)
    if found is None and not extension and (blocker or any(map(_dates_work, own))):
        found = Status.IN_PROGRESS
    same = not (stated.stated or clash) and any(one.cues.unchanged for one in own)
    return replace(_filled(found, stated, day, blocker, unchanged=same), conflicting=clash, lately=stated.lately)


def _filled(
    found: Status | None, stated: Figures, day: date | None, blocker: tuple[int, int] | None, *, unchanged: bool
) -> Evidence:
    done, total = (stated.count.done, stated.count.total) if stated.count else (None, None)
    percent, op = (0, None) if found is Status.NOT_STARTED else (stated.percent, stated.op)
    return Evidence(found, percent, op, done, total, day, blocker, unchanged)


def _dates_work(one: Statement) -> bool:
    """Whether a day is named for the work: beside a full name, by a promise or verb, or as the whole answer."""
    if not one.part.dates:
        return False
    text = _BEFORE.sub("", one.part.blanked)
    named = any(ref.how is How.CODE or ref.end - ref.start > 2 for ref in one.part.tasks)
    acts = bool(status.FINISH.search(text) or _BUSY.search(text))
    return named or acts or one.cues.planned or not re.search(r"[一-龥]{2}", text)


def _may_block(one: Statement, today: date) -> bool:
    """Notes on papers and promises to finish name no obstacle."""
    open_ended = one.cues.remain or one.cues.negated
    return not one.cues.evidence_note and not (one.cues.done and not open_ended and is_plan(one, today))
