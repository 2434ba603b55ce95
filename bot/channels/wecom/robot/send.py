"""The robot's one late answer: a POST to the response_url of a message, within the hour (WeCom docs 101138)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.channel import Limit, Parcel, Receipt
from bot.channels.wecom import cards
from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import RobotDoor
from bot.channels.wecom.robot.answers import CONTENT_BYTES, as_text
from bot.errors import Failure, SendError
from bot.messages import Card, Image

_PATH = "/cgi-bin/"
_LIFE_SECONDS = 3600
_CODE_USED = 60140


class RobotChannel:
    """The way out by one robot (bot.channel.Channel): an answer, never an unasked word.

    A response_url takes one call, so a repeat cannot be shown twice: that is the aid. If a repeat within the hour is
    told that the code is used, the first attempt did arrive.
    card_url: where a card without buttons leads.
    """

    pauses_whole = True
    allowance = None
    has_aid = True
    aid_seconds = 3000.0
    limits: tuple[Limit, ...] = ()  # each address takes one call
    byte_limits: Mapping[str, int] = {"text": CONTENT_BYTES, "markdown": CONTENT_BYTES}

    def __init__(self, door: RobotDoor, client: Client, *, card_url: str) -> None:
        self.name = door.label
        self._client = client
        self._card_url = card_url

    def send(self, parcel: Parcel, now: datetime) -> Receipt:
        """Send parcel to the response_url that is its address. Raises SendError.

        A card that is refused is tried once more as its words: whether groups take cards here, the documents contradict
        each other (101138, editions of 2025-12 and 2026-04).
        """
        path, params = self._target(parcel.envelope.address)
        body = parcel.envelope.body
        if isinstance(body, Image):
            raise SendError(Failure.REJECTED, hint="a late answer cannot hold a picture")
        words = _markdown(as_text(body))
        payload = words
        if isinstance(body, Card):
            payload = {"msgtype": "template_card", "template_card": cards.render(body, self._card_url)}
        try:
            self._post(path, params, payload, parcel.attempt)
            return Receipt()
        except SendError as error:
            refused = error.failure is Failure.REJECTED and error.code not in (None, _CODE_USED)
            if payload is words or not refused:
                raise _judged(error, parcel, now) from None
        self._post(path, params, words, parcel.attempt)
        return Receipt()

    def _target(self, url: str) -> tuple[str, dict[str, str]]:
        """Return path below /cgi-bin/ and query of a response_url. Anything but the platform's own is refused."""
        start = urlsplit(self._client.api_base).path + _PATH
        if not self._client.is_ours(url) or not urlsplit(url).path.startswith(start):
            raise SendError(Failure.REJECTED, hint="the response_url does not lead to the platform")
        parts = urlsplit(url)
        return parts.path.removeprefix(start), dict(parse_qsl(parts.query))

    def _post(self, path: str, params: Mapping[str, str], payload: Mapping[str, Any], attempt: int) -> None:
        self._client.post(path, payload, params=params, idempotent=True, attempt=attempt)


def _markdown(content: str) -> dict[str, Any]:
    if len(content.encode("utf-8", "replace")) > CONTENT_BYTES:
        raise SendError(Failure.REJECTED, hint="longer than one answer may be")
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _judged(error: SendError, parcel: Parcel, now: datetime) -> SendError:
    """Return error, or DELIVERED for a used code that only an earlier attempt of ours can have used."""
    used = error.code == _CODE_USED and parcel.attempt > 1
    if used and (now - parcel.created_at).total_seconds() < _LIFE_SECONDS:
        return SendError(Failure.DELIVERED, error.code, error.hint)
    return error
