"""The hand of the demo's clock: forward only, not too far at once, and only one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import Clock

# Every due time on the way really happens; more than a school year at once would keep the page waiting for ever.
FARTHEST = timedelta(days=400)


class BusyError(ValueError):
    """The clock is being moved already."""


class Hand:
    """Moves the host's clock with on_clock, which raises ValueError for a time that has passed."""

    def __init__(self, clock: Clock, on_clock: Callable[[datetime], object]) -> None:
        self._clock = clock
        self._on_clock = on_clock
        self._lock = threading.Lock()

    def move_to(self, target: datetime) -> None:
        """Go to target (aware). Raises ValueError if it has passed or is too far, BusyError while another goes."""
        if target - self._clock.now() > FARTHEST:
            raise ValueError("too far at once")
        if not self._lock.acquire(blocking=False):
            raise BusyError("the clock is being moved")
        try:
            self._on_clock(target)
        finally:
            self._lock.release()
