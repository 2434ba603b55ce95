"""台账: what people may ask of the ledger. Values are read outside the write transaction; the answer only words them.

Asked in a group, the answer goes to the asker in private (design 1.12).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import UserError
from bot.messages import Kind, Outgoing
from bot.people import Directory, Person, Unit
from bot.router import Context, Reading, Routes
from bot.workdays import SHANGHAI, UnknownDayError
from handlers.ledger import asking, rules, standing, texts
from handlers.ledger.asking import AskOne, AskOverdue, AskOwn
from handlers.ledger.lines import (
    Counts,
    Late,
    Line,
    View,
    count,
    is_section,
    line_of,
    list_late,
    own_lines,
    sees_all,
    speaks_for,
)
from handlers.ranking.light import Light
from handlers.tasks import service
from handlers.tasks.service import Task

routes = Routes("ledger")

_SPOKEN = (Kind.TEXT, Kind.VOICE)


@dataclass(frozen=True, slots=True)
class Point:
    """A teaching point that reports through the asker's school: how many lines are open, how many of them late."""

    unit: str
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Own:
    """The open lines of a unit."""

    unit: str
    lines: tuple[Line, ...]
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnLate:
    """The own lines past their deadline, with the working days since as far as the calendar reaches."""

    lines: tuple[tuple[Line, int | None], ...]
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class AllLate:
    """What is past its deadline among all that the asker sees beyond the own unit."""

    found: tuple[Late, ...]


@dataclass(frozen=True, slots=True)
class Single:
    """One task: the own line if it concerns the asker's unit, counts for those who see more."""

    task: Task
    line: Line | None
    counts: Counts | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A question that gets no figures; why is the polite answer."""

    why: str


Found = Own | OwnLate | AllLate | Single | Refused


def read(reading: Reading) -> Found | None:
    """Recognise a question about the ledger and look up what it asks for."""
    person = reading.sender
    if person is None or reading.message.kind not in _SPOKEN:
        return None
    question = asking.ask(reading.message.text)
    if question is None:
        return None
    view = View(reading.session, reading.directory, service.get(reading.session, reading.directory), reading.now)
    match question:
        case AskOwn():
            return _own(view, person)
        case AskOverdue():
            return _overdue(view, person)
        case AskOne(name):
            return _one(view, person, name)


def _own(view: View, person: Person) -> Found:
    """Return the own lines; a leader, whose unit reports nothing, gets what is late."""
    if sees_all(person) and not view.ledger.for_unit(person.unit):
        return AllLate(tuple(list_late(view, person)))
    lines, points = _with_points(view, person)
    return Own(person.unit, lines, points)


def _with_points(view: View, person: Person) -> tuple[tuple[Line, ...], tuple[Point, ...]]:
    """Return the own lines, and for each point that reports through the unit how many there are."""
    units = speaks_for(view.directory, person.unit)
    lines = own_lines(view, person, units)
    points = []
    for unit in sorted(units - {person.unit}):
        lights = [line.light for line in lines if line.unit == unit]
        points.append(Point(unit, len(lights), lights.count(Light.RED)))
    return tuple(line for line in lines if line.unit == person.unit), tuple(points)


def _overdue(view: View, person: Person) -> Found:
    if sees_all(person) or is_section(person):
        return AllLate(tuple(list_late(view, person)))
    lines, points = _with_points(view, person)
    late = tuple((line, _days_late(view, line)) for line in lines if line.light is Light.RED)
    return OwnLate(late, tuple(point for point in points if point.late))


def _days_late(view: View, line: Line) -> int | None:
    try:
        return rules.days_late(line.task.deadline, view.now, view.directory.calendar)
    except UnknownDayError:
        return None


def _one(view: View, person: Person, name: str) -> Found | None:
    """Find a task by code, title or alias, else a unit by its name; None if the words are neither."""
    task = next((task for task in view.ledger.tasks.values() if _is_called(task, name)), None)
    if task is not None:
        return _single(view, person, task)
    if asking.is_code(name):
        return Refused(texts.no_such_task(name.upper()))
    units = [unit for unit in view.directory.units.values() if name in _names(view.directory, unit)]
    if len(units) != 1:
        return Refused(texts.WHICH_UNIT) if units else None
    return _of_unit(view, person, units[0])


def _is_called(task: Task, name: str) -> bool:
    return asking.same_code(name, task.id) or name in map(asking.compact, (task.title, *task.aliases))


def _names(directory: Directory, unit: Unit) -> set[str]:
    ambiguous = directory.facts.get("ambiguous_unit_aliases", {})
    shared = {name for name, ids in ambiguous.items() if unit.id in ids}
    return {asking.compact(name) for name in (unit.name, *unit.aliases, *shared)}


def _single(view: View, person: Person, task: Task) -> Single:
    line = None
    if person.unit in task.applies_to:
        said = standing.load(view.session, units=[person.unit], tasks=[task.id])
        line = line_of(view, person.unit, task, said)
    counts = count(view, person, task) if sees_all(person) or is_section(person) else None
    try:
        days_left = view.directory.calendar.working_between(view.day, task.deadline)
    except UnknownDayError:
        days_left = None
    return Single(task, line, counts, days_left)


def _of_unit(view: View, person: Person, unit: Unit) -> Found:
    """Return a named unit's lines to those who may see some of them."""
    looks_after = is_section(person) and (unit.assigned_section == person.unit or view.ledger.led_by(person.unit))
    if not (sees_all(person) or looks_after or unit.id in speaks_for(view.directory, person.unit)):
        return Refused(texts.NOT_YOURS)
    return Own(unit.id, tuple(own_lines(view, person, [unit.id])))


@routes.on(read)
def show(ctx: Context, found: Found) -> list[Outgoing]:
    """Answer a question about the ledger, in private even if it was asked in a group."""
    if isinstance(found, Refused):
        raise UserError(found.why)
    text = _say(ctx, found)
    if ctx.in_group and not ctx.can_tell(ctx.sender.id):
        return [ctx.reply(texts.UNREACHABLE)]
    if ctx.in_group:
        return [ctx.tell(ctx.sender.id, text, "ledger"), ctx.reply(texts.IN_PRIVATE)]
    return [ctx.reply(text)]


def _say(ctx: Context, found: Own | OwnLate | AllLate | Single) -> str:
    directory, unit = ctx.directory, ctx.directory.units[ctx.sender.unit]
    match found:
        case Own(asked, lines, points):
            name = texts.whose(unit) if asked == unit.id else directory.units[asked].name
            day = ctx.now.astimezone(SHANGHAI).date()
            return texts.own(name, day, lines, _say_points(directory, points))
        case OwnLate(late, points):
            return texts.own_late(texts.whose(unit), late, _say_points(directory, points))
        case AllLate(tasks):
            scope = texts.scope(ctx.sender)
            return texts.late(scope, [(late, [_short(directory.units[one]) for one in late.units]) for late in tasks])
        case Single(task, line, counts, days_left):
            name = texts.whose(unit)
            own = texts.own_value(name, line) if line else "" if counts else texts.not_concerned(name)
            counted = texts.counted(texts.scope(ctx.sender), counts) if counts and counts.units else ""
            return texts.single(task, own, counted, days_left)


def _say_points(directory: Directory, points: Iterable[Point]) -> list[str]:
    return [texts.point(directory.units[point.unit].name, point.open, point.late) for point in points]


def _short(unit: Unit) -> str:
    return unit.aliases[0] if unit.aliases else unit.name
