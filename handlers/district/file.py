"""Reads a district file into frozen records, or lists every fault by its path (people[12].unit: unknown unit "S99").

The same file is what handlers.district.service.export writes. Nothing here touches the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.config import secret
from bot.errors import ConfigError
from bot.workdays import Calendar as Workdays
from handlers.district import checks, prose
from handlers.district.checks import Fault, Parts
from handlers.district.rules import push_key
from handlers.district.shapes import (
    BUREAU,
    FACTS,
    FIRST_YEAR,
    HOLIDAYS,
    LAST_YEAR,
    LISTS,
    MAKEUP,
    REQUIRED,
    SCHEMA,
    Calendar,
    Chat,
    Person,
    School,
    Section,
    Shape,
    Task,
)

S = TypeVar("S", bound=Shape)


@dataclass(frozen=True, slots=True)
class Record:
    """One row to be. cells are by column name; details are what the file says beyond the columns."""

    id: str
    name: str
    cells: Mapping[str, Any]
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class District:
    """A valid district file. keys: push keys by group, where given. notes: what the operator should know."""

    units: Mapping[str, Record]
    people: Mapping[str, Record]
    tasks: Mapping[str, Record]
    chats: Mapping[str, Record]
    facts: Mapping[str, Any]
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()


def parse(data: object, environ: Mapping[str, str] | None) -> District:
    """Turn parsed JSON into a District; "env:NAME" and "file:PATH" give push keys, which None leaves alone.

    Raises ConfigError with every fault.
    """
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        raise ConfigError([("schema", f'must be "{SCHEMA}"')])
    faults: list[Fault] = [(key, "is missing") for key in REQUIRED if key not in data]
    faults += prose.faults(data)
    notes = [f"{key}: unknown, left out" for key in data if key not in (*LISTS, *FACTS, "schema")]
    parts = _parts(data, faults, notes)
    keys = {} if environ is None else _keys(parts, environ, faults)
    faults += checks.faults(parts)
    if faults:
        raise ConfigError(faults)
    notes += checks.notes(parts)
    return District(
        units=_units(parts),
        people={person.id: _person(person) for _, person in parts.people},
        tasks={task.id: _record(task, task.title) for _, task in parts.ledger},
        chats={chat.id: _chat(chat) for _, chat in parts.chats},
        facts={name: _known(parts.facts[name], data[name]) for name in FACTS if name in data},
        keys=keys,
        notes=tuple(notes),
    )


def _parts(data: Mapping[str, Any], faults: list[Fault], notes: list[str]) -> Parts:
    lists: dict[str, Any] = {key: _each(data, key, shape, faults, notes) for key, shape in LISTS.items()}
    facts = {}
    for name, adapter in FACTS.items():
        if name not in data:
            continue
        try:
            facts[name] = adapter.validate_python(data[name])
        except ValidationError as error:
            faults += _listed(error, name)
    if isinstance(facts.get("calendar"), Calendar):
        faults += _year_faults(facts["calendar"], notes)
    for name, value in facts.items():
        if name != "calendar":
            notes += _unknown(name, value)
    ids = {key: frozenset(_raw_ids(data.get(key))) for key in LISTS}
    extra = tuple((at, leader) for at, leader in lists["leaders"] if leader.id not in ids["people"])
    lists["people"] += extra
    return Parts(**lists, facts=facts, ids={**ids, "people": ids["people"] | ids["leaders"]})


def _each(
    data: Mapping[str, Any], key: str, shape: type[S], faults: list[Fault], notes: list[str]
) -> tuple[tuple[str, S], ...]:
    rows = data.get(key, [])
    if not isinstance(rows, list):
        faults.append((key, "must be a list"))
        return ()
    found = []
    for index, row in enumerate(rows):
        at = f"{key}[{index}]"
        try:
            value = shape.model_validate(row)
        except ValidationError as error:
            faults += _listed(error, at)
        else:
            notes += _unknown(at, value)
            found.append((at, value))
    return tuple(found)


def _listed(error: ValidationError, at: str) -> Iterator[Fault]:
    for item in error.errors(include_input=False, include_url=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"])
        yield f"{at}{place}", item["msg"].removeprefix("Value error, ")


def _year_faults(calendar: Calendar, notes: list[str]) -> Iterator[Fault]:
    """Check holidays_YYYY and makeup_workdays_YYYY, whose names hold the year."""
    for key, value in (calendar.model_extra or {}).items():
        name, _, year = key.rpartition("_")
        adapter = {"holidays": HOLIDAYS, "makeup_workdays": MAKEUP}.get(name)
        if adapter is None:
            notes.append(f"calendar.{key}: unknown, kept without effect")
            continue
        if not re.fullmatch("[0-9]{4}", year) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
            yield f"calendar.{key}", f"must end in a year from {FIRST_YEAR} to {LAST_YEAR}"
            continue
        try:
            spans = adapter.validate_python(value)
        except ValidationError as error:
            yield from _listed(error, f"calendar.{key}")
            continue
        for holiday, days in spans.items() if isinstance(spans, Mapping) else ():
            if days[-1] < days[0]:
                yield f"calendar.{key}.{holiday}", "ends before it begins"
        if isinstance(spans, str):
            yield from _provisional_faults(key, spans)


def _provisional_faults(key: str, text: str) -> Iterator[Fault]:
    """Check the days that a text in the place of a notice names; the calendar reads them out of it."""
    try:
        Workdays.from_district({key: text})
    except ValueError:
        yield f"calendar.{key}", "names a day that the calendar does not have"


def _unknown(at: str, value: object) -> Iterator[str]:
    """Name every key that the shapes do not know, however deep."""
    if isinstance(value, BaseModel):
        yield from (f"{at}.{key}: unknown, left out" for key in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _unknown(f"{at}.{name}", getattr(value, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _unknown(f"{at}[{index}]", item)


def _known(value: object, raw: Any) -> Any:
    """Return raw without the keys that its checked value does not know; a calendar keeps them, as years are keys."""
    if isinstance(value, Calendar):
        return raw
    if isinstance(value, BaseModel):
        return {key: _known(getattr(value, key), raw[key]) for key in type(value).model_fields if key in raw}
    if isinstance(value, tuple):
        return [_known(*pair) for pair in zip(value, raw, strict=True)]
    return raw


def _raw_ids(rows: object) -> Iterator[str]:
    """The ids of all rows, faulty ones too, so that one fault does not give rise to others."""
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("id"), str):
            yield row["id"]


def _keys(parts: Parts, environ: Mapping[str, str], faults: list[Fault]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for at, chat in parts.chats:
        if chat.webhook_key is None:
            continue
        try:
            key = push_key(secret(chat.webhook_key, environ))
        except LookupError as error:
            faults.append((f"{at}.webhook_key", str(error.args[0])))
            continue
        if key is None:
            faults.append((f"{at}.webhook_key", "is no push address and no key"))
        elif key in keys.values():
            faults.append((f"{at}.webhook_key", "is the push address of another group too"))
        else:
            keys[chat.id] = key
    return keys


def _units(parts: Parts) -> dict[str, Record]:
    records = {section.id: _record(section, section.name, **_NO_SCHOOL) for _, section in parts.sections}
    if checks.BUREAU_ID not in records:
        cells: dict[str, Any] = {
            "name": BUREAU,
            "kind": BUREAU,
            "aliases": [],
            "leader": None,
            "head": None,
            **_NO_SCHOOL,
        }
        records[checks.BUREAU_ID] = Record(checks.BUREAU_ID, BUREAU, cells)
    return records | {school.id: _record(school, school.name, leader=None, head=None) for _, school in parts.schools}


def _person(person: Person) -> Record:
    return _record(person, person.name, unit_id=person.unit, userid=person.userid, role=person.role.value)


def _chat(chat: Chat) -> Record:
    bound = {} if chat.robot_chatid is None else {"robot_chat": chat.robot_chatid}
    return _record(chat, chat.name, unit_id=chat.unit, **bound)


_NO_SCHOOL = {"parent": None, "assigned_section": None, "peer_group": None, "reports_via_parent": False}
_NO_COLUMN = ("id", "unit", "wecom_userid", "principal_name", "webhook_key", "robot_chatid")


def _record(row: Section | School | Person | Task | Chat, name: str, **more: Any) -> Record:
    """Return the record of one row: its columns, and its details as far as they are given."""
    given = row.model_dump(include=set(type(row).model_fields))
    details = {key: given[key] for key in row.details if given[key] is not None}
    columns = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in given.items()
        if key not in (*_NO_COLUMN, *row.details)
    }
    return Record(row.id, name, columns | more, details)
