"""What a guided scene lets people do: speak, scan, tap, press, and wait until the bot has answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.sandbox.callbacks import Callbacks, keys
from bot.sandbox.delivery import Delivery
from bot.sandbox.entities import Entry, Json, State, kf_key, private_key
from bot.sandbox.kf.message import options
from bot.sandbox.platform import Platform

PATIENCE = 12.0  # seconds for the bot to answer before a scene gives up


class SceneError(Exception):
    """A scene cannot go on; the text is shown on the page."""


class Actors:
    """The people of a scene: members in groups and alone, and customers by their nickname (of two, the newer).

    Every act waits for the bot's acknowledgement; hear waits for what the bot said since the last act, wherever that
    was. Raises SceneError when the bot does not answer within patience (seconds).
    """

    def __init__(
        self,
        platform: Platform,
        callbacks: Callbacks,
        *,
        go_to: Callable[[datetime], object],
        inbox_rows: Callable[[], Sequence[Json]],
        patience: float = PATIENCE,
    ) -> None:
        self.platform = platform
        self.callbacks = callbacks
        self.inbox_rows = inbox_rows
        self.patience = patience
        self._go_to = go_to
        self._acted_at = 0

    def say_in_group(self, chat: str, userid: str, text: str, *, quote: str = "", deliveries: int = 1) -> None:
        """Let a member write to the robot in a group."""
        said = f"@{self.platform.first_robot().display_name} {text}"
        self._act(
            lambda: self.callbacks.say_in_group(
                chat, userid, said, quote=quote, deliveries=deliveries, at_once=deliveries > 1
            )
        )

    def say(self, userid: str, text: str) -> None:
        """Let a member write to the app."""
        self._act(lambda: self.callbacks.say_to_app(userid, text))

    def press(self, userid: str, caption: str) -> None:
        """Let a member press the button with this caption on the newest card before them."""
        for entry in reversed(self.platform.private(userid)):
            if key := _button(entry, caption):
                self._act(lambda: self.callbacks.click(entry.task_id, userid, key))  # noqa: B023 - called at once
                return
        raise SceneError(f"没有找到按钮“{caption}”")

    def see_button(self, userid: str, caption: str) -> Entry:
        """Wait for a card with this button that came to a member since the last act, and return it."""
        return self._wait(
            lambda: next((one for one in self._since(self.private_chat(userid)) if _button(one, caption)), None)
        )

    def welcome(self, nickname: str) -> str:
        """Let somebody new come, whom the bot has never met, and return the key of the conversation."""
        self.platform.add_customer(nickname)
        return self.parent_chat(nickname)

    def parent_chat(self, nickname: str) -> str:
        """Return the key of a parent's conversation with the first account."""
        return kf_key(self.platform.first_kf(), self._customer(nickname))

    def private_chat(self, userid: str) -> str:
        """Return the key of a member's conversation with the app."""
        return private_key(self.platform.first_app().door, userid)

    def scan(self, nickname: str, scene: str) -> None:
        """Let a parent open the chat by a link with this scene."""
        poster = self.platform.posters.get(scene, scene)
        self.platform.post(self.parent_chat(nickname), self._customer(nickname), "note", f"扫码进入 · {poster}")
        self._act(lambda: self.callbacks.customers.enter(self._customer(nickname), scene))

    def write(self, nickname: str, text: str) -> None:
        """Let a parent write."""
        self._act(lambda: self.callbacks.customers.say(self._customer(nickname), text))

    def tap(self, nickname: str, words: str) -> None:
        """Let a parent tap the option with these words on the newest menu that has it."""
        customer = self._customer(nickname)
        for entry in reversed(self.platform.entries(self.parent_chat(nickname))):
            option = next((key for key, text in options(entry.card or {}).items() if words in text), None)
            if entry.type == "msgmenu" and option is not None:
                self._act(lambda: self.callbacks.customers.choose(customer, entry.id, option))  # noqa: B023
                return
        raise SceneError(f"没有找到选项“{words}”")

    def hear(self, chat: str, containing: str = "") -> Entry:
        """Wait for the bot's word in a conversation and return it."""
        return self._wait(lambda: next((one for one in self._since(chat) if containing in words_of(one)), None))

    def said(self, chat: str, since: int) -> list[Entry]:
        """Return what the bot has said in a conversation after this revision of the platform, as it is now."""
        doors = {self.platform.first_robot().door, self.platform.first_app().door}
        doors |= {account.door for account in self.platform.kf.values()}
        if chat in self.platform.chats:
            doors.add(self.platform.chats[chat].door)
        return [entry for entry in self.platform.entries(chat, since=since) if entry.sender in doors]

    def go_to(self, target: datetime) -> None:
        """Move the clock; what happens on the way counts as happening after this act."""
        self._acted_at = self.platform.revision
        try:
            self._go_to(target.astimezone(UTC))
        except ValueError:
            raise SceneError("时间没有推进，请再试一次") from None

    def _since(self, chat: str) -> list[Entry]:
        """What the bot has finished saying since the last act."""
        return [entry for entry in self.said(chat, self._acted_at) if entry.state is not State.STREAMING]

    def _wait(self, look: Callable[[], Entry | None]) -> Entry:
        try:
            return self.platform.wait_for(look, self.patience)
        except TimeoutError:
            raise SceneError("小督还没有回话，请稍后再看") from None

    def _act(self, begin: Callable[[], Delivery]) -> None:
        self._acted_at = self.platform.revision
        delivery = begin()
        try:
            delivery.wait(self.patience)
        except TimeoutError:
            raise SceneError("消息没有送到小督：服务没有应答") from None
        if not delivery.is_acknowledged:
            raise SceneError("消息没有送到小督：服务没有应答")

    def _customer(self, nickname: str) -> str:
        for customer in reversed(self.platform.customers.values()):
            if customer.nickname == nickname:
                return customer.external_userid
        raise SceneError(f"没有这位家长：{nickname}")


def words_of(entry: Entry) -> str:
    """Return all that a message shows, for looking up words in it."""
    return f"{entry.content}\n{entry.card or ''}"


def _button(entry: Entry, caption: str) -> str:
    """The key of a card's button with this caption that can still be pressed, or ""."""
    buttons = (entry.card or {}).get("button_list") or ()
    key = next((str(one["key"]) for one in buttons if caption in str(one.get("text"))), "")
    return key if not entry.replaced and key in keys(entry.card or {}) else ""
