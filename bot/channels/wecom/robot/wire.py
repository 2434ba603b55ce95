"""A decrypted robot callback (JSON) as an Incoming, or as a poll for the rest of an answer.

wechatpy has nothing for these. Source: WeCom developer docs 100719, 101027 (read 2026-11). Where the table of 101027
and its samples differ (cardtype, card_type), the samples are right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.wecom.doors import RobotDoor
from bot.channels.wecom.fields import as_choices, as_key, as_list, as_mapping, as_moment, as_text, digest
from bot.channels.wecom.mark import unmark
from bot.errors import RequestError
from bot.messages import Attachment, Click, Incoming, Kind, Quote

_FILES = {"image": Kind.IMAGE, "file": Kind.FILE, "video": Kind.VIDEO}
_BLANKS = r"[ \t\u00a0\u2005\u3000]*"  # U+2005 is what WeChat clients put after a mention

Clean = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class StreamPoll:
    """The platform asks for the rest of the answer stream_id. Not a message: nothing new was said."""

    stream_id: str


@dataclass(frozen=True, slots=True)
class _Content:
    kind: Kind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    parts: str = ""


def parse_envelope(body: bytes) -> str:
    """Return the value of "encrypt" in a callback's body. Raises RequestError."""
    encrypted = _load(body, "envelope").get("encrypt")
    if not isinstance(encrypted, str) or not encrypted:
        raise RequestError("envelope")
    return encrypted


def parse(door: RobotDoor, plaintext: bytes) -> Incoming | StreamPoll:
    """Return the message or poll in a decrypted callback of door.

    Raises RequestError if it is no JSON object, or comes from another robot. A sender's id is lower-cased; where that
    changes it, detail["raw_userid"] holds it as delivered, because an encrypted id is case-sensitive.
    """
    data = _load(plaintext, "json")
    if door.bot_id and as_text(data.get("aibotid")) != door.bot_id:
        raise RequestError("bot_id", 403)
    name = as_text(data.get("msgtype"))
    if name == "stream":
        return StreamPoll(as_text(as_mapping(data.get("stream")).get("id")))
    if not name:
        raise RequestError("msg_type")
    content = _event(data) if name == "event" else _message(data, _mention_stripper(door.display_name))
    raw = as_text(as_mapping(data.get("from")).get("userid"))
    detail = content.pop("detail", {}) | ({"raw_userid": raw} if raw != raw.lower() else {})
    return Incoming(
        door=door.label,
        message_id=as_key(as_text(data.get("msgid")) or digest(plaintext)),
        sender=raw.lower(),
        sent_at=as_moment(data.get("create_time")),
        chat=as_text(data.get("chatid")),
        response_url=as_text(data.get("response_url")),
        detail=detail,
        **content,
    )


def _load(data: bytes, reason: str) -> Mapping[str, Any]:
    try:
        value = json.loads(data.decode())
    except UnicodeDecodeError as exc:
        raise RequestError("utf8") from exc
    except (ValueError, RecursionError) as exc:
        raise RequestError(reason) from exc
    if not isinstance(value, dict):
        raise RequestError(reason)
    return value


def _mention_stripper(display_name: str) -> Clean:
    """Return a function that takes "@<display_name>" out of a text, wherever it stands.

    A longer name that begins the same (@小督查) is left, and so is the mention of a robot that was renamed: nothing
    but the name tells one mention from another (reference 3.2).
    """
    if not display_name:
        return unmark
    mention = re.compile(f"@{re.escape(display_name)}(?!\\w){_BLANKS}")

    def clean(text: str) -> str:
        text = unmark(text)
        left = mention.sub("", text)
        return text if left == text else left.strip()

    return clean


def _message(data: Mapping[str, Any], clean: Clean) -> dict[str, Any]:
    content = _mixed(data, clean) if as_text(data.get("msgtype")) == "mixed" else _single(data, clean)
    fields: dict[str, Any] = {"kind": content.kind, "text": content.text, "attachments": content.attachments}
    if content.kind is Kind.UNKNOWN:
        fields["detail"] = {"msg_type": as_text(data.get("msgtype"))}
    elif content.parts:
        fields["detail"] = {"parts": content.parts}
    quote = as_mapping(data.get("quote"))
    if quote:
        quoted = _mixed(quote, unmark) if as_text(quote.get("msgtype")) == "mixed" else _single(quote, unmark)
        fields["quote"] = Quote(quoted.kind, quoted.text, quoted.attachments)
    return fields


def _single(data: Mapping[str, Any], clean: Clean) -> _Content:
    name = as_text(data.get("msgtype"))
    part = as_mapping(data.get(name))
    if name in ("text", "voice"):  # a voice arrives as its transcript, without the sound
        return _Content(Kind(name), clean(as_text(part.get("content"))))
    if name in _FILES:
        url = as_text(part.get("url"))
        return _Content(_FILES[name], attachments=(Attachment(_FILES[name], url=url),) if url else ())
    return _Content(Kind.UNKNOWN)


def _mixed(data: Mapping[str, Any], clean: Clean) -> _Content:
    """Return texts joined by line ends and pictures in order; parts tells how they alternated ("text,image")."""
    items = as_list(as_mapping(data.get("mixed")).get("msg_item"))
    contents = [_single(as_mapping(item), clean) for item in items]
    return _Content(
        Kind.MIXED,
        "\n".join(content.text for content in contents if content.text),
        tuple(attachment for content in contents for attachment in content.attachments),
        ",".join(content.kind for content in contents),
    )


def _event(data: Mapping[str, Any]) -> dict[str, Any]:
    event = as_mapping(data.get("event"))
    name = as_text(event.get("eventtype")).lower()
    payload = as_mapping(event.get(name))
    match name:
        case "enter_chat":
            return {"kind": Kind.ENTER, "event": name}
        case "template_card_event":
            return {"kind": Kind.CLICK, "event": name, "click": _click(payload)}
        case "feedback_event":
            return {"kind": Kind.EVENT, "event": name, "detail": _feedback(payload)}
        case _:
            detail = {key: text for key, value in payload.items() if (text := as_text(value))}
            return {"kind": Kind.EVENT, "event": name, "detail": detail}


def _click(payload: Mapping[str, Any]) -> Click:
    items = as_mapping(payload.get("selected_items")).get("selected_item")
    return Click(
        task_id=as_text(payload.get("task_id")),
        key=as_text(payload.get("event_key")),
        card_type=as_text(payload.get("card_type")),
        selected=as_choices(items, question="question_key", options="option_ids", option="option_id"),
    )


def _feedback(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return id, type (1 accurate, 2 inaccurate, 3 withdrawn), content and reasons ("2,4") of a judgement."""
    reasons = ",".join(as_text(reason) for reason in as_list(payload.get("inaccurate_reason_list")))
    fields = {name: as_text(payload.get(name)) for name in ("id", "type", "content")}
    return {f"feedback_{name}": value for name, value in (fields | {"reasons": reasons}).items()}
