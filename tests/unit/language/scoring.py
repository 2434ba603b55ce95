"""Scores understandings against labelled rows by rule 10 of supervision-domain.md, section 6."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.workdays import Calendar
from handlers.progress.language import Lexicon, Sender, to_contract, understand

MONDAY = "2026-11-23"
DATA = Path(__file__).parents[2] / "data"
SAMPLE = Path(__file__).parents[3] / "bot" / "sandbox" / "data" / "district-sample.json"


@dataclass(frozen=True)
class Reader:
    """Reads rows with the sample district's names, calendar and people."""

    lexicon: Lexicon
    calendar: Calendar
    people: dict[str, tuple[str | None, str | None]]

    @classmethod
    def of_sample(cls) -> "Reader":
        data = json.loads(SAMPLE.read_text(encoding="utf-8"))
        people = {row["id"]: (row.get("unit"), row.get("role")) for row in data["people"]}
        return cls(Lexicon.from_district(data), Calendar.from_district(data["calendar"]), people)

    def read(self, row: dict[str, Any]) -> dict[str, Any]:
        sender = Sender(*self.people.get(row.get("sender") or "", (None, None)))
        now = datetime.fromisoformat(row["now"])
        quote = row.get("quote")
        return to_contract(
            understand(row["text"], sender=sender, now=now, quote=quote, lexicon=self.lexicon, calendar=self.calendar)
        )

    def say(self, text: str, sender: str = "S13-1", *, now: str = MONDAY, quote: str | None = None) -> str:
        """The understanding of one message in a line: intent: unit task status figures @date !blocker; … ?asked."""
        row = {"text": text, "sender": f"P-{sender}", "now": f"{now}T10:00:00+08:00", "quote": quote}
        got = self.read(row)
        items = "; ".join(_brief(item) for item in got["items"])
        asked = " ".join(f"?{question}" for question in got["ask"])
        rest = "rest" if got.get("rest_unchanged") else ""
        return f"{got['intent']}: {items} {rest} {asked}".replace("  ", " ").strip().removesuffix(":")


def _brief(item: dict[str, Any]) -> str:
    done, total = item.get("done"), item.get("total")
    count = "" if done is None else str(done) if total is None else f"{done}/{total}"
    share = "" if item["percent"] is None else f"{item.get('percent_op', '')}{item['percent']}%"
    words = [item["unit"] or "-", item["task"] or "-", item["status"] or "-", share, count]
    words += [f"@{item['date']}" if item["date"] else "", f"!{item['blocker']}" if item["blocker"] else ""]
    words += ["unchanged"] if item.get("unchanged") else []
    return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Score:
    faults: tuple[str, ...]
    wrong_writes: tuple[str, ...]

    @property
    def right(self) -> bool:
        return not self.faults


def rows(name: str) -> Iterator[dict[str, Any]]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def score(expected: dict[str, Any], got: dict[str, Any]) -> Score:
    faults: list[str] = []
    wrong: list[str] = []
    if expected["intent"] != got["intent"]:
        faults.append(f"intent {got['intent']} for {expected['intent']}")
    if sorted(expected["ask"]) != sorted(got["ask"]):
        faults.append(f"ask {got['ask']} for {expected['ask']}")
    missing = list(expected["items"])
    for item in sorted(got["items"], key=lambda item: not any(_key(item) == _key(other) for other in missing)):
        match = next((other for other in missing if _key(other) == _key(item)), None)
        if match is None:
            faults.append(f"extra {_key(item)}")
            if item["unit"] and item["task"]:
                wrong.append(f"write to {_key(item)}")
            continue
        missing.remove(match)
        faults += _field_faults(match, item)
        if item["status"] == "done" and match["status"] != "done":
            wrong.append(f"done for {match['status']}")
    faults += [f"missing {_key(item)}" for item in missing]
    return Score(tuple(faults), tuple(wrong))


def _key(item: dict[str, Any]) -> tuple[Any, Any]:
    return item["unit"], item["task"]


def _field_faults(expected: dict[str, Any], got: dict[str, Any]) -> Iterator[str]:
    for name in ("status", "date", "percent_op", "done", "total", "on_behalf"):
        if expected.get(name) != got.get(name):
            yield f"{name} {got.get(name)} for {expected.get(name)}"
    if not _near(expected["percent"], got["percent"]):
        yield f"percent {got['percent']} for {expected['percent']}"
    if not _overlaps(expected["blocker"], got["blocker"]):
        yield f"blocker {got['blocker']} for {expected['blocker']}"


def _near(expected: float | None, got: float | None) -> bool:
    if expected is None or got is None:
        return expected is got
    return abs(expected - got) <= 0.5


def _overlaps(expected: str | None, got: str | None) -> bool:
    if not expected or not got:
        return not expected and not got
    a, b = Counter(expected), Counter(got)
    return 2 * sum((a & b).values()) >= sum((a | b).values())
