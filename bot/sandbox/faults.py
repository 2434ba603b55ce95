"""Troubles on demand: what a test lets go wrong between the bot and the platform's API."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict, Unpack

from bot.sandbox.entities import Call


class Trouble(StrEnum):
    """What goes wrong, and whether the call takes effect all the same."""

    ERRCODE = "errcode"  # no effect, answered with an errcode
    HTTP_500 = "http_500"  # no effect
    HANG = "hang"  # no effect, the connection is held and then closed without an answer
    LOST = "lost"  # takes effect, but the connection is closed without an answer
    SLOW = "slow"  # takes effect and is answered late
    UNDELIVERED = "undelivered"  # kf only: answered with errcode 0, and msg_send_fail follows; errcode is its fail_type


# What the frame of every call sees to; the rest is asked for by the handler that can do it.
ON_THE_WAY = frozenset(Trouble) - {Trouble.UNDELIVERED}


@dataclass
class Fault:
    """One injected trouble. times counts down; None lasts until cleared. rate is the share of calls it hits."""

    trouble: Trouble
    path: str
    errcode: int = -1
    errmsg: str = "system busy"
    seconds: float = 0.0
    times: int | None = None
    rate: float = 1.0
    when: Callable[[Call], bool] | None = None
    hits: int = 0
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def fits(self, call: Call) -> bool:
        """Whether this fault shall hit the call."""
        if self.times == 0 or (self.path not in ("*", call.path)):
            return False
        if self.when is not None and not self.when(call):
            return False
        return self.rate >= 1.0 or self.chance.random() < self.rate


class Scope(TypedDict, total=False):
    """Which calls a fault hits: the next times, a share (rate), or those for which when(call) holds."""

    times: int | None
    rate: float
    when: Callable[[Call], bool] | None


class How(Scope, total=False):
    """A fault's scope and its details."""

    errcode: int
    errmsg: str
    seconds: float


class Faults:
    """The faults in force. Paths are as in the API ("/cgi-bin/message/send"); "*" is every path. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._released = threading.Event()

    def add(self, trouble: Trouble, path: str, *, seed: int = 1, **how: Unpack[How]) -> Fault:
        """Let calls of path go wrong and return the fault, whose hits can be read later. seed draws the rate."""
        fault = Fault(trouble, path, **how)
        fault.chance = random.Random(seed)  # noqa: S311 - to be repeatable, not secret
        with self._lock:
            self._faults.append(fault)
        return fault

    def fail(self, path: str, errcode: int, **how: Unpack[Scope]) -> Fault:
        """Answer with errcode instead of doing anything."""
        return self.add(Trouble.ERRCODE, path, errcode=errcode, **how)

    def lose_answer(self, path: str, seconds: float = 0.0, **how: Unpack[Scope]) -> Fault:
        """Let the call take effect, hold it for seconds and close the connection without an answer."""
        return self.add(Trouble.LOST, path, seconds=seconds, **how)

    def hang(self, path: str, seconds: float, **how: Unpack[Scope]) -> Fault:
        """Hold the call for seconds without effect, then close the connection."""
        return self.add(Trouble.HANG, path, seconds=seconds, **how)

    def leave_undelivered(self, path: str, fail_type: int, **how: Unpack[Scope]) -> Fault:
        """Accept a kf message with errcode 0 and report its failure afterwards (fail_type as in doc 94670)."""
        return self.add(Trouble.UNDELIVERED, path, errcode=fail_type, **how)

    def take(self, call: Call, among: frozenset[Trouble] = ON_THE_WAY) -> Fault | None:
        """Return the first fault among these troubles that hits the call, counted down, or None."""
        with self._lock:
            for fault in self._faults:
                if fault.trouble in among and fault.fits(call):
                    fault.hits += 1
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def clear(self, path: str = "*") -> None:
        """Forget the faults of path ("*": all) and let hanging calls go."""
        with self._lock:
            self._faults = [fault for fault in self._faults if path not in ("*", fault.path)]
            released, self._released = self._released, threading.Event()
        released.set()

    def wait(self, seconds: float) -> None:
        """Hold the calling thread for seconds, or until the faults are cleared."""
        with self._lock:
            released = self._released
        released.wait(seconds)
