"""What came back in a week, as numbers and as blockers; read from the history, never stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from handlers.progress import service as progress
from handlers.progress.service import Value
from handlers.tasks.service import Task
from handlers.weekly import rules
from handlers.weekly.service import Pair, Round, View

Holds = Callable[[Pair], bool]


@dataclass(frozen=True, slots=True)
class Figures:
    """Pairs (unit, task) of one period: expected, reported and changed; each is part of the one before."""

    expected: frozenset[Pair]
    reported: frozenset[Pair]
    changed: frozenset[Pair]

    def of_units(self, units: Collection[str]) -> Figures:
        """Return the part that concerns some units."""
        return self._where(lambda pair: pair[0] in units)

    def of_tasks(self, tasks: Collection[str]) -> Figures:
        """Return the part that concerns some tasks."""
        return self._where(lambda pair: pair[1] in tasks)

    @property
    def units(self) -> frozenset[str]:
        """The units from which something was expected."""
        return frozenset(unit for unit, _ in self.expected)

    @property
    def silent_units(self) -> frozenset[str]:
        """The units from which nothing came."""
        return self.units - {unit for unit, _ in self.reported}

    def _where(self, holds: Holds) -> Figures:
        return Figures(*(frozenset(filter(holds, part)) for part in (self.expected, self.reported, self.changed)))


@dataclass(frozen=True, slots=True)
class Blocker:
    """A task of a unit that is stuck; words are the reporter's own, empty if none were given."""

    task: Task
    unit: str
    words: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Red:
    """A task past its deadline, and how many units have not finished it."""

    task: Task
    open_units: int


def expected(view: View, held: Round) -> frozenset[Pair]:
    """Return what was asked, and what had been reported in the period before the prompt and so was not asked."""
    followed = {(unit, task.id) for task in view.list_tasks() for unit in task.applies_to}
    return held.pairs | (followed & progress.reported_since(view.session, held.starts_at, held.opened_at))


def count(view: View, held: Round, values: Mapping[Pair, Value]) -> Figures:
    """Count a round by what the view knows; what came after the close belongs to the next one.

    values are the view's own.
    """
    until = min(view.at, held.closes_at)
    wanted = expected(view, held)
    reported = wanted & progress.reported_since(view.session, held.starts_at, until)
    after = values if until == view.at else view.current({unit for unit, _ in reported}, until)
    restated = {pair for pair in reported if pair in after and after[pair].stated_at >= held.starts_at}
    before = view.current({unit for unit, _ in restated}, held.starts_at) if restated else {}
    changed = frozenset(pair for pair in restated if pair not in before or _differs(before[pair], after[pair]))
    return Figures(wanted, reported, changed)


def list_blockers(view: View, values: Mapping[Pair, Value]) -> list[Blocker]:
    """Return what is stuck in open tasks, overdue first, then by deadline and weight."""
    followed = {task.id: task for task in view.list_tasks()}
    overdue = {task.id for task in _overdue(view)}
    found = [
        Blocker(followed[value.task], value.unit, value.blocker or "", value.task in overdue)
        for value in values.values()
        if value.task in followed and not value.is_done and (value.blocker or value.status == "blocked")
    ]
    return sorted(
        found,
        key=lambda one: (not one.is_overdue, not one.words, one.task.deadline, -one.task.weight, one.task.id, one.unit),
    )


def list_reds(view: View, values: Mapping[Pair, Value]) -> list[Red]:
    """Return the tasks past their deadline that some unit has not finished, the heaviest first."""
    reds = [Red(task, _open_units(task, values)) for task in _overdue(view)]
    return sorted(
        (red for red in reds if red.open_units),
        key=lambda red: (-red.task.weight, red.task.deadline, red.task.id),
    )


def _overdue(view: View) -> list[Task]:
    calendar = view.directory.calendar
    return [task for task in view.list_tasks() if rules.is_overdue(task.deadline, view.at, calendar)]


def _open_units(task: Task, values: Mapping[Pair, Value]) -> int:
    return sum((unit, task.id) not in values or not values[unit, task.id].is_done for unit in task.applies_to)


def _differs(before: Value, after: Value) -> bool:
    return _fields(before) != _fields(after)


def _fields(value: Value) -> tuple[object, ...]:
    return (value.status, value.percent, value.percent_op, value.done, value.total, value.promised, value.blocker)
