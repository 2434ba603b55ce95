"""Two web servers, two workers and two timetables on one PostgreSQL, beside a stand-in in our process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL

from benchmarks.house import House
from bot.bootstrap import Service
from bot.messages import Outgoing
from bot.sandbox import Callbacks, Entry, Platform
from tests.crash.ahead import AheadClock
from tests.crash.living import Bot, wait_until


@contextmanager
def database(server: URL, name: str, template: str) -> Iterator[URL]:
    """Yield the address of a database that is made from a template and dropped at the end."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    try:
        with admin.connect() as connection:
            connection.execute(text(f"create database {name} template {template}"))
        yield server.set(database=name)
        with admin.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
    finally:
        admin.dispose()


@dataclass
class Member(Bot):
    """One process of the fleet. port 0: it has no pages."""

    name: str = ""
    port: int = 0
    _starts: int = 0

    @property
    def log(self) -> Path:
        """What this member said in all its lives."""
        return self.house.folder / f"{self.name}.log"

    def start(self, *, listening: bool = True, **how: Any) -> None:
        """Start its process; listening: wait until it runs."""
        self._starts += 1
        words = (self.name.rstrip("12"), *(("--port", str(self.port)) if self.port else ()))
        super().start(listening=listening, **how, words=words)

    def pause(self) -> None:
        """Let the process stand still."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self.process is not None
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.is_alive(), self.said()
        return self.whole_log().count("\nduban ") + self.whole_log().startswith("duban ") >= self._starts

    def whole_log(self) -> str:
        """Return everything it said."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


@dataclass
class Fleet:
    """One district whose bot is many processes."""

    house: House
    clock: AheadClock
    people: Callbacks
    engine: Engine
    members: dict[str, Member] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.platform: Platform = self.house.platform

    def __getitem__(self, name: str) -> Member:
        return self.members[name]

    def start(self, *names: str, **how: Any) -> None:
        """Start some members, or all of them, at once."""
        chosen = [self.members[name] for name in names or self.members]
        for member in chosen:
            member.start(listening=False, **how)
        for member in chosen:
            wait_until(member._listens, f"{member.name} does not run")

    def close(self) -> None:
        """Leave nothing running."""
        for member in self.members.values():
            member.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; asked again where the connection was cut."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def cut(self, which: str) -> int:
        """End the connections of pg_stat_activity that a condition names; returns how many."""
        query = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        return len(self.rows(f"{query} and pid <> pg_backend_pid() and application_name = 'duban' and {which}"))

    def settle(self) -> None:
        """Wait until nothing received waits to be handled and nothing waits to be sent."""
        waiting = "select 1 from inbox where state = 'new'"
        sending = "select 1 from outbox where state in ('waiting', 'sending')"
        wait_until(lambda: not self.rows(f"{waiting} union all {sending}"), "messages still wait")

    def put(self, outgoings: Iterable[Outgoing]) -> None:
        """Put messages into the outbox, as a process that is not of the fleet."""
        service = Service(self.house.config, clock=self.clock)
        with service.db.transaction() as session:
            directory = service.house.directories.get(session)
            service.house.dispatch.put(session, directory, outgoings, self.clock.now())
        service.db.dispose()

    def answers(self, userid: str) -> list[Entry]:
        """Return what a member got from the app in private."""
        return [entry for entry in self.platform.private(userid) if entry.sender == "app/office"]

    def said(self) -> str:
        """Return everything that any member said."""
        return "".join(member.whole_log() for member in self.members.values())
