"""Migrations run from empty, and give exactly the tables that the models describe."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import URL

import bot.bootstrap  # noqa: F401 - every table is known
from bot import schema
from bot.db import Base, Database
from bot.errors import ConfigError


@pytest.mark.parametrize("url_fixture", ["sqlite_url", "postgres_url"])
def test_the_migrated_schema_is_the_one_of_the_models(url_fixture: str, request: pytest.FixtureRequest) -> None:
    url: URL = request.getfixturevalue(url_fixture)
    db = Database(url)
    with pytest.raises(ConfigError):
        schema.require_current(db)

    assert schema.newest_version() == schema.migrate(db)
    schema.require_current(db)
    with db.transaction() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert schema.newest_version() == schema.migrate(db)
    db.dispose()


@pytest.mark.parametrize("url_fixture", ["sqlite_url", "postgres_url"])
@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (("create table alembic_version (version_num text)", "insert into alembic_version values ('0099')"), "newer"),
        (("create table other (x integer)",), "not of this program"),
    ],
)
def test_a_database_of_others_is_left_alone(
    url_fixture: str, statements: tuple[str, ...], fault: str, request: pytest.FixtureRequest
) -> None:
    url: URL = request.getfixturevalue(url_fixture)
    db = Database(url)
    with db.transaction() as session:
        for statement in statements:
            session.execute(text(statement))
    for act in (schema.migrate, schema.require_current):
        with pytest.raises(ConfigError, match=fault):
            act(db)

    with db.reading() as session:
        assert len(inspect(session.connection()).get_table_names()) == 1
    db.dispose()
