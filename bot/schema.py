"""The schema's version: brought forward by Alembic, and required to be current before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from bot import conversation, inbox, media, outbox, people, tokens
from bot.db import Base, Database
from bot.errors import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

# The rooms of bot/ that have tables; subjects and the timetable are imported by bot.bootstrap.
TABLES = (conversation, inbox, media, outbox, people, tokens)
_FOLDER = Path(__file__).parent / "migrations"


def current_version(db: Database) -> str | None:
    """Return the version of the database's schema, or None for an empty database."""
    with db.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        version: str | None = session.scalar(text("select version_num from alembic_version"))
        return version


def newest_version() -> str:
    """Return the version that this release needs: the last file of bot/migrations/versions."""
    # Read from the file names, so that a start does not pay for importing Alembic.
    return max(path.stem.split("_", 1)[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def require_current(db: Database) -> None:
    """Raise ConfigError unless the schema is the one that this release needs."""
    found, needed = current_version(db), newest_version()
    if found != needed:
        raise ConfigError(
            [("database.url", f"schema is {found or 'empty'}, this release needs {needed}: duban migrate")]
        )


def migrate(db: Database) -> str:
    """Bring the schema to the newest version and return it. Safe to repeat."""
    from alembic import command  # imported here: only this command needs it

    if current_version(db) != newest_version():
        command.upgrade(alembic_config(db), "head")
    return newest_version()


def alembic_config(db: Database) -> AlembicConfig:
    """Return Alembic's configuration for a database, with the tables of every subject as the target."""
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes.update(engine=db.engine, metadata=Base.metadata, transaction=db.transaction)
    return config
