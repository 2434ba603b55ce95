"""The schema's version: brought forward by Alembic, and required to be current before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from bot import allowance, audit, conversation, inbox, lanes, marks, media, outbox, people, pulls, tokens, vault
from bot.db import Base, Database
from bot.errors import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

# The rooms of bot/ that have tables; subjects and the timetable are imported by bot.bootstrap.
TABLES = (allowance, audit, conversation, inbox, lanes, marks, media, outbox, people, pulls, tokens, vault)
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
    return max(_versions())


def is_known(version: str) -> bool:
    """Whether this release knows a version of the schema: its own or an older one."""
    return version in _versions()


def _versions() -> frozenset[str]:
    # Read from the file names, so that a start does not pay for importing Alembic.
    return frozenset(path.stem.split("_", 1)[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def _has_tables(db: Database) -> bool:
    with db.reading() as session:
        return bool(inspect(session.connection()).get_table_names())


def find_fault(db: Database) -> tuple[str, str] | None:
    """Return what is wrong with the schema and what to do; None if it is the one that this release needs."""
    found, needed = current_version(db), newest_version()
    if found == needed:
        return None
    if found is None and _has_tables(db):
        return "the tables there are not of this program", "name another database, or put a backup back"
    if found is None or found in _versions():
        return f"schema is {found or 'empty'}, this release needs {needed}", "run: duban migrate"
    return (
        f"schema {found} is newer than this release, which needs {needed}",
        "install the release that made it, or put a backup back (docs/operating.md)",
    )


def require_current(db: Database) -> None:
    """Raise ConfigError unless the schema is the one that this release needs."""
    fault = find_fault(db)
    if fault is not None:
        raise ConfigError([("database.url", "; ".join(fault))])


def try_write(db: Database) -> None:
    """Write what is there already. Raises SQLAlchemyError where the file may only be read, the disk is full …"""
    with db.transaction() as session:
        session.execute(text("update alembic_version set version_num = version_num"))


def migrate(db: Database) -> str:
    """Bring the schema to the newest version and return it. Safe to repeat.

    Raises ConfigError for a database of a newer release or of another program.
    """
    from alembic import command  # imported here: only this command needs it

    found = current_version(db)
    if found not in _versions() and (found is not None or _has_tables(db)):
        require_current(db)
    if found != newest_version():
        command.upgrade(alembic_config(db), "head")
    return newest_version()


def alembic_config(db: Database) -> AlembicConfig:
    """Return Alembic's configuration for a database, with the tables of every subject as the target."""
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes.update(engine=db.engine, metadata=Base.metadata, transaction=db.transaction)
    return config
