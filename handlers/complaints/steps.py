"""Taking a step of the table on real rows: once per event, by whoever may, with what it does to clocks and owner."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot import audit
from bot.shared import insert_missing
from handlers.complaints import clocks
from handlers.complaints.clocks import Clock
from handlers.complaints.limits import Working
from handlers.complaints.models import CaseRow, EventRow
from handlers.complaints.refusals import next_path
from handlers.complaints.states import TABLE, Actor, Facts, Reason, Refusal, Role, State, decide
from handlers.complaints.work import Work

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken. is_new: by this call; an event that came before changes nothing again."""

    state: State
    is_new: bool


def take(
    work: Work, case: CaseRow, step: str, actor: Actor, event: str, *, note: str = "", has_question: bool = False
) -> Taken | Refusal:
    """Take a step for an event, at most once, or change nothing and say why. case must be locked.

    note: words kept with the event, sealed. Whatever is refused is logged, with ids only.
    """
    if has_event(work, event):
        return Taken(State(case.state), False)
    decided = decide(facts_of(work, case, has_question=has_question), step, actor, work.now)
    if isinstance(decided, Refusal):
        log_refused(work, case, step, actor, decided)
        return decided
    source, case.state = case.state, decided.value
    case.owner = _owner(work, case, decided)
    moved = _EFFECTS[step](work, case)
    role = _acts_as(step, actor)
    _write(work, case, step, source, actor.id, role, event, note)
    detail = {"from": source, "to": decided.value, "role": role.value, **moved}
    audit.note(
        work.session, work.seal, actor=actor.id, act=f"complaint.{step}", subject=case.uid, now=work.now, detail=detail
    )
    log.info("complaint.step case=%s step=%s from=%s to=%s", case.uid, step, source, decided)
    return Taken(decided, True)


def record(work: Work, case: CaseRow, act: str, actor: str, role: Role, event: str, *, note: str = "") -> bool:
    """Record something that happened without moving the case; False if the event came before."""
    if has_event(work, event):
        return False
    _write(work, case, act, case.state, actor, role, event, note)
    audit.note(work.session, work.seal, actor=actor, act=f"complaint.{act}", subject=case.uid, now=work.now)
    return True


def file_event(work: Work, case: CaseRow, actor: Actor, event: str) -> None:
    """Take T1 for a case that was just made; its clocks start."""
    decided = decide(facts_of(work, case), "T1", actor, work.now)
    if isinstance(decided, Refusal):
        raise ValueError(f"T1: {decided}")
    case.state = decided.value
    clocks.start(work, case, Clock.ACCEPT, Working(work.complaints.accept_wd))
    clocks.start(work, case, Clock.CEILING, clocks.CEILING)
    _write(work, case, "T1", State.DRAFT, actor.id, Role.COMPLAINANT, event, "")


def facts_of(work: Work, case: CaseRow, *, has_question: bool = False) -> Facts:
    """Return what a decision looks at."""
    answer = clocks.find_open(work.session, case.uid, Clock.ANSWER)
    reason = Reason(case.reason) if case.reason else None
    return Facts(
        state=State(case.state),
        has_danger=bool(case.dangers),
        is_minor=case.is_minor,
        goes_on=case.goes_on_at is not None,
        rounds=case.rounds,
        most_rounds=work.complaints.info_rounds,
        has_question=has_question,
        silence_ends=answer.due_at if answer else None,
        reason=reason,
        path=next_path(reason, work.complaints) if reason else "",
        proposer=case.proposed_by or "",
        wants_out=case.wants_out_at is not None,
    )


def has_event(work: Work, event: str) -> bool:
    """Whether an event was carried out before."""
    return work.session.scalar(select(EventRow.id).where(EventRow.uid == event)) is not None


def _write(work: Work, case: CaseRow, act: str, source: str, actor: str, role: Role, event: str, note: str) -> None:
    work.session.flush()
    insert_missing(
        work.session,
        EventRow,
        uid=event,
        case_uid=case.uid,
        act=act,
        source=source,
        target=case.state,
        actor=actor,
        role=role.value,
        at=work.now,
        note=work.close(case, note, f"event/{event}") if note else None,
    )


def log_refused(work: Work, case: CaseRow, step: str, actor: Actor, refusal: Refusal) -> None:
    """Log, with ids only, that a step was not taken."""
    log.warning("complaint.refused case=%s step=%s state=%s reason: %s", case.uid, step, case.state, refusal)
    detail = {"step": step, "state": case.state, "reason": refusal.value}
    audit.note(
        work.session,
        work.seal,
        actor=actor.id,
        act="complaint.step_refused",
        subject=case.uid,
        now=work.now,
        detail=detail,
    )


def _acts_as(step: str, actor: Actor) -> Role:
    return min(TABLE[step].who & actor.roles)


def _owner(work: Work, case: CaseRow, state: State) -> str:
    """Return the one role that owes the next act; an ended case keeps the last."""
    if state is State.ACCEPTED:
        desk = work.desk(case)
        return Role.CASE.value if desk.list(Role.CASE) else desk.owner.value
    return work.desk(case).owner.value if state is State.RECEIVED else case.owner


# What a step does to the rows; returns what of it belongs into the audit log.
Effect = Callable[[Work, CaseRow], Mapping[str, str]]


def _ask(work: Work, case: CaseRow) -> Mapping[str, str]:
    case.rounds += 1
    clocks.pause(clocks.find_open(work.session, case.uid, Clock.ACCEPT), work.now)
    clocks.start(work, case, Clock.ANSWER, Working(work.complaints.info_wd))
    drop_proposal(case)
    return {}


def _go_on(work: Work, case: CaseRow) -> Mapping[str, str]:
    clocks.end(work.session, case.uid, work.now, Clock.ANSWER)
    accept = clocks.find_open(work.session, case.uid, Clock.ACCEPT)
    moved = clocks.resume(accept, work.now, work.directory.calendar)
    return {"old": _spell(moved[0]), "new": _spell(moved[1])} if moved else {}


def _accept(work: Work, case: CaseRow) -> Mapping[str, str]:
    clocks.end(work.session, case.uid, work.now)
    clocks.start(work, case, Clock.ASSIGN, clocks.ASSIGN)
    clocks.start(work, case, Clock.FINISH, clocks.FINISH)
    drop_proposal(case)
    return {}


def _stop(work: Work, case: CaseRow) -> Mapping[str, str]:
    clocks.end(work.session, case.uid, work.now)
    return {}


def drop_proposal(case: CaseRow) -> None:
    """Forget the refusal that waits for its signature."""
    case.reason = case.proposed_by = case.proposal = None


def _spell(instant: datetime | None) -> str:
    return instant.isoformat() if instant else "unknown"


_EFFECTS: Mapping[str, Effect] = {"T2": _ask, "T3": _go_on, "T4": _accept, "T5": _stop, "T28": _stop}
