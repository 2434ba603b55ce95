"""A decrypted app callback (XML) as an Incoming.

Messages are read through wechatpy's classes; events by our own table, because wechatpy knows neither card clicks nor
change_contact. Source: WeCom developer docs 90238, 90239, 90240 (read 2026-11).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from wechatpy.messages import UnknownMessage
from wechatpy.work.messages import MESSAGE_TYPES

from bot.channels.wecom import xml
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.fields import as_choices, as_key, as_mapping, as_moment, as_text, digest
from bot.channels.wecom.mark import unmark
from bot.errors import RequestError
from bot.messages import Attachment, Click, Incoming, Kind

_CLICKS = ("template_card_event", "template_card_menu_event")
# What lies in a field of Incoming or is meaningless to handlers; everything else of an event goes into detail.
_CARRIED = frozenset(
    ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "MsgId", "TaskId", "ResponseCode", "SelectedItems")
)
_KEY_FIELDS = ("Event", "ChangeType", "EventKey", "TaskId")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def parse(door: AppDoor, plaintext: bytes) -> Incoming:
    """Return the message in a decrypted callback of door.

    Raises RequestError if it is no XML of WeCom, or names another company or agent. Kinds that this version does not
    know become Kind.UNKNOWN, events it does not know Kind.EVENT.
    """
    data = xml.parse(plaintext)
    agent = as_text(data.get("AgentID"))
    if as_text(data.get("ToUserName")) not in ("", door.corp_id):
        raise RequestError("corp_id", 403)
    if agent not in ("", "0", str(door.agent_id)):
        raise RequestError("agent_id", 403)
    name = as_text(data.get("MsgType")).lower()
    if not name:
        raise RequestError("msg_type")
    content = _event(data) if name == "event" else _message(name, data)
    content["detail"] = {"agent_id": agent, **content.get("detail", {})}
    return Incoming(
        door=door.label,
        message_id=_message_id(data, name, plaintext),
        sender=as_text(data.get("FromUserName")).lower(),
        sent_at=as_moment(data.get("CreateTime")),
        **content,
    )


def _message(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    message = MESSAGE_TYPES.get(name, UnknownMessage)(dict(data))
    media_id = as_text(getattr(message, "media_id", ""))
    match name:
        case "text":
            return {"kind": Kind.TEXT, "text": unmark(as_text(message.content))}
        case "image":
            return _media(Kind.IMAGE, media_id)
        case "voice":
            return _media(Kind.VOICE, media_id, as_text(message.format))
        case "video" | "shortvideo":
            return _media(Kind.VIDEO, media_id)
        case "location":
            x, y, label = (as_text(value) for value in (*message.location, message.label))
            return {"kind": Kind.LOCATION, "text": label, "detail": {"latitude": x, "longitude": y, "label": label}}
        case "link":
            title, url = as_text(message.title), as_text(message.url)
            detail = {"title": title, "description": as_text(message.description), "url": url}
            return {"kind": Kind.LINK, "text": title, "detail": detail}
        case _:
            return {"kind": Kind.UNKNOWN, "detail": {"msg_type": name}}


def _media(kind: Kind, media_id: str, form: str = "") -> dict[str, Any]:
    """Return one attachment; app media have a media_id for three days (WeCom docs 90239)."""
    return {"kind": kind, "attachments": (Attachment(kind, media_id=media_id, format=form),) if media_id else ()}


def _event(data: Mapping[str, Any]) -> dict[str, Any]:
    event = as_text(data.get("Event")).lower()
    content: dict[str, Any] = {"kind": Kind.EVENT, "event": event, "detail": _detail(data)}
    if event in _CLICKS:
        content["kind"] = Kind.CLICK
        content["click"] = _click(data)
    elif event == "enter_agent":
        content["kind"] = Kind.ENTER
    return content


def _click(data: Mapping[str, Any]) -> Click:
    items = as_mapping(data.get("SelectedItems")).get("SelectedItem")
    return Click(
        task_id=as_text(data.get("TaskId")),
        key=as_text(data.get("EventKey")),
        card_type=as_text(data.get("CardType")),
        selected=as_choices(items, question="QuestionKey", options="OptionIds", option="OptionId"),
        response_code=as_text(data.get("ResponseCode")),
    )


def _detail(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the other elements under snake-case names ("EventKey" is event_key); nested ones as JSON."""
    detail = {}
    for name, value in data.items():
        if name not in _CARRIED:
            nested = isinstance(value, dict | list)
            text = as_text(json.dumps(value, ensure_ascii=False) if nested else value)
            detail[_HUMP.sub("_", name).lower()] = text
    return detail


def _message_id(data: Mapping[str, Any], name: str, plaintext: bytes) -> str:
    """Return the key under which repeats are one (reference 2.5): MsgId, for events sender, time and what happened.

    Directory events all come from "sys" within one second, and wake-ups from nobody: there the whole content counts.
    """
    msg_id = as_text(data.get("MsgId"))
    if msg_id:
        return as_key(msg_id)
    sender, created = as_text(data.get("FromUserName")).lower(), as_text(data.get("CreateTime"))
    if name != "event" or not created:
        return digest(plaintext)
    parts = [sender, created, *(as_text(data.get(field)) for field in _KEY_FIELDS)]
    if sender in ("", "sys") or as_text(data.get("ChangeType")):
        parts.append(digest(json.dumps(_detail(data), sort_keys=True).encode()))
    return as_key(*parts)
