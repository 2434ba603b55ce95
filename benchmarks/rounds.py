"""Measures servers in turn, round after round, so that what drifts on the machine hits all of them alike."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import references
from benchmarks.callbacks import Door, generate
from benchmarks.house import open_house, serving
from benchmarks.load import Outcome, Plan, Sender
from benchmarks.machine import cpu_seconds, first_core, last_core
from benchmarks.process import Running
from benchmarks.report import Row

_WARM_UP = 400


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: the door that callbacks are made for and the users who write."""

    process: Running
    door: Door
    users: Sequence[str] = ("p-s13-1",)
    group_robot: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement of one server."""

    outcome: Outcome
    cpu: float

    @property
    def cpu_us(self) -> float:
        """The server's CPU time per request answered 200, in µs."""
        return self.cpu / max(1, self.outcome.accepted) * 1e6


# Starts a server in an empty folder, its processes on a core of their own.
Starter = Callable[[Path, int], AbstractContextManager[Server]]


def measure(
    starters: Mapping[str, Starter], *, rounds: int, seconds: float, connections: int, rate: float = 0.0
) -> dict[str, list[Round]]:
    """Return the rounds of each server; rate 0 is the closed loop. Servers keep to one core, the sender to another."""
    found: dict[str, list[Round]] = {name: [] for name in starters}
    names = list(starters)
    with Sender() as sender, tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        for number in range(rounds):
            for name in names[number % len(names) :] + names[: number % len(names)]:
                place = Path(folder) / f"{number}-{name.replace(' ', '-')}"
                place.mkdir()
                with starters[name](place, first_core()) as server:
                    found[name].append(_measure(server, sender, seconds, connections, rate))
    return found


def _measure(server: Server, sender: Sender, seconds: float, connections: int, rate: float) -> Round:
    def run(count: int, rate: float) -> Outcome:
        made = generate(server.door, count, users=server.users, group_robot=server.group_robot)
        return sender.run(Plan(server.process.port, made, connections=connections, rate=rate, core=last_core()))

    pace = run(_WARM_UP, 0.0).rate
    before = cpu_seconds(server.process.pid)
    outcome = run(max(200, int((rate or pace) * seconds)), rate)
    return Round(outcome, cpu_seconds(server.process.pid) - before)


def row(name: str, rounds: Sequence[Round]) -> Row:
    """Return the medians of a server's rounds as a line of the table."""
    return {
        "server": name,
        "acknowledged/s": statistics.median(each.outcome.rate for each in rounds),
        "cpu us": statistics.median(each.cpu_us for each in rounds),
        "p50 ms": statistics.median(each.outcome.milliseconds(0.5) for each in rounds),
        "p99 ms": statistics.median(each.outcome.milliseconds(0.99) for each in rounds),
        "not 200": sum(len(each.outcome.answers) - each.outcome.accepted for each in rounds),
        "sender's core": max(each.outcome.sender_share for each in rounds),
    }


@contextmanager
def acknowledging(folder: Path, core: int) -> Iterator[Server]:
    """Ours: web server and acknowledging writer on SQLite, nothing handled."""
    command = ("benchmarks.host", "--acknowledge-only")
    with open_house(folder) as house, serving(house, core=core, command=command) as process:
        yield Server(process, house.door, house.users)


@contextmanager
def whole(folder: Path, core: int) -> Iterator[Server]:
    """Ours: `duban serve`, which handles and answers the same messages while it acknowledges."""
    with open_house(folder, served=True) as house, serving(house, core=core) as process:
        yield Server(process, house.door, house.users)


@contextmanager
def echo_robot(folder: Path, core: int) -> Iterator[Server]:
    """The reference wecom-bot-svr as it ships."""
    with references.echo_robot(folder, core) as (process, door):
        yield Server(process, door, group_robot=True)


@contextmanager
def empty_view(folder: Path, core: int) -> Iterator[Server]:
    """The reference of the least a web application costs: an empty Flask view on gunicorn gthread, 2 x 8 threads."""
    with references.empty_view(folder, core) as process:
        yield Server(process, references.ANY_DOOR)
