"""One bulletin to many groups through the stand-in, which takes 80 ms for each; one group hangs.

Counted from the order to the service until every other group has it, so with the writing of the rows.
"""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.house import House, open_house, sample, serving
from benchmarks.process import Running
from benchmarks.report import options, show

_PUSH = "/cgi-bin/webhook/send"
_HANGS = 60.0


def main() -> None:
    """Measure and print."""
    parser = options(__doc__)
    parser.add_argument("--groups", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.08, help="seconds the platform takes for each call")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        rows = [_row(Path(folder) / str(number), args.groups, args.latency) for number in range(args.rounds)]
    taken = [row["seconds"] for row in rows]
    show(
        f"A bulletin to {args.groups} groups, {args.latency * 1000:g} ms each, one of them dead",
        rows,
        args.out,
        seconds=f"{statistics.median(taken):.2f} ({min(taken):.2f}-{max(taken):.2f})",
    )


def _row(folder: Path, groups: int, latency: float) -> dict[str, float]:
    bound = len(sample()["chats"])
    with (
        open_house(folder, served=True, latency=latency, groups=groups - bound) as house,
        serving(house, command=("benchmarks.host",)) as process,
    ):
        time.sleep(1.0)  # the first look of the timetable is over
        seconds = _publish(house, process)
        floor = latency * math.ceil(groups / house.config.work.senders)
        house.platform.faults.clear()
    return {"groups": groups, "seconds": seconds, "floor": floor, "times the floor": seconds / floor}


def _publish(house: House, process: Running) -> float:
    dead, *others = house.platform.chats.values()
    house.platform.faults.hang(_PUSH, _HANGS, when=lambda call: call.key == dead.webhook_key)
    wanted = {chat.id for chat in others}

    def reached() -> bool:
        return wanted <= {entry.chat for entry in house.platform.entries()}

    start = time.monotonic()
    process.tell("bulletin 【通知】请各单位于本周五前报送本月工作进展。")
    house.platform.wait_for(reached, seconds=60)
    return time.monotonic() - start


if __name__ == "__main__":
    main()
