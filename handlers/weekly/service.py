"""What happens in a week: who is asked about which lines, kept as rows, and read back.

This module is the Asker of `handlers.progress.asker`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.people import Directory, Person, Role, Unit
from bot.seal import Seal
from bot.sections import Weekly
from bot.ticks import Tick
from bot.workdays import SHANGHAI
from handlers.progress import service as progress
from handlers.progress.service import Value
from handlers.tasks import service as ledgers
from handlers.tasks.models import TaskRow
from handlers.tasks.service import Ledger, Task
from handlers.weekly import rules, windows
from handlers.weekly.models import AskRow, RoundRow
from handlers.weekly.rules import Standing
from handlers.weekly.windows import Window

Pair = tuple[str, str]

_DEFAULTS = Weekly()
# Between rounds a person's "no change" speaks for what was not reported in these days.
_LOOK_BACK = timedelta(days=7)
# Statements of the very instant of a click or message count as made before it.
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One task of one unit that a person is asked about. number counts from 1, as in the prompt.

    value is the last one known, None if nothing was ever reported.
    """

    unit: str
    task: str
    number: int
    value: Value | None


@dataclass(frozen=True, slots=True)
class Round:
    """One held week: its period [starts_at, closes_at), when the lines were chosen, and who was asked which."""

    week: str
    starts_at: datetime
    opened_at: datetime
    closes_at: datetime
    asked: Mapping[str, tuple[Line, ...]]

    @property
    def pairs(self) -> frozenset[Pair]:
        """Every (unit, task) that somebody was asked about."""
        return frozenset((line.unit, line.task) for lines in self.asked.values() for line in lines)


@dataclass(frozen=True, slots=True)
class View:
    """What the district looks like to weekly supervision at one instant (UTC, exclusive)."""

    session: Session
    seal: Seal
    directory: Directory
    ledger: Ledger
    weekly: Weekly
    at: datetime

    @property
    def day(self) -> date:
        """The local day."""
        return self.at.astimezone(SHANGHAI).date()

    @property
    def in_break(self) -> bool:
        """Whether schools are on holiday."""
        return self.directory.calendar.in_break(self.day)

    @property
    def is_quiet(self) -> bool:
        """Whether exams silence prompts to schools."""
        return self.directory.calendar.in_exam_quiet(self.day)

    def list_tasks(self) -> list[Task]:
        """Return the tasks that weekly supervision follows and that have begun."""
        weekly = self.directory.memo("weekly.tasks", lambda: _weekly_tasks(self.session))
        return [task for task in self.ledger.tasks.values() if task.id in weekly and task.is_open(self.day)]

    def current(self, units: Collection[str] | None = None, until: datetime | None = None) -> Mapping[Pair, Value]:
        """Return the values known at the instant, or at an earlier one."""
        return progress.current(self.session, self.seal, units=units, until=until or self.at)


def view_of(tick: Tick, at: datetime | None = None) -> View:
    """Return the district as a job sees it: at its due time, or at an earlier instant."""
    ledger = ledgers.get(tick.session, tick.directory)
    return View(tick.session, tick.seal, tick.directory, ledger, tick.weekly, at or tick.due)


def hold(view: View, window: Window) -> Round:
    """Return the round of a window; the first call chooses who is asked about what, and keeps it."""
    row = view.session.get(RoundRow, window.week)
    if row is not None:
        return _round(row, _asks(view, row), view.current())
    starts_at = windows.starts_at(window, view.directory.calendar, view.weekly)
    asked = _plan(view, starts_at)
    view.session.add(
        RoundRow(week=window.week, starts_at=starts_at, opened_at=view.at, closes_at=window.closes_at),
    )
    view.session.add_all(
        AskRow(week=window.week, person_id=person, number=line.number, unit_id=line.unit, task_id=line.task)
        for person, lines in asked.items()
        for line in lines
    )
    return Round(window.week, starts_at, view.at, window.closes_at, asked)


def find(view: View, week: str) -> Round | None:
    """Return the round of a week, its lines without values; None if it was never held."""
    row = view.session.get(RoundRow, week)
    return _round(row, _asks(view, row), {}) if row is not None else None


def list_asked(
    session: Session,
    seal: Seal,
    directory: Directory,
    ledger: Ledger,
    person: Person,
    now: datetime,
    weekly: Weekly = _DEFAULTS,
) -> list[Line]:
    """Return the lines that "无变化" and "其他无变化" of a person speak for; none was reported in this period.

    While a round is open: the lines the person was asked about, else those of the person's unit, whoever was asked.
    Otherwise, and where nothing was asked: the unit's open lines that have a value.
    """
    view = View(session, seal, directory, ledger, weekly, now + _INSTANT)
    units = _speaks_for(directory, person.unit)
    row = session.scalar(select(RoundRow).where(RoundRow.opened_at <= now, RoundRow.closes_at > now))
    if row is not None:
        asks = [ask for ask in _asks(view, row) if ask.person_id == person.id or ask.unit_id in units]
        if asks:
            lines = _round(row, asks, view.current({ask.unit_id for ask in asks})).asked
            reported = progress.reported_since(session, row.starts_at, view.at)
            found = lines.get(person.id) or [line for each in lines.values() for line in each]
            return [line for line in found if (line.unit, line.task) not in reported]
    closed = session.scalar(select(func.max(RoundRow.closes_at)).where(RoundRow.closes_at <= now))
    since = row.starts_at if row else max(closed or now - _LOOK_BACK, now - _LOOK_BACK)
    return _with_values(view, units, since)


def list_prompted(session: Session, person: Person, now: datetime) -> list[Pair]:
    """Return the (unit, task) of every line of the prompt that a person got in the round that is open, in its order."""
    week = session.scalar(select(RoundRow.week).where(RoundRow.opened_at <= now, RoundRow.closes_at > now))
    asks = select(AskRow).where(AskRow.week == week, AskRow.person_id == person.id).order_by(AskRow.number)
    return [(ask.unit_id, ask.task_id) for ask in session.scalars(asks)]


def reporters(directory: Directory, *, in_break: bool = False) -> Mapping[str, str]:
    """Return the person who is asked for each unit: 信息员, else principal; for a section its head.

    In a school break the principal, never a teacher. A unit that reports through its parent is asked there.
    """
    name = "weekly.principals" if in_break else "weekly.reporters"
    return directory.memo(name, lambda: _reporters(directory, in_break=in_break))


def _plan(view: View, starts_at: datetime) -> dict[str, tuple[Line, ...]]:
    """Choose the lines of every person, at most max_items_per_prompt each."""
    people = reporters(view.directory, in_break=view.in_break)
    values = view.current()
    by_person: dict[str, list[Standing]] = defaultdict(list)
    for standing in _standings(view, values, starts_at):
        unit = view.directory.units[standing.unit]
        person = people.get(unit.id)
        if person is not None and not (view.is_quiet and unit.is_school):
            by_person[person].append(standing)
    most, fresh = view.weekly.max_items_per_prompt, rules.fresh_since(view.at, view.weekly.stale_ok_weeks)
    chosen = {person: rules.choose(by_person[person], most, fresh) for person in sorted(by_person)}
    return {person: _lines(standings, values) for person, standings in chosen.items() if standings}


def _standings(
    view: View, values: Mapping[Pair, Value], starts_at: datetime, units: Collection[str] | None = None
) -> Iterable[Standing]:
    """Yield what could be asked: open, applicable, not done, not reported in the period; in breaks what runs then."""
    calendar = view.directory.calendar
    reported = progress.reported_since(view.session, starts_at, view.at)
    for task in view.list_tasks():
        if view.in_break and not task.runs_in_break and units is None:
            continue
        overdue = rules.is_overdue(task.deadline, view.at, calendar)
        near = rules.is_near(task.deadline, view.day, calendar, view.weekly.near_days)
        for unit in sorted(task.applies_to if units is None else task.applies_to.intersection(units)):
            value = values.get((unit, task.id))
            if (unit, task.id) in reported or (value is not None and value.is_done):
                continue
            blocked = value is not None and (value.status == "blocked" or value.blocker is not None)
            stated = value.at if value is not None else None
            yield Standing(unit, task.id, task.deadline, task.weight, overdue, near, blocked, stated)


def _with_values(view: View, units: Collection[str], since: datetime) -> list[Line]:
    values = view.current(units)
    known = [one for one in _standings(view, values, since, units) if (one.unit, one.task) in values]
    return list(_lines(known, values))


def _lines(standings: Iterable[Standing], values: Mapping[Pair, Value]) -> tuple[Line, ...]:
    return tuple(
        Line(one.unit, one.task, number, values.get((one.unit, one.task)))
        for number, one in enumerate(standings, start=1)
    )


def _asks(view: View, row: RoundRow) -> list[AskRow]:
    """Read what was asked in a round, as far as the directory and the ledger still know it."""
    query = select(AskRow).where(AskRow.week == row.week).order_by(AskRow.person_id, AskRow.number)
    return [ask for ask in view.session.scalars(query) if _is_known(view, ask)]


def _round(row: RoundRow, asks: Iterable[AskRow], values: Mapping[Pair, Value]) -> Round:
    asked: dict[str, list[Line]] = defaultdict(list)
    for ask in asks:
        value = values.get((ask.unit_id, ask.task_id))
        asked[ask.person_id].append(Line(ask.unit_id, ask.task_id, ask.number, value))
    lines = {person: tuple(found) for person, found in asked.items()}
    return Round(row.week, row.starts_at, row.opened_at, row.closes_at, lines)


def _is_known(view: View, ask: AskRow) -> bool:
    directory = view.directory
    return ask.person_id in directory.people and ask.unit_id in directory.units and ask.task_id in view.ledger.tasks


def _speaks_for(directory: Directory, unit: str) -> set[str]:
    """Return a person's own unit and those that report through it."""
    return {unit} | {one.id for one in directory.units.values() if one.reports_via_parent and one.parent == unit}


def _reporters(directory: Directory, *, in_break: bool) -> dict[str, str]:
    staff: dict[str, dict[Role, str]] = defaultdict(dict)
    for person in directory.list_people():
        staff[person.unit].setdefault(person.role, person.id)
    found: dict[str, str] = {}
    for unit in directory.units.values():
        asked = directory.units.get(unit.parent or "", unit) if unit.reports_via_parent else unit
        reporter = _reporter(asked, staff[asked.id], in_break=in_break)
        if reporter in directory.people:
            found[unit.id] = reporter
    return found


def _reporter(unit: Unit, staff: Mapping[Role, str], *, in_break: bool) -> str:
    if not unit.is_school:
        return unit.head or staff.get(Role.SECTION_HEAD, "")
    order = (Role.PRINCIPAL,) if in_break else (Role.REPORTER, Role.PRINCIPAL)
    return next((staff[role] for role in order if role in staff), "")


def _weekly_tasks(session: Session) -> frozenset[str]:
    return frozenset(session.scalars(select(TaskRow.id).where(TaskRow.cadence == "weekly")))
