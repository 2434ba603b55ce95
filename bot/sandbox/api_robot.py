"""The API for groups: the push webhook and a robot's one late answer (docs 99110, 101138)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox import payloads
from bot.sandbox.calls import OK
from bot.sandbox.entities import ApiError, Call, Json

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform


def webhook_send(platform: Platform, call: Call) -> Json:
    """Put a message into the group that the key belongs to; 20 a minute."""
    chat = next((chat for chat in platform.chats.values() if call.key and chat.webhook_key == call.key), None)
    if chat is None:
        raise ApiError(93000, "invalid webhook url")
    if not call.body:
        raise ApiError(93017, "empty request")
    if not platform.pushes.admit(call.key, call.at):
        raise ApiError(45009, "api freq out of limit")
    shown = payloads.read(platform, call.body, payloads.WEBHOOK)
    platform.post(
        chat.id,
        chat.door,
        shown.type,
        shown.content,
        card=shown.card,
        media=shown.media,
        mentions=shown.mentions,
    )
    return dict(OK)


def late_answer(platform: Platform, call: Call) -> Json:
    """Show a robot's answer after the callback was answered; in a group it quotes the message."""
    found = platform.answer_codes.find(call.key, call.at)
    if found is None:
        raise ApiError(60140, "invalid response_code")
    shown = payloads.read(platform, call.body, payloads.LATE_ANSWER)
    platform.answer_codes.use(call.key)
    robot, entry_id = found
    asked = platform.entry(entry_id)
    if asked is None:
        raise ApiError(60140, "invalid response_code")
    in_group = asked.chat in platform.chats
    platform.post(
        asked.chat,
        platform.robots[robot].door,
        shown.type,
        shown.content,
        card=shown.card,
        quote=asked.id if in_group else "",
    )
    return dict(OK)
