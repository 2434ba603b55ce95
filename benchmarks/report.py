"""Prints a small table and writes the same as JSON."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe

Row = Mapping[str, Any]


def options(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with what every benchmark takes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="also write everything measured as JSON")
    return parser


def show(title: str, rows: Sequence[Row], out: Path | None, **facts: Any) -> None:
    """Print rows as a table under title, then facts; write all of it to out."""
    machine = describe()
    print(f"{title}\n  {' · '.join(f'{key} {value}' for key, value in machine.items())}")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns] + [[_text(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    for line in cells:
        print(
            "  "
            + line[0].ljust(widths[0])
            + "".join(f"  {c.rjust(w)}" for c, w in zip(line[1:], widths[1:], strict=True))
        )
    for name, value in facts.items():
        print(f"  {name.replace('_', ' ')}: {_text(value)}")
    if out is not None:
        content = {"title": title, "machine": machine, "rows": [dict(row) for row in rows], **facts}
        out.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def ratios(values: Sequence[float], reference: Sequence[float]) -> str:
    """Return the median and the range of value / reference, taken round by round."""
    each = [value / other for value, other in zip(values, reference, strict=True)]
    return f"{statistics.median(each):.2f} ({min(each):.2f}-{max(each):.2f})"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 100 else f"{value:.3g}"
    return str(value)
