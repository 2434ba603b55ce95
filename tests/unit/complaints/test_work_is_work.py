"""Of all labelled messages about progress only those labelled as complaints are taken for one, at every door."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from bot.messages import Incoming, Kind, Quote
from bot.people import Directory, Person, Role, Unit
from bot.router import Reading
from handlers.complaints import routes
from tests.conftest import DATA, SAMPLE

DISTRICT = json.loads(SAMPLE.read_text(encoding="utf-8"))
FILES = ("progress-examples", "progress-heldout", "progress-heldout-2", "progress-heldout-3")
ROWS = [
    json.loads(line) for name in FILES for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]
SOMEBODY = Person("P-S13-2", "某人", "信息员", "S13", Role.REPORTER, "p-s13-2")


@pytest.fixture(scope="module")
def directory() -> Directory:
    """The units of the sample, and one person."""
    rows = (*DISTRICT["schools"], *DISTRICT["sections"])
    units = {row["id"]: Unit(row["id"], row["name"], row["kind"], tuple(row["aliases"])) for row in rows}
    facts = {"ambiguous_unit_aliases": DISTRICT["ambiguous_unit_aliases"]}
    return Directory(1, units, {SOMEBODY.id: SOMEBODY}, {}, facts)


def reading_of(row: dict[str, Any], directory: Directory, door: str, chat: str = "") -> Reading:
    """Return a labelled message as it would come in."""
    quote = Quote(Kind.TEXT, row["quote"]) if row.get("quote") else None
    message = Incoming(door, "m", Kind.TEXT, SOMEBODY.userid, chat=chat, text=row["text"], quote=quote)
    nobody_asks = cast(Session, None)
    return Reading(message, SOMEBODY, directory, None, datetime(2026, 11, 23, 2, tzinfo=UTC), nobody_asks)


@pytest.mark.parametrize(("door", "chat"), [("app/office", ""), ("robot/duban", ""), ("robot/duban", "wr-c-b08")])
def test_reports_are_no_complaints(directory: Directory, door: str, chat: str) -> None:
    taken = []
    for row in ROWS:
        reading = reading_of(row, directory, door, chat)
        found = [read(reading) for read in (routes.read_alarm, routes.read_member, routes.read_aside)]
        if any(found):
            taken.append(row["text"])

    assert taken == [row["text"] for row in ROWS if row["expect"]["intent"] == "complaint"]


def test_an_alarm_is_read_at_every_door(directory: Directory) -> None:
    row = {"text": "我们班学生在厕所割腕了,流了好多血"}
    for door in ("app/office", "robot/duban", "kf/parents"):
        reading = reading_of(row, directory, door)
        assert routes.read_alarm(reading) is not None
        assert routes.read_alarm(replace(reading, sender=None)) is not None
