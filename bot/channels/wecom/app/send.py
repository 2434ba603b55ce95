"""Private messages from a self-built app to one member: message/send, and the update of a clicked card.

Source: WeCom developer docs 90236, 94888, 90253, 90312 (read 2026-11).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.channel import Limit, Parcel, Receipt
from bot.channels.wecom import cards
from bot.channels.wecom.client import Client, Upload
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.errcodes import STALE_MEDIA
from bot.channels.wecom.fields import as_list, as_text
from bot.channels.wecom.mark import MARK_BYTES, mark
from bot.errors import Failure, SendError
from bot.messages import Card, CardUpdate, Image, Markdown, Menu, Text

_CONTENT_BYTES = 2048
_DUPLICATE_SECONDS = 1800
_IMAGE_BYTES = 2 * 1024 * 1024
_REMEMBERED = 500


class AppChannel:
    """The way out by one app (bot.channel.Channel).

    The platform drops a repeat of the same JSON within 30 minutes; a mark that follows from the parcel makes the
    JSON of two parcels differ. For a picture this holds as long as the process lives, because its media_id must be
    the same again and is remembered here only.
    card_url: where a card without buttons leads.
    """

    pauses_whole = True
    allowance = None
    has_aid = True
    aid_seconds = 1500.0
    limits = (Limit(30, 60), Limit(1000, 3600))  # per member; the platform drops the surplus without a word
    byte_limits: Mapping[str, int] = {
        "text": _CONTENT_BYTES - MARK_BYTES,
        "markdown": _CONTENT_BYTES - MARK_BYTES,
    }

    def __init__(self, door: AppDoor, client: Client, *, card_url: str) -> None:
        self.name = door.label
        self._door = door
        self._client = client
        self._card_url = card_url
        self._media: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def send(self, parcel: Parcel, now: datetime) -> Receipt:
        """Send parcel to the member whose id is its address. Raises SendError."""
        address = parcel.envelope.address
        if not address or "|" in address or address.lower() == "@all":
            raise SendError(Failure.REJECTED, hint="the address is not one member")
        if isinstance(parcel.envelope.body, CardUpdate):
            return self._update(parcel, parcel.envelope.body)
        payload = {
            "touser": address,
            "agentid": self._door.agent_id,
            **self._content(parcel),
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _DUPLICATE_SECONDS,
        }
        try:
            answer = self._call("message/send", payload, parcel)
        except SendError as error:
            self._forget_media(parcel, error)
            raise
        _check_recipient(answer)
        return Receipt(as_text(answer.get("response_code")) or as_text(answer.get("msgid")))

    def _content(self, parcel: Parcel) -> dict[str, Any]:
        match parcel.envelope.body:
            case Text() | Markdown() as body:
                content = body.content + mark(parcel.uid)
                if len(content.encode("utf-8", "replace")) > _CONTENT_BYTES:
                    raise SendError(Failure.REJECTED, hint="longer than one message may be")
                return {"msgtype": body.type, body.type: {"content": content}}
            case Image() as body:
                return {"msgtype": "image", "image": {"media_id": self._media_id(parcel.uid, body.data)}}
            case Card() as body:
                return {"msgtype": "template_card", "template_card": cards.render(body, self._card_url)}
            case CardUpdate() | Menu():
                raise AssertionError("neither is sent as a message: an update has its own call, a menu became a text")

    def _update(self, parcel: Parcel, body: CardUpdate) -> Receipt:
        """Replace the card for one member. A response_code works once, for 72 hours (docs 94888)."""
        if not body.response_code:
            raise SendError(Failure.REJECTED, hint="a card cannot be updated without its response_code")
        card = cards.render(body, self._card_url)
        card.pop("task_id", None)
        payload = {
            "userids": [parcel.envelope.address],
            "agentid": self._door.agent_id,
            "response_code": body.response_code,
            "template_card": card,
        }
        _check_recipient(self._call("message/update_template_card", payload, parcel))
        return Receipt()

    def _call(self, path: str, payload: Mapping[str, Any], parcel: Parcel) -> Mapping[str, Any]:
        # A row about a complaint names nobody: neither may what the platform says of its recipient.
        private = (parcel.envelope.address,)
        return self._client.call(self._door, path, payload, idempotent=True, attempt=parcel.attempt, private=private)

    def _media_id(self, uid: str, data: bytes) -> str:
        if len(data) > _IMAGE_BYTES:
            raise SendError(Failure.REJECTED, hint="the picture is larger than 2 MiB")
        with self._lock:
            known = self._media.get(uid)
        if known is not None:
            return known
        png = data.startswith(b"\x89PNG")
        upload = Upload("image.png", data, "image/png") if png else Upload("image.jpg", data, "image/jpeg")
        media_id = self._client.upload(self._door, "image", upload)
        with self._lock:
            self._media[uid] = media_id
            while len(self._media) > _REMEMBERED:
                self._media.popitem(last=False)
        return media_id

    def _forget_media(self, parcel: Parcel, error: SendError) -> None:
        """Let a picture whose media_id was refused be uploaded again, once."""
        with self._lock:
            known = self._media.pop(parcel.uid, None) if error.code in STALE_MEDIA else None
        if known is not None and parcel.attempt == 1:
            raise SendError(Failure.BUSY, error.code, error.hint, retry_after=1)


def _check_recipient(answer: Mapping[str, Any]) -> None:
    """Raise SendError if the one recipient is among those not reached: that is errcode 0 (docs 90236)."""
    for name in ("invaliduser", "unlicenseduser"):
        if as_list(answer.get(name)):
            raise SendError(Failure.DEAD_TARGET, 0, f"{name}: outside the app's visible range, or without a licence")
