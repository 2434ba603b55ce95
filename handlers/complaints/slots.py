"""What is known of a complaint, what is missing, and what to ask next; pure.

A draft is a list of what was typed. What is known follows from it, so that words which are taken back take along
what they told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

# Besides the first message, the consent and the confirmation: six turns in all.
MOST_QUESTIONS = 3
# What is shorter and of no known topic tells nothing that could be looked into.
_TOLD = 6
# Longer drafts are to be confirmed first; what is said afterwards is added to the case.
LONGEST = 12_000
MOST_ENTRIES = 120
MOST_FILES = 20
# What an answer speaks of, where it is not recognised but tells of something else too.
_PLACE = re.compile(r"学|校|园|班|局|股|机构|中心|公司|食堂|[一二三四五六七八九十]中")
_TIME = re.compile(r"[天日周月年时期刚前后早晚午次回节]|礼拜|星期")
_AROUND, _SHORT_UNIT = 4, 6


class Slot(StrEnum):
    """What an office must know to look into a matter."""

    WHAT = "what"
    UNIT = "unit"
    WHEN = "when"
    WISH = "wish"
    NAME = "name"


class Step(StrEnum):
    """What the last answer asked for."""

    NOTHING = ""
    DOUBT = "doubt"  # is this a complaint?
    OFFER = "offer"  # register a question or suggestion?
    CONSENT = "consent"
    SLOT = "slot"
    READ_BACK = "read_back"
    FIX = "fix"


@dataclass(frozen=True, slots=True)
class Facts:
    """What one message tells, or all of them. Empty: nothing about it.

    kind: complaint, suggestion, query, progress or chatter; topic: one of the 11. units: ids of the directory, several
    where a short name may mean each of them.
    """

    kind: str = ""
    topic: str = ""
    units: tuple[str, ...] = ()
    place: str = field(default="", repr=False)
    happened: str = field(default="", repr=False)
    wish: str = field(default="", repr=False)
    is_named: bool | None = None
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    is_child: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a draft: the platform's id of it, our uid of its row, its words and what they tell.

    is_answer: it answers a question of ours or corrects, so it tells nothing of the matter by itself.
    """

    message_id: str
    uid: str
    text: str = field(default="", repr=False)
    facts: Facts = field(default_factory=Facts)
    has_file: bool = False
    is_answer: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A complaint that is being told. options: what the last answer offered. scene: the unit of the code that was
    scanned. notice: the version of the notice that was agreed to.
    """

    entries: tuple[Entry, ...] = field(default=(), repr=False)
    step: Step = Step.NOTHING
    slot: Slot | None = None
    options: tuple[str, ...] = ()
    asked: tuple[Slot, ...] = ()
    scene: str = ""
    notice: str = ""
    kind: str = "complaint"

    @property
    def text(self) -> str:
        """The words as typed, in their order, one message a line."""
        return "\n".join(entry.text for entry in self.entries if entry.text)

    @property
    def story(self) -> str:
        """The words that tell the matter, in one line, without the answers to our questions."""
        told = [" ".join(entry.text.split()) for entry in self.entries if entry.text and not entry.is_answer]
        return ";".join(told) or " ".join(self.text.split())

    @property
    def is_full(self) -> bool:
        """Whether no more words are taken before this is confirmed."""
        return len(self.text) > LONGEST or len(self.entries) >= MOST_ENTRIES

    @property
    def files(self) -> tuple[str, ...]:
        """The uids of the rows that came with a picture, voice, video or file."""
        return tuple(entry.uid for entry in self.entries if entry.has_file)

    @property
    def known(self) -> Facts:
        """What is known by now: what was said later counts more; the scanned unit counts until another is named."""
        facts = Facts(units=(self.scene,) if self.scene else ())
        for entry in self.entries:
            facts = merge(facts, entry.facts)
        return facts


def merge(old: Facts, new: Facts) -> Facts:
    """Return old with everything that new tells. A unit replaces a place that was named before, and the other way."""
    told = {each.name: getattr(new, each.name) for each in fields(Facts)}
    changes = {name: value for name, value in told.items() if value not in ("", (), None, False)}
    if new.is_named is False:
        changes["is_named"] = False
    merged = replace(old, **changes)
    if new.units:
        merged = replace(merged, units=_narrow(old.units, new.units), place=new.place)
    elif new.place:
        merged = replace(merged, units=())
    return replace(merged, kind=max(old.kind, new.kind, key=_weight))


def _weight(kind: str) -> int:
    return {"complaint": 2, "suggestion": 1, "query": 1}.get(kind, 0)


def _narrow(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Return the units meant by the later name; an unclear name leaves standing what an earlier one made clear."""
    both = tuple(unit for unit in new if unit in old)
    return both if len(new) > 1 and len(both) == 1 else new


def next_slot(draft: Draft) -> Slot | None:
    """Return what to ask for next, or None: everything is known, was asked for, or there were enough questions."""
    known = draft.known
    missing = [slot for slot in _missing(draft, known) if slot not in draft.asked]
    if len(draft.asked) >= MOST_QUESTIONS:
        # Who wants to be named is asked for the name all the same: without it nobody could be.
        missing = [slot for slot in missing if slot is Slot.NAME]
    return missing[0] if missing else None


def _missing(draft: Draft, known: Facts) -> Iterable[Slot]:
    if not has_told(draft):
        yield Slot.WHAT
    if len(known.units) != 1 and not known.place:
        yield Slot.UNIT
    if not known.happened:
        yield Slot.WHEN
    if not known.wish:
        yield Slot.WISH
    if known.is_named and not known.name:
        yield Slot.NAME


def has_told(draft: Draft) -> bool:
    """Whether the words tell what the matter is."""
    return any(
        entry.facts.topic or len(entry.text) >= _TOLD for entry in draft.entries if entry.facts.kind != "opening"
    )


def fill(slot: Slot, text: str, facts: Facts) -> Facts:
    """Return what an answer tells, given what it was asked for: the words themselves where nothing was recognised."""
    said = text.strip()
    match slot:
        case Slot.UNIT if not facts.units and not facts.place and _may_be_place(said, facts):
            return replace(facts, place=said[:60])
        case Slot.WHEN if not facts.happened and len(said) <= 40 and _may_be_time(said, facts):
            return replace(facts, happened=said)
        case Slot.WISH if not facts.wish and not _is_unit_or_time(said, facts):
            return replace(facts, wish=said[:300])
        case Slot.NAME if not facts.name and len(said) <= 20:
            return replace(facts, name=said)
        case _:
            return facts


def _may_be_place(said: str, facts: Facts) -> bool:
    return not (facts.happened or facts.wish or facts.topic) or bool(_PLACE.search(said))


def _may_be_time(said: str, facts: Facts) -> bool:
    return not (facts.units or facts.wish or facts.topic) or bool(_TIME.search(said))


def _is_unit_or_time(said: str, facts: Facts) -> bool:
    """Whether a short answer tells only which unit or when, though something else was asked."""
    is_time = bool(facts.happened) and len(said) <= len(facts.happened) + _AROUND
    return is_time or (bool(facts.units) and len(said) <= _SHORT_UNIT)


def fills(slot: Slot, facts: Facts) -> bool:
    """Whether an answer told what it was asked for, or another thing that would have been asked for."""
    told = {
        Slot.UNIT: bool(facts.units or facts.place),
        Slot.WHEN: bool(facts.happened),
        Slot.WISH: bool(facts.wish),
        Slot.NAME: bool(facts.name or facts.phone),
    }
    return told.get(slot, False) or (any(told.values()) and not facts.topic)


def add(draft: Draft, entry: Entry) -> Draft:
    """Return the draft with one more message; the same one twice counts once."""
    if any(one.message_id == entry.message_id for one in draft.entries):
        return draft
    return replace(draft, entries=(*draft.entries, entry))


def recall(draft: Draft, message_id: str) -> Draft:
    """Return the draft without a message that was taken back on the platform."""
    return replace(draft, entries=tuple(entry for entry in draft.entries if entry.message_id != message_id))


def dump(draft: Draft) -> dict[str, Any]:
    """Return the draft as JSON values, for the sealed data of a dialogue."""
    return asdict(draft)


def load(data: Mapping[str, Any]) -> Draft:
    """Return the draft that dump wrote."""
    return Draft(
        entries=tuple(load_entry(each) for each in data["entries"]),
        step=Step(data["step"]),
        slot=Slot(data["slot"]) if data["slot"] else None,
        options=tuple(data["options"]),
        asked=tuple(Slot(slot) for slot in data["asked"]),
        scene=data["scene"],
        notice=data["notice"],
        kind=data["kind"],
    )


def load_entry(data: Mapping[str, Any]) -> Entry:
    """Return the entry that asdict wrote."""
    told = data["facts"]
    return Entry(**{**data, "facts": Facts(**{**told, "units": tuple(told["units"])})})
