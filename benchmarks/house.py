"""An installation in a folder of its own: configuration with made-up secrets, the sample district, a stand-in."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.callbacks import Door, door_of
from benchmarks.process import Running, free_port, running
from bot import config as settings
from bot import sandbox
from bot.bootstrap.operator import import_district
from bot.bootstrap.service import make_database
from bot.config import Config
from bot.schema import migrate

SAMPLE = Path(settings.__file__).parent / "sandbox" / "data" / "district-sample.json"


@dataclass(frozen=True)
class House:
    """One installation. settings is the content of its config.toml; district has every group bound."""

    folder: Path
    port: int
    platform: sandbox.Platform
    district: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def file(self) -> Path:
        """Its config.toml."""
        return self.folder / "config.toml"

    @property
    def config(self) -> Config:
        """Its configuration as the program reads it."""
        return settings.load(self.file)

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "duban.db"

    @property
    def door(self) -> Door:
        """The callback URL of its app."""
        return door_of(dict(self.settings["wecom"]))

    def write_district(self, file: Path) -> None:
        """Write the district as `duban import` reads it."""
        file.write_text(json.dumps(self.district, ensure_ascii=False), encoding="utf-8")

    @property
    def users(self) -> list[str]:
        """The ids of everybody who reports for a school."""
        people = self.district["people"]
        return [str(each["id"]).lower() for each in people if each["role"] in ("principal", "reporter")]


def build(
    folder: Path, platform: sandbox.Platform, district: Mapping[str, Any], *, port: int, url: str = "", **extra: Any
) -> House:
    """Write the configuration for platform (served already, if the bot shall reach it); extra sections by name."""
    data: dict[str, Any] = {
        "server": {"port": port},
        "database": {"url": url or f"sqlite:///{folder / 'duban.db'}"},
        "vault": {"keys": [_key()], "index_key": _key()},
        "wecom": sandbox.settings(platform),
        **extra,
    }
    house = House(folder, port, platform, sandbox.bound(district, platform), data)
    house.file.write_text(_toml(data), encoding="utf-8")
    return house


def furnish(house: House) -> None:
    """Bring the database to the current schema and load the district."""
    db = make_database(house.config)
    migrate(db)
    import_district(db, house.config, house.district, datetime.now(UTC))
    db.dispose()


@contextmanager
def open_house(
    folder: Path, *, served: bool = False, latency: float = 0.0, groups: int = 0, url: str = "", **extra: Any
) -> Iterator[House]:
    """Yield a furnished house with the sample district and so many groups beside it; served: with its stand-in."""
    folder.mkdir(parents=True, exist_ok=True)
    district = sample(groups)
    port = free_port()
    platform = sandbox.Platform.from_district(district, callback_base=f"http://127.0.0.1:{port}")
    platform.latency = latency
    if not served:
        house = build(folder, platform, district, port=port, url=url, **extra)
        furnish(house)
        yield house
        return
    with platform.serve():
        house = build(folder, platform, district, port=port, url=url, **extra)
        furnish(house)
        yield house


def sample(groups: int = 0) -> dict[str, Any]:
    """Return the sample district, with extra groups of one unit each."""
    district: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    units = [school["id"] for school in district["schools"]]
    district["chats"] += [
        {"id": f"C-X{number:03d}", "name": f"测试群{number}", "members": units[number % len(units)]}
        for number in range(groups)
    ]
    return district


@contextmanager
def serving(house: House, *, core: int = -1, command: tuple[str, ...] = ("bot", "serve")) -> Iterator[Running]:
    """Run `duban serve` (or another of our modules) in the house until the block ends."""
    line = [sys.executable, "-m", *command, "--config", str(house.file)]
    with running(line, house.port, house.folder / "duban.log", core=core) as process:
        yield process


def _key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _toml(sections: Mapping[str, Any]) -> str:
    lines = []
    for name, section in sections.items():
        lines += [f"[{name}]", *(f"{key} = {_value(value)}" for key, value in section.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
