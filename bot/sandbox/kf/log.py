"""What one account has for the bot to pull: items in order, read with a cursor, of the last three days (doc 94670).

Nothing here locks: the platform holds its lock around every call. Every function is told the time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.entities import ApiError, Json

KEPT = timedelta(days=3)
TOKEN_LIFE = timedelta(minutes=10)
LONGEST_CURSOR = 64


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to sync_msg."""

    items: list[Json] = field(repr=False)
    cursor: str
    has_more: bool


class Log:
    """The items of one account.

    A cursor is opaque and of this account only. empty_pages: so many answers come without items though there are
    some (has_more 1). page_size: no answer holds more items, whatever the limit asked for.
    """

    def __init__(self) -> None:
        self.empty_pages = 0
        self.page_size = 1000
        self._salt = secrets.token_hex(8)
        self._items: list[tuple[datetime, Json]] = []
        self._tokens: dict[str, datetime] = {}

    def add(self, item: Json, now: datetime) -> None:
        """Append an item that the bot may pull from now on."""
        self._items.append((now, item))

    def items(self) -> list[Json]:
        """Return everything there ever was, for tests."""
        return [item for _, item in self._items]

    def issue_token(self, now: datetime) -> str:
        """Return the token of a wake-up, valid for ten minutes and for any number of pulls."""
        self._tokens = {token: end for token, end in self._tokens.items() if now < end}
        token = f"ENC{secrets.token_urlsafe(30)}"
        self._tokens[token] = now + TOKEN_LIFE
        return token

    def check_token(self, token: str, now: datetime) -> None:
        """Raise ApiError 95007 unless the token is one of this account's and still good."""
        end = self._tokens.get(token)
        if end is None or now >= end:
            raise ApiError(95007, "invalid msg token")

    def page(self, cursor: str, limit: int, now: datetime) -> Page:
        """Return what follows the cursor ("": the oldest item kept). Raises ApiError 40058 for a foreign cursor."""
        start = self._position(cursor) if cursor else 0
        fresh = [n for n in range(start, len(self._items)) if now - self._items[n][0] < KEPT]
        if self.empty_pages and fresh:
            self.empty_pages -= 1
            return Page([], self._cursor(start), has_more=True)
        taken = fresh[: min(limit, self.page_size)]
        end = taken[-1] + 1 if taken else len(self._items)
        return Page([self._items[n][1] for n in taken], self._cursor(end), has_more=len(taken) < len(fresh))

    def _cursor(self, position: int) -> str:
        # Two cursors for one place differ, so that nobody learns to compare them.
        return f"{self._salt}.{position}.{secrets.token_hex(6)}"

    def _position(self, cursor: str) -> int:
        salt, _, rest = cursor.partition(".")
        place = rest.partition(".")[0]
        is_ours = salt == self._salt and place.isascii() and place.isdecimal() and len(cursor) <= LONGEST_CURSOR
        if not is_ours or int(place) > len(self._items):
            raise ApiError(40058, "invalid Request Parameter: cursor")
        return int(place)
