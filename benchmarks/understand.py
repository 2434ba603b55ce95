"""Time of understanding one message: ordinary rows, and the worst repetitions, against parsing the same rows as JSON.

python -m benchmarks.understand [--out FILE]
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import report
from bot.bootstrap.operator import make_understander
from bot.demo import SAMPLE

ROWS = Path(__file__).parents[1] / "tests" / "data" / "progress-examples.jsonl"
REPEATED = ("八成", "1号2号3号", "、", "(", "完成没完成", "一小", "三", "1%", "家访完成,", "@a ", "\n", "不是1%是2%")


def main() -> None:
    """Measure and print."""
    arguments = report.options(__doc__).parse_args()
    answer = make_understander(json.loads(SAMPLE.read_text(encoding="utf-8")))
    lines = ROWS.read_text(encoding="utf-8").splitlines()
    rows = [{**json.loads(line), "now": datetime.fromisoformat(json.loads(line)["now"])} for line in lines]
    for row in rows:
        answer(row)
    parsed = statistics.median(_times(lambda: [json.loads(line) for line in lines])) / len(lines)
    understood = statistics.median(_times(lambda: [answer(row) for row in rows])) / len(rows)
    worst = [(piece, size, _worst(answer, piece, size)) for piece in REPEATED for size in (2048, 1 << 20)]
    table: list[dict[str, Any]] = [
        {"what": "one row parsed as JSON (reference)", "µs": parsed * 1e6, "ratio": 1.0},
        {"what": "one row understood", "µs": understood * 1e6, "ratio": understood / parsed},
    ]
    for size in (2048, 1 << 20):
        piece, _, seconds = max((one for one in worst if one[1] == size), key=lambda one: one[2])
        table.append({"what": f"slowest of {size} bytes: {piece!r}", "µs": seconds * 1e6, "ratio": seconds / parsed})
    report.show("Understanding a message", table, arguments.out)


def _times(work: Callable[[], object], rounds: int = 9) -> list[float]:
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        work()
        times.append(time.perf_counter() - before)
    return times


def _worst(answer: Callable[[dict[str, Any]], object], piece: str, size: int) -> float:
    now = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
    text = "消防完成" + piece * (size // len(piece.encode()))
    return min(_times(lambda: answer({"text": text, "sender": "P-S13-1", "now": now}), rounds=3))


if __name__ == "__main__":
    main()
