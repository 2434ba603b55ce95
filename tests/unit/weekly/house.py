"""The sample district in a real database, with a timetable around it; used by the weekly and year tests."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import URL

from bot.config import Config
from bot.db import Base, Database
from bot.dispatch import Dispatch
from bot.messages import Body, Outgoing, Text, ToChat, ToPerson, load_envelope
from bot.metrics import Metrics
from bot.outbox import OutboxRow
from bot.people import Directory, DirectoryCache, Person
from bot.seal import Seal
from bot.sections import Vault
from bot.workdays import SHANGHAI
from handlers.district import file as district_file
from handlers.district import service as district
from handlers.progress import service as progress
from handlers.progress.models import Act
from handlers.progress.service import Source, Statement
from handlers.tasks import service as ledgers
from handlers.tasks.service import Ledger
from scheduler.jobs import Job
from scheduler.runner import Runner
from tests.fakes import RecordingChannel

CONFIG = Config(vault=Vault(keys=(b"k" * 32,), index_key=b"i" * 32))


def local(text: str) -> datetime:
    """Return the instant of a local time 2026-11-26T09:00."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def make_runner(db: Database, seal: Seal, jobs: tuple[Job, ...] | None = None) -> Runner:
    """Return a runner as a process of its own would have it."""
    doors = {name: RecordingChannel(name) for name in ("app/office", "push")}
    return Runner(
        db=db,
        seal=seal,
        directories=DirectoryCache(),
        dispatch=Dispatch(seal, doors, person_door="app/office", chat_door="push"),
        config=CONFIG,
        metrics=Metrics(),
        jobs=jobs,
    )


def load_sample(db: Database, seal: Seal, sample: Mapping[str, Any], now: datetime) -> None:
    """Import the sample district with a push address for every group."""
    data = copy.deepcopy(dict(sample))
    for chat in data["chats"]:
        chat["webhook_key"] = f"key-{chat['id'].lower()}-0000-0000-0000-000000000000"
    with db.transaction() as session:
        district.apply(session, seal, district_file.parse(data, {}), now)


_templates: list[bytes] = []


def open_sample(url: URL, seal: Seal, sample: Mapping[str, Any]) -> WeeklyHouse:
    """Return the sample district in an SQLite file of its own; imported once, then copied."""
    path = Path(url.database or "")
    if not _templates:
        db = Database(url)
        Base.metadata.create_all(db.engine)
        load_sample(db, seal, sample, local("2026-11-01T09:00"))
        db.dispose()  # the last connection writes everything into the one file
        _templates.append(path.read_bytes())
    path.write_bytes(_templates[0])
    db = Database(url)
    return WeeklyHouse(db, seal, make_runner(db, seal))


@dataclass
class WeeklyHouse:
    """The sample district at work: jobs run, people report, messages are read back."""

    db: Database
    seal: Seal
    runner: Runner
    reports: int = 0
    directories: DirectoryCache = field(default_factory=DirectoryCache)

    @property
    def directory(self) -> Directory:
        """The newest snapshot."""
        with self.db.reading() as session:
            return self.directories.get(session)

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        with self.db.reading() as session:
            return ledgers.get(session, self.directories.get(session))

    @property
    def names(self) -> list[str]:
        """The names of all units."""
        return [unit.name for unit in self.directory.units.values()]

    def run(self, key: str, at: str) -> list[Outgoing]:
        """Run one job for a local due time, at that time."""
        return list(self.runner.run_job(key, local(at), local(at)).messages)

    def report(self, at: str, unit: str, task: str, **said: Any) -> None:
        """Let the unit's reporter say something about a task."""
        person = next(iter(self.directory.list_people(unit=unit)))
        self.state(local(at), person, [Statement(Act.REPORT, unit, task, **({"status": "in_progress"} | said))])

    def state(self, at: datetime, person: Person, statements: Iterable[Statement]) -> None:
        """Record statements as one message of a person."""
        self.reports += 1
        source = Source(person, "app/office", f"made-{self.reports}", "", at)
        with self.db.transaction() as session:
            progress.record(session, self.seal, source, statements)

    def stored(self, purpose: str = "") -> list[tuple[OutboxRow, Body]]:
        """Return the outbox rows of a purpose with their opened bodies."""
        with self.db.reading() as session:
            rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            return [
                (row, load_envelope(self.seal.open(row.body, row.uid)).body)
                for row in rows
                if row.body is not None and row.purpose.startswith(purpose)
            ]


def text_to(messages: Iterable[Outgoing], audience: str) -> str:
    """Return the one text among messages to a person or group."""
    found = [one.body.content for one in messages if one.key.endswith(f"/{audience}") and isinstance(one.body, Text)]
    assert len(found) == 1, f"{audience}: {len(found)}"
    return found[0]


def to_people(messages: Iterable[Outgoing]) -> dict[str, Outgoing]:
    """Return the private messages by person."""
    return {one.to.person_id: one for one in messages if isinstance(one.to, ToPerson)}


def to_chats(messages: Iterable[Outgoing]) -> dict[str, str]:
    """Return the texts to groups by group."""
    return {one.to.chat_id: one.body.content for one in messages if isinstance(one.to, ToChat)}


def tasks_in(text: str) -> list[str]:
    """Return the codes of the lines of a prompt, in order."""
    return re.findall(r"^[①-⑩] (T\d\d) ", text, re.MULTILINE)


def some(chance: random.Random, values: Iterable[Any], share: float) -> list[Any]:
    """Return about that share of values."""
    return [value for value in values if chance.random() < share]
