"""kf/sync_msg: what an account has received since a cursor (WeCom docs 94670, read 2026-11).

Own code: wechatpy's sync_msg cannot name the account, which the platform now demands.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.channel import Page
from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import KfDoor
from bot.channels.wecom.fields import as_list, as_text
from bot.channels.wecom.kf import wire
from bot.errors import Failure, SendError

LIMIT = 1000
_AMR = 0


class Puller:
    """Pulls for doors (by label: "kf/parents"), one page a call (bot.channel.Sync)."""

    def __init__(self, client: Client, doors: Mapping[str, KfDoor]) -> None:
        self._client = client
        self._doors = doors

    def __call__(self, door: str, cursor: str, token: str) -> Page:
        """Return the next page of door. Without a cursor the platform begins three days back; without the token of a
        wake-up it allows few calls. Raises SendError."""
        account = self._doors.get(door)
        if account is None:
            raise SendError(Failure.DOOR_DOWN, hint="door not configured")
        payload = {"open_kfid": account.open_kfid, "limit": LIMIT, "voice_format": _AMR}
        payload |= {name: value for name, value in (("cursor", cursor), ("token", token)) if value}
        # Reading changes nothing at the platform, so an answer that is lost is simply asked for again.
        answer = self._client.call(
            account.app, "kf/sync_msg", payload, idempotent=True, lost=Failure.BUSY, private=(token,)
        )
        items = [wire.parse(door, item) for item in as_list(answer.get("msg_list"))]
        return Page(
            messages=tuple(message for message in items if message is not None),
            cursor=as_text(answer.get("next_cursor")),
            has_more=as_text(answer.get("has_more")) == "1" or answer.get("has_more") is True,
        )
