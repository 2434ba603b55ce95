"""Tables that nobody rewrites: triggers refuse to change or remove a row, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import DDL, event
from sqlalchemy.schema import ExecutableDDLElement

from bot.db import Base


def statements(table: str, columns: Collection[str] = ()) -> dict[str, list[str]]:
    """Return what makes a table append-only, by dialect; columns: only these are kept from change (default: all)."""
    of = f" of {', '.join(columns)}" if columns else ""
    refuse = f"for each row execute function {table}_is_append_only()"
    abort = f"begin select raise(abort, '{table} is append-only'); end"
    return {
        "sqlite": [
            f"create trigger {table}_keeps before update{of} on {table} {abort}",
            f"create trigger {table}_stays before delete on {table} {abort}",
        ],
        "postgresql": [
            f"create function {table}_is_append_only() returns trigger language plpgsql as "
            f"'begin raise exception ''{table} is append-only''; end'",
            f"create trigger {table}_keeps before update{of} on {table} {refuse}",
            f"create trigger {table}_stays before delete on {table} {refuse}",
            f"create trigger {table}_whole before truncate on {table} "
            f"for each statement execute function {table}_is_append_only()",
        ],
    }


def protect(row: type[Base], columns: Collection[str] = ()) -> None:
    """Let the table of a row be made with these triggers; its migration has to make them, too."""
    for dialect, made in statements(row.__tablename__, columns).items():
        for statement in made:
            event.listen(row.__table__, "after_create", _only_on(statement, dialect))


def _only_on(statement: str, dialect: str) -> ExecutableDDLElement:
    ddl: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
    return ddl.execute_if(dialect=dialect)
