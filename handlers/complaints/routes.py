"""What is for this subject: all that parents write, what members complain of, and what a group should not hear.

`alarms` comes before every other subject, `routes` after the doors of strangers.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Incoming, Kind, Outgoing
from bot.router import Context, Ignore, Reading, Routes
from handlers.complaints import danger, dialogue, group, hearing, intake, office, speech
from handlers.complaints.dialogue import AFTER, INTAKE
from handlers.complaints.hearing import Heard, hear, words_of
from handlers.complaints.language import find_dangers, is_complaint_in_group
from handlers.complaints.speech import Command

PUBLIC = "kf/"
alarms = Routes("complaints", is_confidential=True)
routes = Routes("complaints", is_confidential=True)

_TOLD = (Kind.TEXT, Kind.VOICE, Kind.MIXED, Kind.LOCATION, Kind.LINK)
_SENT = (*_TOLD, Kind.IMAGE, Kind.VIDEO, Kind.FILE, Kind.UNKNOWN)
_RECALLED = "user_recall_msg"
# Without an open dialogue a member says these of a case and of nothing else.
_OWN_WORDS = ("查询", "催办", "我的投诉", "查询投诉", "我的举报")


@dataclass(frozen=True, slots=True)
class Recalled:
    """Somebody took a message back: the platform's id of it."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody opened the chat of a public door."""


def read_alarm(reading: Reading) -> Heard | None:
    """Recognise words that tell of acute danger, at every door; in a group also where they are quoted."""
    message = reading.message
    if not message.sender or message.kind not in _TOLD:
        return None
    said = _with_quote(message) if message.chat else words_of(message)
    # What an officer says about a case may tell of its danger without there being a new one.
    if not said or not find_dangers(said) or office.read_command(reading) is not None:
        return None
    return hear(message, reading.directory, text=said)


@alarms.on(read_alarm)
def alarm(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Emergency numbers first, registered at once, whoever is on duty told."""
    return danger.alarm(ctx, heard)


def read_on(reading: Reading) -> Heard | None:
    """Read what belongs to an open dialogue; a member's words about work and danger are left to others."""
    message = reading.message
    if reading.dialogue is None or message.kind not in _SENT or message.door.startswith("robot/"):
        return None
    if message.door.startswith(PUBLIC):
        return read_public(reading)
    heard = hear(message, reading.directory)
    if heard.dangers or heard.is_work or not (heard.text or heard.has_file):
        return None
    if reading.dialogue.topic == INTAKE:
        return heard
    state = dialogue.load(reading.dialogue.data)
    is_awaited = bool(state.asking) or state.alarm(reading.now) is not None
    is_meant = heard.command is not None or speech.is_submit(heard.text) or speech.addition(heard.text) is not None
    return heard if is_awaited or is_meant else None


@routes.on(read_on, topic=INTAKE)
@routes.on(read_on, topic=AFTER)
def go_on(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Go on with the dialogue that is open."""
    return intake.converse(ctx, heard)


def read_public(reading: Reading) -> Heard | None:
    """Read whatever a parent sends; danger is left to the alarm."""
    message = reading.message
    if not message.door.startswith(PUBLIC) or not message.sender or message.kind not in _SENT:
        return None
    heard = hear(message, reading.directory)
    return None if heard.dangers else heard


@routes.on(read_public)
def listen(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Answer a parent."""
    return intake.converse(ctx, heard)


def read_entry(reading: Reading) -> Entered | None:
    """Recognise that somebody opened the chat of a public door."""
    message = reading.message
    is_entry = message.door.startswith(PUBLIC) and message.kind is Kind.ENTER and bool(message.sender)
    return Entered() if is_entry else None


@routes.on(read_entry)
def welcome(ctx: Context, entered: Entered) -> list[Outgoing]:
    """Greet, and remember the school whose code was scanned."""
    return intake.enter(ctx)


def read_recall(reading: Reading) -> Recalled | Ignore | None:
    """Recognise that a parent took a message back."""
    message = reading.message
    if not message.door.startswith(PUBLIC) or message.kind is not Kind.EVENT or message.event != _RECALLED:
        return None
    taken = message.detail.get("recall_msgid", "")
    return Recalled(taken) if taken and message.sender else Ignore("recall of an unknown message")


@routes.on(read_recall)
def forget(ctx: Context, recalled: Recalled) -> list[Outgoing]:
    """Drop the words that were taken back."""
    return intake.forget(ctx, recalled.message_id)


def read_aside(reading: Reading) -> Heard | None:
    """Recognise a complaint said to the robot, in a group or alone, also one that is only quoted."""
    message = reading.message
    if reading.sender is None or not message.door.startswith("robot/") or message.kind not in _TOLD:
        return None
    if not message.chat:
        return _read_complaint(reading)
    said, quoted = words_of(message), message.quote.text if message.quote else ""
    if not any(text and is_complaint_in_group(text) for text in (said, quoted)):
        return None
    return hear(message, reading.directory, text=_with_quote(message))


@routes.on(read_aside)
def take_aside(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Go on in private."""
    return group.take_aside(ctx, heard)


def read_member(reading: Reading) -> Heard | None:
    """Recognise a complaint, or a question about one's own, in a member's private chat."""
    message = reading.message
    if reading.sender is None or message.chat or message.door.startswith((PUBLIC, "robot/")):
        return None
    if message.kind not in (Kind.TEXT, Kind.VOICE, Kind.MIXED):
        return None
    return _read_complaint(reading)


@routes.on(read_member)
def hear_out(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Take down what a member complains of."""
    return intake.converse(ctx, heard)


def _read_complaint(reading: Reading) -> Heard | None:
    """Read what a member says outright to be a complaint, or what is one beyond doubt.

    Precision first: what members report must never open a case. Danger was the alarm's to find.
    """
    said = words_of(reading.message)
    if not said or not hearing.may_be(said):
        return None
    is_plain = speech.plain(said) in _OWN_WORDS or speech.find_command(said) is Command.NEW or hearing.opens(said)
    return hear(reading.message, reading.directory) if is_plain or is_complaint_in_group(said) else None


def _with_quote(message: Incoming) -> str:
    said, quoted = words_of(message), message.quote.text.strip() if message.quote else ""
    return f"{quoted}\n{said}".strip()
