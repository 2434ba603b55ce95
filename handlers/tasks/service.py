"""What the ledger lists: tasks and who reports on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.people import Directory, Unit
from handlers.tasks.models import TaskRow


@dataclass(frozen=True, slots=True)
class Task:
    """One ledger line; applies_to are the ids of the units that report on it. deadline counts to its end."""

    id: str
    title: str
    aliases: tuple[str, ...]
    area: str
    standard: str
    lead: str
    metric: str
    target: int | None
    start: date
    deadline: date
    weight: int
    evidence: tuple[str, ...]
    runs_in_break: bool
    approval_ref: str | None
    applies_to: frozenset[str]

    def is_open(self, day: date) -> bool:
        """Whether the task has begun; past its deadline it stays open until it is done."""
        return self.start <= day


@dataclass(frozen=True)
class Ledger:
    """A snapshot of every task, in the order of their codes."""

    tasks: Mapping[str, Task]

    def for_unit(self, unit: str) -> list[Task]:
        """Return the tasks a unit reports on."""
        return [task for task in self.tasks.values() if unit in task.applies_to]

    def led_by(self, section: str) -> list[Task]:
        """Return the tasks a section leads."""
        return [task for task in self.tasks.values() if task.lead == section]


def expand(rule: str, units: Iterable[Unit]) -> frozenset[str]:
    """Return the ids of the units that a `reporters` rule names.

    The rule is parts joined by ";": schools:*, sections:* or ids, kinds:小学,初中, units:S47,B06
    (bot/sandbox/data/district-sample.json, fields.ledger.reporters). Raises ValueError for any other part.
    """
    known = list(units)
    found: set[str] = set()
    for part in rule.split(";"):
        scope, _, names = part.strip().partition(":")
        listed = {name.strip() for name in names.split(",") if name.strip()}
        if scope == "schools":
            found |= {unit.id for unit in known if unit.is_school and ("*" in listed or unit.id in listed)}
        elif scope == "sections":
            found |= {unit.id for unit in known if unit.kind == "股室" and ("*" in listed or unit.id in listed)}
        elif scope == "kinds":
            found |= {unit.id for unit in known if unit.kind in listed}
        elif scope == "units":
            found |= {unit.id for unit in known if unit.id in listed}
        else:
            raise ValueError(f"unknown scope {scope!r} in reporters")
    return frozenset(found)


def load(session: Session, directory: Directory) -> Ledger:
    """Read every task."""
    rows = session.scalars(select(TaskRow).where(TaskRow.left.is_(False)).order_by(TaskRow.id))
    return Ledger({row.id: _task(row, directory) for row in rows})


def get(session: Session, directory: Directory) -> Ledger:
    """Return the ledger that belongs to a directory; read once per snapshot."""
    return directory.memo("ledger", lambda: load(session, directory))


def _task(row: TaskRow, directory: Directory) -> Task:
    return Task(
        id=row.id,
        title=row.title,
        aliases=tuple(row.aliases),
        area=row.area,
        standard=row.standard,
        lead=row.lead,
        metric=row.metric,
        target=row.target,
        start=row.start,
        deadline=row.deadline,
        weight=row.weight,
        evidence=tuple(row.evidence),
        runs_in_break=row.runs_in_break,
        approval_ref=row.approval_ref,
        applies_to=expand(row.reporters, directory.units.values()),
    )
