"""The line by which the platform wakes the bot for a kf account: signed, encrypted, repeated (doc 94670)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, TypedDict

from bot.sandbox.delivery import Courier, Delivery, Plan
from bot.sandbox.entities import Entry, KfAccount
from bot.sandbox.lines import Manners, settle
from bot.sandbox.wire import Element, Envelope, Request, xml

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform


class Waking(TypedDict, total=False):
    """How the bot is woken: deliveries of one wake-up (0: it gets lost), and whether all come at the same moment."""

    deliveries: int
    at_once: bool


class KfLine:
    """Calls the bot for kf accounts."""

    def __init__(self, platform: Platform, courier: Courier, manners: Manners) -> None:
        self.platform = platform
        self.courier = courier
        self.manners = manners

    def wake(
        self, account: KfAccount, message: Entry | None = None, *, deliveries: int = 1, at_once: bool = False
    ) -> Delivery:
        """Tell the bot that there is something to pull; message is what a customer wrote."""
        delivery = Delivery(f"kf-{secrets.token_hex(6)}", entry_id=message.id if message else "")
        if deliveries == 0:
            delivery.done.set()
            return delivery
        envelope = Envelope(account, self.platform.corp_id)
        plain = self._words(account)
        return self.courier.start(
            delivery,
            account.callback_url,
            lambda: envelope.seal(plain, self.platform.clock.now()),
            Plan(self.manners.timeout, self.manners.pauses, deliveries, at_once),
            on_answer=self._judge,
            on_end=settle(self.platform, message) if message else lambda _: None,
        )

    def _words(self, account: KfAccount) -> str:
        now = self.platform.clock.now()
        with self.platform.lock:
            token = self.platform.desk.log(account).issue_token(now)
        words: list[Element] = [
            ("ToUserName", self.platform.corp_id),
            ("CreateTime", int(now.timestamp())),
            ("MsgType", "event"),
            ("Event", "kf_msg_or_event"),
            ("Token", token),
            ("OpenKfId", account.open_kfid),
        ]
        return xml(words)

    def _judge(self, body: bytes, _: Request) -> None:
        if body.strip() not in (b"", b"success"):
            self.platform.note_violation("kf: a wake-up may be answered with nothing only")
