"""The callback URL of the kf accounts: /wecom/kf/<name>. Stores the wake-up, then answers an empty 200.

A wake-up says that there is something to pull, and holds the token to do so (WeCom docs 94670, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.callback import Call, Receiver, Reply
from bot.channel import Intake
from bot.channels.wecom import xml
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.doors import KfDoor
from bot.channels.wecom.fields import as_moment, as_text, digest
from bot.channels.wecom.urls import CallbackUrls
from bot.clock import Clock
from bot.errors import RequestError
from bot.messages import Incoming, Kind


class Callbacks(CallbackUrls[KfDoor]):
    """The accounts' URLs. What was said is pulled, so a callback never waits for a handler."""

    PREFIX = "/wecom/kf"

    def __init__(self, doors: Mapping[str, KfDoor], intake: Intake, clock: Clock, **limits: Any) -> None:
        """Keywords as in CallbackUrls."""
        cryptos = {name: (door, Crypto(door.token, door.aes_key, door.corp_id)) for name, door in doors.items()}
        super().__init__(cryptos, intake, clock, **limits)

    def receivers(self) -> dict[str, Receiver]:
        """Return who takes a POST, by path. None of them waits: a reply says itself what it waits for."""
        return {f"{self.PREFIX}/{name}": self.receive(name) for name in self.doors}

    def take(self, door: KfDoor, crypto: Crypto, call: Call) -> Reply:
        """Have the wake-up stored; the reply waits for it."""
        message = self.gate.read(door.label, lambda: self._read(door, crypto, call))
        return message if isinstance(message, Reply) else self.gate.submit(door.label, self.intake, message)

    def _read(self, door: KfDoor, crypto: Crypto, call: Call) -> Incoming:
        query = self.gate.query(call)
        encrypted = xml.find_encrypted(self.gate.body(call))
        plain = crypto.open(encrypted, signature=query.signature, timestamp=query.timestamp, nonce=query.nonce)
        return parse(door, plain, sent_with=f"{query.timestamp}:{query.nonce}")


def parse(door: KfDoor, plaintext: bytes, *, sent_with: str = "") -> Incoming:
    """Return the event in a decrypted callback: for "kf_msg_or_event" detail holds token and open_kf_id.

    A wake-up has no id of its own, and two of one second may be alike: sent_with (timestamp and nonce of the request)
    tells them apart. One that is repeated under another nonce wakes twice, which does no harm.
    Raises RequestError if it is no XML of WeCom, no event, or names another company.
    """
    data = xml.parse(plaintext)
    if as_text(data.get("ToUserName")) not in ("", door.corp_id):
        raise RequestError("corp_id", 403)
    if as_text(data.get("MsgType")).lower() != "event":
        raise RequestError("msg_type")
    # Named as the app's door names them (OpenKfId): WeCom may send wake-ups to the URL of the app instead.
    detail = {"token": as_text(data.get("Token")), "open_kf_id": as_text(data.get("OpenKfId"))}
    return Incoming(
        door=door.label,
        message_id=digest(plaintext + sent_with.encode()),
        kind=Kind.EVENT,
        sent_at=as_moment(data.get("CreateTime")),
        event=as_text(data.get("Event")).lower(),
        detail={name: value for name, value in detail.items() if value},
    )
