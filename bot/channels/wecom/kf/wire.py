"""The items of kf/sync_msg as Incoming (WeCom docs 94670, read 2026-11). Garbage never raises.

An external_userid keeps its spelling: it is opaque and its case counts, unlike a member's id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.channels.wecom.fields import as_key, as_mapping, as_moment, as_text, digest
from bot.messages import Attachment, Incoming, Kind

CUSTOMER, SYSTEM = "3", "4"
_MEDIA = {kind.value: kind for kind in (Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE)}
_ENTER = "enter_session"


def parse(door: str, item: Any) -> Incoming | None:
    """Return an item that came for door, or None if it is neither a customer's nor the system's.

    What a receptionist wrote in the client (origin 5) is not for us. In an event the ids are inside.
    """
    data = as_mapping(item)
    origin, name = as_text(data.get("origin")), as_text(data.get("msgtype")).lower()
    is_event = name == "event" or origin == SYSTEM
    if not data or (origin not in (CUSTOMER, SYSTEM) and not (is_event and origin == "")):
        return None
    content = _event(as_mapping(data.get("event"))) if is_event else _message(name, as_mapping(data.get(name)))
    return Incoming(
        door=door,
        message_id=as_key(as_text(data.get("msgid"))) or digest(_canonical(data)),
        sender=as_text(content.pop("sender", "")) or as_text(data.get("external_userid")),
        sent_at=as_moment(data.get("send_time")),
        **content,
    )


def _message(name: str, part: Mapping[str, Any]) -> dict[str, Any]:
    if name in _MEDIA:
        media_id = as_text(part.get("media_id"))
        kind = _MEDIA[name]
        return {"kind": kind, "attachments": (Attachment(kind, media_id=media_id),) if media_id else ()}
    match name:
        case "text":
            menu = as_text(part.get("menu_id"))
            detail = {"menu_id": menu} if menu else {}
            return {"kind": Kind.TEXT, "text": as_text(part.get("content")), "detail": detail}
        case "location":
            title = as_text(part.get("name")) or as_text(part.get("address"))
            fields = ("latitude", "longitude", "name", "address")
            return {"kind": Kind.LOCATION, "text": title, "detail": {key: _number(part.get(key)) for key in fields}}
        case "link":
            title = as_text(part.get("title"))
            detail = {"title": title, "description": as_text(part.get("desc")), "url": as_text(part.get("url"))}
            return {"kind": Kind.LINK, "text": title, "detail": detail}
        case _:
            return {"kind": Kind.UNKNOWN, "detail": {"msg_type": name}}


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event; its plain fields, without ids of people and account, go into detail under their own names."""
    name = as_text(event.get("event_type")).lower()
    carried = ("event_type", "open_kfid", "external_userid")
    detail = {key: text for key, value in event.items() if key not in carried and (text := as_text(value))}
    return {
        "kind": Kind.ENTER if name == _ENTER else Kind.EVENT,
        "event": name,
        "sender": as_text(event.get("external_userid")),
        "detail": {as_text(key): value for key, value in detail.items()},
    }


def _number(value: Any) -> str:
    """Return a text, or a number with its fraction as text."""
    return repr(value) if isinstance(value, float) else as_text(value)


def _canonical(data: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(data), sort_keys=True, default=str).encode()
