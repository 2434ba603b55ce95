"""Runs what a process is for, from the configuration until TERM."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Collection

from bot import serving
from bot.address import require_free
from bot.bootstrap.parts import Part
from bot.bootstrap.service import Service
from bot.config import Config
from bot.sections import Server


def run(config: Config, parts: Collection[Part], say: Callable[[str], None], *, port: int | None = None) -> None:
    """Run parts until SIGTERM or SIGINT, then let what is under way finish; say is told a line once they run.

    port: instead of the configured one, so that several processes of one machine share their settings; without doors
    it is for the health pages, and without it there are none. Raises ConfigError.
    """
    server = config.server if port is None else config.server.model_copy(update={"port": port})
    is_served = Part.WEB in parts or port is not None
    service = Service(config, parts=parts)
    service.start(lambda: require_free(server.host, server.port) if is_served else None)
    try:
        if is_served:
            _serve(service, server, say)
        else:
            _wait(lambda: say("duban runs"))
    finally:
        service.stop()


def _serve(service: Service, server: Server, say: Callable[[str], None]) -> None:
    def on_ready(url: str) -> None:
        say(f"duban serves on {url}")

    if Part.WEB in service.parts:
        serving.run(service.web(), server, on_ready, service.receivers())
    else:
        serving.run(service.pages(), server, on_ready)


def _wait(on_ready: Callable[[], None]) -> None:
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    on_ready()
    told.wait()
