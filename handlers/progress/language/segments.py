"""Groups the clauses of a message by the units and tasks they speak about."""

import re
from dataclasses import dataclass, field, replace

from handlers.progress.language import status
from handlers.progress.language.percents import Percent, Role
from handlers.progress.language.scan import Part
from handlers.progress.language.status import Cues
from handlers.progress.language.tasks import How, TaskRef
from handlers.progress.language.units import UnitRef

_AND = re.compile(r"\s*(?:的|工作|任务)?\s*(?:[、和与及跟&/+]|以及|还有|并|,)?\s*")
_ALL = re.compile(
    r"^(?:以上|上述|这[几两三些]项|[两三四]项|几项)?(?:都|均|全部?|各项|所有|统统|一并|全都)|^以上|^上述|^[两三四]项"
)
_APART = re.compile(r"分别")
_HAS_COUNT = re.compile(
    r"[\d一二两三四五六七八九十]\s*(?:人|名|户|项|条|个|次|节|处|台|辆|间|份|件|/)|应[一-龥]{0,3}[\d□]|\d+\s*/\s*\d+|^\W*\d{1,4}\W*$"
)


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
    words = (
        cues.done or cues.acted or cues.negated or cues.nearly or cues.going or cues.moving or cues.not_started or cues.blocked
        or cues.not_applicable or cues.cleared or cues.unchanged or cues.weak_block
    )  # fmt: skip
    return shares or words or bool(part.dates) or bool(_HAS_COUNT.search(part.blanked))


def segment(parts: list[Part], *, quoted: bool = False) -> list[Segment]:
    """`quoted` tells that words before the first name may answer a quoted message."""
    segments: list[Segment] = []
    state = _State()
    pieces = [piece for part in parts for piece in _pieces(part)]
    for piece in pieces:
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
            one.statements.append(Statement(piece, cues))
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
    state.fresh_tasks = not says and (bool(tasks) or state.fresh_tasks)
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


def _settled(segments: list[Segment]) -> list[Segment]:
    """Give clauses that stand before the first task to it as reasons, and drop what says nothing."""
    named = [one for one in segments if one.tasks]
    told = any(evident(replace(one.part, dates=()), one.cues) for one in named[0].statements) if named else False
    for lead in [one for one in segments if not one.tasks and one.number is None]:
        if named and segments.index(lead) < segments.index(named[0]):
            named[0].statements[:0] = [replace(one, lead=told) for one in lead.statements]
            segments.remove(lead)
    return segments


def _pieces(part: Part) -> list[Part]:
    """Cut a clause that speaks of several tasks or units in turn: 消防完成 | 食堂八成."""
    refs = sorted((*part.tasks, *part.units), key=lambda ref: ref.start)
    cuts: list[int] = []
    start = part.clause.start
    # 已完成消防,正在做家访: where the verb comes first, what stands between two names belongs to the second.
    verb_first = (
        bool(refs)
        and _says_something(part.blanked[: refs[0].start - start])
        and not _says_something(part.blanked[refs[-1].end - start :])
    )
    for before, ref in zip(refs, refs[1:], strict=False):
        gap = part.blanked[before.end - start : ref.start - start]
        same_kind = any(
            type(other) is type(ref) and other.start < ref.start and other.start >= (cuts[-1] if cuts else start)
            for other in refs
        )
        if same_kind and not _AND.fullmatch(gap) and _says_something(gap):
            cuts.append(before.end if verb_first else ref.start)
    if not cuts:
        return [_headed(part)]
    return [
        _headed(piece)
        for piece in (part.cut(a, b) for a, b in zip([start, *cuts], [*cuts, part.clause.end], strict=True))
    ]


def _says_something(gap: str) -> bool:
    return "□" in gap or "◇" in gap or bool(_HAS_COUNT.search(gap)) or _any(status.read(gap, gap))


def _any(cues: Cues) -> bool:
    return cues.done or cues.negated or cues.nearly or cues.going or cues.not_started or cues.blocked or cues.cleared


def _headed(part: Part) -> Part:
    heads = _heads(part)
    return part.without(tuple(ref for ref in part.tasks if ref not in heads))


def _heads(part: Part) -> tuple[TaskRef, ...]:
    """Of names that stand side by side keep those joined by 和 or 、, else the strongest."""
    refs = part.tasks
    if len(refs) < 2:
        return refs
    start = part.clause.start
    kept = [refs[0]]
    for ref in refs[1:]:
        last = kept[-1]
        gap = part.blanked[last.end - start : ref.start - start].replace("■", "")
        if ref.how is How.WORD or ref.ids == last.ids:
            continue
        joined = bool(re.search(r"[、和与及跟&/+,]|以及|还有", gap)) or len(gap) > 6
        if joined or last.how is How.WORD:
            kept = [*kept, ref] if joined and last.how is not How.WORD else [*kept[:-1], ref]
        elif ref.how is How.CODE or (last.how is not How.CODE and ref.end - ref.start > last.end - last.start):
            kept[-1] = ref
    return tuple(kept)
