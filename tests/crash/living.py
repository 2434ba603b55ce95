"""A bot in a process of its own beside a stand-in in ours, and what one can see of it from outside."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from benchmarks.house import House
from bot.bootstrap import Service
from bot.messages import Incoming, Outgoing
from bot.sandbox import Callbacks, Entry, Platform
from tests.crash.ahead import AheadClock
from tests.crash.launcher import FORKS, Launch, serve

PATIENCE = 60.0
# When the first of the messages at the heads of their lanes may leave.
_NEXT = """
select max(due_at, coalesce((select max(until) from pause where name in (door, lane)), due_at)) as at from outbox
where id in (select min(id) from outbox where state = 'waiting' group by lane) order by at limit 1
"""


def wait_until(look: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Return as soon as look finds something. Raises TimeoutError that says what did not happen."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.03)


@dataclass
class Bot:
    """`duban serve` in one house; started again and again on the same files."""

    house: House
    clock: AheadClock
    process: ForkServerProcess | None = None

    @property
    def log(self) -> Path:
        """What every process of this bot said."""
        return self.house.folder / "duban.log"

    def start(self, *, listening: bool = True, **how: Any) -> None:
        """Start a process; listening: wait until its port is open. how: fields of Launch."""
        self.process = FORKS.Process(target=serve, args=(Launch(self.house.file, self.log, self.clock.file, **how),))
        self.process.start()
        if listening:
            wait_until(self._listens, "the bot did not open its port")

    def wait_dead(self) -> None:
        """Return when the process has been killed by the signal it was armed with."""
        assert self.process is not None
        self.process.join(PATIENCE)
        assert self.process.exitcode == -signal.SIGKILL, self.said()

    def kill(self) -> None:
        """End the process with kill -9."""
        assert self.process is not None
        self.process.kill()
        self.wait_dead()

    def stop(self) -> int | None:
        """End the process with TERM and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        self.process.join(PATIENCE)
        return self.process.exitcode

    def close(self) -> None:
        """Leave nothing running."""
        if self.process is not None:
            self.process.kill()
            self.process.join(PATIENCE)
            self.process.close()

    def said(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:] if self.log.exists() else ""

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.is_alive(), self.said()
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.house.port)) == 0


@dataclass
class Town:
    """One district: its bot, the platform, the people who talk, and the rows as another process reads them."""

    house: House
    bot: Bot
    people: Callbacks
    platform: Platform = field(init=False)

    def __post_init__(self) -> None:
        self.platform = self.house.platform

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the bot's database."""
        with closing(sqlite3.connect(f"file:{self.house.database}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query).fetchall()

    def records(self) -> list[tuple[Any, ...]]:
        """Return (task, percent) of the whole history of progress."""
        return self.rows("select task_id, percent from progress order by id")

    def states(self) -> dict[str, str]:
        """Return the state of every message to send, by key."""
        return dict(self.rows("select key, state from outbox order by id"))

    def settle(self) -> None:
        """Wait until nothing received waits to be handled and nothing waits to be sent."""
        wait_until(self.is_settled, "messages still wait")

    def is_settled(self) -> bool:
        """Whether every message has come to its end."""
        waiting = "select 1 from inbox where state = 'new'"
        sending = "select 1 from outbox where state in ('waiting', 'sending')"
        return not self.rows(f"{waiting} union all {sending}")

    def pass_time(self) -> None:
        """Let the clock jump to what waits next, again and again, until nothing waits any more."""
        wait_until(self._is_settled_or_later, "messages still wait")

    def _is_settled_or_later(self) -> bool:
        if self.is_settled():
            return True
        waiting = self.rows(_NEXT)
        if waiting and not self.rows("select 1 from outbox where state = 'sending'"):
            at = datetime.fromisoformat(waiting[0][0]).replace(tzinfo=UTC)
            if at > self.bot.clock.now():
                self.bot.clock.go_to(at + timedelta(seconds=1))
        return False

    def answers(self, userid: str) -> list[Entry]:
        """Return what a member got from the app in private."""
        return [entry for entry in self.platform.private(userid) if entry.sender == "app/office"]

    def pushes(self, chat: str) -> list[Entry]:
        """Return what a group got by its push address."""
        return self.platform.entries(chat, sender=f"push/{chat}")

    def receive(self, messages: Iterable[Incoming]) -> None:
        """Let messages lie in the inbox of a bot that does not run, as if it had died before it handled them."""
        service = Service(self.house.config, clock=self.bot.clock)
        service.writer.start()
        for message in messages:
            service.replies.accept(message)
        service.writer.stop()
        service.db.dispose()

    def put(self, outgoings: Iterable[Outgoing]) -> None:
        """Put messages into the outbox of a bot that does not run."""
        service = Service(self.house.config)
        with service.db.transaction() as session:
            directory = service.house.directories.get(session)
            service.house.dispatch.put(session, directory, outgoings, self.bot.clock.now())
        service.db.dispose()
