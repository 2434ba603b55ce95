"""The shared words: what comes in and what goes out, as frozen values without any transport.

Every time is an aware UTC datetime. Members' user ids are lower-cased at the door; those of parents (kf) are not.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter

# Bytes that travel as base64 text in JSON and are bytes everywhere else.
Base64 = Annotated[
    bytes,
    BeforeValidator(lambda value: base64.b64decode(value) if isinstance(value, str) else value),
    PlainSerializer(lambda value: base64.b64encode(value).decode(), when_used="json"),
]


class Kind(StrEnum):
    """What a received message is, whatever door it came by."""

    TEXT = "text"
    MIXED = "mixed"
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    CLICK = "click"  # a card button or form
    ENTER = "enter"  # somebody opened the chat
    EVENT = "event"  # an event with a name of its own
    UNKNOWN = "unknown"  # authentic, but of a kind this version does not know


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, voice, video or file that still lies on the platform. One of media_id and url is set."""

    kind: Kind
    media_id: str = ""
    url: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that a sender quoted: no id and no author, as the platform gives it."""

    kind: Kind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a card. task_id is ours; selected maps a question key to the chosen option ids."""

    task_id: str
    key: str
    card_type: str = ""
    selected: dict[str, tuple[str, ...]] = field(default_factory=dict)
    response_code: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One received message.

    door is the channel instance ("app/office", "robot/duban"); message_id is unique within it.
    chat is the platform's group id, empty one-to-one. text is what the person wrote or said (a transcript);
    texts of a mixed message are joined by line ends. event names an event, its key and change type stay in detail.
    """

    door: str
    message_id: str
    kind: Kind
    sender: str = ""
    sent_at: datetime | None = None
    chat: str = ""
    text: str = ""
    quote: Quote | None = None
    click: Click | None = None
    attachments: tuple[Attachment, ...] = ()
    event: str = ""
    response_url: str = ""
    detail: dict[str, str] = field(default_factory=dict)

    @property
    def conversation(self) -> str:
        """What is handled strictly in order: one person's messages in one chat of one door."""
        return f"{self.door}|{self.chat}|{self.sender}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Answer where the message came from."""


@dataclass(frozen=True, slots=True)
class ToPerson:
    """A person of the directory, in private."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ToChat:
    """A group of the directory."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class ToOutsider:
    """Somebody whom no directory names, at an address of a door (a parent at "kf/parents").

    Also a person of the directory whose message concerns a complaint: the row then names nobody.
    """

    door: str
    address: str = field(repr=False)


Recipient = Sender | ToPerson | ToChat | ToOutsider


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text. mentions are person ids to be @-ed where the door can."""

    content: str
    mentions: tuple[str, ...] = ()
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Markdown:
    """The platform's markdown subset: headings, bold, links, inline code, quotes."""

    content: str
    type: Literal["markdown"] = "markdown"


@dataclass(frozen=True, slots=True)
class Image:
    """A PNG or JPG picture, at most 2 MiB. source: the words it shows, for the guard; they are not sent."""

    data: Base64
    source: str = ""
    type: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class Button:
    """One button of a card. style 1 blue, 2 grey-blue, 3 red, 4 grey."""

    key: str
    text: str
    style: int = 1


@dataclass(frozen=True, slots=True)
class Card:
    """An interactive card: a title, lines of (name, value), at most six of each, and buttons.

    task_id is unique per card and person, of [0-9A-Za-z_-@], at most 128 bytes; it comes back with the click.
    """

    task_id: str
    title: str
    subtitle: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    type: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """Replaces the clicked card by a card without buttons."""

    task_id: str
    title: str
    subtitle: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    response_code: str = ""
    type: Literal["card_update"] = "card_update"


@dataclass(frozen=True, slots=True)
class Menu:
    """Words with choices to tap, where the door has such (kf's msgmenu); elsewhere a text with numbered choices.

    options: (id, what one says by tapping), at most 10; a tap comes back as a TEXT message of these words, with the id
    in detail["menu_id"]. head and tail: at most 1,024 bytes each.
    """

    head: str
    options: tuple[tuple[str, str], ...]
    tail: str = ""
    type: Literal["menu"] = "menu"

    @property
    def plain(self) -> str:
        """The same as a text, for doors without menus."""
        lines = [f"{number}. {said}" for number, (_, said) in enumerate(self.options, 1)]
        return "\n".join(part for part in (self.head, *lines, self.tail) if part)


Body = Text | Markdown | Image | Card | CardUpdate | Menu


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send.

    key is unique for the fact it tells: putting the same key twice stores one row.
    purpose names what it is for ("reply", "weekly.open"). may_repeat: sending it twice does no harm (a reminder),
    so an unknown outcome is tried again where the door has no aid against doubles.
    After expires_at it is no longer worth sending and ends as expired.
    is_urgent: somebody may be in danger: it leaves at any hour.
    """

    key: str
    to: Recipient
    body: Body
    purpose: str = "reply"
    may_repeat: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    is_urgent: bool = False


_INCOMING: TypeAdapter[Incoming] = TypeAdapter(Incoming)


def dump_incoming(message: Incoming) -> bytes:
    """Return message as UTF-8 JSON, for the sealed body of an inbox row."""
    return _INCOMING.dump_json(message)


def load_incoming(data: bytes) -> Incoming:
    """Return the message that dump_incoming wrote."""
    return _INCOMING.validate_json(data)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a door needs to send one outbox row: the platform's address of the recipient and the body.

    address: a user id (app), a chat id of the directory (push), a response_url (robot), an external user id (kf).
    code: the platform's code by which an answer to an event leaves (kf), beside the allowance of answers; once.
    is_chat: a group reads it. reader: the blind lane of the one person who reads it, where address is no person's.
    """

    address: str
    body: Body
    mentions: tuple[str, ...] = ()  # platform user ids of body.mentions
    code: str = field(default="", repr=False)
    is_chat: bool = False
    reader: str = ""


_ENVELOPE: TypeAdapter[Envelope] = TypeAdapter(Envelope)


def dump_envelope(envelope: Envelope) -> bytes:
    """Return envelope as UTF-8 JSON, pictures as base64, for the sealed body of an outbox row."""
    return _ENVELOPE.dump_json(envelope)


def load_envelope(data: bytes) -> Envelope:
    """Return the envelope that dump_envelope wrote."""
    return _ENVELOPE.validate_json(data)
