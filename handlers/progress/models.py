"""The history of progress: append-only rows. A correction or a retraction is another row, never a change."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import ExecutableDDLElement

from bot.db import Base
from bot.sealed import Sealed


class Act(StrEnum):
    """What a row of the history says."""

    REPORT = "report"
    CORRECTION = "correction"  # 更正: takes the place of the row `replaces`
    UNCHANGED = "unchanged"  # 无变化: the value of the row `replaces` still holds
    RETRACTION = "retraction"  # 作废: the row `replaces` never was
    EXTENSION = "extension"  # 延期申请: asks for another deadline, changes no value


class ProgressRow(Base):
    """One statement about one task of one unit.

    who (person_id), for whom (unit_id), when (at), by which door, the sender's own words (sealed with uid) and the
    parsed value. number counts the items of one message, so that a message handled twice stores nothing twice.
    """

    __tablename__ = "progress"
    __table_args__ = (
        UniqueConstraint("inbox_uid", "number"),
        CheckConstraint("percent is null or (percent >= 0 and percent <= 100)", name="percent_range"),
        # Holds all that tells which statement stands, so that the history itself is not read for it.
        Index("ix_progress_standing", "unit_id", "task_id", "id", "act", "replaces", "at"),
        Index("ix_progress_at", "at"),
        Index("ix_progress_person", "person_id", "id"),
        Index("ix_progress_replaces", "replaces"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    act: Mapped[str]
    replaces: Mapped[int | None] = mapped_column(ForeignKey("progress.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    on_behalf: Mapped[bool] = mapped_column(default=False)
    door: Mapped[str]
    inbox_uid: Mapped[str]
    number: Mapped[int]
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str | None]
    percent: Mapped[float | None]
    percent_op: Mapped[str | None]
    done: Mapped[int | None]
    total: Mapped[int | None]
    promised: Mapped[date | None]
    blocker: Mapped[bytes | None] = mapped_column(LargeBinary)
    confidence: Mapped[float]
    at: Mapped[datetime]


SEALED = (Sealed(ProgressRow, "words"), Sealed(ProgressRow, "blocker"))
_FACTS = [column.name for column in ProgressRow.__table__.columns if column.name not in ("words", "blocker")]
# Sealed columns may be sealed anew with a newer key; everything else is history.
APPEND_ONLY = {
    "sqlite": [
        f"create trigger progress_keeps before update of {', '.join(_FACTS)} on progress "
        "begin select raise(abort, 'progress is append-only'); end",
        "create trigger progress_stays before delete on progress "
        "begin select raise(abort, 'progress is append-only'); end",
    ],
    "postgresql": [
        "create function progress_is_append_only() returns trigger language plpgsql as "
        "'begin raise exception ''progress is append-only''; end'",
        f"create trigger progress_keeps before update of {', '.join(_FACTS)} on progress "
        "for each row execute function progress_is_append_only()",
        "create trigger progress_stays before delete on progress "
        "for each row execute function progress_is_append_only()",
    ],
}


def _only_on(statement: str, dialect: str) -> ExecutableDDLElement:
    ddl: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
    return ddl.execute_if(dialect=dialect)


for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(ProgressRow.__table__, "after_create", _only_on(_statement, _dialect))
