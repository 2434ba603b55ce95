"""Everything a message names, found once: clauses and their voices, units, tasks, dates, percents."""

import re
from dataclasses import dataclass, replace

from handlers.progress.language.clauses import Clause, split
from handlers.progress.language.dates import DateMention, find_dates
from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.naming import Setting, name_tasks, within
from handlers.progress.language.normalise import Text
from handlers.progress.language.part import Part, Ref
from handlers.progress.language.percents import Percent, find_percents
from handlers.progress.language.tasks import TaskRef
from handlers.progress.language.units import UnitRef, find_units
from handlers.progress.language.voice import Voice, voices

_HEAD = re.compile(r"\d{1,2}[.、]\Z")
_EXCEPT = re.compile(r"除[了去开]?([^,。;■]{2,12}?)(?:之|以)?外")


@dataclass(frozen=True)
class Scan:
    """`said` is the plain text with unit names masked, so that 希望小学 is not read as a hope."""

    text: Text
    said: str
    parts: tuple[Part, ...]


def scan(text: Text, setting: Setting) -> Scan:
    plain, lexicon = text.plain, setting.lexicon
    clauses = split(plain)
    tasks = name_tasks(plain, clauses, setting)
    days = find_dates(plain, setting.today, setting.calendar)
    dates = [day for day in days if not within(day.start, day.end, tasks)]
    taken = [(ref.start, ref.end) for ref in tasks] + [(day.start, day.end) for day in dates]
    units = [ref for ref in find_units(plain, lexicon, taken) if _is_subject(plain, ref, tasks, setting)]
    said = _nameless(plain, units, lexicon)
    percents = find_percents(_headless(said, clauses).replace("\n", ";"))
    manners = _manners(said, clauses, (*tasks, *units), setting)
    blanked = _without_exceptions(_blank(plain, (*tasks, *units), dates, percents), lexicon)
    parts = [
        Part(
            clause,
            manner,
            tuple(ref for ref in units if clause.start <= ref.start < clause.end),
            tuple(ref for ref in tasks if clause.start <= ref.start < clause.end),
            tuple(day for day in dates if clause.start <= day.start < clause.end),
            tuple(share for share in percents if clause.start <= share.start < clause.end),
            blanked[clause.start : clause.end],
        )
        for clause, manner in zip(clauses, manners, strict=True)
    ]
    return Scan(text, said, tuple(parts))


def _headless(said: str, clauses: list[Clause]) -> str:
    """The text without the numbers that head list entries, so that 1.8成 at a head is no decimal."""
    ends = [0, *(clause.end for clause in clauses)]
    for end, clause in zip(ends, clauses, strict=False):
        head = _HEAD.search(said, end, clause.start) if clause.number is not None else None
        if head:
            said = said[: head.start()] + ";" * len(head.group()) + said[head.end() :]
    return said


def _manners(said: str, clauses: list[Clause], refs: tuple[Ref, ...], setting: Setting) -> list[Voice]:
    names = {said[ref.start : ref.end] for ref in refs}
    spoken = [replace(clause, text=said[clause.start : clause.end]) for clause in clauses]
    return voices(spoken, from_section=setting.lexicon.is_section(setting.sender.unit), mentions=names)


def _is_subject(plain: str, ref: UnitRef, tasks: list[TaskRef], setting: Setting) -> bool:
    """A school does not report for a section: 人事股的线索 in its message is a matter it waits for."""
    lexicon = setting.lexicon
    sections = bool(ref.ids) and all(lexicon.is_section(unit) for unit in ref.ids)
    if sections and not lexicon.is_section(setting.sender.unit):
        return False
    return not _part_of_name(plain, ref, tasks, lexicon)


def _part_of_name(plain: str, ref: UnitRef, tasks: list[TaskRef], lexicon: Lexicon) -> bool:
    """新城 in 新城二期 belongs to the name of the task that follows."""
    return not ref.me and any(
        ref.start < task.start <= ref.end
        and len(task.ids) == 1
        and lexicon.task_by_id[task.ids[0]].title.startswith(plain[ref.start : ref.end])
        for task in tasks
    )


def _nameless(plain: str, units: list[UnitRef], lexicon: Lexicon) -> str:
    chars = list(plain)
    for ref in units:
        if ref.ids and not lexicon.is_section(ref.ids[0]):
            chars[ref.start : ref.end] = "某" * (ref.end - ref.start)
    return "".join(chars)


def _without_exceptions(blanked: str, lexicon: Lexicon) -> str:
    """除家访外 sets another task aside: that is nothing left to do of the task spoken of."""
    for found in _EXCEPT.finditer(blanked):
        if lexicon.task_names.at(blanked, found.start(1)):
            blanked = blanked[: found.start()] + " " * len(found.group()) + blanked[found.end() :]
    return blanked


def _blank(plain: str, refs: tuple[Ref, ...], dates: list[DateMention], percents: list[Percent]) -> str:
    """The text with every name as ■, every day as ◇ and every share as □, one mark a character."""
    chars = list(plain)
    spans = [(one.start, one.end, "□") for one in percents] + [(one.start, one.end, "◇") for one in dates]
    for start, end, mark in spans + [(one.start, one.end, "■") for one in refs]:
        chars[start:end] = mark * (end - start)
    return "".join(chars)
