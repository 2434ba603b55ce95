"""Copies of an SQLite database, made while it is in use, and how one is put back. PostgreSQL has tools of its own.

A copy is whole or not there: it is written beside its place, checked, and only then gets its name.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError

from bot.breakdown import explain
from bot.db import Database
from bot.errors import ConfigError
from bot.lock import FileLock
from bot.schema import is_known

_SIDES = ("-wal", "-shm")
_PATIENCE = 30.0
_TO_POSTGRES = "is PostgreSQL: use pg_dump and pg_restore (docs/scaling.md); this command is for SQLite"


def back_up(db: Database, file: Path) -> int:
    """Copy the database, as it is at this moment, to a new file of mode 0600; return its size in bytes.

    The service may run. Raises ConfigError for PostgreSQL, a file that is there already, a damaged database.
    """
    source = _path_of(db)
    if not source.exists():
        raise ConfigError([("database.url", "there is no database yet: run duban migrate")])
    _require_new(file)
    with _beside(file) as part:
        _copy(source, part)
        _require_new(file)
        _put(part, file)
    return file.stat().st_size


def restore(db: Database, file: Path, now: datetime, *, replace: bool) -> tuple[str, Path | None]:
    """Put a copy in the place of the database; return its schema's version, and where the old one was put, if any.

    Raises ConfigError for PostgreSQL, while a service has the database, for a file that is damaged, not ours or of a
    newer release, and for a database that holds data unless replace is set.
    """
    target = _path_of(db)
    version = _version_of(file)
    with FileLock(Path(f"{target}.lock")):
        kept = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%SZ}") if _holds_data(target) else None
        if kept is not None and not replace:
            raise ConfigError([("database.url", "holds data; to put it aside and restore the copy: add --yes")])
        with _beside(target) as part:
            _copy(file, part)
            # What was there goes with its own pages: a -wal file of another database would damage this one.
            for side in ("", *_SIDES):
                with suppress(FileNotFoundError):
                    _move(Path(f"{target}{side}"), kept and Path(f"{kept}{side}"))
            _put(part, target)
    return version, kept


def _path_of(db: Database) -> Path:
    if not db.is_sqlite:
        raise ConfigError([("database.url", _TO_POSTGRES)])
    return Path(db.url.database or "")


def _require_new(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise ConfigError([(str(file), "is there already; name a new file")])


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """Give an empty file of mode 0600 in the folder of place; whatever is left of it in the end is removed."""
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
    finally:
        for side in ("", "-journal", *_SIDES):
            Path(f"{part}{side}").unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy one moment of source with SQLite's own means, also of what stands in its -wal file; check the copy."""
    with _explained(source), closing(_open(source)) as old, closing(_open(target)) as new:
        old.backup(new)
        new.execute("pragma journal_mode=delete")  # one file, that can be read from a medium without room
        if new.execute("pragma integrity_check(1)").fetchone() != ("ok",):
            raise ConfigError([(str(source), "is damaged: its copy does not pass the integrity check")])


def _version_of(file: Path) -> str:
    if not file.is_file():
        raise ConfigError([(str(file), "no such file")])
    with _explained(file), closing(_open(file)) as opened:
        try:
            version = opened.execute("select version_num from alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            version = None
    if version is None:
        raise ConfigError([(str(file), "is no copy of a duban database")])
    if not is_known(version[0]):
        raise ConfigError([(str(file), f"has schema {version[0]}, of a newer release: install that one first")])
    return str(version[0])


def _holds_data(target: Path) -> bool:
    """Whether there is anything to lose; a file that cannot be read may hold something."""
    if not target.exists():
        return False
    try:
        with closing(_open(target)) as opened:
            tables = opened.execute("select name from sqlite_master where type = 'table' and name != 'alembic_version'")
            names = [name.replace('"', '""') for (name,) in tables.fetchall()]
            return any(opened.execute(f'select 1 from "{name}" limit 1').fetchone() for name in names)  # noqa: S608
    except sqlite3.Error:
        return True


def _open(path: Path) -> sqlite3.Connection:
    # Never made by opening: a wrong name is an error. No URI has a literal "?", "#" or "%".
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=rw", uri=True, timeout=_PATIENCE)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        what, cure = explain(DBAPIError("", None, error))
        raise ConfigError([(str(path), f"{what}; {cure}")]) from None


def _move(path: Path, kept: Path | None) -> None:
    if kept is None:
        path.unlink()
    else:
        path.rename(kept)


def _put(part: Path, place: Path) -> None:
    """Give the finished file its name; both are on the disk when this returns."""
    _sync(part)
    part.rename(place)
    _sync(place.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
