"""Lines of the ledger as one person may see them, the most urgent first. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.people import Directory, Person, Role
from bot.workdays import SHANGHAI, UnknownDayError
from handlers.ledger import rules, standing
from handlers.ledger.standing import Pair, Standing
from handlers.ranking.light import Light
from handlers.tasks.service import Ledger, Task

_URGENCY = (Light.RED, Light.BLUE, Light.YELLOW, None, Light.GREEN, Light.GREY)


@dataclass(frozen=True, slots=True)
class View:
    """The ledger at one instant."""

    session: Session
    directory: Directory
    ledger: Ledger
    now: datetime

    @property
    def day(self) -> date:
        """The local day."""
        return self.now.astimezone(SHANGHAI).date()

    def open_tasks(self) -> list[Task]:
        """Return the tasks that have begun."""
        return [task for task in self.ledger.tasks.values() if task.is_open(self.day)]


@dataclass(frozen=True, slots=True)
class Line:
    """One task of one unit. light is None where no figure tells it; is_dark: the calendar does not reach that far."""

    unit: str
    task: Task
    said: Standing | None
    light: Light | None
    is_dark: bool = False


@dataclass(frozen=True, slots=True)
class Late:
    """One task past its deadline: the units that have not finished it, of how many that were looked at."""

    task: Task
    units: tuple[str, ...]
    of: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many units owe a task, have finished it, have said something, are past the deadline."""

    units: int
    done: int
    reported: int
    late: int


def sees_all(person: Person) -> bool:
    """Whether a person sees the lines of every unit."""
    return person.role in (Role.LEADER, Role.CLERK)


def is_section(person: Person) -> bool:
    """Whether a person works in a section that leads tasks and looks after schools."""
    return person.role in (Role.SECTION_HEAD, Role.SECTION_STAFF)


def speaks_for(directory: Directory, unit: str) -> frozenset[str]:
    """Return a unit and the teaching points that report through it."""
    return frozenset(other for other in directory.units if _speaks_for(directory, unit, other))


def _speaks_for(directory: Directory, unit: str, other: str) -> bool:
    point = directory.units[other]
    return other == unit or (point.reports_via_parent and point.parent == unit)


def may_see(person: Person, unit: str, task: Task, directory: Directory) -> bool:
    """Whether a person may see how a unit's task stands (supervision reference §1, visibility)."""
    if sees_all(person) or _speaks_for(directory, person.unit, unit):
        return True
    return is_section(person) and person.unit in (task.lead, directory.units[unit].assigned_section)


def own_lines(view: View, person: Person, units: Collection[str]) -> list[Line]:
    """Return the open lines of some units that a person may see, the most urgent first."""
    said = standing.load(view.session, units=units)
    found = [
        line_of(view, unit, task, said)
        for task in view.open_tasks()
        for unit in sorted(task.applies_to.intersection(units))
        if may_see(person, unit, task, view.directory) and not _is_done(said, unit, task)
    ]
    return sorted(found, key=lambda line: (_URGENCY.index(line.light), line.task.deadline, line.task.id, line.unit))


def line_of(view: View, unit: str, task: Task, said: Mapping[Pair, Standing]) -> Line:
    """Return one line with its light."""
    last = said.get((unit, task.id))
    progress: float | None = 0.0
    if last is not None:
        progress = rules.share(last.status, percent=last.percent, done=last.done, total=last.total, target=task.target)
    try:
        light = rules.light(task.start, task.deadline, progress, view.now, view.directory.calendar)
    except UnknownDayError:
        return Line(unit, task, last, None, is_dark=True)
    return Line(unit, task, last, light)


def list_late(view: View, person: Person) -> list[Late]:
    """Return the tasks past their deadline with the units a person may see that have not finished them."""
    overdue = [task for task in view.open_tasks() if is_late(view, task)]
    said = standing.load(view.session, tasks=[task.id for task in overdue])
    found = []
    for task in overdue:
        seen = [unit for unit in sorted(task.applies_to) if may_see(person, unit, task, view.directory)]
        units = tuple(unit for unit in seen if not _is_done(said, unit, task))
        if units:
            found.append(Late(task, units, len(seen)))
    return sorted(found, key=lambda late: (-len(late.units), late.task.deadline, late.task.id))


def count(view: View, person: Person, task: Task) -> Counts:
    """Count the units whose line of a task a person may see."""
    said = standing.load(view.session, tasks=[task.id])
    seen = [unit for unit in task.applies_to if may_see(person, unit, task, view.directory)]
    done = sum(_is_done(said, unit, task) for unit in seen)
    reported = sum((unit, task.id) in said for unit in seen)
    return Counts(len(seen), done, reported, len(seen) - done if is_late(view, task) else 0)


def is_late(view: View, task: Task) -> bool:
    """Whether a task is past its deadline; not where the calendar does not know."""
    try:
        return rules.is_overdue(task.deadline, view.now, view.directory.calendar)
    except UnknownDayError:
        return False


def _is_done(said: Mapping[Pair, Standing], unit: str, task: Task) -> bool:
    last = said.get((unit, task.id))
    return last is not None and last.is_done
