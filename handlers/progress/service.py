"""What happens to progress: statements are recorded, followed and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import Session

from bot.db import new_uid
from bot.errors import SealError
from bot.inbox import InboxRow
from bot.messages import Incoming
from bot.people import Directory, Person, Role
from bot.seal import Seal
from handlers.progress.models import Act, ProgressRow
from handlers.tasks.service import Task


@dataclass(frozen=True, slots=True)
class Value:
    """How a task of a unit stands. at is when it was stated or confirmed (UTC), stated_* the statement itself."""

    id: int
    unit: str
    task: str
    status: str | None
    percent: float | None
    percent_op: str | None
    done: int | None
    total: int | None
    promised: date | None
    blocker: str | None
    at: datetime
    stated_at: datetime
    stated_id: int

    @property
    def is_done(self) -> bool:
        """Whether the unit says the task is finished or does not concern it."""
        return self.status in ("done", "not_applicable")


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing to record about one task of one unit."""

    act: Act
    unit: str
    task: str
    status: str | None = None
    percent: float | None = None
    percent_op: str | None = None
    done: int | None = None
    total: int | None = None
    promised: date | None = None
    blocker: str | None = None
    confidence: float = 1.0
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where statements come from: who said it, when, by which door, in which message, in which words."""

    person: Person
    door: str
    inbox_uid: str
    words: str
    at: datetime


def may_report(person: Person, unit: str, task: Task, directory: Directory) -> bool:
    """Whether a person may state progress of a unit's task.

    The own unit and the schools that report through it; the section that leads the task or looks after the school;
    the clerks of the office (supervision reference §1, on-behalf entry).
    """
    if person.role is Role.CLERK or person.unit == unit:
        return True
    target = directory.units[unit]
    if target.parent == person.unit:
        return True
    return person.role in (Role.SECTION_HEAD, Role.SECTION_STAFF) and person.unit in (
        task.lead,
        target.assigned_section,
    )


def record(session: Session, seal: Seal, source: Source, statements: Iterable[Statement]) -> list[ProgressRow]:
    """Append statements; a message that is handled again finds its rows and adds none."""
    rows: list[ProgressRow] = []
    for number, statement in enumerate(statements):
        uid = new_uid()
        row = ProgressRow(
            uid=uid,
            act=statement.act,
            replaces=statement.replaces,
            unit_id=statement.unit,
            task_id=statement.task,
            person_id=source.person.id,
            on_behalf=statement.unit != source.person.unit,
            door=source.door,
            inbox_uid=source.inbox_uid,
            number=number,
            words=seal.close(source.words.encode(), uid),
            status=statement.status,
            percent=statement.percent,
            percent_op=statement.percent_op,
            done=statement.done,
            total=statement.total,
            promised=statement.promised,
            blocker=seal.close(statement.blocker.encode(), uid) if statement.blocker else None,
            confidence=statement.confidence,
            at=source.at,
        )
        session.add(row)
        rows.append(row)
    session.flush()
    return rows


def unchanged(last: Value) -> Statement:
    """Return the statement that a value still holds."""
    return Statement(
        act=Act.UNCHANGED,
        unit=last.unit,
        task=last.task,
        status=last.status,
        percent=last.percent,
        percent_op=last.percent_op,
        done=last.done,
        total=last.total,
        promised=last.promised,
        blocker=last.blocker,
        replaces=last.stated_id,
    )


def current(
    session: Session,
    seal: Seal,
    *,
    units: Iterable[str] | None = None,
    tasks: Iterable[str] | None = None,
    until: datetime | None = None,
) -> Mapping[tuple[str, str], Value]:
    """Return how every (unit, task) stands: the last statement that was not retracted, per pair.

    until: as it was known at that instant (exclusive), so that an old week reads the same for ever.
    """
    wanted = newest(units=units, tasks=tasks, until=until)
    rows = list(session.scalars(select(ProgressRow).where(ProgressRow.id.in_(wanted))))
    stated = _stated_at(session, rows)
    return {(row.unit_id, row.task_id): _value(seal, row, stated) for row in rows}


def _stated_at(session: Session, rows: Iterable[ProgressRow]) -> dict[int, datetime]:
    """Return when the statements behind 无变化 rows were made, by id; 无变化 always points at the statement itself."""
    ids = {row.replaces for row in rows if row.act == Act.UNCHANGED}
    if not ids:
        return {}
    found = session.execute(select(ProgressRow.id, ProgressRow.at).where(ProgressRow.id.in_(ids)))
    return {statement: at for statement, at in found}  # noqa: C416 - dict() of rows does not type-check


def newest(
    *, units: Iterable[str] | None = None, tasks: Iterable[str] | None = None, until: datetime | None = None
) -> Select[int]:
    """Select the id of the statement that holds for every (unit, task): the last one that was not taken back."""
    taken_back = _retracted(until)
    ids = select(func.max(ProgressRow.id)).where(
        ProgressRow.act.in_((Act.REPORT, Act.CORRECTION, Act.UNCHANGED)),
        ProgressRow.id.not_in(taken_back),
        # 无变化 of what was taken back says nothing any more.
        or_(ProgressRow.act != Act.UNCHANGED, ProgressRow.replaces.not_in(taken_back)),
    )
    if until is not None:
        ids = ids.where(ProgressRow.at < until)
    if units is not None:
        ids = ids.where(ProgressRow.unit_id.in_(list(units)))
    if tasks is not None:
        ids = ids.where(ProgressRow.task_id.in_(list(tasks)))
    return ids.group_by(ProgressRow.unit_id, ProgressRow.task_id)


def _retracted(until: datetime | None) -> Select[int | None]:
    """Return the ids of statements that were taken back; a plain list of ids, so that no row is looked at twice."""
    ids = select(ProgressRow.replaces).where(ProgressRow.act == Act.RETRACTION, ProgressRow.replaces.is_not(None))
    return ids if until is None else ids.where(ProgressRow.at < until)


def latest_by(
    session: Session, person: Person, since: datetime, *, beside: Incoming | None = None
) -> list[ProgressRow]:
    """Return the rows of the person's last message with statements since an instant that still stand, or [].

    beside: only what was said in the chat of this message.
    """
    stands = ProgressRow.id.not_in(_retracted(None))
    standing = [ProgressRow.person_id == person.id, ProgressRow.at >= since, ProgressRow.act != Act.RETRACTION]
    said = select(ProgressRow.inbox_uid).where(*standing, stands).order_by(ProgressRow.id.desc()).limit(1)
    if beside is not None:
        said = said.join(InboxRow, InboxRow.uid == ProgressRow.inbox_uid)
        said = said.where(InboxRow.conversation == _conversation_of(beside))
    last = session.scalar(said)
    if last is None:
        return []
    query = select(ProgressRow).where(*standing, stands, ProgressRow.inbox_uid == last)
    return list(session.scalars(query.order_by(ProgressRow.number)))


def was_said_beside(session: Session, rows: Iterable[ProgressRow], message: Incoming) -> bool:
    """Whether all rows were said in the chat of a message; not if that is no longer known."""
    uids = {row.inbox_uid for row in rows}
    beside = InboxRow.uid.in_(uids), InboxRow.conversation == _conversation_of(message)
    return session.scalar(select(func.count()).select_from(InboxRow).where(*beside)) == len(uids)


def _conversation_of(message: Incoming) -> ScalarSelect[str]:
    found = select(InboxRow.conversation).where(
        InboxRow.door == message.door, InboxRow.message_id == message.message_id
    )
    return found.scalar_subquery()


def reported_since(session: Session, since: datetime, until: datetime) -> set[tuple[str, str]]:
    """Return the (unit, task) pairs about which something was stated in [since, until)."""
    query = select(ProgressRow.unit_id, ProgressRow.task_id).where(
        ProgressRow.at >= since,
        ProgressRow.at < until,
        ProgressRow.act != Act.RETRACTION,
        ProgressRow.id.not_in(_retracted(until)),
    )
    return {(unit, task) for unit, task in session.execute(query.distinct())}


def _blocker(seal: Seal, row: ProgressRow) -> str | None:
    """Return the obstacle; that there is one still shows where no key opens its words."""
    if row.blocker is None:
        return None
    try:
        return seal.open(row.blocker, row.uid).decode()
    except SealError:
        return "(无法读取)"


def _value(seal: Seal, row: ProgressRow, stated: Mapping[int, datetime]) -> Value:
    stated_id = row.replaces if row.act == Act.UNCHANGED and row.replaces is not None else row.id
    return Value(
        id=row.id,
        unit=row.unit_id,
        task=row.task_id,
        status=row.status,
        percent=row.percent,
        percent_op=row.percent_op,
        done=row.done,
        total=row.total,
        promised=row.promised,
        blocker=_blocker(seal, row),
        at=row.at,
        stated_at=stated.get(stated_id, row.at),
        stated_id=stated_id,
    )
