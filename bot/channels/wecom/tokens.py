"""Access tokens: one per app, shared by all processes through a store, fetched by one caller at a time.

Source: WeCom developer docs 91039 (read 2026-11): a token lives 7,200 s, frequent gettoken calls are blocked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.wecom.doors import AppDoor
from bot.clock import Clock
from bot.errors import Failure, SendError

_EARLY = timedelta(minutes=5)
_LEASE_SECONDS = 20.0  # longer than the time-outs of one gettoken call
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. renew_at is when a new one is to be fetched, a little before the platform ends this one."""

    value: str = field(repr=False)
    renew_at: datetime


class TokenStore(Protocol):
    """Where tokens lie. app is AppDoor.token_key. All methods are called from many threads and processes."""

    def read(self, app: str) -> Token | None:
        """Return the stored token, fresh or not."""
        ...

    def write(self, app: str, token: Token) -> None:
        """Replace the stored token."""
        ...

    def clear(self, app: str, value: str) -> None:
        """Forget the stored token if it still is value."""
        ...

    def lease(self, app: str, now: datetime, seconds: float) -> bool:
        """Return whether the caller may refresh now: nobody else holds a lease that has not run out."""
        ...

    def release(self, app: str) -> None:
        """Give the lease back."""
        ...


Fetch = Callable[[AppDoor], tuple[str, float]]


class Tokens:
    """Hands out tokens. fetch asks the platform and returns (token, seconds it lives), or raises SendError.

    pause: seconds for which a failed fetch is remembered; patience: seconds to wait for another process.
    """

    def __init__(
        self, store: TokenStore, clock: Clock, fetch: Fetch, *, pause: float = 5.0, patience: float = 8.0
    ) -> None:
        self._store = store
        self._clock = clock
        self._fetch = fetch
        self._pause = pause
        self._patience = patience
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._failures: dict[str, tuple[float, Failure, int | None, str]] = {}

    def get(self, door: AppDoor) -> str:
        """Return a token that is good for some minutes. Raises SendError.

        In one process the callers queue for a lock, between processes for the store's lease. A failure is remembered
        for pause seconds, so that those who queued do not all ask a platform that has just said no.
        """
        key = door.token_key
        found = self._fresh(key)
        if found is not None:
            return found
        with self._lock(key):
            deadline = time.monotonic() + self._patience
            while (found := self._fresh(key)) is None:
                self._raise_remembered(key)
                if self._store.lease(key, self._clock.now(), _LEASE_SECONDS):
                    return self._refresh(door, key)
                if time.monotonic() > deadline:
                    raise SendError(Failure.BUSY, hint="another process is fetching the access token")
                time.sleep(_POLL_SECONDS)
            return found

    def drop(self, door: AppDoor, value: str) -> None:
        """Forget a token that the platform refused, unless it has been replaced already."""
        self._store.clear(door.token_key, value)

    def _refresh(self, door: AppDoor, key: str) -> str:
        try:
            found = self._fresh(key)  # the last holder of the lease may have just written it
            if found is not None:
                return found
            try:
                value, seconds = self._fetch(door)
            except SendError as error:
                self._failures[key] = (time.monotonic() + self._pause, error.failure, error.code, error.hint)
                raise
            life = timedelta(seconds=seconds)
            self._store.write(key, Token(value, self._clock.now() + life - min(_EARLY, life / 2)))
            return value
        finally:
            self._store.release(key)

    def _fresh(self, key: str) -> str | None:
        token = self._store.read(key)
        return token.value if token is not None and self._clock.now() < token.renew_at else None

    def _raise_remembered(self, key: str) -> None:
        remembered = self._failures.get(key)
        if remembered is not None and time.monotonic() < remembered[0]:
            raise SendError(*remembered[1:])

    def _lock(self, key: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())
