"""Pure decisions about groups: which text is a push address, and which group a name means."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.people import Chat, Directory, Person, Role

# Source: WeCom developer docs 91770 (read 2026-11). The platform's keys are UUIDs, those of the stand-in are not.
_ADDRESS = re.compile(r"https?://[^\s?#]+/webhook/send\?(?:[^\s#]*&)?key=([0-9A-Za-z_-]{8,128})", re.ASCII)
_KEY = re.compile(r"[0-9A-Za-z_-]{8,128}", re.ASCII)
_PASTED_KEY = re.compile(r"(?=[^\s]*\d)(?=[^\s]*-)[0-9A-Za-z_-]{20,128}", re.ASCII)
_NOISE = re.compile(r"[\s\W_]+")
# What many groups' names end with and so tells none of them apart.
_COMMON = re.compile(r"(?:包校|工作)?群$")
# From this likeness a name may be a slip of the pen; groups so near to the likest are offered with it.
_TYPO, _NEAR = 0.6, 0.15


def push_key(text: str) -> str | None:
    """Return the key in a group's push address, or a bare key; None if text is neither."""
    found = _ADDRESS.search(text)
    if found:
        return found[1]
    bare = text.strip()
    return bare if _KEY.fullmatch(bare) else None


def pasted_key(text: str) -> str | None:
    """Return the key in what somebody pasted into a chat: an address anywhere, or a lone key with digits and dashes."""
    found = _ADDRESS.search(text)
    if found:
        return found[1]
    bare = text.strip()
    return bare if _PASTED_KEY.fullmatch(bare) else None


def holds_address(text: str) -> bool:
    """Whether text shows a push address."""
    return _ADDRESS.search(text) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """The groups a name may mean. is_sure: there is one, and the name is its own or a part of it."""

    chats: tuple[Chat, ...]
    is_sure: bool


def find_chats(directory: Directory, name: str) -> Found:
    """Return the groups that name means: its id or name, a unit's group by any name of the unit, a part of a name.

    A likeness with a slip of the pen is offered but never sure.
    """
    chats = list(directory.chats.values())
    wanted = _plain(name)
    if not wanted:
        return Found((), False)
    exact = [chat for chat in chats if wanted in (_plain(chat.id), _plain(chat.name), _short(chat.name))]
    by_unit = [chat for chat in chats if wanted in _unit_names(directory, chat)]
    part = [chat for chat in chats if len(wanted) >= 2 and wanted in _plain(chat.name)]
    for found in (exact, by_unit, part):
        if found:
            return Found(tuple(found), len(found) == 1)
    likeness = {chat.id: _likeness(wanted, chat) for chat in chats}
    least = max(_TYPO, max(likeness.values(), default=0.0) - _NEAR)
    close = [chat for chat in chats if likeness[chat.id] >= least]
    return Found(tuple(sorted(close, key=lambda chat: -likeness[chat.id])), False)


def may_bind(person: Person, chat: Chat, directory: Directory) -> bool:
    """Whether a person may bind a group: clerks and the head of their office any, a section head the groups he is in.

    A head of another section is refused, because who binds a group decides which room gets its messages.
    """
    if person.role is Role.CLERK:
        return True
    if person.role is not Role.SECTION_HEAD:
        return False
    office = directory.facts.get("leading_group", {}).get("office")
    return person.unit == office or person in directory.members_of(chat)


def may_bind_some(person: Person) -> bool:
    """Whether a person may bind any group at all."""
    return person.role in (Role.CLERK, Role.SECTION_HEAD)


def _plain(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _short(name: str) -> str:
    return _plain(name).removesuffix("群")


def _unit_names(directory: Directory, chat: Chat) -> set[str]:
    unit = directory.units.get(directory.section_of(chat) or "")
    if unit is None:
        return set()
    names = {_plain(each) for each in (unit.id, unit.name, *unit.aliases)}
    return names | {f"{each}群" for each in names}


def _likeness(wanted: str, chat: Chat) -> float:
    one, other = (_COMMON.sub("", name) for name in (wanted, _plain(chat.name)))
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
