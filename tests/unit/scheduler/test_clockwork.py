"""The clockwork looks at once and then again and again, whatever a look does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from bot.clock import SetClock
from scheduler.clockwork import Clockwork

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


class Looks:
    """Counts looks; the first `failing` of them raise."""

    def __init__(self, failing: int = 0, wanted: int = 3) -> None:
        self.count = 0
        self.enough = threading.Event()
        self._failing = failing
        self._wanted = wanted

    def __call__(self) -> None:
        self.count += 1
        if self.count >= self._wanted:
            self.enough.set()
        if self.count <= self._failing:
            raise OSError("the database is away")


def test_it_looks_at_once_even_if_the_next_turn_is_far() -> None:
    looks = Looks(wanted=1)
    clockwork = Clockwork(looks, SetClock(NOW), seconds=3600)
    clockwork.start()

    assert looks.enough.wait(10)
    clockwork.stop()
    assert looks.count == 1
    assert clockwork.last_tick == NOW


def test_a_look_that_fails_is_followed_by_others() -> None:
    looks = Looks(failing=2)
    clockwork = Clockwork(looks, SetClock(NOW), seconds=0.05)
    clockwork.start()

    assert looks.enough.wait(10)
    clockwork.stop()
    assert clockwork.last_tick == NOW


def test_it_has_no_last_tick_before_a_look_ended_well() -> None:
    looks = Looks(failing=99, wanted=1)
    clockwork = Clockwork(looks, SetClock(NOW), seconds=3600)
    assert clockwork.last_tick is None
    clockwork.start()

    assert looks.enough.wait(10)
    clockwork.stop()
    assert clockwork.last_tick is None


def test_two_looks_never_overlap() -> None:
    inside = threading.Semaphore(1)
    overlaps = []
    enough = threading.Event()
    turns = iter(range(1, 100))

    def look() -> None:
        if not inside.acquire(blocking=False):
            overlaps.append(1)
            return
        threading.Event().wait(0.05)
        inside.release()
        if next(turns) >= 4:
            enough.set()

    clockwork = Clockwork(look, SetClock(NOW), seconds=0.01)
    clockwork.start()
    assert enough.wait(10)
    clockwork.stop()

    assert overlaps == []
