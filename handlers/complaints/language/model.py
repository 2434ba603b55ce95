"""The values that come out of the reading of what a parent or a member of staff writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class DangerKind(StrEnum):
    """What sort of harm is told; each must reach a human within the hour."""

    VIOLENCE = "violence"
    SEXUAL = "sexual"
    SELF_HARM = "self_harm"
    ILLNESS = "illness"
    MISSING = "missing"
    ACUTE = "acute"


@dataclass(frozen=True, slots=True)
class Danger:
    """A place that tells of acute danger: text[start:end] as typed, and how sure it is (0 to 1)."""

    kind: DangerKind
    start: int
    end: int
    confidence: float


class Kind(StrEnum):
    """What the writer wants."""

    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    QUERY = "query"
    PROGRESS = "progress"
    CHATTER = "chatter"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text as typed: text[start:end] is words."""

    start: int
    end: int
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SchoolRef:
    """A school named: the official names it may mean, in the order of the list; one name is sure.

    is_cleared: the words right behind it say that nothing is wrong there (二小那边没这事).
    """

    start: int
    end: int
    names: tuple[str, ...]
    is_cleared: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether the words can mean one school only."""
        return len(self.names) == 1


@dataclass(frozen=True, slots=True)
class Understood:
    """The reading of one message; confidences are 0 to 1.

    kind: what is wanted, topic: one of topics.TOPICS for a complaint, else "". schools: official names in order, only
    those that are sure; school_refs: all places, with the candidates of ambiguous names. Neither has schools
    that are cleared. tone: "thanks" or "".
    """

    kind: Kind
    confidence: float
    topic: str = ""
    topic_confidence: float = 0.0
    schools: tuple[str, ...] = ()
    school_refs: tuple[SchoolRef, ...] = ()
    times: tuple[Span, ...] = field(default=(), repr=False)
    dangers: tuple[Danger, ...] = ()
    tone: str = ""

    @property
    def danger_kinds(self) -> tuple[str, ...]:
        """The kinds of danger told, each once, in the order of their first place."""
        return tuple(dict.fromkeys(danger.kind.value for danger in self.dangers))
