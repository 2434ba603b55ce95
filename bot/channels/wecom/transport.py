"""One HTTP request to the platform: time-outs, size, and what its failure means. Knows neither tokens nor errcodes.

requests directly, not wechatpy's client: that has no time-out when it fetches tokens, repeats a refused call without
end, shares one session between threads, keeps expiry per company instead of per app, and puts the URL with the token
into its exceptions.
"""

from __future__ import annotations

import json
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3.exceptions

from bot.channels.wecom.redact import guard_http_logs
from bot.errors import Failure, SendError

_ANSWER_BYTES = 4 * 1024 * 1024
_CHUNK = 64 * 1024
_DOWNLOAD_SECONDS = 120.0  # a sender that drips must not hold a worker for ever

_REFUSED_STATUS = frozenset((400, 404, 405, 406, 410, 411, 413, 414, 415, 422))


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart request, under the field name "media"."""

    filename: str
    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer with status 200."""

    headers: Mapping[str, str]
    data: bytes


class Transport:
    """Makes requests, with one session per thread. Every failure is a SendError without URL and without cause."""

    def __init__(self, *, connect_timeout: float = 3.0, read_timeout: float = 10.0) -> None:
        self._timeout = (connect_timeout, read_timeout)
        self._local = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._lock = threading.Lock()
        guard_http_logs()

    def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        payload: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
        lost: Failure = Failure.UNKNOWN,
    ) -> dict[str, Any]:
        """Return the JSON object that answers the request.

        lost is what an answer that did not arrive means: UNKNOWN, or BUSY where asking again does no harm.
        Raises SendError.
        """
        reply = self.fetch(method, url, params=params, payload=payload, upload=upload, lost=lost)
        answer = parse_object(reply.data)
        if answer is None:
            raise SendError(lost, hint="the answer is no JSON object")
        return answer

    def fetch(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        payload: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
        lost: Failure = Failure.UNKNOWN,
        limit: int = _ANSWER_BYTES,
        plain: bool = False,
    ) -> Reply:
        """Return the answer's headers and bytes, at most limit. plain: take the bytes as sent, uncompressed.

        Raises SendError: BUSY if the request surely did not arrive, lost if nobody knows, REJECTED if it never can.
        """
        arguments: dict[str, Any] = {"params": params, "headers": {"Accept-Encoding": "identity"} if plain else {}}
        if payload is not None:
            arguments["data"] = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(
                "utf-8", "replace"
            )
            arguments["headers"]["Content-Type"] = "application/json"
        if upload is not None:
            arguments["files"] = {"media": (upload.filename, upload.data, upload.content_type)}
        response = self._open(method, url, arguments, lost)
        try:
            _check_status(response, lost)
            return Reply(response.headers, _read(response, limit, lost, plain=plain))
        finally:
            response.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for session in list(self._sessions):
                session.close()

    def _open(self, method: str, url: str, arguments: dict[str, Any], lost: Failure) -> requests.Response:
        try:
            return self._session().request(
                method, url, timeout=self._timeout, allow_redirects=False, stream=True, **arguments
            )
        except requests.RequestException as exc:
            error = _error_of(exc, lost)
        raise error  # outside the handler, so that no context with the URL clings to it

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            self._local.session = session
            with self._lock:
                self._sessions.add(session)
        return session


def parse_object(data: bytes) -> dict[str, Any] | None:
    """Return data as a JSON object, or None if it is not one."""
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _error_of(exc: requests.RequestException, lost: Failure) -> SendError:
    hint = type(exc).__name__
    if isinstance(exc, ValueError):  # InvalidURL, MissingSchema and the like
        return SendError(Failure.REJECTED, hint=hint)
    if isinstance(exc, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(exc):
        return SendError(Failure.BUSY, hint="the server's certificate is not trusted")
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    never_sent = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    if isinstance(exc, requests.exceptions.ConnectTimeout) or isinstance(reason, never_sent):
        return SendError(Failure.BUSY, hint=hint)
    return SendError(lost, hint=hint)


def _check_status(response: requests.Response, lost: Failure) -> None:
    """Raise SendError unless the status is 200: the platform answers its own errors with 200 (docs 90313)."""
    status = response.status_code
    if status == 200:
        return
    hint = f"HTTP {status}"
    if status >= 500:
        raise SendError(lost, hint=hint)
    if status == 429:
        raise SendError(Failure.LIMITED, hint=hint, retry_after=60)
    if status in _REFUSED_STATUS:
        raise SendError(Failure.REJECTED, hint=hint)
    raise SendError(Failure.BUSY, hint=hint)  # a gateway in between: a redirect, a log-in page, a proxy


def _read(response: requests.Response, limit: int, lost: Failure, *, plain: bool) -> bytes:
    declared = response.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > limit:
        raise SendError(Failure.REJECTED, hint="larger than allowed")
    deadline = time.monotonic() + _DOWNLOAD_SECONDS
    data = bytearray()
    try:
        for chunk in response.raw.stream(_CHUNK, decode_content=not plain):
            data += chunk
            if len(data) > limit:
                raise SendError(Failure.REJECTED, hint="larger than allowed")
            if time.monotonic() > deadline:
                raise SendError(lost, hint="the answer takes too long")
        return bytes(data)
    except (urllib3.exceptions.HTTPError, OSError) as exc:
        hint = type(exc).__name__
    raise SendError(lost, hint=hint)
