"""What a district file must keep to beyond the shape of each record: unique ids, known references, sound rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.people import Unit
from handlers.district.shapes import SCHOOL_KINDS, SECTION, USERID, Chat, Named, Person, School, Section, Task
from handlers.tasks.service import expand

BUREAU_ID = "B00"

Fault = tuple[str, str]
Reference = tuple[str, str | None, Collection[str], str]


@dataclass(frozen=True)
class Parts:
    """The records of a file with their paths; ids also hold those of faulty records, by list."""

    leaders: tuple[tuple[str, Person], ...]
    sections: tuple[tuple[str, Section], ...]
    schools: tuple[tuple[str, School], ...]
    people: tuple[tuple[str, Person], ...]
    ledger: tuple[tuple[str, Task], ...]
    chats: tuple[tuple[str, Chat], ...]
    facts: Mapping[str, Any]
    ids: Mapping[str, frozenset[str]]

    @property
    def section_ids(self) -> frozenset[str]:
        """The ids of every part of the bureau."""
        return self.ids["sections"] | {BUREAU_ID}

    @property
    def unit_ids(self) -> frozenset[str]:
        """The ids of every unit."""
        return self.section_ids | self.ids["schools"]

    @property
    def units(self) -> list[tuple[str, Named]]:
        """Every section and school with its path."""
        return [*self.sections, *self.schools]


def faults(parts: Parts) -> Iterator[Fault]:
    """Yield every fault across records."""
    yield from _doubles(parts)
    yield from _leader_faults(parts)
    yield from _userid_faults(parts)
    for at, value, known, noun in _references(parts):
        if value is not None and value not in known:
            yield at, f'unknown {noun} "{value}"'
    yield from _school_faults(parts)
    yield from _task_faults(parts)
    yield from _chat_faults(parts)
    yield from _fact_faults(parts)


def _doubles(parts: Parts) -> Iterator[Fault]:
    yield from _twice((f"{at}.id", unit.id) for at, unit in parts.units)
    yield from _twice((f"{at}.id", person.id) for at, person in parts.people)
    yield from _twice((f"{at}.wecom_userid", person.userid) for at, person in parts.people)
    yield from _twice((f"{at}.id", task.id) for at, task in parts.ledger)
    yield from _twice((f"{at}.id", chat.id) for at, chat in parts.chats)
    yield from _twice((f"{at}.name", chat.name) for at, chat in parts.chats)
    yield from _twice((f"{at}.robot_chatid", chat.robot_chatid) for at, chat in parts.chats if chat.robot_chatid)


def _twice(values: Iterable[tuple[str, Hashable]]) -> Iterator[Fault]:
    seen: dict[Hashable, str] = {}
    for at, value in values:
        if value in seen:
            yield at, f'"{value}" is already at {seen[value]}'
        else:
            seen[value] = at


def _leader_faults(parts: Parts) -> Iterator[Fault]:
    """Leaders are listed among the people too; what is said of them here must be said there."""
    people = {person.id: person for _, person in parts.people}
    for at, leader in parts.leaders:
        if leader.role != "leader":
            yield f"{at}.role", 'must be "leader"'
        person = people.get(leader.id, leader)
        for name in sorted(leader.model_fields_set & set(Person.model_fields)):
            if getattr(leader, name) != getattr(person, name):
                yield f"{at}.{name}", f'differs from the person "{leader.id}" in people'


def _userid_faults(parts: Parts) -> Iterator[Fault]:
    """Without wecom_userid the id is what WeCom is told; some ids it would take for several people."""
    for at, person in parts.people:
        if not re.fullmatch(USERID, person.userid):
            yield f"{at}.id", "is no WeCom user id: give wecom_userid"


def _references(parts: Parts) -> Iterator[Reference]:
    people, units, sections = parts.ids["people"], parts.unit_ids, parts.section_ids
    for at, section in parts.sections:
        yield f"{at}.leader", section.leader, people, "person"
        yield f"{at}.head", section.head, people, "person"
    for at, school in parts.schools:
        yield f"{at}.principal", school.principal, people, "person"
        yield f"{at}.reporter", school.reporter, people, "person"
        yield f"{at}.assigned_section", school.assigned_section, sections, "section"
        yield f"{at}.parent", school.parent, parts.ids["schools"], "school"
    for at, person in parts.people:
        yield f"{at}.unit", person.unit, units, "unit"
    for at, task in parts.ledger:
        yield f"{at}.lead", task.lead, sections, "section"
    for at, chat in parts.chats:
        yield f"{at}.unit", chat.unit, units, "unit"
    yield from _fact_references(parts)


def _fact_references(parts: Parts) -> Iterator[Reference]:
    facts, people, sections = parts.facts, parts.ids["people"], parts.section_ids
    for index, approval in enumerate(facts.get("approvals", ())):
        yield f"approvals[{index}].approver", approval.approver, people, "person"
    for index, role in enumerate(facts.get("case_roles", ())):
        yield from _all(f"case_roles[{index}].people", role.people, people, "person")
    if duty := facts.get("duty"):
        yield from _all("duty.people", duty.people, people, "person")
    if release := facts.get("release"):
        for step in ("clerk", "office_head", "leader"):
            yield from _all(f"release.{step}", getattr(release, step), people, "person")
    for index, group in enumerate(facts.get("working_groups", ())):
        yield from _all(f"working_groups[{index}].sections", group.sections, sections, "section")
    if lead := facts.get("leading_group"):
        yield "leading_group.head", lead.head, people, "person"
        yield from _all("leading_group.deputies", lead.deputies, people, "person")
        yield "leading_group.office", lead.office, sections, "section"
        yield from _all("leading_group.members", lead.members, sections, "section")
    for name, ids in facts.get("ambiguous_unit_aliases", {}).items():
        yield from _all(f"ambiguous_unit_aliases.{name}", ids, parts.unit_ids, "unit")
    for word, ids in facts.get("ambiguous_task_words", {}).items():
        yield from _all(f"ambiguous_task_words.{word}", ids, parts.ids["ledger"], "task")


def _all(at: str, values: Iterable[str], known: Collection[str], noun: str) -> Iterator[Reference]:
    for index, value in enumerate(values):
        yield f"{at}[{index}]", value, known, noun


def _school_faults(parts: Parts) -> Iterator[Fault]:
    names = {person.id: person.name for _, person in parts.people}
    parents = {school.id: school.parent for _, school in parts.schools}
    for at, school in parts.schools:
        if school.principal_name and school.principal in names and names[school.principal] != school.principal_name:
            yield f"{at}.principal_name", f'is not the name of "{school.principal}"'
        if school.reports_via_parent and school.parent is None:
            yield f"{at}.reports_via_parent", "needs a parent"
        if school.parent and (school.parent == school.id or parents.get(school.parent)):
            yield f"{at}.parent", "must be a school that has no parent itself"


def _task_faults(parts: Parts) -> Iterator[Fault]:
    units = [Unit(unit.id, unit.name, unit.kind) for _, unit in parts.units]
    for at, task in parts.ledger:
        if task.deadline < task.start:
            yield f"{at}.deadline", "lies before the start"
        if task.metric in ("count", "milestone") and task.target is None:
            yield f"{at}.target", f'is needed by the metric "{task.metric}"'
        wrong = list(_rule_faults(task.reporters, parts))
        yield from ((f"{at}.reporters", fault) for fault in wrong)
        if not wrong and not expand(task.reporters, units):
            yield f"{at}.reporters", "names no unit"


def _rule_faults(rule: str, parts: Parts) -> Iterator[str]:
    known = {
        "schools": parts.ids["schools"] | {"*"},
        "sections": parts.section_ids | {"*"},
        "units": parts.unit_ids,
        "kinds": frozenset((*SCHOOL_KINDS, SECTION)),
    }
    for part in rule.split(";"):
        scope, _, names = part.strip().partition(":")
        if scope not in known:
            yield f'unknown scope "{scope}"; use schools:, sections:, kinds: or units:'
            continue
        listed = [name.strip() for name in names.split(",") if name.strip()]
        yield from (f'unknown {scope} "{name}"' for name in listed if name not in known[scope])


def _chat_faults(parts: Parts) -> Iterator[Fault]:
    ids = parts.unit_ids | parts.ids["people"]
    for at, chat in parts.chats:
        if not chat.members and chat.unit is None:
            yield at, "needs members or a unit"
        elif chat.members.startswith("assigned schools"):
            if chat.unit is None and not any(chat.name.startswith(section.name) for _, section in parts.sections):
                yield f"{at}.members", "whose schools? give the unit, or begin the name with the section's"
        elif chat.members not in ("principals+section_heads", "leaders"):
            listed = [part.strip() for part in chat.members.split(",") if part.strip()]
            yield from ((f"{at}.members", f'unknown unit or person "{each}"') for each in listed if each not in ids)


def _fact_faults(parts: Parts) -> Iterator[Fault]:
    calendar = parts.facts.get("calendar")
    for name in ("terms", "breaks", "exam_quiet"):
        for index, span in enumerate(getattr(calendar, name, ())):
            if span.end < span.start:
                yield f"calendar.{name}[{index}].end", "lies before the start"
    for index, approval in enumerate(parts.facts.get("approvals", ())):
        if approval.valid_to < approval.valid_from:
            yield f"approvals[{index}].valid_to", "lies before valid_from"
    if release := parts.facts.get("release"):
        signers = Counter((*set(release.clerk), *set(release.office_head), *set(release.leader)))
        yield from (("release", f'"{one}" may not sign twice') for one, times in signers.items() if times > 1)


def notes(parts: Parts) -> Iterator[str]:
    """Yield what is no fault but worth a look."""
    listed = {approval.ref for approval in parts.facts.get("approvals", ())}
    for at, task in parts.ledger:
        if task.approval_ref not in listed:
            yield f"{at}.approval_ref: not among the approvals, so the task may be collected but not ranked"
    declared = parts.facts.get("ambiguous_unit_aliases", {})
    owners: dict[str, list[str]] = {}
    for _, unit in parts.units:
        for name in {unit.name, *unit.aliases}:
            owners.setdefault(name, []).append(unit.id)
    for name, ids in owners.items():
        if len(ids) > 1 and name not in declared:
            yield f'"{name}" names {", ".join(ids)}: the bot will ask which'
    if not any(person.role == "clerk" for _, person in parts.people):
        yield "people: nobody is clerk, so nobody hears of trouble"
