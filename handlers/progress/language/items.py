"""Turns segments into items: settles unit and task of each and joins them with the evidence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from handlers.progress.language import status
from handlers.progress.language.evidence import Evidence, weigh
from handlers.progress.language.intent import is_extension
from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.model import Item, Status
from handlers.progress.language.naming import Setting
from handlers.progress.language.normalise import Text
from handlers.progress.language.scope import Matter, narrows
from handlers.progress.language.segments import Segment
from handlers.progress.language.tasks import How, TaskRef
from handlers.progress.language.units import UnitRef, choose_unit

_EVERY = re.compile(r"都|全部?|均|各项|几项|[两三四五]项|一样")
_SURE = {How.CODE: 0.97, How.NAME: 0.97, How.WORD: 0.93, How.SOUND: 0.92, How.NEAR: 0.8}
# Below what is written without asking.
_DOUBTED = 0.85
_LAST_VALUE = re.compile(r"(?:上次|目前|当前|已报)\s{0,2}:?\s{0,2}(\d{1,4}(?:\.\d)?)\s{0,2}%")


@dataclass(frozen=True)
class Draft:
    """An item with what the questions need: the units and tasks it could be about."""

    item: Item
    units: tuple[str, ...]
    tasks: tuple[str, ...]


def drafts(
    segments: list[Segment],
    setting: Setting,
    text: Text,
    *,
    extension: bool = False,
    restated: bool = False,
    forced: bool = False,
) -> list[Draft]:
    """One draft for each task and unit that something is said about; with `forced` also where nothing is.

    In an extension the segments that ask for it need nothing but a name; `restated`: the message is a correction.
    """
    found: dict[tuple[str | None, str | None, tuple[str, ...]], Draft] = {}
    for segment in segments:
        asking = forced or (extension and any(is_extension(one.part.text) for one in segment.statements))
        pairs = list(_pairs(segment, setting))
        spread = len(pairs) > 1 and _lists_one_each(segment, len(pairs))
        weighed = _Scale(segment, setting, extension=asking, restated=restated)
        for nth, (unit_ref, task_ref) in enumerate(pairs):
            draft = _draft(weighed, unit_ref, task_ref, text, nth=nth if spread else None)
            if draft:
                found.setdefault((draft.item.unit, draft.item.task, draft.tasks), draft)
    return list(found.values())


def _lists_one_each(segment: Segment, number: int) -> bool:
    """Whether there is a share for each of so many; what is done and what is left of it belong together."""
    shares = [share for one in segment.statements for share in one.percents_now]
    return len(shares) == number and len({share.rest for share in shares}) == 1


def _pairs(segment: Segment, setting: Setting) -> Iterator[tuple[UnitRef | None, TaskRef | None]]:
    """Every unit with every task that the segment names, each pair once."""
    tasks: tuple[TaskRef | None, ...] = segment.tasks or _from_quote(segment, setting) or (None,)
    firsts = {(ref.ids, ref.me): ref for ref in reversed(segment.units)}
    units = tuple(ref for ref in segment.units if firsts[ref.ids, ref.me] is ref)
    for unit in units or (None,):
        for task in tasks:
            yield unit, task


@dataclass
class _Scale:
    """Weighs one segment for each task once, however many units it is said of."""

    segment: Segment
    setting: Setting
    extension: bool
    restated: bool
    _known: dict[tuple[str | None, int | None], Evidence] = field(default_factory=dict)

    def weigh(self, task: str | None, nth: int | None) -> Evidence:
        key = (task, nth)
        if key not in self._known:
            self._known[key] = self._weigh(task, nth)
        return self._known[key]

    def _weigh(self, task: str | None, nth: int | None) -> Evidence:
        lexicon = self.setting.lexicon
        matter = Matter(lexicon.task_by_id[task] if task else None, lexicon.steps.get(task or "", ()))
        found = weigh(
            self.segment, matter, self.setting.today, extension=self.extension, restated=self.restated, nth=nth
        )
        return _answered(found, self.segment, matter, self.setting) if task and not self.segment.tasks else found


def _from_quote(segment: Segment, setting: Setting) -> tuple[TaskRef, ...]:
    """The quoted task; of several the one whose line is answered, or all if the answer is for all."""
    listed = setting.quote_tasks
    if segment.number is not None and 0 < segment.number <= len(listed):
        listed = (listed[segment.number - 1],)
    elif len(listed) > 1 and not any(_EVERY.search(one.part.text) for one in segment.statements):
        return ()
    return tuple(TaskRef(0, 0, (task,), How.CODE) for task in listed)


def _draft(
    scale: _Scale, unit_ref: UnitRef | None, task_ref: TaskRef | None, text: Text, *, nth: int | None
) -> Draft | None:
    segment, setting, lexicon = scale.segment, scale.setting, scale.setting.lexicon
    if task_ref and setting.quoted and task_ref.how is How.WORD:
        task_ref = TaskRef(task_ref.start, task_ref.end, (setting.quoted,), How.CODE)
    units, tasks = _settle(unit_ref, task_ref, setting)
    tasks = tuple(dict.fromkeys((*tasks, *(rival for one in segment.statements for rival in one.part.rivals))))
    task = tasks[0] if len(tasks) == 1 else None
    evidence = scale.weigh(task, nth)
    if not scale.extension and evidence.status is None and not evidence.unchanged:
        return None
    if task is None and not scale.extension and not _speaks_of_work(segment, lexicon):
        return None
    unit = units[0] if len(units) == 1 else None
    item = _item(evidence, unit, task, setting, text)
    unsure = any(one.cues.unsure for one in segment.statements)
    sure = min(_SURE[task_ref.how] if task_ref else 0.5, 0.9 if unsure else 1, _DOUBTED if evidence.lately else 1)
    return Draft(replace(item, confidence=sure), units if unit is None else (), tasks if task is None else ())


def _settle(
    unit_ref: UnitRef | None, task_ref: TaskRef | None, setting: Setting
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The possible units and tasks. A task that does not apply to the unit is never paired with it."""
    lexicon, named = setting.lexicon, task_ref.ids if task_ref else ()
    units = choose_unit(unit_ref, named, setting.sender, lexicon)
    if len(units) != 1 or not named:
        return units, named
    fitting = tuple(task for task in named if lexicon.applies(task, units[0]))
    if fitting or len(named) > 1:
        return units, fitting or named
    if unit_ref is None or unit_ref.me:
        below = tuple(child for child in lexicon.children(units[0]) if lexicon.applies(named[0], child))
        if below or lexicon.is_section(units[0]):
            return (below if len(below) != 1 else (*below, units[0])), named
    return units, (named[0], "")


def _item(evidence: Evidence, unit: str | None, task: str | None, setting: Setting, text: Text) -> Item:
    blocker = text.original(*evidence.blocker) if evidence.blocker else None
    return Item(
        unit=unit,
        task=task,
        status=evidence.status,
        percent=evidence.percent,
        percent_op=evidence.op,
        done=evidence.done,
        total=evidence.total,
        date=evidence.date,
        blocker=blocker,
        on_behalf=unit is not None and unit != setting.sender.unit,
        unchanged=evidence.unchanged,
        conflicting=evidence.conflicting,
    )


_BARE_NUMBER = re.compile(r"^\W*(\d{1,4})\W*(?:了|个|项|次|条|节|人|户)?\W*$")
_COUNT_ASKED = re.compile(
    r"几|多少(?:人|项|条|次|节|名|份|户|台|个|处|家|间|辆|班|场|件)|数量|人数|次数|项数|条数|户数"
)


def _answered(evidence: Evidence, segment: Segment, matter: Matter, setting: Setting) -> Evidence:
    """Fill in what only the quoted question tells: what a bare number or sign counts, which value is unchanged."""
    said = " ".join(one.part.text for one in segment.statements)
    last = _LAST_VALUE.search(setting.quote) if evidence.unchanged and len(setting.quote_tasks) == 1 else None
    if last and float(last[1]) <= 100:
        percent = float(last[1])
        return replace(evidence, status=Status.DONE if percent == 100 else Status.IN_PROGRESS, percent=percent)
    number = _BARE_NUMBER.match(said) if "+" not in said else None
    if number and matter.task and (evidence.percent is None or number[1] == "0"):
        return _numbered(evidence, int(number[1]), matter, setting)
    if evidence.status is None and re.fullmatch(r"[\W]*[👌👍][\W👌👍]*", said):
        return replace(evidence, status=Status.IN_PROGRESS)
    return evidence


def _numbered(evidence: Evidence, number: int, matter: Matter, setting: Setting) -> Evidence:
    metric = matter.task.metric if matter.task else ""
    if number == 0:
        counted = metric == "count" or _COUNT_ASKED.search(setting.quote)
        return replace(evidence, status=Status.NOT_STARTED, percent=0, done=0 if counted else None)
    if metric == "count" or _COUNT_ASKED.search(setting.quote):
        return replace(evidence, status=Status.IN_PROGRESS, done=number)
    if metric == "percent" and 1 < number <= 100:
        found = Status.DONE if number == 100 else Status.IN_PROGRESS
        return replace(evidence, status=found, percent=number, done=None)
    return replace(evidence, status=Status.IN_PROGRESS, done=None)


def _speaks_of_work(segment: Segment, lexicon: Lexicon) -> bool:
    """Whether words without any task may still be about one: 已完成 may, 晚饭做好了 may not."""
    own = [one for one in segment.statements if not one.lead]
    telling = [
        one
        for one in own
        if one.percents_now or one.cues.done or one.cues.negated or one.cues.not_started or one.cues.nearly
    ]
    if any(one.part.tasks for one in own):
        return bool(telling)
    figures = any(one.percents_now for one in telling)
    for one in telling:
        said = _stripped(one.part.blanked)
        if narrows(_ledger_words(said, lexicon) if figures else said):
            return False
    return bool(telling)


def _ledger_words(text: str, lexicon: Lexicon) -> str:
    """The text without words from the ledger: 培训学时 is work, though it names no task."""
    kept = list(text)
    for at in range(len(text) - 1):
        if text[at : at + 2] in lexicon.vocabulary:
            kept[at : at + 2] = "  "
    return "".join(kept)


def _stripped(blanked: str) -> str:
    for pattern in (status.NOT_STARTED, status.NEARLY, status.NEGATED, status.DONE):
        blanked = pattern.sub(" ", blanked)
    return re.sub(r"进度|完成|还差|差|剩|大概|大约|左右|以上|预计|现|报", " ", blanked)


def other_school(unit: str | None, setting: Setting, lexicon: Lexicon) -> bool:
    """Whether a school speaks for a school that is neither itself nor its own teaching point."""
    sender = setting.sender.unit
    return unit not in {None, sender, *lexicon.children(sender)} and not lexicon.is_section(sender)
