"""A second opinion beside the frames: a linear model of runs of one to three characters, learned by learn.py.

It finds what nobody has put into words of rules yet; its places have a low confidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handlers.complaints.language.model import DangerKind

WEIGHTS = Path(__file__).with_name("opinion.tsv")
KINDS = tuple(DangerKind)
SURE = 0.55
# A long sentence is read piece by piece, so that one clause of danger in it counts.
_WINDOW, _STEP = 40, 20
_SHORTEST = 4
# So few characters that are no blanked figure of speech say too little.
_LEAST = 7
_LONGEST_RUN = 3


@dataclass(frozen=True, slots=True)
class Model:
    """weights: how much each run speaks for danger and, if it is one, for each of KINDS; bias: the same of all."""

    bias: tuple[float, ...]
    weights: dict[str, tuple[float, ...]]

    def score(self, piece: str) -> float:
        """Return how much a piece speaks for danger; above 0 it is taken for one."""
        found = runs(piece)
        total = sum(self.weights[run][0] for run in found if run in self.weights)
        return self.bias[0] + total / math.sqrt(len(found) + 1)

    def kind(self, piece: str) -> DangerKind:
        """Return the kind that a piece speaks for most."""
        found = [self.weights[run] for run in runs(piece) if run in self.weights]
        totals = [self.bias[place] + sum(weight[place] for weight in found) for place in range(1, len(KINDS) + 1)]
        return KINDS[totals.index(max(totals))]


def runs(piece: str) -> set[str]:
    """Return the runs of one to three characters of a piece."""
    return {piece[at : at + size] for size in range(1, _LONGEST_RUN + 1) for at in range(len(piece) - size + 1)}


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the pieces of a text stand: its sentences, long ones in windows that overlap."""
    start = 0
    for sentence in text.split("。"):
        for at in range(0, max(1, len(sentence) - _WINDOW + _STEP), _STEP):
            end = min(at + _WINDOW, len(sentence))
            if end - at >= _SHORTEST:
                yield start + at, start + end
        start += len(sentence) + 1


def places(text: str) -> Iterator[tuple[DangerKind, int, int]]:
    """Yield (kind, start, end) of the pieces that speak for danger. Pure and total; linear time."""
    model = load()
    for start, end in pieces(text):
        piece = text[start:end]
        if len(piece) - piece.count("☐") >= _LEAST and model.score(piece) > 0:
            yield model.kind(piece), start, end


@cache
def load() -> Model:
    """Return the model that comes with the package, read once."""
    first, *rows = WEIGHTS.read_text(encoding="utf-8").splitlines()
    return Model(_numbers(first.split("\t")[1:]), {row.split("\t")[0]: _numbers(row.split("\t")[1:]) for row in rows})


def _numbers(cells: list[str]) -> tuple[float, ...]:
    return tuple(int(cell) / 100 for cell in cells)
