"""Answers of a kf account to one WeChat user: kf/send_msg, and kf/send_msg_on_event for the answer to an event.

Source: WeCom developer docs 94677, 95122 (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.channel import Allowance, Limit, Parcel, Receipt
from bot.channels.wecom import cards
from bot.channels.wecom.client import Client, Upload
from bot.channels.wecom.doors import KfDoor
from bot.channels.wecom.fields import as_text
from bot.errors import Failure, SendError
from bot.messages import Body, Card, CardUpdate, Image, Markdown, Menu, Text

_TEXT_BYTES = 2048
_IMAGE_BYTES = 2 * 1024 * 1024
_HEAD_BYTES = 1024
_OPTION_BYTES = 128
_OPTIONS = 10
_DAY = 86_400


class KfChannel:
    """The way out by one account (bot.channel.Channel): answers only.

    The platform refuses a msgid that it has seen (95033); ours is the parcel's uid, so a repeat is never shown twice.
    """

    pauses_whole = True
    has_aid = True
    aid_seconds = 2.0 * _DAY
    limits: tuple[Limit, ...] = ()
    allowance = Allowance(5, 2 * _DAY)
    byte_limits: Mapping[str, int] = {"text": _TEXT_BYTES, "markdown": _TEXT_BYTES, "menu": _TEXT_BYTES}

    def __init__(self, door: KfDoor, client: Client) -> None:
        self.name = door.label
        self._door = door
        self._client = client

    def send(self, parcel: Parcel, now: datetime) -> Receipt:
        """Send parcel to the external user that is its address, or by its code. Raises SendError."""
        envelope = parcel.envelope
        if not envelope.address:
            raise SendError(Failure.REJECTED, hint="nobody to send to")
        content = self._content(envelope.body)
        if envelope.code:
            return self._call("kf/send_msg_on_event", {"code": envelope.code}, content, parcel)
        to = {"touser": envelope.address, "open_kfid": self._door.open_kfid}
        return self._call("kf/send_msg", to, content, parcel)

    def _call(self, path: str, to: Mapping[str, Any], content: Mapping[str, Any], parcel: Parcel) -> Receipt:
        answer = self._client.call(
            self._door.app,
            path,
            {**to, "msgid": parcel.uid, **content},
            idempotent=True,
            attempt=parcel.attempt,
            private=(parcel.envelope.address, parcel.envelope.code),
        )
        return Receipt(as_text(answer.get("msgid")))

    def _content(self, body: Body) -> dict[str, Any]:
        match body:
            case Text() | Markdown():
                return _text(body.content)
            case Card() | CardUpdate():  # kf knows neither, so the words are all there is
                return _text(cards.as_markdown(body))
            case Menu():
                return _menu(body)
            case Image():
                return {"msgtype": "image", "image": {"media_id": self._upload(body.data)}}

    def _upload(self, data: bytes) -> str:
        if len(data) > _IMAGE_BYTES:
            raise SendError(Failure.REJECTED, hint="the picture is larger than 2 MiB")
        png = data.startswith(b"\x89PNG")
        upload = Upload("image.png", data, "image/png") if png else Upload("image.jpg", data, "image/jpeg")
        return self._client.upload(self._door.app, "image", upload)


def _text(content: str) -> dict[str, Any]:
    if _size(content) > _TEXT_BYTES:  # the platform would cut it without a word
        raise SendError(Failure.REJECTED, hint="longer than one message may be")
    return {"msgtype": "text", "text": {"content": content}}


def _menu(menu: Menu) -> dict[str, Any]:
    """Return the menu; one that is too large for a menu as a text with numbered choices."""
    options = menu.options
    fits = _size(menu.head) <= _HEAD_BYTES and _size(menu.tail) <= _HEAD_BYTES and 0 < len(options) <= _OPTIONS
    if not fits or any(_size(part) > _OPTION_BYTES for option in options for part in option):
        return _text(menu.plain)
    choices = [{"type": "click", "click": {"id": key, "content": said}} for key, said in options]
    content: dict[str, Any] = {"head_content": menu.head, "list": choices}
    if menu.tail:
        content["tail_content"] = menu.tail
    return {"msgtype": "msgmenu", "msgmenu": content}


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
