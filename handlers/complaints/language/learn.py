"""Learns the weights of opinion.py: python -m handlers.complaints.language.learn FILE... > opinion.tsv.

A row is {"text", "danger", "kind"}; a row without "danger" is harmless. The same files always give the same weights.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from handlers.complaints.language.opinion import KINDS, Model, pieces, runs
from handlers.complaints.language.reading import read

# Chosen by cross-validation over the tuning sets (docs/understanding.md).
THRESHOLD = -0.65
_EPOCHS, _RATE, _SHRINK = 30, 0.2, 1e-3
_RAREST = 3


def learn(rows: Iterable[Mapping[str, Any]], threshold: float = THRESHOLD) -> Model:
    """Return the model of labelled rows; a piece above threshold (in log odds) is taken for danger."""
    rows = list(rows)
    often = Counter(run for row in rows for run in runs(read(row["text"]).text))
    known = [({run for run in runs(piece) if often[run] >= _RAREST}, row) for row in rows for piece in _pieces(row)]
    dangers = [(found, row) for found, row in known if row.get("danger")]
    columns = [_fit([(found, bool(row.get("danger"))) for found, row in known])]
    columns += [_fit([(found, row.get("kind") == kind) for found, row in dangers]) for kind in KINDS]
    weights = {
        run: tuple(column.get(run, 0.0) for column, _ in columns) for run in sorted(often) if often[run] >= _RAREST
    }
    bias = [bias for _, bias in columns]
    bias[0] -= threshold
    return Model(tuple(bias), weights)


def _pieces(row: Mapping[str, Any]) -> list[str]:
    """Return what is learned from a row: every piece of a harmless text, but of a danger the whole."""
    text = read(row["text"]).text
    if row.get("danger"):
        return [text]
    return list(dict.fromkeys([text, *(text[start:end] for start, end in pieces(text))]))


def _fit(rows: list[tuple[set[str], bool]]) -> tuple[dict[str, float], float]:
    """Fit a logistic regression by gradient steps over the rows in a fixed shuffled order."""
    chance, weights, bias = random.Random(1), dict[str, float](), 0.0  # noqa: S311
    ordered = [(sorted(found), label) for found, label in rows]
    for _ in range(_EPOCHS):
        chance.shuffle(ordered)
        for found, label in ordered:
            scale = math.sqrt(len(found) + 1)
            odds = bias + sum(weights.get(run, 0.0) for run in found) / scale
            step = (label - 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))) * _RATE
            bias += step / 10
            for run in found:
                weights[run] = weights.get(run, 0.0) * (1 - _SHRINK) + step / scale
    return weights, bias


def write(model: Model) -> str:
    """Return a model as tab-separated rows of hundredths; the first row is the bias."""
    rows = [("", model.bias), *model.weights.items()]
    lines = ["\t".join([run, *(str(round(number * 100)) for number in numbers)]) for run, numbers in rows]
    return "\n".join(lines) + "\n"


def main(files: list[str]) -> None:
    """Print the weights that the rows of the files give."""
    rows = [json.loads(line) for file in files for line in Path(file).read_text(encoding="utf-8").splitlines()]
    sys.stdout.write(write(learn(rows)))


if __name__ == "__main__":
    main(sys.argv[1:])
