"""How every line of the ledger stands: the newest statement of each unit's task, its figures without its words.

Needs no key, so that a question about the ledger is answered outside the write transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.progress.models import ProgressRow
from handlers.progress.service import newest

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What was last said of a unit's task. at is when it was stated or confirmed (UTC)."""

    unit: str
    task: str
    status: str | None
    percent: float | None
    percent_op: str | None
    done: int | None
    total: int | None
    at: datetime

    @property
    def is_done(self) -> bool:
        """Whether the unit says the task is finished or does not concern it."""
        return self.status in ("done", "not_applicable")


def load(
    session: Session, *, units: Iterable[str] | None = None, tasks: Iterable[str] | None = None
) -> Mapping[Pair, Standing]:
    """Return the newest statement that was not retracted of every (unit, task), as progress.service.current has it."""
    columns = select(
        ProgressRow.unit_id,
        ProgressRow.task_id,
        ProgressRow.status,
        ProgressRow.percent,
        ProgressRow.percent_op,
        ProgressRow.done,
        ProgressRow.total,
        ProgressRow.at,
    )
    found = columns.where(ProgressRow.id.in_(newest(units=units, tasks=tasks)))
    return {(row.unit_id, row.task_id): Standing(*row) for row in session.execute(found)}
