"""Groups the clauses of a message by the units and tasks they speak about."""

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from handlers.progress.language import status
from handlers.progress.language.part import Part
from handlers.progress.language.percents import Percent, Role
from handlers.progress.language.pieces import HAS_COUNT, cut
from handlers.progress.language.status import Cues
from handlers.progress.language.tasks import How, TaskRef
from handlers.progress.language.units import UnitRef
from handlers.progress.language.voice import Voice

_TELLING = (
    "done", "acted", "negated", "nearly", "going", "moving", "not_started", "blocked", "weak_block",
    "not_applicable", "cleared", "unchanged",
)  # fmt: skip
_ALL = re.compile(
    r"^(?:以上|上述|这[几两三些]项|[两三四]项|几项)?(?:都|均|全部?|各项|所有|统统|一并|全都)|^以上|^上述|^[两三四]项"
)
_APART = re.compile(r"分别")


@dataclass(frozen=True)
class Statement:
    """A clause of a segment with its cues. `lead` clauses stand before any task is named and only give reasons."""

    part: Part
    cues: Cues
    lead: bool = False

    @property
    def percents_now(self) -> list[Percent]:
        return [share for share in self.part.percents if share.role is Role.NOW]

    @property
    def span(self) -> tuple[int, str, str]:
        return self.part.clause.start, self.part.text, self.part.blanked


@dataclass
class Segment:
    """What is said about some tasks of some units. No unit means the sender's own; no task means none was named."""

    units: tuple[UnitRef, ...]
    tasks: tuple[TaskRef, ...]
    number: int | None = None
    statements: list[Statement] = field(default_factory=list)

    @property
    def apart(self) -> bool:
        return any(_APART.search(one.part.text) for one in self.statements)


@dataclass
class _State:
    units: tuple[UnitRef, ...] = ()
    tasks: tuple[TaskRef, ...] = ()
    fresh_units: bool = False
    fresh_tasks: bool = False
    line: int = -1


def evident(part: Part, cues: Cues) -> bool:
    """Whether a clause says anything about how far work is."""
    shares = any(share.role in {Role.NOW, Role.CHANGE, Role.OLD, Role.OTHER} for share in part.percents)
    words = any(getattr(cues, name) for name in _TELLING)
    return shares or words or bool(part.dates) or bool(HAS_COUNT.search(part.blanked))


def segment(parts: list[Part], *, quoted: bool = False) -> list[Segment]:
    """`quoted` tells that words before the first name may answer a quoted message."""
    segments: list[Segment] = []
    state = _State()
    for piece in (piece for part in parts for piece in cut(part)):
        cues = status.read(piece.blanked, piece.text)
        says = evident(piece, cues)
        subjects = _move(state, piece, says)
        if len(subjects) < len(piece.tasks):
            piece = piece.without(tuple(ref for ref in piece.tasks if ref not in subjects))
            cues = status.read(piece.blanked, piece.text)
        target = _find(segments, state, piece.clause.number if not state.tasks else None)
        if says and not piece.tasks and not piece.units and _ALL.search(piece.text) and len(segments) > 1:
            targets = [one for one in segments if one.tasks] or [target]
        else:
            targets = [target]
        for one in targets:
            one.statements.append(Statement(piece.spelled(), cues))
    return segments if quoted else _settled(segments)


def _move(state: _State, piece: Part, says: bool) -> tuple[TaskRef, ...]:
    """Let the names in a clause take over from the names before; returns the tasks it turns to."""
    if piece.clause.line != state.line:
        state.line = piece.clause.line
        if piece.clause.number is not None:
            state.tasks, state.fresh_tasks = (), False
    tasks = _subjects(piece.tasks, state, says or not piece.blanked.strip("■ 、"))
    if tasks:
        state.tasks = _joined(state.tasks, tasks) if state.fresh_tasks else tasks
    if piece.units:
        state.units = (*state.units, *piece.units) if state.fresh_units and not tasks else piece.units
    state.fresh_tasks = not says and piece.voice is not Voice.QUESTION and (bool(tasks) or state.fresh_tasks)
    state.fresh_units = not says and (bool(piece.units) or state.fresh_units)
    return tasks


def _subjects(tasks: tuple[TaskRef, ...], state: _State, says: bool) -> tuple[TaskRef, ...]:
    """The tasks a clause turns to. A shared word, or a short name without news, stays with the task under way."""
    if not state.tasks:
        return tasks
    if says and all(ref.how is How.WORD for ref in state.tasks):
        return tasks
    return tuple(
        ref for ref in tasks if ref.how is not How.WORD and (says or ref.end - ref.start > 3 or state.fresh_tasks)
    )


def _joined(known: tuple[TaskRef, ...], more: tuple[TaskRef, ...]) -> tuple[TaskRef, ...]:
    have = {ref.ids for ref in known}
    firm = tuple(ref for ref in known if ref.how is not How.WORD)
    return (*(firm or ()), *(ref for ref in more if ref.ids not in have)) if firm else more


def _find(segments: list[Segment], state: _State, number: int | None) -> Segment:
    key = (tuple(ref.ids for ref in state.units), tuple(ref.ids for ref in state.tasks), number)
    for known in segments:
        if (tuple(ref.ids for ref in known.units), tuple(ref.ids for ref in known.tasks), known.number) == key:
            return known
    segments.append(Segment(state.units, state.tasks, number))
    return segments[-1]


def _merge_words(segments: list[Segment]) -> None:
    """A shared word just before one of its tasks is named is about that task: 公示无异议,星级班主任推荐已办结."""
    for shared, named in list(pairwise(segments)):
        words = {task for ref in shared.tasks if ref.how is How.WORD for task in ref.ids}
        meant = named.tasks and all(ref.how is not How.WORD and set(ref.ids) <= words for ref in named.tasks)
        if meant and shared.units == named.units and shared.number == named.number:
            named.statements[:0] = shared.statements
            segments.remove(shared)


def _settled(segments: list[Segment]) -> list[Segment]:
    """Give clauses that stand before the first task to it as reasons, and drop what says nothing."""
    _merge_words(segments)
    named = [one for one in segments if one.tasks]
    told = any(evident(replace(one.part, dates=()), one.cues) for one in named[0].statements) if named else False
    for lead in [one for one in segments if not one.tasks and one.number is None]:
        if named and segments.index(lead) < segments.index(named[0]):
            named[0].statements[:0] = [replace(one, lead=told) for one in lead.statements]
            segments.remove(lead)
    return segments
