"""What an import would change, cell by cell, between the stored district and a file. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from bot.db import Base
from bot.errors import SealError
from bot.people import ChatRow, FactRow, PersonRow, UnitRow
from bot.seal import Seal
from handlers.district.file import District, Record
from handlers.district.models import BindingRequestRow
from handlers.tasks.models import TaskRow

# The fact that holds, by table and id, what the file says beyond the columns (town, students, duty …).
DETAILS = "details"
# The field of a change that keeps a row for its history, or takes it back into the list.
LEFT = "left"


class Kind(StrEnum):
    """What happens to a row or cell."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. field is empty when a whole row comes or goes; a fault says why it cannot be carried out.

    what is unit, person, task, chat or fact; id is the row's id, or the name of a fact.
    """

    kind: Kind
    what: str
    id: str
    name: str = ""
    field: str = ""
    old: Any = None
    new: Any = None
    fault: str = ""


# Rows that belong to the file, in the order in which they may be written.
ROWS: Mapping[str, type[Any]] = {"unit": UnitRow, "person": PersonRow, "task": TaskRow, "chat": ChatRow}
_OWN = frozenset((*(row.__tablename__ for row in ROWS.values()), BindingRequestRow.__tablename__))


def records_of(district: District) -> dict[str, Mapping[str, Record]]:
    """Return the records of a file by table."""
    return {"unit": district.units, "person": district.people, "task": district.tasks, "chat": district.chats}


def details_of(district: District) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return what the file says beyond the columns, by table and id, without empty parts."""
    return {
        what: {record.id: record.details for record in records.values() if record.details}
        for what, records in records_of(district).items()
    }


def diff(session: Session, seal: Seal, district: District) -> list[Change]:
    """Return every difference, in the order units, people, tasks, groups, facts. A push key is never part of one."""
    stored: Mapping[str, Any] = _fact(session, DETAILS) or {}
    changes: list[Change] = []
    for what, records in records_of(district).items():
        rows = {row.id: row for row in session.scalars(select(ROWS[what]))}
        changes += _row_changes(what, rows, records, stored.get(what, {}))
        if what == "chat":
            changes = [_refuse_taken(change, rows, district) for change in changes]
            changes += _key_changes(rows, district, seal)
        changes += _removals(session, what, rows, records)
    return changes + list(_fact_changes(session, district))


def _row_changes(
    what: str, rows: Mapping[str, Any], records: Mapping[str, Record], details: Mapping[str, Mapping[str, Any]]
) -> Iterator[Change]:
    for record in records.values():
        row = rows.get(record.id)
        if row is None:
            yield Change(Kind.ADDED, what, record.id, record.name)
            continue
        if getattr(row, LEFT, False):
            yield Change(Kind.CHANGED, what, record.id, record.name, LEFT, True, False)
        old = {name: getattr(row, name) for name in record.cells}
        yield from _cells(what, record, old, record.cells)
        yield from _cells(what, record, details.get(record.id, {}), record.details)


def _cells(what: str, record: Record, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for field in dict.fromkeys((*old, *new)):
        if old.get(field) != new.get(field):
            yield Change(Kind.CHANGED, what, record.id, record.name, field, old.get(field), new.get(field))


def _refuse_taken(change: Change, rows: Mapping[str, Any], district: District) -> Change:
    """Add the fault where a group shall get the robot chat that another group holds and keeps."""
    if change.what != "chat" or (change.kind is Kind.CHANGED and change.field != "robot_chat"):
        return change
    wanted = district.chats[change.id].cells.get("robot_chat")
    keeping = (id for id, row in rows.items() if wanted and row.robot_chat == wanted and id in district.chats)
    holder = next((id for id in keeping if "robot_chat" not in district.chats[id].cells), None)
    return change if holder is None else replace(change, fault=f"is the robot chat of {holder}")


def _key_changes(rows: Mapping[str, Any], district: District, seal: Seal) -> Iterator[Change]:
    for chat_id, key in district.keys.items():
        sealed = rows[chat_id].webhook_key if chat_id in rows else None
        if sealed is not None and _opens_to(seal, sealed, chat_id, key):
            continue
        said = "(set)" if sealed is None else "(changed)"
        yield Change(Kind.CHANGED, "chat", chat_id, district.chats[chat_id].name, "webhook_key", None, said)


def _opens_to(seal: Seal, sealed: bytes, chat_id: str, key: str) -> bool:
    try:
        return seal.open(sealed, f"chat/{chat_id}") == key.encode()
    except SealError:
        return False


def _removals(session: Session, what: str, rows: Mapping[str, Any], records: Mapping[str, Record]) -> Iterator[Change]:
    gone = [id for id, row in rows.items() if id not in records and not getattr(row, LEFT, False)]
    kept = _with_history(session, Base.metadata.tables[ROWS[what].__tablename__], gone) if gone else set()
    for id in gone:
        name = rows[id].title if what == "task" else rows[id].name
        yield Change(Kind.REMOVED, what, id, name, LEFT if id in kept else "")


def _with_history(session: Session, table: Table, ids: Collection[str]) -> set[str]:
    """Return those ids that a row outside the district file refers to."""
    found: set[str] = set()
    for other in Base.metadata.tables.values():
        pointing = [c for c in other.columns if any(key.column.table is table for key in c.foreign_keys)]
        for column in pointing if other.name not in _OWN else ():
            found |= set(session.scalars(select(column).where(column.in_(ids)).distinct()))
    return found


def _fact_changes(session: Session, district: District) -> Iterator[Change]:
    stored = {row.name: row.value for row in session.scalars(select(FactRow)) if row.name != DETAILS}
    for name in sorted({*stored, *district.facts}):
        if name not in stored:
            yield Change(Kind.ADDED, "fact", name)
        elif name not in district.facts:
            yield Change(Kind.REMOVED, "fact", name)
        else:
            yield from _deep(name, "", stored[name], district.facts[name])


def _deep(fact: str, at: str, old: Any, new: Any) -> Iterator[Change]:
    """Compare two JSON values down to their leaves; at is the path within the fact."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _deep(fact, f"{at}.{key}".lstrip("."), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            one, other = (values[index] if index < len(values) else None for values in (old, new))
            yield from _deep(fact, f"{at}[{index}]", one, other)
    elif old != new:
        yield Change(Kind.CHANGED, "fact", fact, field=at, old=old, new=new)


def _fact(session: Session, name: str) -> Any:
    row = session.get(FactRow, name)
    return row.value if row is not None else None
