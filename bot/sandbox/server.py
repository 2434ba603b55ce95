"""A small HTTP server for the API, for tests whose bot runs in another process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.sandbox.api import api_blueprint

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as the platform does: bots meet stale ones

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: a test asks the platform what was called."""


@contextmanager
def running(platform: Platform, host: str, port: int) -> Iterator[str]:
    """Serve the API of platform until the block ends; yields the base URL. port 0 takes a free one."""
    app = Flask("bot.sandbox.server")
    app.register_blueprint(api_blueprint(platform))
    server = make_server(host, port, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        platform.faults.clear()
        server.shutdown()
        server.server_close()
        thread.join(5)
