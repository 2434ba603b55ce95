"""From a message to what it says: the words, understood with the district's own names. Looks, never writes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.conversation import Dialogue
from bot.messages import Kind
from bot.people import Directory
from bot.router import Ignore, Reading
from handlers.progress import service
from handlers.progress.asker import Asker
from handlers.progress.language import (
    Intent,
    Item,
    Lexicon,
    Sender,
    TaskEntry,
    Understanding,
    UnitEntry,
    understand_in_context,
)
from handlers.progress.prompted import CIRCLED, Asked, has_numbers, name_lines, read_quote
from handlers.tasks import service as ledger
from handlers.tasks.service import Ledger

ASKING = "progress.asking"
# How far back a correction or retraction without a name reaches.
RECENT = timedelta(days=7)
_SPOKEN = (Kind.TEXT, Kind.VOICE, Kind.MIXED)
_YES = re.compile(r"^(对的?|是的?|嗯+|没错|可以|确认|好的?|对对|正确|ok|OK)[。!！~]*$")
_NO = re.compile(r"^(不对|不是的?|算了|取消|错了|不用了|不用|别记了?|不记了?)[。.!!~,, ]*$")
# What is longer names no line by its number.
_SHORT = 8
_WRITTEN = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message says. words are the sender's own, named the same with the prompt's numbers replaced by names.

    answered is the question this message answers, if any.
    """

    words: str
    named: str
    understanding: Understanding
    answered: Dialogue | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """The sender answered the open question by calling it off."""


def lexicon_of(directory: Directory, tasks: Ledger) -> Lexicon:
    """Return the names of the district as the language needs them; built once per snapshot."""
    return directory.memo("lexicon", lambda: _lexicon(directory, tasks))


def hear(reading: Reading, asker: Asker) -> Heard | Ignore | None:
    """Read a spoken or written message of a known person; None for anything else, and for small talk."""
    if reading.sender is None or reading.message.kind not in _SPOKEN or not reading.message.text.strip():
        return None
    text, quote = reading.message.text, reading.message.quote.text if reading.message.quote else None
    named = _with_names(reading, asker, text, quote)
    understanding = _understand(reading, named, quote)
    if understanding.intent is Intent.CORRECTION and quote is None and "task" in understanding.ask:
        understanding = _as_last_report(reading, named, understanding)
    if understanding.intent is Intent.ACK:
        return Ignore("an acknowledgement")
    if understanding.intent is Intent.CHATTER:
        return None
    return Heard(text, named, understanding)


def hear_answer(reading: Reading) -> Heard | Declined | None:
    """Read a message as the answer to the open question; None when it speaks of something else."""
    if reading.sender is None or reading.dialogue is None or reading.message.kind not in _SPOKEN:
        return None
    said = reading.message.text.strip()
    if _NO.match(said):
        return Declined()
    asked = reading.dialogue.data
    match asked["ask"]:
        case "confirm":
            return _confirmed(reading, asked) if _YES.match(said) else None
        case "task" | "unit":
            return _chosen(reading, asked, said)
        case _:
            return _completed(reading, asked, said)


def _understand(reading: Reading, text: str, quote: str | None, unit: str | None = None) -> Understanding:
    tasks = ledger.get(reading.session, reading.directory)
    person = reading.sender
    return understand_in_context(
        text,
        sender=Sender(unit or (person.unit if person else None), person.role if person else None),
        now=reading.now,
        quote=quote,
        lexicon=lexicon_of(reading.directory, tasks),
        calendar=reading.directory.calendar,
    )


def _with_names(reading: Reading, asker: Asker, text: str, quote: str | None) -> str:
    """Return text with ① and 第二项 named as lines of the quoted prompt, else of the one the sender got this week."""
    person, units = reading.sender, reading.directory.units
    if person is None or not has_numbers(text):
        return text
    children = {unit.name: unit.id for unit in units.values() if unit.parent == person.unit}
    if quote is not None:
        lines = read_quote(quote, person.unit, children)
    else:
        lines = [Asked(unit, task) for unit, task in asker.list_prompted(reading.session, person, reading.now)]
    names = {id: name for name, id in children.items()}

    def names_task(words: str) -> bool:
        return any(item.task for item in _understand(reading, words, None).items)

    return name_lines(text, lines, person.unit, names, names_task)


def _as_last_report(reading: Reading, text: str, understanding: Understanding) -> Understanding:
    """Understand a correction that names no task as one of the sender's last report, in a group of the last one there.

    What was reported in private, or in another group, is not the group's to hear of.
    """
    beside = reading.message if reading.message.chat else None
    since = reading.now - RECENT
    rows = service.latest_by(reading.session, reading.sender, since, beside=beside) if reading.sender else []
    if len(rows) != 1:
        return replace(understanding, task_candidates=tuple(dict.fromkeys(row.task_id for row in rows)))
    task = ledger.get(reading.session, reading.directory).tasks[rows[0].task_id]
    return _understand(reading, text, f"{task.id} {task.title}", rows[0].unit_id)


def _confirmed(reading: Reading, asked: dict[str, Any]) -> Heard:
    again = _understand(reading, asked["named"], asked.get("quote"))
    return Heard(asked["words"], asked["named"], again, reading.dialogue, confirmed=True)


def _chosen(reading: Reading, asked: dict[str, Any], said: str) -> Heard | None:
    """Take the choice of a task or unit and understand the first message anew with it."""
    choice = _pick(reading, asked, said)
    if choice is None:
        return None
    quote, unit = asked.get("quote"), None
    if asked["ask"] == "task":
        task = ledger.get(reading.session, reading.directory).tasks[choice]
        quote = f"{task.id} {task.title}"
    else:
        unit = choice
    again = _understand(reading, asked["named"], quote, unit)
    own = reading.sender.unit if reading.sender else None
    items = tuple(replace(item, on_behalf=item.unit is not None and item.unit != own) for item in again.items)
    return Heard(asked["words"], asked["named"], replace(again, items=items), reading.dialogue, confirmed=True)


def _pick(reading: Reading, asked: dict[str, Any], said: str) -> str | None:
    options: list[str] = asked["options"]
    number = _ordinal(said)
    if number is not None and 1 <= number <= len(options):
        return options[number - 1]
    named = said.upper()
    for option in options:
        if option in named or any(name in said for name in _names(reading, asked["ask"], option)):
            return option
    return None


def _names(reading: Reading, kind: str, option: str) -> tuple[str, ...]:
    if kind == "task":
        task = ledger.get(reading.session, reading.directory).tasks[option]
        return (task.title, *task.aliases)
    unit = reading.directory.units[option]
    return (unit.name, *unit.aliases)


def _ordinal(said: str) -> int | None:
    if len(said) > _SHORT:
        return None
    text = re.sub(r"^第|[个项条、.。号]+$", "", said.strip())
    if len(text) == 1 and text in CIRCLED:
        return CIRCLED.index(text) + 1
    if len(text) == 1 and text in _WRITTEN:
        return _WRITTEN.index(text) + 1
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else None


def _completed(reading: Reading, asked: dict[str, Any], said: str) -> Heard | None:
    """Add the missing percent, count or date from the answer to what the first message said."""
    first = _understand(reading, asked["named"], asked.get("quote"))
    lacking = next((item for item in first.items if lacks(item, first.intent)), None)
    if lacking is None or lacking.task is None:
        return None
    task = ledger.get(reading.session, reading.directory).tasks[lacking.task]
    text = f"申请延期到{said}" if first.intent is Intent.EXTENSION else said
    answer = _understand(reading, text, f"{task.id} {task.title}", lacking.unit)
    found = next((item for item in answer.items if item.task == lacking.task), None)
    if found is None or answer.ask:
        return None
    filled = replace(
        lacking,
        status=found.status or lacking.status,
        percent=found.percent,
        percent_op=found.percent_op,
        done=found.done,
        total=found.total,
        date=found.date or lacking.date,
        blocker=found.blocker or lacking.blocker,
        conflicting=False,
    )
    items = tuple(filled if item is lacking else item for item in first.items)
    left = () if not any(lacks(item, first.intent) for item in items) else first.ask
    return Heard(
        f"{asked['words']}\n{said}",
        asked["named"],
        replace(first, items=items, ask=left),
        reading.dialogue,
        confirmed=True,
    )


def lacks(item: Item, intent: Intent) -> bool:
    """Whether an item still needs a percent, count or date (extraction contract, rule 9), or a figure that holds."""
    if intent is Intent.EXTENSION:
        return item.date is None
    return item.conflicting or (
        item.status == "in_progress" and item.percent is None and item.done is None and item.date is None
    )


def _lexicon(directory: Directory, tasks: Ledger) -> Lexicon:
    facts = directory.facts
    return Lexicon(
        units=tuple(
            UnitEntry(unit.id, unit.name, unit.aliases, unit.kind, unit.parent) for unit in directory.units.values()
        ),
        tasks=tuple(
            TaskEntry(
                id=task.id,
                title=task.title,
                aliases=task.aliases,
                standard=task.standard,
                lead=task.lead,
                metric=task.metric,
                target=task.target,
                applies_to=task.applies_to,
            )
            for task in tasks.tasks.values()
        ),
        ambiguous_units={name: tuple(ids) for name, ids in facts.get("ambiguous_unit_aliases", {}).items()},
        ambiguous_words={word: tuple(ids) for word, ids in facts.get("ambiguous_task_words", {}).items()},
    )
