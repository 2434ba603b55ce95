"""A furnished house for each test: the district is loaded once by the command line, then its files are copied."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from benchmarks.house import House, build, sample
from benchmarks.process import free_port
from bot.sandbox import Callbacks, Manners, Platform
from tests.crash.ahead import AheadClock
from tests.crash.living import Bot, Town

GROUPS = 100
# A Tuesday of the sample's autumn on which nothing of the timetable is due.
WORKING_HOURS = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
STOP_SECONDS = 4
# The platform repeats a callback up to three times; here it goes on until the bot is back.
STUBBORN = Manners(pauses=(0.5,) * 100, robot_pauses=(0.5,) * 100)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house with the sample district and a hundred groups, loaded by `duban migrate` and `duban import`."""
    folder = tmp_path_factory.mktemp("furnished")
    district = sample(GROUPS - len(sample()["chats"]))
    platform = Platform.from_district(district, callback_base="http://127.0.0.1:9")
    house = build(folder, platform, district, port=9)
    house.write_district(folder / "district.json")
    for line in (["migrate"], ["import", str(folder / "district.json"), "--yes"]):
        command = [sys.executable, "-m", "bot", *line, "--config", str(house.file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    return house


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
        assert platform.violations == []
