"""From a message to what it tells: words, facts, danger, a command. Looks, never writes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.messages import Incoming, Kind
from bot.people import Directory
from handlers.complaints import accused, numbers, speech, telling
from handlers.complaints.language import Kind as Wanted
from handlers.complaints.language import SchoolLexicon, Understood, understand
from handlers.complaints.slots import Facts
from handlers.complaints.speech import Command
from handlers.complaints.telling import Correction

FILES = (Kind.IMAGE, Kind.VIDEO, Kind.FILE, Kind.VOICE)
# Where nobody has said that it is a complaint, it must be as sure as this to be taken for one.
SURE = 0.6
_BUREAU = re.compile(r"(?:区|县|市)?教育局|[贵你我]局|你们局|局里")
_CONDUCT = "作风/推诿/慢作为"
_MARK = re.compile(r"^\s*@\S+\s*|\s*@\S+\s*$")
# Said by a member at the beginning, these open a complaint whatever follows.
_OPENS = re.compile(
    r"^(?:你好|您好|小督|在吗)*(?:我|本人)?(?:要|想|来|需要)?(?:实名|匿名)?(?:投诉|举报|检举)(?!率|件|量|办|电话|渠道|箱|平台|工作|处理|制度|台账|数|案件|信息|事项|受理)|"
    r"^(?:你好|您好|小督|在吗)*(?:我|本人)(?:要|想)(?:实名|匿名)?反映(?!进展|进度|情况如下)"
)
# What members say about their work is never taken for part of a complaint.
_WORK = re.compile(
    r"(?<![a-z])[Tt]\s?\d{2,3}(?!\d)|^(?:台账|逾期|帮助|help|作废|更正|绑定|无变化|其他无变化|都?没变化)"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message tells. is_sure: it is a complaint without doubt. correction: what it puts in place if it corrects,
    right: what that tells.
    """

    kind: Kind
    text: str = field(default="", repr=False)
    facts: Facts = field(default_factory=Facts)
    correction: Correction = field(default_factory=lambda: Correction(""), repr=False)
    right: Facts = field(default_factory=Facts)
    command: Command | None = None
    is_sure: bool = False
    is_work: bool = False
    is_thanks: bool = False
    is_code: bool = field(default=False)
    dangers: tuple[str, ...] = ()
    has_file: bool = False

    @property
    def is_voice(self) -> bool:
        """Whether this was spoken and nobody has written down what."""
        return self.kind is Kind.VOICE and not self.text

    @property
    def is_short(self) -> bool:
        """Whether this can hardly tell anything by itself."""
        return len(speech.plain(self.text)) < 8


def hear(message: Incoming, directory: Directory, *, text: str | None = None) -> Heard:
    """Read a message. text: what to read in place of its own words."""
    said = words_of(message) if text is None else text
    has_file = message.kind in FILES or (message.kind is Kind.MIXED and bool(message.attachments))
    if not said:
        return Heard(message.kind, has_file=has_file)
    read = understand(said, lexicon_of(directory))
    facts = facts_of(said, read, directory)
    correction = telling.read_correction(said)
    right = facts
    if correction.right != said:
        right = facts_of(correction.right, understand(correction.right, lexicon_of(directory)), directory)
    command = speech.find_command(said)
    return Heard(
        kind=message.kind,
        text=said,
        facts=replace(facts, kind="opening", topic="") if command is Command.NEW else facts,
        correction=correction,
        right=right,
        command=command,
        is_sure=read.kind is Wanted.COMPLAINT and read.confidence >= SURE,
        is_work=bool(_WORK.search(said)) or read.kind is Wanted.PROGRESS,
        is_thanks=speech.is_thanks(said) or (read.tone == "thanks" and read.kind is Wanted.CHATTER),
        is_code=numbers.read_code(said) is not None,
        dangers=read.danger_kinds,
        has_file=has_file,
    )


def words_of(message: Incoming) -> str:
    """Return what was written or said, without a mention; a place that was sent counts as words."""
    said = _MARK.sub("", message.text).strip() if message.chat else message.text.strip()
    if message.kind is Kind.LOCATION:
        address = message.detail.get("address", "")
        return f"位置:{said}" + (f",{address}" if address and address != said else "") if said or address else ""
    return said if message.kind in (Kind.TEXT, Kind.VOICE, Kind.MIXED, Kind.LINK) else ""


def may_be(text: str) -> bool:
    """Whether it is worth a closer look if a member's words are a complaint; cheap, for every message of everybody."""
    return len(text) > 1 and not _WORK.search(text)


def opens(text: str) -> bool:
    """Whether the text says outright that it is a complaint (我要投诉…), not that it is about complaints."""
    return bool(_OPENS.match(re.sub(r"[\s,,。.!!::]+", "", text)))


def facts_of(text: str, read: Understood, directory: Directory) -> Facts:
    """Return what a text tells."""
    units, place = _units(text, read, directory), ""
    if not units and read.topic == _CONDUCT and (bureau := _BUREAU.search(text)):
        place = "区教育局" if "教育局" not in bureau[0] else bureau[0]
    return Facts(
        kind=read.kind.value,
        topic=read.topic,
        units=units,
        place=place,
        happened="、".join(dict.fromkeys(span.words for span in read.times))[:60],
        wish=telling.find_wish(text),
        is_named=telling.wants_named(text),
        name=telling.find_name(text),
        phone=telling.find_phone(text),
        is_child=speech.seems_child(text),
    )


def _units(text: str, read: Understood, directory: Directory) -> tuple[str, ...]:
    """Return the units meant: of the first school that is sure, else all that an ambiguous name may mean; what the
    bureau itself is accused of goes before or in place of it (see accused.route).
    """
    schools = _schools(read, directory)
    found = accused.find(text, directory, is_conduct=read.topic == _CONDUCT)
    if len(schools) > 1 and found.is_vague:
        return schools
    sure = schools[0] if len(schools) == 1 else None
    unit = accused.route(directory, sure, found, has_danger=bool(read.danger_kinds))
    return (unit,) if unit else schools


def _schools(read: Understood, directory: Directory) -> tuple[str, ...]:
    ids = {unit.name: unit.id for unit in directory.units.values() if unit.is_school}
    sure = [ids[name] for name in read.schools if name in ids]
    if sure:
        return (sure[0],)
    return tuple(ids[name] for ref in read.school_refs[:1] for name in ref.names if name in ids)


def lexicon_of(directory: Directory) -> SchoolLexicon:
    """Return the names of the district's schools and sections as the language needs them; made once per snapshot."""
    return directory.memo("complaints.lexicon", lambda: _lexicon(directory))


def _lexicon(directory: Directory) -> SchoolLexicon:
    units = directory.units
    rows = [(unit.name, unit.aliases if unit.is_school else _spelled_out(unit.aliases)) for unit in units.values()]
    ambiguous = directory.facts.get("ambiguous_unit_aliases", {})
    shared = {alias: tuple(units[one].name for one in ids if one in units) for alias, ids in ambiguous.items()}
    return SchoolLexicon.of(rows, {alias: names for alias, names in shared.items() if names})


def _spelled_out(aliases: Iterable[str]) -> list[str]:
    """Return those short names of a section that are not ordinary words (人事, 办公室)."""
    return [alias for alias in aliases if re.fullmatch(r".{2,}股|局.*[室办]", alias)]
