"""The only place that reads the time. Everything below the runner is told it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that knows what time it is."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is set; for tests."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the instant last set."""
        return self._now

    def set(self, now: datetime) -> None:
        """Move the clock to now (aware)."""
        self._now = now
