"""Reads the labelled rows of complaints and dangers, and counts what is right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from handlers.complaints.language import SchoolLexicon, find_dangers

DATA = Path(__file__).parents[3] / "data"


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a labelled file."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def halves(labelled: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the half that was tuned on (the first, third … row) and the other."""
    return labelled[::2], labelled[1::2]


def schools() -> SchoolLexicon:
    """Return the names of the invented district."""
    return SchoolLexicon.from_file(json.loads((DATA / "complaint-schools.json").read_text(encoding="utf-8")))


def misses(labelled: Iterable[dict[str, Any]]) -> list[str]:
    """Return the texts of dangers that are not found."""
    return [row["text"] for row in labelled if row["danger"] and not find_dangers(row["text"])]


def alarms(labelled: Iterable[dict[str, Any]]) -> list[str]:
    """Return the harmless texts that are taken for danger."""
    return [row["text"] for row in labelled if not row["danger"] and find_dangers(row["text"])]


def shares(labelled: list[dict[str, Any]]) -> Iterator[float]:
    """Yield the share of dangers found, then the share of harmless texts that raise an alarm."""
    dangers = sum(row["danger"] for row in labelled)
    yield 1 - len(misses(labelled)) / dangers
    yield len(alarms(labelled)) / (len(labelled) - dangers)
