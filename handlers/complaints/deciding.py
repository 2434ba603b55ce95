"""What the office decides about a case, each by a named person: take up, ask, refuse, let go; never the machine.

Every function returns the messages that follow, or why nothing was done. The case must be locked; event names the
message or click that asks for it, so that the same one works once.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.messages import Outgoing, ToPerson
from handlers.complaints import alerts, cards, clocks, limits, notices, steps, texts
from handlers.complaints import texts_alerts as office_texts
from handlers.complaints.clocks import Clock
from handlers.complaints.models import CaseRow
from handlers.complaints.refusals import GROUNDS, next_path
from handlers.complaints.roles import actor_of
from handlers.complaints.states import Actor, Reason, Refusal, Role, State, check_refusal
from handlers.complaints.work import Work, roles_held

Result = list[Outgoing] | Refusal


def actor(work: Work, case: CaseRow, person: str) -> Actor:
    """Return a person of the directory as an actor on a case."""
    return actor_of(work.desk(case), work.directory, person, roles_held(work.session, case, person))


def accept(work: Work, case: CaseRow, person: str, event: str) -> Result:
    """T4. Raises MissingField if the notice cannot say what it has to."""
    taken = steps.take(work, case, "T4", actor(work, case, person), f"T4/{event}")
    return _then(work, case, taken, lambda: _tell(work, case, "accepted", _accepted(work, case)))


def ask_more(work: Work, case: CaseRow, person: str, question: str, event: str) -> Result:
    """T2: put a question to the complainant; the clock of acceptance stands still."""
    has_question = bool(question.strip())
    who = actor(work, case, person)
    taken = steps.take(work, case, "T2", who, f"T2/{event}", note=question, has_question=has_question)
    return _then(work, case, taken, lambda: _tell(work, case, "asked", _asked(work, case, question)))


def propose_refusal(work: Work, case: CaseRow, person: str, reason: Reason, event: str) -> Result:
    """Propose T5 to those who may sign it. A danger cannot be proposed; the proposer never signs."""
    who, key = actor(work, case, person), f"proposed/{event}"
    if steps.has_event(work, key):
        return []
    proposed = _with_reason(work, case, reason)
    why = _not_intake(who) or (None if case.state == State.RECEIVED else Refusal.WRONG_STATE) or proposed
    if why is not None:
        steps.log_refused(work, case, "propose", who, why)
        return why
    alerts.calm(work, case)
    case.reason, case.proposed_by, case.proposal = reason.value, person, event
    steps.record(work, case, "proposed", person, Role.INTAKE, key)
    signers = [one for one in work.desk(case).list(Role.DIRECTOR) if one != person]
    return [
        Outgoing(f"sign/{event}/{one}", ToPerson(one), cards.sign(case, reason, event, one), alerts.OFFICE)
        for one in signers
    ]


def sign_refusal(work: Work, case: CaseRow, person: str, event: str) -> Result:
    """T5, by another person than the one who proposed it. Raises MissingField."""
    taken = steps.take(work, case, "T5", actor(work, case, person), f"T5/{event}")
    return _then(work, case, taken, lambda: _tell(work, case, "refused", _refused(work, case)))


def return_refusal(work: Work, case: CaseRow, person: str, event: str) -> Result:
    """Give a proposed refusal back to whoever proposed it; the case stays as it is."""
    who, key = actor(work, case, person), f"returned/{event}"
    if steps.has_event(work, key):
        return []
    why = _no_signer(who, case)
    if why is not None:
        steps.log_refused(work, case, "return", who, why)
        return why
    proposer = case.proposed_by or ""
    alerts.calm(work, case)
    steps.drop_proposal(case)
    steps.record(work, case, "returned", person, Role.DIRECTOR, key)
    return alerts.tell([proposer], f"office/{case.uid}/returned/{event}", office_texts.proposal_returned(case.number))


def confirm_withdrawal(work: Work, case: CaseRow, person: str, event: str) -> Result:
    """T28: the complainant is let go; what concerns danger, minors or the public goes on."""
    taken = steps.take(work, case, "T28", actor(work, case, person), f"T28/{event}")
    return _then(work, case, taken, lambda: _tell(work, case, "withdrawn", texts.withdrawn(case.number)))


def go_on(work: Work, case: CaseRow, person: str, event: str) -> Result:
    """Decide that a case goes on although its complainant wants out."""
    who, key = actor(work, case, person), f"goes_on/{event}"
    if steps.has_event(work, key):
        return []
    why = _not_intake(who) or (Refusal.NOT_ASKED_FOR if case.wants_out_at is None else None)
    if why is not None:
        steps.log_refused(work, case, "go_on", who, why)
        return why
    alerts.calm(work, case)
    case.wants_out_at, case.goes_on_at = None, work.now
    outgoings = _tell(work, case, "goes_on", texts.goes_on(case.number))
    steps.record(work, case, "goes_on", person, Role.INTAKE, key)
    return outgoings


def _then(work: Work, case: CaseRow, taken: steps.Taken | Refusal, follow: Callable[[], list[Outgoing]]) -> Result:
    if isinstance(taken, Refusal):
        return taken
    alerts.calm(work, case)  # whoever decides knows of the danger, whether or not the case was opened for it
    return follow() if taken.is_new else []


def _tell(work: Work, case: CaseRow, kind: str, words: str) -> list[Outgoing]:
    return notices.put(work, case, kind, words)


def _accepted(work: Work, case: CaseRow) -> str:
    finish = clocks.find_open(work.session, case.uid, Clock.FINISH)
    limit = limits.local_day(finish.due_at) if finish and finish.due_at else None
    today = limits.local_day(work.now)
    category = texts.CATEGORIES.get(case.category, "")
    return texts.accepted(texts.Accepted(case.number, today, category, work.complaints.office, limit))


def _asked(work: Work, case: CaseRow, question: str) -> str:
    answer = clocks.find_open(work.session, case.uid, Clock.ANSWER)
    until = limits.local_day(answer.due_at) if answer and answer.due_at else None
    return texts.asked(texts.Asked(case.number, question.strip(), work.complaints.info_wd, until))


def _refused(work: Work, case: CaseRow) -> str:
    reason = Reason(case.reason or "")
    ground = GROUNDS[reason]
    path = next_path(reason, work.complaints)
    today = limits.local_day(work.now)
    return texts.refused(texts.Refused(case.number, today, ground.plain, ground.basis, path, work.complaints.office))


def _with_reason(work: Work, case: CaseRow, reason: Reason) -> Refusal | None:
    """Return why a case cannot be refused for a reason."""
    facts = steps.facts_of(work, case)
    path = next_path(reason, work.complaints)
    return check_refusal(facts.with_refusal(reason, path))


def _not_intake(who: Actor) -> Refusal | None:
    if who.is_excluded:
        return Refusal.CONFLICT
    return None if Role.INTAKE in who.roles else Refusal.NOT_YOURS


def _no_signer(who: Actor, case: CaseRow) -> Refusal | None:
    if who.is_excluded:
        return Refusal.CONFLICT
    if Role.DIRECTOR not in who.roles:
        return Refusal.NOT_YOURS
    if case.proposal is None or case.state != State.RECEIVED:
        return Refusal.NOT_PROPOSED
    return Refusal.SAME_PERSON if case.proposed_by == who.id else None
