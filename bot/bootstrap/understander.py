"""What `duban understand` answers: progress and complaints read from one line, and which may be one issue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.clock import SystemClock
from bot.errors import ConfigError
from bot.workdays import Calendar
from handlers.complaints.language import (
    Kind,
    SchoolLexicon,
    Understood,
    facts_of,
    group,
    is_complaint_in_group,
    redact,
)
from handlers.complaints.language import to_contract as complaint_contract
from handlers.complaints.language import understand as understand_complaint
from handlers.district import file as district_file
from handlers.district.shapes import SECTION
from handlers.progress.language import Intent, Lexicon, Sender, Understanding, to_contract, understand_in_context

# What a report of the ledger wants is progress, whatever the words of complaints make of it.
_REPORTS = frozenset((Intent.REPORT, Intent.CORRECTION, Intent.EXTENSION))
_SURE = 0.9


class Understander:
    """Reads lines (text; perhaps id, sender, quote, now as an aware datetime) by one district. Writes nothing."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Take a district file, or the plain form {"district", "schools": [{name, aliases, kind}]}.

        Raises ConfigError with every fault; push keys are not looked at.
        """
        if "schema" not in data and "schools" in data:
            data = _filled(data)
        else:
            district_file.parse(data, None)
        self._schools = SchoolLexicon.from_file(data)
        self._lexicon = Lexicon.from_district(
            {**data, "sections": [{"kind": SECTION, **row} for row in data["sections"]]}
        )
        self._calendar = Calendar.from_district(data["calendar"])
        self._people = {person["id"]: Sender(person["unit"], person["role"]) for person in data["people"]}

    def __call__(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Return the progress contract and the complaint contract of a line, with its id."""
        return self._answer(line)[0]

    def answer_all(self, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Answer lines with `issue`: equal numbers may be one matter, null is no complaint. Reads all first."""
        rows = [(line, *self._answer(line)) for line in lines]
        complaints = [(at, row) for at, row in enumerate(rows) if row[2].kind is Kind.COMPLAINT]
        numbers = group([facts_of(line["text"], found, self._schools) for _, (line, _, found) in complaints])
        issues = {at: number for (at, _), number in zip(complaints, numbers, strict=True)}
        return [{**answer, "issue": issues.get(at)} for at, (_, answer, _) in enumerate(rows)]

    def _answer(self, line: Mapping[str, Any]) -> tuple[dict[str, Any], Understood]:
        now = line.get("now") or SystemClock().now()
        sender = self._people.get(str(line.get("sender")), Sender(None, None))
        heard = understand_in_context(
            line["text"],
            sender=sender,
            now=now,
            quote=line.get("quote"),
            lexicon=self._lexicon,
            calendar=self._calendar,
        )
        found = _settled(understand_complaint(line["text"], self._schools), heard, sender, line["text"])
        answer = {key: line[key] for key in ("id",) if key in line}
        return answer | to_contract(heard) | complaint_contract(found, redact(line["text"])), found


def _settled(found: Understood, heard: Understanding, sender: Sender, text: str) -> Understood:
    """Let a report of the ledger be progress, and a member's words be a complaint only if that is sure."""
    reported = heard.intent in _REPORTS and bool(heard.items)
    if reported and any(item.task for item in heard.items):
        if found.kind is Kind.COMPLAINT and is_complaint_in_group(text):
            return found
        return replace(found, kind=Kind.PROGRESS, confidence=max(found.confidence, _SURE), topic="", tone="")
    doubtful = sender.unit is not None and found.kind is Kind.COMPLAINT and not found.dangers
    if doubtful and not is_complaint_in_group(text):
        return replace(found, kind=Kind.CHATTER, confidence=0.5, topic="")
    return found


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain form as a district without people, tasks and calendar. Raises ConfigError with every fault."""
    rows = data["schools"] if isinstance(data["schools"], list) else []
    faults = [] if rows else [("schools", "must be a list that is not empty")]
    schools = []
    for at, row in enumerate(rows):
        place = f"schools[{at}]"
        if not isinstance(row, Mapping) or not (isinstance(row.get("name"), str) and row["name"]):
            faults.append((f"{place}.name", "must be a text"))
            continue
        aliases, kind = row.get("aliases", []), row.get("kind", "")
        if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
            faults.append((f"{place}.aliases", "must be a list of texts"))
        elif not isinstance(kind, str):
            faults.append((f"{place}.kind", "must be a text"))
        else:
            schools.append({"id": f"S{at + 1:02d}", "name": row["name"], "aliases": aliases, "kind": kind})
    if faults:
        raise ConfigError(faults)
    return {"schools": schools, "sections": [], "ledger": [], "people": [], "calendar": {}}
