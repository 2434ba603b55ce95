"""What a kf message may hold, checked as the platform checks it (docs 94677, 95122)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.sandbox.entities import ApiError, Json
from bot.sandbox.payloads import Shown, cut

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

TEXT_LIMIT = 2048
HEAD_LIMIT = 1024
CLICK_LIMIT = 128
TEXT_ITEM_LIMIT = 256
MOST_ITEMS = 50
MOST_ACTIVE_ITEMS = 10
MOST_ITEMS_ON_EVENT = 10
_FILES = frozenset({"image", "voice", "video", "file"})
_OTHERS = frozenset({"link", "miniprogram", "location", "ca_link"})
KINDS = _FILES | _OTHERS | {"text", "msgmenu"}
KINDS_ON_EVENT = frozenset({"text", "msgmenu"})
_MESSAGE_ID = re.compile(r"[0-9a-zA-Z_-]{1,32}\Z")


def read(platform: Platform, body: Json, kinds: frozenset[str] = KINDS) -> Shown:
    """Return what body shows to the customer. Raises ApiError 40008, 44004, 40007, 40058, 95008 or 95009."""
    kind = body.get("msgtype")
    if kind not in kinds:
        raise ApiError(40008, "invalid message type")
    part = body.get(kind)
    if not isinstance(part, dict) or not part:
        raise ApiError(44004, f"empty {kind}")
    if kind == "text":
        return _text(platform, part)
    if kind == "msgmenu":
        _check_menu(platform, part, on_event=kinds is KINDS_ON_EVENT)
        return Shown(kind, str(part.get("head_content") or ""), card=part)
    if kind in _FILES:
        return _file(platform, kind, part)
    return _other(platform, kind, part)


def read_id(body: Json) -> str:
    """Return the sender's own message id, or an empty string. Raises ApiError 40058."""
    message_id = body.get("msgid")
    if message_id in (None, ""):
        return ""
    if not isinstance(message_id, str) or not _MESSAGE_ID.match(message_id):
        raise ApiError(40058, "invalid Request Parameter: msgid")
    return message_id


def options(menu: Json) -> dict[str, str]:
    """Return what can be clicked on a menu: id -> the text that the customer then says."""
    clicks = [item["click"] for item in menu.get("list") or () if item.get("type") == "click"]
    return {str(click.get("id") or ""): click["content"] for click in clicks}


def _text(platform: Platform, part: Json) -> Shown:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise ApiError(44004, "empty content")
    if len(content.encode()) > TEXT_LIMIT:
        platform.note_violation("kf: a text was longer than 2048 bytes and is cut")
    return Shown("text", cut(content, TEXT_LIMIT))


def _file(platform: Platform, kind: str, part: Json) -> Shown:
    media = platform.media(str(part.get("media_id") or ""))
    if media is None or media.robot or media.kind != kind:
        raise ApiError(40007, "invalid media_id")
    return Shown(kind, media.name, media=(media.id,))


def _other(platform: Platform, kind: str, part: Json) -> Shown:
    if kind == "link":
        if not part.get("title") or not part.get("url"):
            raise ApiError(41016, "missing title or url")
        _file(platform, "image", {"media_id": part.get("thumb_media_id")})
        return Shown("text", f"{part['title']}\n{part['url']}")
    if kind == "location":
        return Shown("text", f"{part.get('name') or ''}\n{part.get('address') or ''}".strip() or "位置")
    return Shown("text", str(part.get("title") or part.get("link_url") or ""))


def _check_menu(platform: Platform, menu: Json, *, on_event: bool) -> None:
    for name in ("head_content", "tail_content"):
        _check_text(menu, name, HEAD_LIMIT, is_needed=False)
    items = menu.get("list") or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ApiError(40058, "invalid Request Parameter: msgmenu.list")
    if not items and not menu.get("head_content"):
        raise ApiError(44004, "empty msgmenu")
    active = [item for item in items if item.get("type") != "text"]
    if len(items) > (MOST_ITEMS_ON_EVENT if on_event else MOST_ITEMS) or len(active) > MOST_ACTIVE_ITEMS:
        raise ApiError(95008, "too many menu items")
    for item in items:
        _check_item(platform, item)


def _check_item(platform: Platform, item: Json) -> None:
    kind = item.get("type")
    if kind not in ("click", "view", "miniprogram", "text"):
        raise ApiError(95009, "invalid menu item type")
    part = item.get(kind)
    if not isinstance(part, dict):
        raise ApiError(40058, f"invalid Request Parameter: msgmenu.list.{kind}")
    _check_text(part, "content", TEXT_ITEM_LIMIT if kind == "text" else CLICK_LIMIT)
    if kind == "view":
        _check_text(part, "url", TEXT_LIMIT)
    if kind == "click":
        _check_text(part, "id", CLICK_LIMIT, is_needed=False)
        if "#" in str(part.get("id") or ""):
            platform.note_violation("kf: a menu id holds #, which the documents ask to avoid")


def _check_text(part: Json, name: str, limit: int, *, is_needed: bool = True) -> None:
    value = part.get(name)
    if value in (None, "") and not is_needed:
        return
    if not isinstance(value, str) or not 0 < len(value.encode()) <= limit:
        raise ApiError(40058, f"invalid Request Parameter: msgmenu {name}")
