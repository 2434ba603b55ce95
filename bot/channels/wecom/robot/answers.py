"""What the robot may put into an HTTP answer, before encryption.

Which answer is allowed depends on what is answered: a message or poll takes a stream, a click a card update, an
opened chat plain text. Source: WeCom developer docs 101031 (read 2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import Any

from bot.channels.wecom import cards
from bot.messages import Body, Card, CardUpdate, Image, Incoming, Markdown, Menu, Text
from bot.split import split

log = logging.getLogger(__name__)

CONTENT_BYTES = 20_480

Answer = dict[str, Any]


def as_text(body: Body) -> str:
    """Return the words of body; a card's words as markdown; empty for a picture."""
    match body:
        case Text() | Markdown():
            return body.content
        case Card() | CardUpdate():
            return cards.as_markdown(body)
        case Menu():
            return body.plain
        case Image():
            return ""


def stream(stream_id: str, content: str, *, finish: bool, image: Image | None = None) -> Answer:
    """Return a stream answer. content is the whole text so far, at most 20,480 bytes; pictures only at the end."""
    if len(content.encode("utf-8", "replace")) > CONTENT_BYTES:
        log.error("robot.answer_cut stream=%s", stream_id)
        content = split(content, CONTENT_BYTES)[0]
    part: Answer = {"id": stream_id, "finish": finish, "content": content}
    if image is not None:
        picture = {"base64": base64.b64encode(image.data).decode(), "md5": _md5(image.data)}
        part["msg_item"] = [{"msgtype": "image", "image": picture}]
    return {"msgtype": "stream", "stream": part}


def to_message(stream_id: str, body: Body, url: str) -> Answer:
    """Return the finished answer to a message. url is where a card without buttons leads."""
    if isinstance(body, Card):
        return {"msgtype": "template_card", "template_card": cards.render(body, url)}
    return stream(stream_id, as_text(body), finish=True, image=body if isinstance(body, Image) else None)


def to_poll(stream_id: str, body: Body, url: str) -> Answer:
    """Return the end of a stream that has begun: a card can only come along with it."""
    if isinstance(body, Card):
        answer = stream(stream_id, "", finish=True)
        return {**answer, "msgtype": "stream_with_template_card", "template_card": cards.render(body, url)}
    return to_message(stream_id, body, url)


def to_click(message: Incoming, body: Body, url: str) -> Answer | None:
    """Return what replaces the clicked card, or None if body has no words.

    The answer must carry the clicked task_id, so a card of another task cannot be shown: its words are. Words (not a
    CardUpdate) replace the card only for the person who clicked, so that a refusal does not disarm it for a group.
    """
    task_id = message.click.task_id if message.click else ""
    if isinstance(body, CardUpdate):
        card = {**cards.render(body, url), "task_id": task_id}
    elif isinstance(body, Card) and body.task_id == task_id:
        card = cards.render(body, url)
    elif as_text(body):
        card = cards.render_note(as_text(body), task_id, url)
    else:
        return None
    answer: Answer = {"response_type": "update_template_card", "template_card": card}
    if message.chat and not isinstance(body, CardUpdate):
        answer["userids"] = [message.detail.get("raw_userid", message.sender)]
    return answer


def to_enter(body: Body, url: str) -> Answer | None:
    """Return the welcome to somebody who opened the chat, or None for what cannot be said there."""
    if isinstance(body, Card):
        return {"msgtype": "template_card", "template_card": cards.render(body, url)}
    words = as_text(body)
    return {"msgtype": "text", "text": {"content": words}} if words else None


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
