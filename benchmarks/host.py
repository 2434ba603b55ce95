"""`duban serve` that takes orders on its standard input, for what a benchmark must cause inside the process.

    busy SECONDS       compute in a thread of its own, without a pause (a heavy job of the timetable)
    bulletin TEXT      put one text for every bound group into the outbox

--acknowledge-only starts the web server and the acknowledging writer, but neither worker nor timetable.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from bot import config as settings
from bot import logs, serving
from bot.bootstrap import Service
from bot.db import new_uid
from bot.messages import Outgoing, Text, ToChat


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--acknowledge-only", action="store_true")
    args = parser.parse_args()
    config = settings.load(args.config)
    logs.configure()
    service = Service(config)
    with ExitStack() as stack:
        if args.acknowledge_only:
            service.writer.start()
            stack.callback(service.writer.stop)
        else:
            service.start()
            stack.callback(service.stop)
        threading.Thread(target=_listen, args=(service,), daemon=True).start()
        serving.run(service.web(), config.server, lambda url: print(url, flush=True), service.receivers())


def _listen(service: Service) -> None:
    for line in sys.stdin:
        order, _, rest = line.strip().partition(" ")
        if order == "busy":
            threading.Thread(target=_compute, args=(float(rest),), daemon=True).start()
        elif order == "bulletin":
            _publish(service, rest)


def _compute(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sorted((number * 7919) % 10_007 for number in range(20_000))


def _publish(service: Service, text: str) -> None:
    now, key = service.clock.now(), new_uid()
    with service.db.transaction() as session:
        directory = service.house.directories.get(session)
        bound = [chat.id for chat in directory.chats.values() if chat.is_bound]
        pushes = [Outgoing(f"bulletin/{key}/{chat}", ToChat(chat), Text(text), purpose="bulletin") for chat in bound]
        service.house.dispatch.put(session, directory, pushes, now)
    service.wake.deliver.set()


if __name__ == "__main__":
    main()
