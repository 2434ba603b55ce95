"""May this payload go to this audience? The last door before the network.

Two kinds of rule. Marks: whoever stores something secret marks its words, blindly; a payload that shows such words
leaves only for those whom the mark admits. Shapes: no group ever gets a mobile, identity or bank card number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from sqlalchemy.orm import Session

from bot import marks
from bot.fingerprint import Common
from bot.marks import Found, Secret, protect, release
from bot.messages import Body, Card, CardUpdate, Image, Markdown, Menu, Text
from bot.people import Directory
from bot.seal import Seal
from bot.shapes import find_number

__all__ = [
    "Audience",
    "Clearance",
    "Common",
    "Guard",
    "Judge",
    "Secret",
    "clears_nobody",
    "common_of",
    "protect",
    "release",
    "shown",
]

# (session, directory, case uid, kind of secret, person id) -> whether that person may be shown it now.
Clearance = Callable[[Session, Directory, str, Secret, str], bool]

_FAULTS = {
    Secret.IDENTITY: "identity of another",
    Secret.CODE: "query code of another",
    Secret.TEXT: "words of another",
}


def clears_nobody(_session: Session, _directory: Directory, _case: str, _secret: Secret, _person_id: str) -> bool:
    """Admit nobody of the directory: the clearance where no subject has secrets."""
    return False


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets a payload: lane is the outbox row's blind lane, name its audience (a person or chat id, or empty)."""

    lane: str
    name: str
    is_chat: bool


class Guard:
    """Checks payloads. clearance decides about the people of the directory."""

    def __init__(self, seal: Seal, clearance: Clearance) -> None:
        self._seal = seal
        self._clearance = clearance

    def judge(self, session: Session, directory: Directory) -> Judge:
        """Return who checks the payloads of one transaction: the same words to many are looked up once."""
        return Judge(session, self._seal, self._clearance, directory)


class Judge:
    """Checks the payloads of one transaction."""

    def __init__(self, session: Session, seal: Seal, clearance: Clearance, directory: Directory) -> None:
        self._session = session
        self._directory = directory
        self._hasher = marks.hasher_of(seal)
        self._clearance = clearance
        self._seen: dict[tuple[str, ...], list[Found]] = {}
        self._numbers: dict[tuple[str, ...], str | None] = {}
        self._is_empty: bool | None = None

    def find_fault(self, audience: Audience, body: Body, mentions: Sequence[str] = ()) -> str | None:
        """Return why the payload may not leave, in words that hold nothing of it ("identity of another"), or None.

        mentions: ids that the door adds to the body.
        """
        if isinstance(body, Image) and not body.source.strip():
            return "picture without source"
        texts = (*shown(body), *mentions)
        if audience.is_chat and (number := self._number(texts)) is not None:
            return f"{number} in a group"
        found = self._find(texts)
        for secret, fault in _FAULTS.items():
            if not all(self._admits(audience, each) for each in found if each.secret is secret):
                return fault
        return None

    def _number(self, texts: tuple[str, ...]) -> str | None:
        if texts not in self._numbers:
            self._numbers[texts] = find_number(texts)
        return self._numbers[texts]

    def _find(self, texts: tuple[str, ...]) -> list[Found]:
        if self._is_empty is None:
            self._is_empty = not marks.has_any(self._session)
        if self._is_empty:
            return []
        if texts not in self._seen:
            self._seen[texts] = marks.find(self._session, self._hasher, texts)
        return self._seen[texts]

    def _admits(self, audience: Audience, found: Found) -> bool:
        """Whether the audience may see a secret: that of one case it may see is enough, where several hold the same."""
        if audience.is_chat:
            return False
        return any(
            owner == marks.owner_of(self._hasher, case, audience.lane)
            or (audience.name and self._clears(case, found.secret, audience.name))
            for case, owner in sorted(found.holders)
        )

    def _clears(self, case: str, secret: Secret, person_id: str) -> bool:
        return self._clearance(self._session, self._directory, case, secret, person_id)


def shown(body: Body) -> tuple[str, ...]:
    """Return every string that leaves with a body, and for a picture the words it shows."""
    return tuple(text for text in _strings(body) if text)


def _strings(body: Body) -> Iterator[str]:
    match body:
        case Text():
            yield from (body.content, *body.mentions)
        case Markdown():
            yield body.content
        case Image():
            yield body.source
        case Card():
            yield from (body.task_id, body.title, body.subtitle)
            yield from ("".join(line) for line in body.lines)
            yield from (part for button in body.buttons for part in (button.key, button.text))
        case CardUpdate():
            yield from (body.task_id, body.title, body.subtitle, body.response_code)
            yield from ("".join(line) for line in body.lines)
        case Menu():
            yield from (body.head, body.tail)
            yield from (part for option in body.options for part in option)
        case _:
            assert_never(body)


def common_of(directory: Directory, words: Sequence[str] = (), texts: Sequence[str] = ()) -> Common:
    """Return what is no secret by itself: names and ids of the directory, further words (topics, titles of tasks), and
    our own wording. For protect; make it once per snapshot (Directory.memo).
    """
    names = [*words]
    for unit in directory.units.values():
        names += (unit.id, unit.name, *unit.aliases)
    for person in directory.people.values():
        names += (person.id, person.userid, person.name, person.title)
    for chat in directory.chats.values():
        names += (chat.id, chat.name, chat.robot_chat or "")
    return Common(names, texts)
