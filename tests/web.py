"""The product's web server on a thread of a test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import Flask

from bot.callback import Receiver
from bot.sections import Server
from bot.serving import WebServer


@contextmanager
def served(app: Flask, receivers: Mapping[str, Receiver], server: Server | None = None) -> Iterator[str]:
    """Serve app (default: on a free port) until the block ends; yields the URL."""
    web = WebServer(app, server or Server(port=0, threads=4), receivers)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(web.serve(),), daemon=True)
    thread.start()
    try:
        yield web.url
    finally:
        loop.call_soon_threadsafe(web.stop)
        thread.join(10)
        loop.close()
