"""The whole service in this process against the stand-in, over real HTTP with real encryption."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import sandbox
from bot.bootstrap import Service
from bot.bootstrap import service as bootstrap
from bot.bootstrap.operator import import_file
from bot.bootstrap.service import make_database
from bot.clock import SetClock
from bot.config import Config, parse
from bot.demo import DemoClock
from bot.sandbox import Callbacks, Platform
from bot.schema import migrate
from handlers.progress.models import ProgressRow
from tests.dialogues.stage import KEY, bound
from tests.service.operator import Operator
from tests.web import served

# A Monday morning of the sample's autumn.
BEGIN = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


@dataclass
class Town:
    """One district with its bot: the service, the platform it talks to and the people who talk to it."""

    service: Service
    platform: Platform
    people: Callbacks
    clock: DemoClock
    url: str

    def records(self) -> list[ProgressRow]:
        """Return the whole history of progress."""
        with self.service.db.reading() as session:
            return list(session.scalars(select(ProgressRow).order_by(ProgressRow.id)))

    def answers(self, chat: str) -> list[str]:
        """Return what the bot has said in a chat, in order."""
        return [entry.content for entry in self.platform.entries(chat) if "/" in entry.sender]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_service_config(tmp_path: Path, platform: Platform, port: int) -> Config:
    """Return a configuration for the stand-in."""
    return parse(
        {
            "server": {"port": port, "public_url": f"http://127.0.0.1:{port}"},
            "database": {"url": f"sqlite:///{tmp_path / 'duban.db'}"},
            "vault": {"keys": [KEY], "index_key": KEY},
            "wecom": sandbox.settings(platform),
        },
        {},
    )


@contextmanager
def serving(config: Config, clock: DemoClock) -> Iterator[Service]:
    """Run a service and its web server, with the event loop on a thread of its own."""
    service = Service(config, clock=clock)
    service.start()
    try:
        with served(service.web(), service.receivers(), config.server):
            yield service
    finally:
        service.stop()


@pytest.fixture
def seals_userids() -> bool:
    """Whether the robot delivers encrypted ids; a test may say so by its parameters."""
    return False


@pytest.fixture
def town(tmp_path: Path, sample: dict[str, Any], seals_userids: bool) -> Iterator[Town]:
    """The sample district on a Monday morning, with every group bound."""
    port = free_port()
    clock = DemoClock(BEGIN)
    platform = Platform.from_district(sample, callback_base=f"http://127.0.0.1:{port}", clock=clock)
    if seals_userids:
        platform.robots = {name: replace(robot, seals_userids=True) for name, robot in platform.robots.items()}
    with platform.serve():
        config = make_service_config(tmp_path, platform, port)
        db = make_database(config)
        migrate(db)
        import_file(db, config, sandbox.bound(sample, platform), clock.now(), write=True)
        db.dispose()
        with serving(config, clock) as service, Callbacks(platform) as people:
            yield Town(service, platform, people, clock, f"http://127.0.0.1:{port}")
        assert platform.violations == []


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator with a configuration and nothing else, on a Monday morning; commands read the machine's clock."""
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: SetClock(BEGIN.astimezone(UTC)))
    return Operator(tmp_path)


@pytest.fixture
def district(tmp_path: Path, sample: dict[str, Any]) -> str:
    """The sample district file with push addresses."""
    path = tmp_path / "district.json"
    path.write_text(json.dumps(bound(sample), ensure_ascii=False), encoding="utf-8")
    return str(path)


@pytest.fixture
def installed(operator: Operator, district: str) -> Operator:
    """An operator whose database has the sample district."""
    assert operator.types("migrate").exit_code == 0
    assert operator.types("import", district, "--yes").exit_code == 0
    return operator
