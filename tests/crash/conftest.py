"""A furnished house for each test: the district is loaded once by the command line, then its files are copied."""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from benchmarks.house import House, build, sample
from benchmarks.process import free_port
from bot.sandbox import Callbacks, Manners, Platform
from tests.crash.ahead import AheadClock
from tests.crash.fleet import Fleet, Member, database
from tests.crash.living import Bot, Town

GROUPS = 100
# A Tuesday of the sample's autumn on which nothing of the timetable is due.
WORKING_HOURS = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
STOP_SECONDS = 4
# The platform repeats a callback up to three times; here it goes on until the bot is back.
STUBBORN = Manners(pauses=(0.5,) * 100, robot_pauses=(0.5,) * 100)


def furnish(folder: Path, url: str = "") -> House:
    """Return a house with the sample district and a hundred groups, loaded by `duban migrate` and `duban import`."""
    district = sample(GROUPS - len(sample()["chats"]))
    platform = Platform.from_district(district, callback_base="http://127.0.0.1:9")
    house = build(folder, platform, district, port=9, url=url)
    house.write_district(folder / "district.json")
    for line in (["migrate"], ["import", str(folder / "district.json"), "--yes"]):
        command = [sys.executable, "-m", "bot", *line, "--config", str(house.file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    return house


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A furnished house on SQLite."""
    return furnish(tmp_path_factory.mktemp("furnished"))


@pytest.fixture(scope="session")
def furnished_on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_server: URL) -> Iterator[House]:
    """A furnished house on PostgreSQL; its database is the template of every test's."""
    with database(postgres_server, "furnished", "template0") as url:
        yield furnish(tmp_path_factory.mktemp("furnished"), url.render_as_string(hide_password=False))


def faults_of(platform: Platform) -> list[str]:
    """What the bot did against the platform's rules, but for tries that the rules foresee.

    After a customer's message one answer is always tried: only the platform knows for sure what it has counted.
    """
    return [each for each in platform.violations if "more than five messages" not in each]


@pytest.fixture
def ahead(tmp_path: Path) -> AheadClock:
    """The clock of the town: begins in office hours whatever the machine's says: no courtesy holds a push."""
    clock = AheadClock(tmp_path / "lead")
    clock.go_to(WORKING_HOURS)
    return clock


@pytest.fixture
def town(tmp_path: Path, furnished: House, ahead: AheadClock) -> Iterator[Town]:
    """A house like the furnished one, with a stand-in that is served and a bot that is not started yet."""
    port = free_port()
    platform = Platform.from_district(furnished.district, callback_base=f"http://127.0.0.1:{port}", clock=ahead)
    with platform.serve(), Callbacks(platform, manners=STUBBORN) as people:
        extra = {"vault": furnished.settings["vault"], "work": {"stop_seconds": STOP_SECONDS}}
        house = build(tmp_path, platform, furnished.district, port=port, **extra)
        shutil.copy(furnished.database, house.database)
        bot = Bot(house, ahead)
        yield Town(house, bot, people)
        bot.close()
        assert faults_of(platform) == []


@pytest.fixture
def fleet(tmp_path: Path, furnished_on_postgres: House, postgres_server: URL, ahead: AheadClock) -> Iterator[Fleet]:
    """A house like the furnished one on PostgreSQL, with two processes of each role that are not started yet."""
    furnished, port = furnished_on_postgres, free_port()
    platform = Platform.from_district(furnished.district, callback_base=f"http://127.0.0.1:{port}", clock=ahead)
    with (
        database(postgres_server, f"fleet_{uuid.uuid4().hex[:12]}", "furnished") as url,
        platform.serve(),
        Callbacks(platform, manners=STUBBORN) as people,
    ):
        extra = {"vault": furnished.settings["vault"], "work": {"stop_seconds": STOP_SECONDS}}
        address = url.render_as_string(hide_password=False)
        house = build(tmp_path, platform, furnished.district, port=port, url=address, **extra)
        ports = {"web1": port, "web2": free_port()}
        names = [f"{role}{number}" for role in ("web", "worker", "scheduler") for number in (1, 2)]
        members = {name: Member(house, ahead, name=name, port=ports.get(name, 0)) for name in names}
        engine = create_engine(url, pool_pre_ping=True)
        town = Fleet(house, ahead, people, engine, members)
        yield town
        town.close()
        engine.dispose()
        assert faults_of(platform) == []
