"""The values that pass between a dialogue and the cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.router import Context
from bot.vault import Address


@dataclass(frozen=True, slots=True)
class Statement:
    """What a complainant has said when a case is filed. kind: complaint, suggestion, query. unit: an id of the
    directory, or empty with place for what was said instead. topic: one of the 11 topics of the labelled data.
    inbox_uids: messages that brought files. is_minor: a child writes, or was harmed.
    """

    kind: str
    text: str = field(repr=False)
    topic: str
    unit: str = ""
    place: str = field(default="", repr=False)
    happened: str = field(default="", repr=False)
    wish: str = field(default="", repr=False)
    is_named: bool = False
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    notice_version: str = ""
    dangers: tuple[str, ...] = ()
    inbox_uids: tuple[str, ...] = ()
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the complainant gets at once: number (区教诉〔2026〕000123号) and query code (13 characters, shown once)."""

    case: str
    number: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Own:
    """One of the sender's own cases, as told to the sender. state is the Chinese word.

    is_leaving: the sender has asked to withdraw it, and the office has not confirmed that yet.
    """

    case: str
    number: str
    state: str
    received_at: datetime
    is_open: bool
    is_leaving: bool = False


def address_of(ctx: Context) -> Address:
    """Return where the sender of the message writes from."""
    return Address(ctx.message.door, ctx.message.sender)
