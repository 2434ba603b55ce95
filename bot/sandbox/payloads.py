"""What a message body may hold at each door, checked as the platform checks it.

Card faults answer 42014 with the field's name: the platform has a code per field (42014 to 42051), which of them is
which could not be confirmed. Over-length webhook bodies answer 45002, which the documents leave open (wecom.md 5.2).
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox import kinds
from bot.sandbox.entities import ApiError, Json

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

BUTTON_CARD = "button_interaction"
INTERACTIVE = frozenset({BUTTON_CARD, "vote_interaction", "multiple_interaction"})
NOTICES = frozenset({"text_notice", "news_notice"})
PICTURE_LIMIT = 2 * 1024 * 1024
STREAM_LIMIT = 20480
_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}\Z")
_FILES = frozenset({"image", "voice", "video", "file"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What one door accepts; limits in UTF-8 bytes."""

    kinds: frozenset[str]
    cards: frozenset[str]
    text_limit: int = 2048
    cuts_text: bool = False
    markdown_limit: int = 4096


APP = Rules(
    frozenset({"text", "markdown", "textcard", "news", "image", "voice", "video", "file", "template_card"}),
    INTERACTIVE | NOTICES,
    cuts_text=True,
    markdown_limit=2048,
)
WEBHOOK = Rules(
    frozenset({"text", "markdown", "markdown_v2", "image", "news", "file", "voice", "template_card"}), NOTICES
)
LATE_ANSWER = Rules(frozenset({"markdown", "template_card"}), INTERACTIVE | NOTICES, markdown_limit=STREAM_LIMIT)


@dataclass(frozen=True, slots=True)
class Shown:
    """A checked body as it will be seen: media are ids of stored files, mentions are user ids or "@all"."""

    type: str
    content: str = ""
    card: Json | None = None
    media: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()


def read(platform: Platform, body: Json, rules: Rules) -> Shown:
    """Return what body shows. Raises ApiError as the platform would answer."""
    kind = body.get("msgtype")
    if kind not in rules.kinds:
        raise ApiError(40008, "invalid message type")
    part = body.get(kind)
    if not isinstance(part, dict):
        raise ApiError(44004, f"empty {kind}")
    if kind == "text":
        return _text(part, rules)
    if kind in ("markdown", "markdown_v2"):
        return Shown(kind, _content(part, rules.markdown_limit))
    if kind == "template_card":
        check_card(part, rules.cards)
        return Shown(kind, card=part)
    if kind in _FILES:
        return _file(platform, kind, part)
    return Shown("text", _linked(kind, part))


def cut(text: str, limit: int) -> str:
    """Return as much of text as fits into limit UTF-8 bytes, never half a character."""
    return text.encode()[:limit].decode(errors="ignore")


def check_card(card: Json, allowed: frozenset[str]) -> None:
    """Check the required fields of a template card. Raises ApiError 42014 or 40058 naming the field, or 40008."""
    kinds.check(card)
    card_type = card.get("card_type")
    if card_type not in INTERACTIVE | NOTICES:
        raise ApiError(42014, "template_card.card_type invalid")
    if card_type not in allowed:
        raise ApiError(40008, f"card_type {card_type} is not supported here")
    if len(card.get("horizontal_content_list") or ()) > 6:
        raise ApiError(42014, "template_card.horizontal_content_list exceeds 6")
    title = (card.get("main_title") or {}).get("title")
    if not title and not (card_type == "text_notice" and card.get("sub_title_text")):
        raise ApiError(42014, "template_card.main_title missing")
    if card_type in NOTICES and not card.get("card_action"):
        raise ApiError(42014, "template_card.card_action missing")
    if card_type in ("button_interaction", "vote_interaction") or card.get("action_menu") or card.get("task_id"):
        _check_task_id(card)
    if card_type == BUTTON_CARD:
        _check_buttons(card)
    elif card_type in INTERACTIVE and not (card.get("submit_button") or {}).get("key"):
        raise ApiError(42014, "template_card.submit_button missing")


def _check_task_id(card: Json) -> None:
    if not _TASK_ID.match(str(card.get("task_id") or "")):
        raise ApiError(42014, "template_card.task_id missing or invalid")


def _check_buttons(card: Json) -> None:
    buttons = card.get("button_list") or []
    if not 1 <= len(buttons) <= 6:
        raise ApiError(42014, "template_card.button_list must hold 1 to 6 buttons")
    for button in buttons:
        key = str(button.get("key") or button.get("url") or "")
        if not button.get("text") or not 0 < len(key.encode()) <= 1024:
            raise ApiError(42014, "template_card.button_list.key missing or too long")


def _content(part: Json, limit: int) -> str:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise ApiError(44004, "empty content")
    if len(content.encode()) > limit:
        raise ApiError(45002, "content size out of limit")
    return content


def _text(part: Json, rules: Rules) -> Shown:
    content = part.get("content")
    if rules.cuts_text and isinstance(content, str):
        content = cut(content, rules.text_limit)
    mentions = tuple(str(userid) for userid in part.get("mentioned_list") or ())
    return Shown("text", _content({"content": content}, rules.text_limit), mentions=mentions)


def _file(platform: Platform, kind: str, part: Json) -> Shown:
    if "base64" in part:
        return Shown(kind, media=(picture(platform, part),))
    media = platform.media(str(part.get("media_id") or ""))
    if media is None:
        raise ApiError(40007, "invalid media_id")
    return Shown(kind, media.name, media=(media.id,))


def picture(platform: Platform, part: Json, limit: int = PICTURE_LIMIT) -> str:
    """Store a base64 picture with its md5 and return its media id. Raises ApiError 40006, 93018, 301019 or 40004."""
    try:
        data = base64.b64decode(str(part.get("base64") or ""), validate=True)
    except ValueError:  # also for letters that are not ASCII
        raise ApiError(40006, "invalid base64") from None
    if len(data) > limit:
        raise ApiError(93018, "image size out of limit")
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != part.get("md5"):
        raise ApiError(301019, "media md5 not match")
    mimetype = picture_type(data)
    if not mimetype:
        raise ApiError(40004, "invalid image type")
    return platform.keep_media("image", data, name="image", mimetype=mimetype).id


def picture_type(data: bytes) -> str:
    """Return the media type of a PNG or JPG picture, else an empty string."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/jpeg" if data.startswith(b"\xff\xd8\xff") else ""


def _linked(kind: str, part: Json) -> str:
    items = [part] if kind == "textcard" else part.get("articles") or []
    if not items or not all(item.get("title") and item.get("url") for item in items):
        raise ApiError(41016, "missing title or url")
    return "\n".join(str(item["title"]) for item in items)
