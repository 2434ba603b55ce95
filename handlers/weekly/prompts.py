"""The messages that ask: a text for each person and group, a card for those from whom nothing came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from bot.messages import Button, Card, Outgoing, Text, ToChat, ToPerson
from bot.people import Chat, Directory, Person
from handlers.progress.texts import amount
from handlers.tasks.service import Task
from handlers.weekly import cards, rules, texts
from handlers.weekly.service import Line, Pair, Round, View
from handlers.weekly.windows import Window

_GROUP_LINES = 8

Group = tuple[Chat, frozenset[str]]


def list_groups(directory: Directory) -> list[Group]:
    """Return the bound groups that weekly supervision speaks to, each with the units it is about.

    A section's group is about the schools the section looks after, the district's about everybody.
    """
    found: list[Group] = []
    for chat in directory.chats.values():
        section = directory.units.get(directory.section_of(chat) or "")
        if not chat.is_bound:
            continue
        if chat.members == "principals+section_heads":
            found.append((chat, frozenset(directory.units)))
        elif section is not None and not section.is_school:
            found.append((chat, assigned_to(directory, section.id)))
    return found


def assigned_to(directory: Directory, section: str) -> frozenset[str]:
    """Return the schools that a section looks after (包校)."""
    return frozenset(unit.id for unit in directory.units.values() if unit.assigned_section == section)


def ask_person(view: View, held: Round, person_id: str, reported: Collection[Pair]) -> Outgoing | None:
    """Return the prompt of one person; None if everything was reported meanwhile."""
    person = view.directory.people[person_id]
    lines = [line for line in held.asked[person_id] if (line.unit, line.task) not in reported]
    if not lines:
        return None
    worded = [_worded(view, person, line) for line in lines]
    return Outgoing(
        key=f"weekly.open/{held.week}/{person_id}",
        to=ToPerson(person_id),
        body=Text(texts.prompt(person.greeting, worded, held.closes_at)),
        purpose="weekly.open",
        may_repeat=True,
        expires_at=held.closes_at,
    )


def ask_group(
    view: View, window: Window, held: Round, group: Group, expected: Iterable[Pair], reported: Collection[Pair]
) -> Outgoing | None:
    """Return the prompt of one group: tasks with numbers, none over so few units that it would name them."""
    chat, units = group
    due = [pair for pair in expected if pair[0] in units]
    wanted = Counter(task for _, task in due)
    given = Counter(task for unit, task in due if (unit, task) in reported)
    listed = [view.ledger.tasks[code] for code, number in wanted.items() if number >= view.weekly.smallest_group]
    if not listed:
        return None
    listed.sort(key=lambda task: (task.deadline, -task.weight, task.id))
    lines = [texts.group_line(title_of(task), task.deadline, wanted[task.id], given[task.id]) for task in listed]
    return Outgoing(
        key=f"weekly.open/{held.week}/{chat.id}",
        to=ToChat(chat.id),
        body=Text(texts.group_prompt(texts.week(window.monday, window.sunday), lines, _GROUP_LINES)),
        purpose="weekly.open",
        may_repeat=True,
        expires_at=held.closes_at,
    )


def remind_person(view: View, held: Round, person_id: str, lines: Iterable[Line]) -> Outgoing:
    """Return the card of one person from whom nothing came: last values, and one button for each simple answer."""
    person = view.directory.people[person_id]
    shown = list(lines)
    rows = tuple((line.task, _card_value(view, person, line)) for line in shown)
    buttons = [Button(cards.Choice.UPDATE.value, texts.UPDATE), Button(cards.Choice.STUCK.value, texts.STUCK, 2)]
    if any(line.value is not None for line in shown):
        buttons.insert(0, Button(cards.Choice.UNCHANGED.value, texts.UNCHANGED))
    return Outgoing(
        key=f"weekly.nudge/{held.week}/{person_id}",
        to=ToPerson(person_id),
        body=Card(
            task_id=cards.card_id(held.week, person_id),
            title=texts.card_title(),
            subtitle=texts.card_hint(held.closes_at),
            lines=rows,
            buttons=tuple(buttons),
        ),
        purpose="weekly.nudge",
        may_repeat=True,
        expires_at=held.closes_at,
    )


def title_of(task: Task) -> str:
    """Return code and title of a task, as every line names it."""
    return f"{task.id} {task.title}"


def _worded(view: View, person: Person, line: Line) -> str:
    task = view.ledger.tasks[line.task]
    overdue = rules.is_overdue(task.deadline, view.at, view.directory.calendar)
    whose = _foreign_name(view.directory, person, line.unit)
    return texts.line(line.number, title_of(task), whose, _last_said(line), task.deadline, is_overdue=overdue)


def _card_value(view: View, person: Person, line: Line) -> str:
    whose = _foreign_name(view.directory, person, line.unit)
    return texts.card_value(view.ledger.tasks[line.task].title, whose, _last_said(line))


def _foreign_name(directory: Directory, person: Person, unit: str) -> str:
    """Return the unit's name if it is not the person's own."""
    return "" if unit == person.unit else directory.units[unit].name


def _last_said(line: Line) -> str:
    value = line.value
    if value is None:
        return texts.last(None, None)
    return texts.last(amount(value.status, value.percent, value.percent_op, value.done, value.total), value.at)
