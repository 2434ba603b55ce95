"""A request to a callback URL and what is answered, apart from who reads and writes HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from bot.channel import Accepted


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a callback URL: its query, decoded once, and a function that reads its body.

    read_body raises RequestError or werkzeug's HTTPException for a body that is too long or does not come.
    """

    query: Mapping[str, str]
    read_body: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer. stored: the answer may leave only once this is done; without success it is a 503."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"
    stored: Future[Accepted] | None = None


# Takes the calls of one callback URL.
Receiver = Callable[[Call], Reply]
