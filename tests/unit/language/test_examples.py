"""The labelled rows: how many are right in every field, and that nothing is written where it must not be."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.unit.language.scoring import Reader, Score, rows, score

LABELLED = [
    "progress-examples.jsonl",
    "progress-heldout.jsonl",
    "progress-heldout-2.jsonl",
    "progress-heldout-3.jsonl",
]


def scores(reader: Reader, labelled: Iterable[dict[str, Any]]) -> list[Score]:
    return [score(row["expect"], reader.read(row)) for row in labelled]


@pytest.mark.parametrize("name", LABELLED)
def test_nineteen_rows_in_twenty_are_right_in_every_field(reader: Reader, name: str) -> None:
    found = scores(reader, rows(name))

    assert sum(one.right for one in found) >= 0.95 * len(found)


@pytest.mark.parametrize("name", LABELLED)
def test_nothing_is_written_wrongly(reader: Reader, name: str) -> None:
    wrong = {row["id"]: bad for row in rows(name) if (bad := score(row["expect"], reader.read(row)).wrong_writes)}

    assert wrong == {}


def test_where_the_labels_ask_nothing_is_sure_enough_to_write(reader: Reader) -> None:
    asked = [row for row in rows("progress-examples.jsonl") if row["expect"]["ask"]]

    assert [row["id"] for row in asked if reader.read(row)["confidence"] >= 0.9] == []


def test_the_scorer_counts_a_wrong_task_as_a_wrong_write() -> None:
    item = {"unit": "S01", "task": "T01", "status": "in_progress", "percent": 50, "date": None, "blocker": None}
    expected = {"intent": "report", "items": [item], "ask": []}

    found = score(expected, {**expected, "items": [{**item, "task": "T02"}]})

    assert found.wrong_writes == ("write to ('S01', 'T02')",)
    assert not found.right


def test_the_scorer_accepts_half_of_the_blockers_characters() -> None:
    item = {
        "unit": "S01",
        "task": "T01",
        "status": "in_progress",
        "percent": 50,
        "date": None,
        "blocker": "厂家少发12台",
    }
    expected = {"intent": "report", "items": [item], "ask": []}

    assert score(expected, {**expected, "items": [{**item, "blocker": "厂家少发"}]}).right
    assert not score(expected, {**expected, "items": [{**item, "blocker": "厂家"}]}).right
