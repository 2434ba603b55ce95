"""The parts of the service, which may be processes of their own on PostgreSQL."""

from __future__ import annotations

from enum import StrEnum

from bot.errors import ConfigError


class Part(StrEnum):
    """What a process may do; `duban serve` does everything."""

    WEB = "web"
    WORKER = "worker"
    SCHEDULER = "scheduler"


EVERY = frozenset(Part)


def require_whole(parts: frozenset[Part]) -> None:
    """Raise ConfigError unless parts are all of them: on SQLite one process does everything."""
    if parts != EVERY:
        raise ConfigError(
            [("database.url", "on SQLite one process does everything: run duban serve, or move to PostgreSQL")]
        )
