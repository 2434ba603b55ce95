"""The names a message may use: units, tasks, and the words that stand for several of either."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from handlers.progress.language.model import TaskEntry, UnitEntry
from handlers.progress.language.typos import Spelling

SECTION = "股室"
_STEP_BREAK = re.compile(r"[、,,;;]|并(?=[在于且])")
_STEP_TAIL = re.compile(r"[一二三四五六七八九十\d]+[项步]完成$|^完成|^即")


@dataclass(frozen=True)
class Lexicon:
    """Made once per district and shared; its indexes are built at first use."""

    units: tuple[UnitEntry, ...]
    tasks: tuple[TaskEntry, ...]
    ambiguous_units: Mapping[str, tuple[str, ...]]
    ambiguous_words: Mapping[str, tuple[str, ...]]
    bot_name: str = "小督"

    @classmethod
    def from_district(cls, data: Mapping[str, Any]) -> "Lexicon":
        """Read a district file (schema district-sample/2)."""
        units = tuple(_unit(row) for row in (*data.get("sections", ()), *data.get("schools", ())))
        return cls(
            units=units,
            tasks=tuple(_task(row, units) for row in data.get("ledger", ())),
            ambiguous_units={key: tuple(ids) for key, ids in data.get("ambiguous_unit_aliases", {}).items()},
            ambiguous_words={key: tuple(ids) for key, ids in data.get("ambiguous_task_words", {}).items()},
        )

    @cached_property
    def unit_by_id(self) -> dict[str, UnitEntry]:
        return {unit.id: unit for unit in self.units}

    @cached_property
    def task_by_id(self) -> dict[str, TaskEntry]:
        return {task.id: task for task in self.tasks}

    @cached_property
    def task_by_number(self) -> dict[int, str]:
        """Task ids by the number in their code: 8 for T08."""
        return {int(task.id[1:]): task.id for task in self.tasks if task.id[:1] == "T" and task.id[1:].isdecimal()}

    @cached_property
    def unit_names(self) -> "Names":
        names = {name: (unit.id,) for unit in self.units for name in (unit.name, *unit.aliases)}
        return Names({**dict(self.ambiguous_units), **names})

    @cached_property
    def task_names(self) -> "Names":
        return Names({name: (task.id,) for task in self.tasks for name in (*spellings(task.title), *task.aliases)})

    @cached_property
    def task_words(self) -> "Names":
        return Names(self.ambiguous_words)

    @cached_property
    def spelling(self) -> Spelling:
        titles = [(task.id, title) for task in self.tasks for title in spellings(task.title)]
        tails = {title[at:]: (task,) for task, title in titles for at in range(1, len(title) - 3)}
        return Spelling({**tails, **self.task_names.ids}, titles, self.ambiguous_words)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every pair of characters that stand together in a task's names or standard."""
        texts = (text for task in self.tasks for text in (task.title, task.standard, *task.aliases))
        return frozenset(text[at : at + 2] for text in texts for at in range(len(text) - 1))

    @cached_property
    def steps(self) -> dict[str, tuple[str, ...]]:
        """The steps a task's standard names, for tasks that are done in steps."""
        return {task.id: found for task in self.tasks if (found := _steps(task))}

    @cached_property
    def step_names(self) -> "Names":
        """Steps that one task alone has, long enough to be told from ordinary words: 总量控制 names 作业管理自查."""
        owners: dict[str, set[str]] = {}
        for task, steps in self.steps.items():
            for step in steps:
                owners.setdefault(step, set()).add(task)
        return Names({step: tuple(own) for step, own in owners.items() if len(own) == 1 and len(step) > 3})

    def applies(self, task: str, unit: str) -> bool:
        return unit in self.task_by_id[task].applies_to

    def is_section(self, unit: str | None) -> bool:
        entry = self.unit_by_id.get(unit or "")
        return entry is None or entry.kind == SECTION

    def children(self, unit: str | None) -> tuple[str, ...]:
        return tuple(entry.id for entry in self.units if unit and entry.parent == unit)


class Names:
    """Longest-match lookup of fixed names in a text."""

    def __init__(self, ids: Mapping[str, tuple[str, ...]]) -> None:
        self.ids = {name.lower(): found for name, found in ids.items() if name}
        self._by_first: dict[str, list[str]] = {}
        for name in sorted(self.ids, key=len, reverse=True):
            self._by_first.setdefault(name[0], []).append(name)

    def at(self, text: str, start: int) -> str | None:
        """The longest name that begins at start."""
        names = self._by_first.get(text[start], ())
        return next((name for name in names if text.startswith(name, start)), None)

    def all(self, text: str) -> list[tuple[int, str]]:
        """Every name in the text with its start, longest first at each place, without overlaps."""
        found, at = [], 0
        while at < len(text):
            name = self.at(text, at)
            if name:
                found.append((at, name))
            at += len(name) if name else 1
        return found


def spellings(title: str) -> tuple[str, ...]:
    """A title as written and without its quotation marks."""
    bare = re.sub(r"[“”\"‘’']", "", title)
    return (title, bare) if bare != title else (title,)


def _unit(row: Mapping[str, Any]) -> UnitEntry:
    return UnitEntry(row["id"], row["name"], tuple(row.get("aliases", ())), row["kind"], row.get("parent"))


def _task(row: Mapping[str, Any], units: Iterable[UnitEntry]) -> TaskEntry:
    return TaskEntry(
        id=row["id"],
        title=row["title"],
        aliases=tuple(row.get("aliases", ())),
        standard=row.get("standard", ""),
        lead=row.get("lead", ""),
        metric=row.get("metric", "percent"),
        target=row.get("target"),
        applies_to=reporting_units(row.get("reporters", ""), units),
    )


def reporting_units(rule: str, units: Iterable[UnitEntry]) -> frozenset[str]:
    """Expand "schools:*", "kinds:小学,初中", "sections:*", "units:S47,B06", joined by ";"."""
    known = tuple(units)
    found: set[str] = set()
    for part in filter(None, rule.split(";")):
        head, _, tail = part.partition(":")
        wanted = set(tail.split(","))
        for unit in known:
            section = unit.kind == SECTION
            by_head = {"schools": not section, "kinds": not section, "sections": section, "units": True}
            named = unit.kind in wanted if head == "kinds" else unit.id in wanted or tail == "*"
            if by_head.get(head, False) and named:
                found.add(unit.id)
    return frozenset(found)


def _steps(task: TaskEntry) -> tuple[str, ...]:
    if task.metric not in {"milestone", "binary"}:
        return ()
    parts = (_STEP_TAIL.sub("", part) for part in _STEP_BREAK.split(task.standard))
    steps = tuple(part for part in parts if 2 <= len(part) <= 10)
    return steps if len(steps) > 1 else ()
