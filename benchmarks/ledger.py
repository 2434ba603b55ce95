"""Holds the sender's ledger against the inbox: what was answered 200 is stored once, what was forged never."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.callbacks import FORGED, Callback
from benchmarks.load import Answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many message ids were answered 200, and how many of them the inbox lost, doubled, or should not have."""

    acknowledged: int
    lost: int
    doubled: int
    forged: int
    states: dict[str, int]

    @property
    def is_clean(self) -> bool:
        """Whether every answer was true."""
        return self.acknowledged > 0 and not (self.lost or self.doubled or self.forged)


def judge(database: Path, callbacks: Sequence[Callback], answers: Sequence[Answer]) -> Verdict:
    """Compare the ledger of a run with an SQLite inbox that held nothing else before."""
    stored = Counter(row[0] for row in _read(database, "select message_id from inbox"))
    pairs = list(zip(callbacks, answers, strict=True))
    taken = {callback.message_id for callback, answer in pairs if callback.kind != FORGED and answer.status == 200}
    forged = [(callback, answer) for callback, answer in pairs if callback.kind == FORGED]
    return Verdict(
        acknowledged=len(taken),
        lost=len(taken - set(stored)),
        doubled=sum(count > 1 for count in stored.values()),
        forged=sum(callback.message_id in stored or answer.status == 200 for callback, answer in forged),
        states=states(database),
    )


def states(database: Path) -> dict[str, int]:
    """Return how many inbox rows stand in each state."""
    return dict(_read(database, "select state, count(*) from inbox group by state order by state"))


def _read(database: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(query).fetchall()
