"""What happens to a district file: it is applied in one transaction, and written back out without keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from bot.db import Base
from bot.errors import ConfigError
from bot.lanes import revive
from bot.people import ChatRow, FactRow, PersonRow, Role, UnitRow, bump_revision
from bot.seal import Seal
from handlers.district.changes import DETAILS, LEFT, ROWS, Change, Kind, details_of, diff, records_of
from handlers.district.checks import BUREAU_ID
from handlers.district.file import District, Record
from handlers.district.models import BindingRequestRow
from handlers.district.shapes import BUREAU, SCHEMA, SECTION
from handlers.tasks.models import TaskRow

_LATER = ("parent", "assigned_section")

Details = Mapping[str, Mapping[str, dict[str, Any]]]


def apply(session: Session, seal: Seal, district: District, now: datetime) -> list[Change]:
    """Make the stored district equal to a file and return what changed; nothing if it was equal already.

    Push keys and robot chats that the file leaves out stay. Recipients that change are tried anew.
    A unit, person or task that is no longer listed is deleted, or kept out of sight if the history speaks of it.
    Raises ConfigError, having written nothing, where a change cannot be carried out.
    """
    changes = diff(session, seal, district)
    faults = [(f"{change.what} {change.id}", change.fault) for change in changes if change.fault]
    if faults:
        raise ConfigError(faults)
    if not changes:
        return []
    removed = [change for change in changes if change.kind is Kind.REMOVED]
    gone = {what: [c.id for c in removed if c.what == what and c.field != LEFT] for what in (*ROWS, "fact")}
    _drop(session, gone)
    _keep(session, [change for change in removed if change.field == LEFT])
    _make_room(session, changes)
    for what, records in records_of(district).items():
        _write(session, ROWS[what], records.values())
    _seal_keys(session, seal, district.keys)
    session.flush()
    session.execute(delete(UnitRow).where(UnitRow.id.in_(gone["unit"])))
    for name, value in {**district.facts, DETAILS: details_of(district)}.items():
        session.merge(FactRow(name=name, value=value))
    for target in {change.id for change in changes if change.what in ("person", "chat")}:
        revive(session, target)
    bump_revision(session)
    session.flush()
    return changes


def _drop(session: Session, gone: Mapping[str, Collection[str]]) -> None:
    """Delete what is no longer listed, but for units: the rows that stay may still refer to one."""
    asked = or_(BindingRequestRow.chat_id.in_(gone["chat"]), BindingRequestRow.person_id.in_(gone["person"]))
    session.execute(delete(BindingRequestRow).where(asked))
    session.execute(delete(TaskRow).where(TaskRow.id.in_(gone["task"])))
    session.execute(delete(ChatRow).where(ChatRow.id.in_(gone["chat"])))
    session.execute(delete(PersonRow).where(PersonRow.id.in_(gone["person"])))
    session.execute(delete(FactRow).where(FactRow.name.in_(gone["fact"])))


def _keep(session: Session, leaving: Iterable[Change]) -> None:
    """Take rows out of the list that must stay for their history; a person's user id becomes free."""
    for change in leaving:
        row = session.get_one(ROWS[change.what], change.id)
        row.left = True
        if isinstance(row, PersonRow):
            row.userid = f"~{change.id}"
    session.flush()


def _make_room(session: Session, changes: Iterable[Change]) -> None:
    """Free the unique values that move from one row to another, so that no order of writing hits the constraint."""
    for change in changes:
        if change.what == "person" and change.field == "userid":
            session.get_one(PersonRow, change.id).userid = f"~{change.id}"
        elif change.what == "chat" and change.field == "robot_chat":
            session.get_one(ChatRow, change.id).robot_chat = None
    session.flush()


def _write(session: Session, row: type[Any], records: Iterable[Record]) -> None:
    """Insert or update rows; references among them are set once all of them are there."""
    rows = {found.id: found for found in session.scalars(select(row))}
    listed = list(records)
    for record in listed:
        if record.id not in rows:
            rows[record.id] = row(id=record.id)
            session.add(rows[record.id])
        _set(rows[record.id], {name: value for name, value in record.cells.items() if name not in _LATER})
        if hasattr(row, LEFT):
            rows[record.id].left = False
    session.flush()
    for record in listed:
        _set(rows[record.id], {name: value for name, value in record.cells.items() if name in _LATER})
    session.flush()


def _set(row: Base, cells: Mapping[str, Any]) -> None:
    for name, value in cells.items():
        setattr(row, name, value)


def _seal_keys(session: Session, seal: Seal, keys: Mapping[str, str]) -> None:
    for chat_id, key in keys.items():
        session.get_one(ChatRow, chat_id).webhook_key = seal.close(key.encode(), f"chat/{chat_id}")


def export(session: Session) -> dict[str, Any]:
    """Return the stored district as a district file; push keys stay here."""
    facts = {row.name: row.value for row in session.scalars(select(FactRow).order_by(FactRow.name))}
    details: Details = facts.pop(DETAILS, {})
    people = [
        _person(row, details)
        for row in session.scalars(select(PersonRow).where(PersonRow.left.is_(False)).order_by(PersonRow.id))
    ]
    names = {person["id"]: person["name"] for person in people}
    units = list(session.scalars(select(UnitRow).where(UnitRow.left.is_(False)).order_by(UnitRow.id)))
    tasks = session.scalars(select(TaskRow).where(TaskRow.left.is_(False)).order_by(TaskRow.id))
    chats = session.scalars(select(ChatRow).order_by(ChatRow.id))
    return {
        "schema": SCHEMA,
        **facts,
        "leaders": [person for person in people if person["role"] == Role.LEADER],
        "sections": [_section(row, details) for row in units if row.kind == SECTION or _is_own_bureau(row)],
        "schools": [_school(row, details, names) for row in units if row.kind not in (SECTION, BUREAU)],
        "people": people,
        "ledger": [_columns(row) | details.get("task", {}).get(row.id, {}) for row in tasks],
        "chats": [_chat(row) for row in chats],
    }


def _is_own_bureau(row: UnitRow) -> bool:
    """Whether the file itself listed the unit of the leaders, which else is made by the import."""
    return row.kind == BUREAU and (row.id, row.name) != (BUREAU_ID, BUREAU)


def _columns(row: Base, *without: str) -> dict[str, Any]:
    values = {
        column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in (*without, LEFT)
    }
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}


def _section(row: UnitRow, details: Details) -> dict[str, Any]:
    return _columns(row, *_LATER, "peer_group", "reports_via_parent") | details.get("unit", {}).get(row.id, {})


def _school(row: UnitRow, details: Details, names: Mapping[str, str]) -> dict[str, Any]:
    school = _columns(row, "leader", "head") | details.get("unit", {}).get(row.id, {})
    if not row.reports_via_parent:
        del school["reports_via_parent"]
    if school.get("principal") in names:
        school["principal_name"] = names[school["principal"]]
    return school


def _person(row: PersonRow, details: Details) -> dict[str, Any]:
    person = _columns(row, "unit_id", "userid") | {"unit": row.unit_id}
    if row.userid != row.id.lower():
        person["wecom_userid"] = row.userid
    return person | details.get("person", {}).get(row.id, {})


def _chat(row: ChatRow) -> dict[str, Any]:
    chat = _columns(row, "webhook_key", "unit_id", "robot_chat")
    chat |= {"unit": row.unit_id, "robot_chatid": row.robot_chat}
    return {key: value for key, value in chat.items() if value is not None and value != ""}
