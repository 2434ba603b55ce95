"""`duban serve`: seconds from its start to the first answer, and its memory when nothing happens."""

from __future__ import annotations

import http.client
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.house import House, open_house
from benchmarks.machine import memory_mib
from benchmarks.process import start, stop
from benchmarks.report import options, show

_PATIENCE = 30.0


def main() -> None:
    """Measure and print."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=float, default=5.0, help="seconds from the first answer to the look at memory")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder, open_house(Path(folder), served=True) as house:
        _once(house, 0.0)  # compiles what an installation has compiled long ago
        rows = [_once(house, args.idle) for _ in range(args.rounds)]
    medians = {f"median_{name}": statistics.median(row[name] for row in rows) for name in rows[0]}
    show("Start and idle memory of duban serve", rows, args.out, **medians)


def _once(house: House, idle: float) -> dict[str, float]:
    began = time.monotonic()
    process = start([sys.executable, "-m", "bot", "serve", "--config", str(house.file)], house.folder / "duban.log")
    try:
        while not _answers(house.port):
            if time.monotonic() - began > _PATIENCE or process.poll() is not None:
                raise RuntimeError((house.folder / "duban.log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.005)
        seconds = time.monotonic() - began
        time.sleep(idle)
        rss, pss = memory_mib(process.pid)
    finally:
        stop(process)
    return {"first answer s": seconds, "RSS MiB": rss, "PSS MiB": pss}


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
