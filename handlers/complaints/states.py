"""The life of a case as a table: which step leads from where to where, who may take it and when; pure.

Source: complaints reference §2, §3. A step that is not in the table does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    RECEIVED = "received"
    NEED_INFO = "need_info"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    ASSIGNED = "assigned"
    HANDLING = "handling"
    DISPUTED = "disputed"
    NOTICE = "notice"
    RECTIFYING = "rectifying"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"
    REPLIED = "replied"
    FOLLOWUP = "followup"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    REVIEW = "review"
    ARCHIVED = "archived"


# Nothing is owed any more: no owner acts, no clock runs. A review may lift a refusal, an undo a merge.
ENDED = frozenset((State.TRANSFERRED, State.WITHDRAWN, State.ARCHIVED, State.REFUSED, State.MERGED))
# What a complainant may add to, press and withdraw: handed in, and neither ended nor closed.
OPEN = frozenset(State) - ENDED - {State.DRAFT, State.CLOSED}


class Role(StrEnum):
    """What somebody is to a case (complaints reference §2)."""

    COMPLAINANT = "COMPLAINANT"
    BOT = "BOT"
    INTAKE = "INTAKE"
    CASE = "CASE"
    VERIFIER = "VERIFIER"
    DIRECTOR = "DIRECTOR"
    LEADER = "LEADER"
    UNIT = "UNIT"
    UNITHEAD = "UNITHEAD"
    CUSTODIAN = "CUSTODIAN"
    DISCIPLINE = "DISCIPLINE"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"
    PUBLISH = "PUBLISH"


CONTENT_ROLES = frozenset(Role) - {Role.ADMIN, Role.AUDITOR, Role.COMPLAINANT, Role.BOT}
APART = frozenset(
    (
        frozenset((Role.CASE, Role.VERIFIER)),
        frozenset((Role.CUSTODIAN, Role.CASE)),
        *(frozenset((Role.ADMIN, role)) for role in CONTENT_ROLES),
    )
)


def may_hold_both(one: Role, other: Role) -> bool:
    """Whether one person may act in both roles on one case."""
    return frozenset((one, other)) not in APART


def usable(granted: frozenset[Role], held: frozenset[Role]) -> frozenset[Role]:
    """Return the granted roles a person may act in on a case, where held are those acted in on it before.

    An administrator's content roles never count: being ADMIN is not bound to a case.
    """
    held = held | (granted & {Role.ADMIN})
    return frozenset(role for role in granted if all(may_hold_both(role, other) for other in held))


class Refusal(StrEnum):
    """Why a step is not taken; nothing changes then."""

    NOT_IN_TABLE = "not in the table"
    WRONG_STATE = "not from this state"
    NOT_YOURS = "not this role's step"
    CONFLICT = "conflict of interest"
    NO_MORE_ROUNDS = "no more rounds of questions"
    NO_QUESTION = "no question"
    NOT_YET = "its time has not come"
    NO_REASON = "no reason"
    NO_PATH = "no next path"
    NOT_PROPOSED = "not proposed"
    SAME_PERSON = "proposed by the same person"
    DANGER = "danger is never refused"
    ASK_FIRST = "not asked before"
    NOT_ASKED_FOR = "the complainant has not asked for it"
    GOES_ON = "goes on without the complainant"


class Reason(StrEnum):
    """Why a case is not taken up (complaints reference §3). A missing name is none of them."""

    REMIT = "remit"
    OTHER_PATH = "other_path"
    PETITION = "petition"
    ANSWERED = "answered"
    UNCLEAR = "unclear"
    SECRET = "secret"  # noqa: S105 - the matter is a state secret; no credential
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step: id is a person of the directory, "complainant" or "bot"; roles are those usable on this case.

    is_excluded: a conflict of interest keeps the person away from it.
    """

    id: str
    roles: frozenset[Role]
    is_excluded: bool = False


COMPLAINANT = Actor("complainant", frozenset({Role.COMPLAINANT}))
BOT = Actor("bot", frozenset({Role.BOT}))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision looks at. silence_ends: when the wait for an answer is over, None while nobody knows.

    reason, path and proposer describe the refusal that is proposed; goes_on: it was decided that the case goes on
    whatever the complainant wants (public interest).
    """

    state: State
    has_danger: bool = False
    is_minor: bool = False
    goes_on: bool = False
    rounds: int = 0
    most_rounds: int = 2
    has_question: bool = False
    silence_ends: datetime | None = None
    reason: Reason | None = None
    path: str = ""
    proposer: str = ""
    wants_out: bool = False

    def with_refusal(self, reason: Reason, path: str) -> Facts:
        """Return the same with another refusal proposed."""
        return replace(self, reason=reason, path=path)


Condition = Callable[[Facts, Actor, datetime], Refusal | None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. who may take it; condition says why it may not be taken although state and role fit."""

    id: str
    sources: frozenset[State]
    target: State
    who: frozenset[Role]
    condition: Condition


def _always(_facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    return None


def _may_ask(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    if facts.rounds >= facts.most_rounds:
        return Refusal.NO_MORE_ROUNDS
    return None if facts.has_question else Refusal.NO_QUESTION


def _has_answer(facts: Facts, actor: Actor, now: datetime) -> Refusal | None:
    """The complainant answers at any time; the timer waits for the end of the silence."""
    if Role.BOT not in actor.roles:
        return None
    return None if facts.silence_ends is not None and now >= facts.silence_ends else Refusal.NOT_YET


def check_refusal(facts: Facts) -> Refusal | None:
    """Return why a refusal may not even be proposed, or None."""
    if facts.has_danger:
        return Refusal.DANGER
    if facts.reason is None:
        return Refusal.NO_REASON
    if facts.reason is Reason.UNCLEAR and facts.rounds == 0:
        return Refusal.ASK_FIRST
    return None if facts.path else Refusal.NO_PATH


def _may_refuse(facts: Facts, actor: Actor, _now: datetime) -> Refusal | None:
    if facts.has_danger:
        return Refusal.DANGER
    if not facts.proposer:
        return Refusal.NOT_PROPOSED
    return Refusal.SAME_PERSON if actor.id == facts.proposer else check_refusal(facts)


def _is_free(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    if not facts.wants_out:
        return Refusal.NOT_ASKED_FOR
    return Refusal.GOES_ON if facts.has_danger or facts.is_minor or facts.goes_on else None


def _line(id: str, sources: frozenset[State], target: State, who: tuple[Role, ...], condition: Condition) -> Transition:
    return Transition(id, sources, target, frozenset(who), condition)


_LINES = (
    _line("T1", frozenset({State.DRAFT}), State.RECEIVED, (Role.COMPLAINANT,), _always),
    _line("T2", frozenset({State.RECEIVED}), State.NEED_INFO, (Role.INTAKE,), _may_ask),
    _line("T3", frozenset({State.NEED_INFO}), State.RECEIVED, (Role.COMPLAINANT, Role.BOT), _has_answer),
    _line("T4", frozenset({State.RECEIVED}), State.ACCEPTED, (Role.INTAKE,), _always),
    _line("T5", frozenset({State.RECEIVED}), State.REFUSED, (Role.DIRECTOR,), _may_refuse),
    _line("T28", OPEN, State.WITHDRAWN, (Role.INTAKE,), _is_free),
)
TABLE: Mapping[str, Transition] = {line.id: line for line in _LINES}


def decide(facts: Facts, transition: str, actor: Actor, now: datetime) -> State | Refusal:
    """Return the state to which a step leads, or why it may not be taken."""
    line = TABLE.get(transition)
    if line is None:
        return Refusal.NOT_IN_TABLE
    if actor.is_excluded:
        return Refusal.CONFLICT
    if not line.who & actor.roles:
        return Refusal.NOT_YOURS
    if facts.state not in line.sources:
        return Refusal.WRONG_STATE
    return line.condition(facts, actor, now) or line.target
