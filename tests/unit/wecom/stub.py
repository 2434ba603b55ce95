"""A platform on a real socket that answers what a test tells it to, and a TokenStore in memory."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from bot.channels.wecom.tokens import Token

Handler = Callable[["Call"], Any]


@dataclass
class Call:
    """One request that arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Stub:
    """answers maps a path below /cgi-bin/ to an answer (dict: JSON, bytes, Response) or a function of the Call."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, Any] = {"gettoken": self.token}
        self.tokens = 0
        self._lock = threading.Lock()
        self._server = make_server("127.0.0.1", 0, Request.application(self._serve), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.base = f"http://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def token(self, call: Call) -> dict[str, Any]:
        """Answer gettoken: token-1, token-2, ..."""
        with self._lock:
            self.tokens += 1
            return {"errcode": 0, "errmsg": "ok", "access_token": f"token-{self.tokens}", "expires_in": 7200}

    def calls_to(self, path: str) -> list[Call]:
        """Return the requests to /cgi-bin/<path>."""
        return [call for call in self.calls if call.path == f"/cgi-bin/{path}"]

    def _serve(self, request: Request) -> Response:
        files = {name: (file.filename or "", file.read()) for name, file in request.files.items()}
        call = Call(
            request.method, request.path, request.args.to_dict(), request.get_data(), dict(request.headers), files
        )
        with self._lock:
            self.calls.append(call)
        answer = self.answers.get(request.path.removeprefix("/cgi-bin/"), {"errcode": 0, "errmsg": "ok"})
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(call)
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, bytes):
            return Response(answer, content_type="application/octet-stream")
        return Response(json.dumps(answer), content_type="application/json")


@contextmanager
def raw_server(answer: bytes | None) -> Iterator[str]:
    """Serve one connection at a time: read the request, send answer (None: nothing), close. Yields the base address."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(2)
                connection.recv(65536)
                if answer is not None:
                    connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        thread.join()
        listener.close()


class MemoryStore:
    """A TokenStore as one process would have it."""

    def __init__(self) -> None:
        self.tokens: dict[str, Token] = {}
        self.leases: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def read(self, app: str) -> Token | None:
        """See TokenStore."""
        with self._lock:
            return self.tokens.get(app)

    def write(self, app: str, token: Token) -> None:
        """See TokenStore."""
        with self._lock:
            self.tokens[app] = token

    def clear(self, app: str, value: str) -> None:
        """See TokenStore."""
        with self._lock:
            if app in self.tokens and self.tokens[app].value == value:
                del self.tokens[app]

    def lease(self, app: str, now: datetime, seconds: float) -> bool:
        """See TokenStore."""
        with self._lock:
            if app in self.leases and self.leases[app] > now:
                return False
            self.leases[app] = now + timedelta(seconds=seconds)
            return True

    def release(self, app: str) -> None:
        """See TokenStore."""
        with self._lock:
            self.leases.pop(app, None)
