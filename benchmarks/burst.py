"""A burst: 100 callbacks a second, 20 % of them repeats, 5 % forged, and a heavy job of 6 s in the same process.

The whole service runs, on all cores: it handles and answers what it acknowledges. Latency counts from the instant a
callback was due. Afterwards the sender's ledger is held against the database.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks import ledger
from benchmarks.callbacks import FORGED, NEW, REPEAT, Callback, generate
from benchmarks.house import House, open_house, serving
from benchmarks.load import Answer, Outcome, Plan, Sender
from benchmarks.machine import last_core
from benchmarks.report import Row, options, show

_DRAIN_SECONDS = 120.0


def main() -> None:
    """Measure and print; ends with 1 if the ledger and the database differ."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="the yardstick is 60")
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--busy", type=float, default=6.0, help="seconds of the heavy job; 0: none")
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="duban-bench-") as folder,
        open_house(Path(folder), served=True) as house,
        Sender() as sender,
        serving(house, command=("benchmarks.host",)) as process,
    ):
        count = int(args.rate * args.seconds)
        made = generate(house.door, count, users=house.users, repeats=0.2, forged=0.05)
        future = sender.start(
            Plan(house.port, made, connections=256, rate=args.rate, retries=3, retry_pause=1.0, core=last_core())
        )
        if args.busy:
            time.sleep(args.seconds / 3)
            process.tell(f"busy {args.busy}")
        outcome = future.result()
        drained = drain(house, _DRAIN_SECONDS)
        verdict = ledger.judge(house.database, made, outcome.answers)
    facts = {
        "heavy_job_seconds": args.busy,
        "slowest_acknowledgement_ms": outcome.milliseconds(1.0),
        "handled_after_the_last_answer_s": drained,
        "messages_acknowledged": verdict.acknowledged,
        "lost_doubled_forged": f"{verdict.lost} {verdict.doubled} {verdict.forged}",
        "inbox": verdict.states,
        "sender's_core": outcome.sender_share,
    }
    show(f"Burst of {args.rate:g}/s for {args.seconds:g} s", _rows(made, outcome), args.out, **facts)
    raise SystemExit(0 if verdict.is_clean else 1)


def drain(house: House, seconds: float) -> float:
    """Wait until no message waits to be handled and return how long that took (infinite: longer than seconds)."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if not ledger.states(house.database).get("new"):
            return time.monotonic() - start
        time.sleep(0.2)
    return float("inf")


def _rows(made: list[Callback], outcome: Outcome) -> list[Row]:
    rows = []
    for kind in (NEW, REPEAT, FORGED):
        answers = [answer for callback, answer in zip(made, outcome.answers, strict=True) if callback.kind == kind]
        part = Outcome(answers, outcome.seconds, outcome.sender_share)
        rows.append(
            {
                "callbacks": kind,
                "sent": len(answers),
                "status": _statuses(answers),
                "repeated": sum(answer.attempts > 1 for answer in answers),
                **{f"p{share:g} ms": part.milliseconds(share / 100) for share in (50, 99, 100)},
            }
        )
    return rows


def _statuses(answers: list[Answer]) -> str:
    found = sorted({answer.status for answer in answers})
    return " ".join(f"{status or 'none'}:{sum(answer.status == status for answer in answers)}" for status in found)


if __name__ == "__main__":
    main()
