"""The platform's API: calls with an app's token and calls without, judged by errcode. Every fault is a SendError.

A refused token is fetched anew once and the call repeated once (docs 91039); nothing else is ever repeated here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.errcodes import STALE_TOKEN, failure_for
from bot.channels.wecom.redact import clean_hint
from bot.channels.wecom.tokens import Token, Tokens, TokenStore
from bot.channels.wecom.transport import Reply, Transport, Upload, parse_object
from bot.clock import Clock
from bot.errors import Failure, SendError

__all__ = ["Answer", "Client", "Token", "TokenStore", "Upload"]

log = logging.getLogger(__name__)

Answer = dict[str, Any]
T = TypeVar("T")
_PORTS = {"http": 80, "https": 443}


class Client:
    """One client for all doors of a company. Thread-safe; api_base is the address before /cgi-bin.

    pause and patience (seconds) are those of Tokens.
    """

    def __init__(
        self,
        api_base: str,
        store: TokenStore,
        clock: Clock,
        *,
        transport: Transport | None = None,
        pause: float = 5.0,
        patience: float = 8.0,
    ) -> None:
        self.api_base = api_base.rstrip("/")
        self._transport = transport or Transport()
        self._tokens = Tokens(store, clock, self._fetch_token, pause=pause, patience=patience)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def call(
        self,
        door: AppDoor,
        path: str,
        payload: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str] | None = None,
        idempotent: bool = False,
        attempt: int = 1,
        lost: Failure = Failure.UNKNOWN,
        private: Iterable[str] = (),
    ) -> Answer:
        """Return the answer (errcode 0) to /cgi-bin/<path>: a POST of payload, without payload a GET.

        idempotent and attempt decide about errcodes that nobody knows; lost says what a lost answer means; private
        holds what no hint or log may repeat.
        """
        method = "GET" if payload is None else "POST"

        def once(token: str) -> Answer:
            return self._ask(method, path, {**(params or {}), "access_token": token}, payload=payload, lost=lost)

        return self._with_token(door, path, once, idempotent=idempotent, attempt=attempt, private=private)

    def upload(self, door: AppDoor, kind: str, upload: Upload) -> str:
        """Return the media_id of an uploaded file (docs 90253): good for 3 days, for every app of the company."""

        def once(token: str) -> Answer:
            params = {"access_token": token, "type": kind}
            return self._ask("POST", "media/upload", params, upload=upload, lost=Failure.BUSY)

        media_id = self._with_token(door, "media/upload", once, idempotent=True).get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise SendError(Failure.BUSY, hint="media/upload gave no media_id")
        return media_id

    def download(self, door: AppDoor, media_id: str, limit: int) -> Reply:
        """Return the file media_id (docs 90254), at most limit bytes. Raises SendError."""

        def once(token: str) -> Reply | Answer:
            params = {"access_token": token, "media_id": media_id}
            reply = self._transport.fetch("GET", self._url("media/get"), params=params, lost=Failure.BUSY, limit=limit)
            if "json" not in reply.headers.get("Content-Type", "") and reply.data[:1] != b"{":
                return reply
            answer = parse_object(reply.data)
            return reply if answer is None or "errcode" not in answer else answer

        found = self._with_token(door, "media/get", once, idempotent=True)
        if isinstance(found, Reply):
            return found
        raise SendError(Failure.REJECTED, hint="media/get gave no file")

    def fetch(self, url: str, limit: int) -> Reply:
        """Return what lies at url, as sent and at most limit bytes. The caller has checked where it leads."""
        return self._transport.fetch("GET", url, lost=Failure.BUSY, limit=limit, plain=True)

    def post(
        self,
        path: str,
        payload: Mapping[str, Any],
        *,
        params: Mapping[str, str],
        idempotent: bool = False,
        attempt: int = 1,
    ) -> Answer:
        """Return the answer to a call that needs no token; the values of params are its credentials."""
        answer = self._ask("POST", path, params, payload=payload)
        _judge(path, answer, idempotent=idempotent, attempt=attempt, secrets=params.values())
        return answer

    def is_ours(self, url: str) -> bool:
        """Whether url leads to the platform itself: scheme, host and port of api_base, and no user part."""
        if any(char <= " " or char in "\\\x7f" for char in url):
            return False
        try:
            ours, theirs = urlsplit(self.api_base), urlsplit(url)
            same_port = (ours.port or _PORTS.get(ours.scheme)) == (theirs.port or _PORTS.get(theirs.scheme))
        except ValueError:
            return False
        return (
            same_port and "@" not in theirs.netloc and (ours.scheme, ours.hostname) == (theirs.scheme, theirs.hostname)
        )

    def _url(self, path: str) -> str:
        return f"{self.api_base}/cgi-bin/{path}"

    def _ask(self, method: str, path: str, params: Mapping[str, str], **how: Any) -> Answer:
        return self._transport.ask(method, self._url(path), params=params, **how)

    def _with_token(
        self,
        door: AppDoor,
        path: str,
        once: Callable[[str], T],
        *,
        idempotent: bool,
        attempt: int = 1,
        private: Iterable[str] = (),
    ) -> T:
        token = self._tokens.get(door)
        answer = once(token)
        if _code(answer) in STALE_TOKEN:
            log.info("wecom.token_refused app=%s code=%s", door.label, _code(answer))
            self._tokens.drop(door, token)
            token = self._tokens.get(door)
            answer = once(token)
        _judge(path, answer, idempotent=idempotent, attempt=attempt, secrets=(token, door.secret, *private))
        return answer

    def _fetch_token(self, door: AppDoor) -> tuple[str, float]:
        params = {"corpid": door.corp_id, "corpsecret": door.secret}
        answer = self._ask("GET", "gettoken", params, lost=Failure.BUSY)
        _judge("gettoken", answer, idempotent=True, secrets=(door.secret,))
        value, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value:
            raise SendError(Failure.BUSY, hint="gettoken gave no token")
        log.info("wecom.token_fetched app=%s", door.label)
        return value, float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 7200.0


def _code(answer: Any) -> int | None:
    """Return the errcode of an answer: 0 for a file and where none is given, None for one that is no number."""
    if not isinstance(answer, dict):
        return 0
    try:
        return int(answer.get("errcode", 0))
    except (TypeError, ValueError):
        return None


def _judge(path: str, answer: Any, *, idempotent: bool, attempt: int = 1, secrets: Iterable[str] = ()) -> None:
    """Raise SendError unless answer has errcode 0; its hint holds the platform's hint id and the address it saw."""
    code = _code(answer)
    if code == 0:
        return
    if code is None:
        raise SendError(Failure.BUSY if idempotent else Failure.UNKNOWN, hint=f"{path}: errcode is no number")
    reaction = failure_for(code, idempotent=idempotent, attempt=attempt)
    message = clean_hint(str(answer.get("errmsg", "")), secrets)
    hint = f"{path}: {reaction.means}; {message}"
    log.warning("wecom.refused path=%s code=%s failure=%s hint=%s", path, code, reaction.failure, hint)
    raise SendError(reaction.failure, code, hint, reaction.retry_after)
