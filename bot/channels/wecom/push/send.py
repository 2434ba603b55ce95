"""Pushes into groups by their webhook (消息推送; WeCom docs 91770, 99110, read 2026-11). The key is a secret."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.channel import Limit, Parcel, Receipt
from bot.channels.wecom import cards
from bot.channels.wecom.client import Client
from bot.errors import Failure, SendError
from bot.messages import Card, CardUpdate, Envelope, Image, Markdown, Menu, Text

_TEXT_BYTES = 2048
_MARKDOWN_BYTES = 4096
_IMAGE_BYTES = 2 * 1024 * 1024

Resolve = Callable[[str], str | None]


class PushChannel:
    """The way into groups (bot.channel.Channel). resolve gives the webhook key of a chat of the directory, or None.

    The platform does not notice a repeat, so there is no aid: an unknown outcome stays unknown.
    """

    name = "push"
    pauses_whole = False
    allowance = None
    has_aid = False
    aid_seconds = 0.0
    limits = (Limit(20, 60),)  # per key
    byte_limits: Mapping[str, int] = {"text": _TEXT_BYTES, "markdown": _MARKDOWN_BYTES}

    def __init__(self, client: Client, resolve: Resolve) -> None:
        self._client = client
        self._resolve = resolve

    def send(self, parcel: Parcel, now: datetime) -> Receipt:
        """Send parcel to the chat whose id is its address. Raises SendError."""
        payload = _payload(parcel.envelope)
        key = self._resolve(parcel.envelope.address)
        if not key:
            raise SendError(Failure.DEAD_TARGET, hint="the group has no push address")
        self._client.post("webhook/send", payload, params={"key": key}, attempt=parcel.attempt)
        return Receipt()


def _payload(envelope: Envelope) -> dict[str, Any]:
    match envelope.body:
        case Text() as body:
            text: dict[str, Any] = {"content": _within(body.content, _TEXT_BYTES)}
            if envelope.mentions:
                text["mentioned_list"] = list(envelope.mentions)
            return {"msgtype": "text", "text": text}
        case Markdown() as body:
            return _markdown(body.content)
        case Card() | CardUpdate() as body:  # a webhook's cards have no buttons, so the words are all there is
            return _markdown(cards.as_markdown(body))
        case Menu() as body:
            return {"msgtype": "text", "text": {"content": _within(body.plain, _TEXT_BYTES)}}
        case Image() as body:
            return {"msgtype": "image", "image": _image(body.data)}


def _markdown(content: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": _within(content, _MARKDOWN_BYTES)}}


def _image(data: bytes) -> dict[str, str]:
    if len(data) > _IMAGE_BYTES:
        raise SendError(Failure.REJECTED, hint="the picture is larger than 2 MiB")
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"base64": base64.b64encode(data).decode(), "md5": md5}


def _within(content: str, limit: int) -> str:
    """Return content. Raises SendError if it is too long: what the platform then does is not documented."""
    if len(content.encode("utf-8", "replace")) > limit:
        raise SendError(Failure.REJECTED, hint="longer than one message may be")
    return content
