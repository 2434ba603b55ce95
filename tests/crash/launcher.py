"""Runs the command line in a process of its own that dies, or waits, at one chosen point of a message's life.

The product knows nothing of this: a function of it is wrapped before `duban serve` begins. Processes are forked from
one that has everything imported (multiprocessing's fork server), so that a start takes a moment and not a second.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import scheduler.runner
from bot import inbox, pulls, serving  # noqa: F401 - imported late by `serve`; here, before the fork
from bot.__main__ import main
from bot.bootstrap import service
from bot.channels.wecom.kf.pull import Puller
from bot.inbox import Received
from bot.intake import AckWriter
from bot.steps import deliver, handle, pull
from tests.crash.ahead import AheadClock

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.crash.launcher"])

# Where a process can be stopped: (owner, function). The act comes before the function is called.
POINTS: dict[str, tuple[Any, str]] = {
    "before the commit": (AckWriter, "_store"),
    "after the commit, before the 200": (AckWriter, "_remember"),
    "after the 200, before handling": (handle, "_read"),
    "while handling": (inbox, "finish"),
    "after handling, before delivery": (deliver, "take"),
    "taken, before the call": (deliver, "send"),
    "after the answer, before the mark": (deliver, "mark"),
    "claimed, before the pull": (Puller, "__call__"),
    "pulled, before the store": (pull, "_store"),
    "in the store, before the cursor": (pulls, "move"),
    "in the job": (scheduler.runner.courtesy, "arrange"),
}


@dataclass(frozen=True)
class Launch:
    """What a process shall do: run the words of a command.

    lead: the file of its clock; kill_after: seconds from the point to the end; poison: a part of the text of messages
    that end the process when they are read.
    """

    config: Path
    log: Path
    lead: Path
    die_at: str = ""
    wait_at: str = ""
    kill_after: float = 0.0
    poison: str = ""
    words: tuple[str, ...] = ("serve",)


def serve(launch: Launch) -> None:
    """Run `duban serve`, or another command, as launch says."""
    out = os.open(launch.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    service.SystemClock = lambda: AheadClock(launch.lead)  # type: ignore[assignment,misc]
    if launch.die_at:
        _wrap(launch.die_at, lambda: _die(launch.kill_after))
    if launch.wait_at:
        _wrap(launch.wait_at, lambda: time.sleep(1.5))
    if launch.poison:
        _poison(launch.poison)
    main([*launch.words, "--config", str(launch.config)])


def _wrap(point: str, act: Callable[[], None]) -> None:
    owner, name = POINTS[point]
    original = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        act()
        return original(*args, **kwargs)

    setattr(owner, name, wrapped)


def _poison(part: str) -> None:
    original = handle._read

    def read(house: Any, session: Any, directory: Any, received: Received, dialogue: Any) -> Any:
        if part in received.message.text:
            _die(0)
        return original(house, session, directory, received, dialogue)

    handle._read = read


def _die(after: float) -> None:
    time.sleep(after)
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)
