"""Serve a Flask application with granian inside this process (ADR 0013).

HTTP is read and written by granian's Rust threads. An event loop on the calling thread takes each request: callbacks
that nobody waits in are received right there, and their answers wait for the commit without a thread; everything else
is Flask's, in a pool of threads.
"""

from __future__ import annotations

import asyncio
import io
import logging
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import Flask
from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian._granian import SocketHolder
from granian.constants import HTTPModes
from granian.http import HTTP1Settings
from granian.rsgi import Scope
from granian.server.embed import Server as Embedded
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from bot.callback import Call, Receiver, Reply
from bot.channel import STORE_SECONDS
from bot.errors import RequestError, place_of
from bot.sections import Server
from bot.web import HEADERS, MAX_BODY

log = logging.getLogger(__name__)

_BACKLOG = 1024
_CONNECTIONS = 512  # far below the files a service may have open (1024 where nobody says more)
_HEAD_MILLISECONDS = 10_000  # until a request's head is there; the platform's comes in one piece
_BODY_SECONDS = 20.0
_LEAVE_SECONDS = 5.0
_PARAMETERS = 20
_LONG_BODY = 32 * 1024  # no real callback is as long; to read it may take long too
# How long a computing thread may keep the loop waiting (Python's own: 0.005); with a heavy job under way the slowest
# hundredth of the callbacks is answered five times as fast.
_SWITCH_SECONDS = 0.001
_HEADERS = [(name.lower(), value) for name, value in HEADERS.items()]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Answer = tuple[int, list[tuple[str, str]], bytes]


class WebServer:
    """One application on the address of [server], to be served once. receivers: who takes a POST, by path."""

    def __init__(self, app: Flask, server: Server, receivers: Mapping[str, Receiver]) -> None:
        """Open the port. Raises OSError if it is taken or the host is none of this machine's."""
        listener = socket.create_server((server.host, server.port), backlog=_BACKLOG)
        self.url = f"http://{server.host}:{listener.getsockname()[1]}"
        self._pool = ThreadPoolExecutor(server.threads, thread_name_prefix="web")
        wsgi: Wsgi = app.wsgi_app
        if server.trusted_proxies:
            wsgi = wrap_wsgi_with_proxy_headers(wsgi, list(server.trusted_proxies))
        self._granian = _Granian(Front(wsgi, self._pool, receivers), listener)
        self._leaving = asyncio.Event()

    async def serve(self) -> None:
        """Answer requests until stop; those under way finish, for at most 5 seconds."""
        serving = asyncio.ensure_future(self._granian.serve())
        leaving = asyncio.ensure_future(self._leaving.wait())
        await asyncio.wait({serving, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        self._granian.interrupt()
        try:
            await asyncio.wait_for(serving, _LEAVE_SECONDS)
        except TimeoutError:
            log.warning("web.stop_timeout")
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Take no more requests. To be called on the loop's thread."""
        self._leaving.set()


class _Granian(Embedded):
    """Granian's embeddable server on a socket that we opened: its own would share the port with another process."""

    def __init__(self, front: Front, listener: socket.socket) -> None:
        super().__init__(
            front,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=_HEAD_MILLISECONDS),
            websockets=False,
            backlog=_BACKLOG,
            backpressure=_CONNECTIONS,
            log_enabled=False,
        )
        self._shd: Any = SocketHolder(listener.detach(), False, _BACKLOG)  # type: ignore[call-arg]

    def _init_shared_socket(self) -> None:
        """Leave the socket as it is."""

    def interrupt(self) -> None:
        """Let serve come to its end."""
        self.signal_handler_interrupt()  # type: ignore[no-untyped-call]


class Front:
    """The RSGI application: receivers by path, and a WSGI application for all that is not theirs."""

    def __init__(self, wsgi: Wsgi, pool: ThreadPoolExecutor, receivers: Mapping[str, Receiver]) -> None:
        self._wsgi = wsgi
        self._pool = pool
        self._receivers = receivers
        self._commits = _Commits()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        try:
            status, headers, content = await self._answer(scope, await _read(scope, protocol))
        except Exception as error:  # granian would answer the same without a word in the log
            log.error("web.error error=%s", place_of(error))
            status, headers, content = 500, _HEADERS, b""
        protocol.response_bytes(status, headers, content)

    async def _answer(self, scope: Scope, body: _Body) -> Answer:
        loop = asyncio.get_running_loop()
        receiver = self._receivers.get(scope.path) if scope.method == "POST" else None
        if receiver is not None:
            call = Call(_query(scope.query_string), body.take)
            if len(body.content) > _LONG_BODY:
                reply = await loop.run_in_executor(self._pool, receiver, call)
            else:
                reply = receiver(call)
            if reply.stored is not None and not await self._commits.is_done(reply.stored):
                reply = Reply(503)
            return reply.status, [("content-type", reply.content_type), *_HEADERS], reply.body
        if body.fault is not None:
            return body.fault.status, _HEADERS, b""
        return await loop.run_in_executor(self._pool, self._call, _environ(scope, body.take()))

    def _call(self, environ: dict[str, Any]) -> Answer:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[..., Any]:
            begun[:] = [(status, headers)]
            return written.append

        written: list[bytes] = []
        chunks = self._wsgi(environ, start_response)
        try:
            content = b"".join((*written, *chunks))
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = begun[0]
        return int(status[:3]), [(name.lower(), value) for name, value in headers], content


class _Commits:
    """Futures of the acknowledging writer, awaited on the loop: one wake-up for all that share a commit."""

    def __init__(self) -> None:
        self._done: deque[asyncio.Future[bool]] = deque()
        self._woken = False

    async def is_done(self, stored: Future[Any]) -> bool:
        """Return whether stored came to a good end in time."""
        if not stored.done():
            loop = asyncio.get_running_loop()
            waiter: asyncio.Future[bool] = loop.create_future()
            stored.add_done_callback(lambda _: self._tell(loop, waiter))
            late = loop.call_later(STORE_SECONDS, _finish, waiter)
            await waiter
            late.cancel()
        return stored.done() and stored.exception() is None

    def _tell(self, loop: asyncio.AbstractEventLoop, waiter: asyncio.Future[bool]) -> None:
        """Called by the thread that stored."""
        self._done.append(waiter)
        if not self._woken:
            self._woken = True
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._woken = False  # before the first is taken: who comes later calls again
        while self._done:
            _finish(self._done.popleft())


def _finish(waiter: asyncio.Future[bool]) -> None:
    if not waiter.done():
        waiter.set_result(True)


class _Body(NamedTuple):
    """A request's body as far as it came; fault: why it is not whole."""

    content: bytes
    fault: RequestError | None = None

    def take(self) -> bytes:
        """Return the whole body. Raises the fault."""
        if self.fault is not None:
            raise self.fault
        return self.content


async def _read(scope: Scope, protocol: HTTPProtocol) -> _Body:
    """Read no more of a body than any view takes, and wait for it no longer than anybody needs."""
    length = scope.headers.get("content-length")
    if length is None and scope.headers.get("transfer-encoding") is None:
        return _Body(b"")
    if length is not None and int(length) > MAX_BODY:  # granian takes nothing but a number
        return _Body(b"", RequestError("too_large", 413))
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return _Body(await protocol()) if length is not None else await _measured(protocol)
    except TimeoutError:
        return _Body(b"", RequestError("slow_body", 408))


async def _measured(protocol: HTTPProtocol) -> _Body:
    """Read a body that comes in chunks. One that breaks off looks whole: the signature of a callback tells."""
    read = bytearray()
    async for chunk in protocol:
        read += chunk
        if len(read) > MAX_BODY:
            return _Body(b"", RequestError("too_large", 413))
    return _Body(bytes(read))


def _query(text: str) -> dict[str, str]:
    """Return a query's parameters, decoded; of a repeated name the first counts, of very many the first ones."""
    return dict(reversed(parse_qsl("&".join(text.split("&", _PARAMETERS)[:_PARAMETERS]), keep_blank_values=True)))


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333)."""
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:  # would be taken for the name with a hyphen
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def run(
    app: Flask,
    server: Server,
    on_ready: Callable[[str], None],
    receivers: Mapping[str, Receiver] = MappingProxyType({}),
) -> None:
    """Serve app until SIGTERM or SIGINT; on_ready is told the URL once the port is open. Raises OSError."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    asyncio.run(_run(WebServer(app, server, receivers), on_ready))


async def _run(web: WebServer, on_ready: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, web.stop)
    loop.call_soon(on_ready, web.url)
    await web.serve()
