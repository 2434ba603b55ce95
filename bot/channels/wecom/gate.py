"""What the callback URLs of all doors share: limits, age, refusals without detail, and the URL check.

Nothing here knows how a request came: a Call goes in, a Reply comes out. `bot.channels.wecom.flask_door` serves them
with Flask, `bot.serving` on its event loop.

Refused is whatever is not authentic or not readable: 4xx with an empty body. Only a database that is gone gives 503,
because the platform then calls again (WeCom docs 90238, 90930, read 2026-11).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from werkzeug.exceptions import HTTPException

from bot.callback import Call, Reply
from bot.channel import Accepted, Intake
from bot.channels.wecom.crypto import Crypto
from bot.clock import Clock
from bot.errors import RequestError, place_of
from bot.messages import Incoming

log = logging.getLogger(__name__)

WINDOW = timedelta(minutes=10)
BODY_LIMIT = 1024 * 1024

OnInvalid = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """The signed part of a callback's query, as received."""

    signature: str
    timestamp: str
    nonce: str


class Gate:
    """Reads the calls of the doors of one kind. on_invalid is told the reason of each refusal."""

    def __init__(self, clock: Clock, *, window: timedelta, limit: int, on_invalid: OnInvalid | None) -> None:
        self._clock = clock
        self._window = window
        self._limit = limit
        self._on_invalid = on_invalid

    def query(self, call: Call) -> Query:
        """Return the signed query. Raises RequestError if a value is missing or too old."""
        query = Query(*(call.query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")))
        if not (query.signature and query.timestamp and query.nonce):
            raise RequestError("missing_param")
        if not (query.timestamp.isascii() and query.timestamp.isdigit() and len(query.timestamp) <= 11):
            raise RequestError("timestamp")
        age = self._clock.now().timestamp() - int(query.timestamp)
        if abs(age) > self._window.total_seconds():
            raise RequestError("stale", 403)
        return query

    def body(self, call: Call) -> bytes:
        """Return the raw body. Raises RequestError (413) if it is longer than the limit."""
        body = call.read_body()
        if len(body) > self._limit:
            raise RequestError("too_large", 413)
        return body

    def check_url(self, label: str, crypto: Crypto, call: Call) -> Reply:
        """Answer the GET that the administrator's "save" causes: the plain echostr and nothing else."""

        def read() -> bytes:
            query = self.query(call)
            echo = call.query.get("echostr", "")
            if not echo:
                raise RequestError("missing_param")
            return crypto.open(echo, signature=query.signature, timestamp=query.timestamp, nonce=query.nonce)

        plain = self.read(label, read)
        return plain if isinstance(plain, Reply) else Reply(body=plain, content_type="text/plain; charset=utf-8")

    def read(self, label: str, reader: Callable[[], T]) -> T | Reply:
        """Return what reader makes of the request, or the refusal if it cannot."""
        try:
            return reader()
        except RequestError as error:
            return self._refuse(label, error.reason, error.status)
        except HTTPException as error:  # the server's own: body too long, client gone
            return self._refuse(label, "http", error.code if error.code and 400 <= error.code < 500 else 400)
        except Exception as error:  # garbage finds ways; it must end here, without its content in the log
            log.error("callback.unreadable door=%s error=%s", label, place_of(error))
            return self._refuse(label, "unreadable", 400)

    def accept(self, label: str, intake: Intake, message: Incoming) -> Accepted | Reply:
        """Store message, or answer 503 so that the platform repeats it."""
        try:
            return intake.accept(message)
        except Exception as error:
            return self._not_stored(label, error)

    def submit(self, label: str, intake: Intake, message: Incoming) -> Reply:
        """Have message stored and answer an empty 200 that waits for it; 503 if it cannot even be handed over."""
        try:
            return Reply(stored=intake.submit(message))
        except Exception as error:
            return self._not_stored(label, error)

    def refuse_unknown(self) -> Reply:
        """Answer for a door that is not configured."""
        return self._refuse("-", "unknown_door", 404)

    def _not_stored(self, label: str, error: Exception) -> Reply:
        log.error("callback.not_stored door=%s error=%s", label, place_of(error))
        return Reply(503)

    def _refuse(self, label: str, reason: str, status: int) -> Reply:
        log.warning("callback.refused door=%s reason=%s status=%d", label, reason, status)
        if self._on_invalid is not None:
            self._on_invalid(reason)
        return Reply(status)
