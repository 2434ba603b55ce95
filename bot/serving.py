"""Run a Flask application under waitress until the process is told to stop."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from flask import Flask
from waitress.server import create_server

from bot.config import Server


def run(app: Flask, server: Server, on_ready: Callable[[str], None]) -> None:
    """Serve app until SIGTERM or SIGINT; on_ready is told the URL once the port is open.

    Raises OSError if the port is taken. Requests under way finish first, for at most 5 seconds.
    """
    options: dict[str, Any] = {"host": server.host, "port": server.port, "threads": server.threads}
    if server.trusted_proxies:
        options |= {
            "trusted_proxy": server.trusted_proxies[0],
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
            "clear_untrusted_proxy_headers": True,
        }
    # Long queues and large headers are no part of the platform's callbacks.
    options["asyncore_use_poll"] = True
    waitress = create_server(app, ident=None, max_request_body_size=2 * 1024 * 1024, **options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    on_ready(f"http://{server.host}:{waitress.effective_port}")
    waitress.run()


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
