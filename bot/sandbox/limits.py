"""What the platform counts: tokens, calls in a minute, repeats, and codes that work once.

Nothing here locks: the platform holds its lock around every call. Every function is told the time.
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.sandbox.entities import ApiError

TOKEN_LIFE = timedelta(seconds=7200)


class Window:
    """At most count events per key within any period of the given length."""

    def __init__(self, count: int, seconds: float = 60.0) -> None:
        self.count = count
        self.length = timedelta(seconds=seconds)
        self._events: dict[str, deque[datetime]] = {}

    def admit(self, key: str, now: datetime) -> bool:
        """Count an event and return True, or return False if the window is full."""
        events = self._events.setdefault(key, deque())
        while events and not timedelta(0) <= now - events[0] < self.length:
            events.popleft()  # too old, or from before a clock that was set back
        if len(events) >= self.count:
            return False
        events.append(now)
        return True


class Duplicates:
    """The JSON texts seen lately, for enable_duplicate_check."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], datetime] = {}

    def is_repeat(self, agent_id: int, text: str, interval: timedelta, now: datetime) -> bool:
        """Whether the app sent this text within interval; if not, remember it."""
        first = self._seen.get((agent_id, text))
        if first is not None and timedelta(0) <= now - first < interval:
            return True
        self._seen[(agent_id, text)] = now
        return False


@dataclass
class _Token:
    app: str
    expires_at: datetime
    is_expired: bool = False


@dataclass
class Tokens:
    """The access tokens of all apps.

    Only the newest kept tokens of an app are valid: a caller that asks again and again loses its older ones, so
    several processes must share. per_minute guards gettoken itself ("frequent calls are blocked", doc 91039).
    """

    kept: int = 3
    per_minute: int = 60
    issued: int = 0
    _tokens: dict[str, _Token] = field(default_factory=dict)
    _window: Window | None = None

    def issue(self, app: str, now: datetime) -> str:
        """Return a new token of app. Raises ApiError 45009 when asked too often."""
        if self._window is None:
            self._window = Window(self.per_minute)
        if not self._window.admit(app, now):
            raise ApiError(45009, "api freq out of limit")
        self.issued += 1
        token = secrets.token_urlsafe(48)
        self._tokens[token] = _Token(app, now + TOKEN_LIFE)
        own = [key for key, value in self._tokens.items() if value.app == app]
        for old in own[: -self.kept]:
            del self._tokens[old]
        return token

    def owner(self, token: str, now: datetime) -> str:
        """Return the name of the token's app. Raises ApiError 41001, 40014 or 42001."""
        if not token:
            raise ApiError(41001, "access_token missing")
        found = self._tokens.get(token)
        if found is None:
            raise ApiError(40014, "invalid access_token")
        if found.is_expired or now >= found.expires_at:
            raise ApiError(42001, "access_token expired")
        return found.app

    def expire_all(self) -> None:
        """Let every token given so far be expired, as after a reset of the secret."""
        for token in self._tokens.values():
            token.is_expired = True


T = TypeVar("T")


@dataclass
class _Voucher(Generic[T]):
    payload: T
    expires_at: datetime


class Vouchers(Generic[T]):
    """Codes that may be used once within their life."""

    def __init__(self, life: timedelta) -> None:
        self.life = life
        self._open: dict[str, _Voucher[T]] = {}

    def issue(self, payload: T, now: datetime) -> str:
        """Return a new code that stands for payload."""
        code = secrets.token_urlsafe(32)
        self._open[code] = _Voucher(payload, now + self.life)
        return code

    def find(self, code: str, now: datetime) -> T | None:
        """Return what the code stands for if it may still be used."""
        voucher = self._open.get(code)
        return voucher.payload if voucher is not None and now < voucher.expires_at else None

    def use(self, code: str) -> None:
        """Spend the code."""
        self._open.pop(code, None)
