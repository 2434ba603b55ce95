"""The values that go into and come out of the understanding of a progress message."""

import datetime
from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What a message wants; the order of definition is the order of priority."""

    COMPLAINT = "complaint"
    RETRACT = "retract"
    APPEAL = "appeal"
    CORRECTION = "correction"
    EXTENSION = "extension"
    REPORT = "report"
    SUGGESTION = "suggestion"
    NOTICE = "notice"
    QUESTION = "question"
    ACK = "ack"
    CHATTER = "chatter"


class Status(StrEnum):
    DONE = "done"
    IN_PROGRESS = "in_progress"
    NOT_STARTED = "not_started"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class UnitEntry:
    """A school or a section. `kind` is the district's word (小学, 股室 …); `parent` is set for teaching points."""

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    parent: str | None


@dataclass(frozen=True)
class TaskEntry:
    """A ledger line. `metric` is percent, count, milestone or binary; `applies_to` holds the ids of reporting units."""

    id: str
    title: str
    aliases: tuple[str, ...]
    standard: str
    lead: str
    metric: str
    target: int | None
    applies_to: frozenset[str]


@dataclass(frozen=True)
class Sender:
    unit: str | None
    role: str | None


@dataclass(frozen=True)
class Item:
    """What is said about one task of one unit.

    `percent` is 0 to 100 with at most one decimal, `percent_op` one of >=, <, ~ or None for exactly. `unchanged` marks
    an answer that the last reported value still holds. `blocker` is a span of the message as typed. `conflicting`:
    figures and claims contradict one another; they are left out, and asked for again.
    """

    unit: str | None
    task: str | None
    status: Status | None
    percent: float | None = None
    percent_op: str | None = None
    done: int | None = None
    total: int | None = None
    date: datetime.date | None = None
    blocker: str | None = None
    on_behalf: bool = False
    unchanged: bool = False
    conflicting: bool = False
    confidence: float = 0.0


@dataclass(frozen=True)
class Understanding:
    """The reading of one message.

    A write is safe from confidence 0.9 on, and never while `ask` holds anything. `unit_candidates` and
    `task_candidates` are the choices to offer when `ask` names "unit" or "task"; empty if anything is possible.
    `rest_unchanged` says that the tasks asked about but not named keep their values.
    """

    intent: Intent
    also: tuple[Intent, ...] = ()
    items: tuple[Item, ...] = ()
    ask: tuple[str, ...] = ()
    confidence: float = 0.0
    unit_candidates: tuple[str, ...] = ()
    task_candidates: tuple[str, ...] = ()
    rest_unchanged: bool = False
