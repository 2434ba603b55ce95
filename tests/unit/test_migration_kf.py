"""The second version of the schema adds the tables of kf, and takes them away again."""

from __future__ import annotations

from alembic import command
from sqlalchemy import inspect
from sqlalchemy.engine import URL

from bot.db import Base, Database
from bot.schema import alembic_config


def shape(db: Database) -> tuple[set[str], set[str]]:
    """Return the tables, and the indexes and columns of the outbox."""
    with db.reading() as session:
        looked = inspect(session.connection())
        indexes = {str(index["name"]) for index in looked.get_indexes("outbox")}
        columns = {str(column["name"]) for column in looked.get_columns("outbox")}
        return set(looked.get_table_names()), indexes | columns


def test_it_adds_exactly_its_own_and_can_be_undone(sqlite_url: URL) -> None:
    db = Database(sqlite_url)
    command.upgrade(alembic_config(db), "0001")
    tables, indexes = shape(db)
    command.upgrade(alembic_config(db), "0002")
    with_tables, with_indexes = shape(db)

    assert with_tables - tables == {"pull", "allowance"}
    assert with_indexes - indexes == {"ix_outbox_parked", "is_urgent"}
    with db.reading() as session:
        for name in ("pull", "allowance"):
            found = {column["name"]: column["nullable"] for column in inspect(session.connection()).get_columns(name)}
            assert found == {column.name: column.nullable for column in Base.metadata.tables[name].columns}

    command.downgrade(alembic_config(db), "0001")
    assert shape(db) == (tables, indexes)
    db.dispose()
