"""The messages that sum a week up: for section heads, groups, clerks and leaders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.messages import Outgoing, Text, ToChat, ToPerson
from bot.people import Person, Role, Unit
from handlers.weekly import figures, texts
from handlers.weekly.figures import Blocker, Figures, Red
from handlers.weekly.prompts import assigned_to, list_groups, title_of
from handlers.weekly.service import Round, View, reporters
from handlers.weekly.texts import Counts
from handlers.weekly.windows import Window

# More lines than these are not read on a phone; how many are left out is said.
_MOST_BLOCKERS = 10
_MOST_REDS = 8
_NOTHING = Figures(frozenset(), frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Week:
    """A closed week as one view knows it: its numbers (none if it was not held), what is stuck, what is overdue."""

    view: View
    key: str
    named: str
    figures: Figures
    blockers: list[Blocker]
    reds: list[Red]

    def counts(self, part: Figures, stuck: int) -> Counts:
        """Return the numbers of a part of the week, in which so many tasks are stuck."""
        return Counts(
            units=len(part.units),
            reported_units=len(part.units - part.silent_units),
            lines=len(part.expected),
            reported=len(part.reported),
            changed=len(part.changed),
            stuck=stuck,
        )


def read(view: View, window: Window, held: Round | None) -> Week:
    """Read everything that the messages of a week need."""
    values = view.current()
    return Week(
        view=view,
        key=window.week,
        named=texts.week(window.monday, window.sunday),
        figures=figures.count(view, held, values) if held is not None else _NOTHING,
        blockers=figures.list_blockers(view, values),
        reds=figures.list_reds(view, values),
    )


def tell_heads(week: Week) -> list[Outgoing]:
    """Return one text for each section head: what is stuck, the led tasks, the assigned schools that were silent."""
    sections = [unit for unit in week.view.directory.units.values() if not unit.is_school and unit.head]
    told = (_tell_head(week, section) for section in sorted(sections, key=lambda unit: unit.id))
    return [outgoing for outgoing in told if outgoing is not None]


def tell_groups(week: Week) -> list[Outgoing]:
    """Return one text for each group in which something was expected: numbers only."""
    said: list[Outgoing] = []
    for chat, units in list_groups(week.view.directory):
        part = week.figures.of_units(units)
        if not part.expected:
            continue
        enough = len(part.units) >= week.view.weekly.smallest_group
        stuck = sum(one.unit in units for one in week.blockers)
        content = texts.group_summary(week.named, week.counts(part, stuck) if enough else None)
        key = f"weekly.summary/{week.key}/{chat.id}"
        said.append(Outgoing(key=key, to=ToChat(chat.id), body=Text(content), purpose="weekly.summary"))
    return said


def tell_leaders(week: Week) -> list[Outgoing]:
    """Return one text for each leader who has something in the own portfolio; the group's head sees everything."""
    directory = week.view.directory
    head = directory.facts.get("leading_group", {}).get("head")
    said: list[Outgoing] = []
    for person in directory.list_people(role=Role.LEADER):
        sections = {unit.id for unit in directory.units.values() if unit.leader == person.id}
        tasks = {task.id for task in week.view.list_tasks() if person.id == head or task.lead in sections}
        outgoing = _tell_leader(week, person, tasks)
        if outgoing is not None:
            said.append(outgoing)
    return said


def unreachable(week: Week) -> int:
    """Return how many units with an open task have nobody who can be asked."""
    owing = {unit for task in week.view.list_tasks() for unit in task.applies_to}
    return len(owing - set(reporters(week.view.directory)))


def _tell_head(week: Week, section: Unit) -> Outgoing | None:
    view = week.view
    led = [task for task in view.list_tasks() if task.lead == section.id]
    schools = week.figures.of_units(assigned_to(view.directory, section.id))
    stuck = _blocker_lines(week, lambda one: one.task.lead == section.id)
    by_task = []
    for task in led:
        part = week.figures.of_tasks({task.id})
        if part.expected:
            found = week.counts(part, sum(one.task.id == task.id for one in week.blockers))
            by_task.append(texts.by_task(title_of(task), found.lines, found.reported, found.changed, found.stuck))
    if not stuck and not by_task and not schools.expected:
        return None
    parts = [texts.listed(texts.BLOCKERS, stuck, _MOST_BLOCKERS), texts.listed(texts.LED, by_task)]
    names = [view.directory.units[unit].name for unit in sorted(schools.silent_units)]
    tail = texts.silent(names) if schools.expected else ""
    content = texts.fit(texts.section_title(week.named, section.name), parts, tail)
    return _private(f"weekly.summary/{week.key}/{section.id}/{section.head}", section.head or "", content, "summary")


def _tell_leader(week: Week, person: Person, tasks: set[str]) -> Outgoing | None:
    stuck = _blocker_lines(week, lambda one: one.task.id in tasks)
    reds = [
        texts.red(title_of(red.task), red.task.deadline, red.open_units) for red in week.reds if red.task.id in tasks
    ]
    part = week.figures.of_tasks(tasks)
    if not stuck and not reds and not part.expected:
        return None
    parts = [texts.listed(texts.BLOCKERS, stuck, _MOST_BLOCKERS), texts.listed(texts.REDS, reds, _MOST_REDS)]
    numbers = texts.counts(week.counts(part, len(stuck))) if part.expected else ""
    content = texts.fit(texts.leader_title(week.named), parts, numbers)
    return _private(f"weekly.leader/{week.key}/{person.id}", person.id, content, "leader")


def _blocker_lines(week: Week, wanted: Callable[[Blocker], bool]) -> list[str]:
    units = week.view.directory.units
    return [
        texts.blocker(title_of(one.task), units[one.unit].name, one.words, is_overdue=one.is_overdue)
        for one in week.blockers
        if wanted(one)
    ]


def _private(key: str, person: str, content: str, step: str) -> Outgoing:
    return Outgoing(key=key, to=ToPerson(person), body=Text(content), purpose=f"weekly.{step}")
