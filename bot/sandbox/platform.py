"""The stand-in of the WeCom platform: who is in the company, and everything that was said, in memory and thread-safe.

Tests and the demo build one, serve its API (api.py), and let people speak through callbacks.py.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Self, TypedDict, TypeVar, Unpack

from bot.clock import Clock, SystemClock
from bot.sandbox.district import Company, company
from bot.sandbox.entities import (
    Answered,
    App,
    Chat,
    Customer,
    Entry,
    Json,
    KfAccount,
    Media,
    Member,
    Robot,
    State,
    private_key,
)
from bot.sandbox.faults import Faults
from bot.sandbox.kf.desk import Desk
from bot.sandbox.limits import Duplicates, Tokens, Vouchers, Window
from bot.sandbox.server import running

T = TypeVar("T")

CARD_CODE_LIFE = timedelta(hours=72)
ANSWER_CODE_LIFE = timedelta(hours=1)
MEDIA_LIFE = timedelta(days=3)
ROBOT_MEDIA_LIFE = timedelta(minutes=5)


class Details(TypedDict, total=False):
    """What a message may have beside its words; as the fields of Entry."""

    card: Json | None
    quote: str
    mentions: tuple[str, ...]
    media: tuple[str, ...]
    state: State
    heard: bool


class Platform:
    """One company on the platform.

    lock guards everything; take it to read several things that must fit together. base_url is where the API can be
    reached (set by serve). desk holds what happens at the kf accounts. violations lists what the bot did against the
    protocol, in words, without message texts; dropped lists the (userid, message id) of messages lost to the limit
    per member.
    """

    def __init__(
        self, *, clock: Clock | None = None, latency: float = 0.0, base_url: str = "", **parts: Unpack[Company]
    ) -> None:
        self._settle(parts)
        self.clock: Clock = clock or SystemClock()
        self.latency = latency
        self.base_url = base_url
        self.epoch = secrets.token_hex(6)
        self.lock = threading.RLock()
        self.faults = Faults()
        self.tokens = Tokens()
        self.pushes = Window(20)
        self.deliveries = Window(30)
        self.duplicates = Duplicates()
        self.desk = Desk()
        self.card_codes: Vouchers[tuple[str, tuple[str, ...]]] = Vouchers(CARD_CODE_LIFE)  # -> (door, entry ids)
        self.answer_codes: Vouchers[tuple[str, str]] = Vouchers(ANSWER_CODE_LIFE)  # -> (robot, entry id)
        self.calls: deque[Answered] = deque(maxlen=100_000)
        self.violations: list[str] = []
        self.dropped: list[tuple[str, str]] = []
        self.unlicensed: set[str] = set()
        self.revision = 0
        self._changed = threading.Condition(self.lock)
        self._entries: dict[str, Entry] = {}
        self._by_chat: dict[str, list[Entry]] = {}
        self._by_task: dict[str, list[Entry]] = {}
        self._media: dict[str, Media] = {}
        self._last_message_id = secrets.randbits(32) << 30

    def _settle(self, parts: Company) -> None:
        self.corp_id = parts["corp_id"]
        self.apps = {app.name: app for app in parts.get("apps", ())}
        self.robots = {robot.name: robot for robot in parts.get("robots", ())}
        self.kf = {account.name: account for account in parts.get("kf", ())}
        self.members = {member.userid.lower(): member for member in parts.get("members", ())}
        self.customers = {customer.external_userid: customer for customer in parts.get("customers", ())}
        self.chats = {chat.id: chat for chat in parts.get("chats", ())}
        self.posters = dict(parts.get("posters", {}))

    @classmethod
    def from_district(
        cls,
        district: Mapping[str, Any],
        *,
        callback_base: str,
        chats: Iterable[str] | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Return a company with the people and groups of a district file; see district.company.

        The platform takes callback_base for its own address too, as in the demo both share a server.
        """
        parts = company(district, callback_base=callback_base, chats=chats)
        return cls(clock=clock, base_url=callback_base.rstrip("/"), **parts)

    @contextmanager
    def serve(self, port: int = 0, *, host: str = "127.0.0.1") -> Iterator[str]:
        """Serve the API from a thread of this process and yield its base URL."""
        with running(self, host, port) as base_url:
            self.base_url = base_url
            yield base_url

    def member(self, userid: str) -> Member | None:
        """Return the member with this id in any spelling, or None."""
        return self.members.get(userid.lower())

    def open_userid(self, userid: str) -> str:
        """Return the opaque id under which a robot without super admin sees the member."""
        digest = hashlib.sha256(f"{self.corp_id}|{userid.lower()}".encode()).hexdigest()
        return f"wo{digest[:30]}"

    def add_chat(self, chat: Chat) -> None:
        """Open a group, or replace it."""
        with self._changed:
            self.chats[chat.id] = chat
            self._changed.notify_all()

    def add_customer(self, nickname: str) -> Customer:
        """Let somebody new come from personal WeChat, whom the bot has never met."""
        customer = Customer(f"wm{secrets.token_hex(15)}", nickname)
        with self.lock:
            # A new mapping: whoever goes through the old one is not disturbed.
            self.customers = {**self.customers, customer.external_userid: customer}
        return customer

    def new_message_id(self) -> int:
        """Return a 64-bit message id, unique on this platform."""
        with self.lock:
            self._last_message_id += 1
            return (1 << 62) | self._last_message_id

    def post(self, chat: str, sender: str, type: str, content: str = "", **details: Unpack[Details]) -> Entry:
        """Add a message to a conversation."""
        now = self.clock.now()
        with self._changed:
            self.revision += 1
            entry = Entry(
                id=f"m{self.revision}-{secrets.token_hex(3)}",
                revision=self.revision,
                order=self.revision,
                chat=chat,
                sender=sender,
                at=now,
                type=type,
                content=content,
                task_id=str((details.get("card") or {}).get("task_id") or ""),
                **details,
            )
            self._entries[entry.id] = entry
            self._by_chat.setdefault(chat, []).append(entry)
            if entry.task_id:
                self._by_task.setdefault(entry.task_id, []).append(entry)
            self._changed.notify_all()
            return entry

    def change(self, entry: Entry, **values: object) -> None:
        """Change fields of a message, so that whoever watches sees it."""
        with self._changed:
            for name, value in values.items():
                setattr(entry, name, value)
            self.revision += 1
            entry.revision = self.revision
            self._changed.notify_all()

    def entry(self, entry_id: str) -> Entry | None:
        """Return the message with this id, or None."""
        with self.lock:
            return self._entries.get(entry_id)

    def entries(self, chat: str | None = None, *, sender: str | None = None, since: int = 0) -> list[Entry]:
        """Return messages in the order they were said: of one conversation, of one sender, changed after since."""
        with self.lock:
            pool = self._entries.values() if chat is None else self._by_chat.get(chat, ())
            return [entry for entry in pool if entry.revision > since and (sender is None or entry.sender == sender)]

    def private(self, userid: str, door: str = "") -> list[Entry]:
        """Return a member's private conversation with the first app, or with another door."""
        return self.entries(private_key(door or self.first_app().door, userid))

    def cards(self, task_id: str, userid: str = "") -> list[Entry]:
        """Return the cards sent with this task id, only those one member can see if userid is given."""
        with self.lock:
            return [
                entry
                for entry in self._by_task.get(task_id, ())
                if not userid or "|" not in entry.chat or entry.chat.endswith(f"|{userid.lower()}")
            ]

    def wait_for(self, look: Callable[[], T | None], seconds: float = 10.0) -> T:
        """Return what look finds as soon as it finds something. Raises TimeoutError.

        look runs with the lock held, after every change.
        """
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                found = look()
                if found:
                    return found
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"nothing came within {seconds} s")
                self._changed.wait(min(left, 0.5))

    def wait_entry(
        self, chat: str, *, sender: str | None = None, containing: str = "", after: int = 0, seconds: float = 10.0
    ) -> Entry:
        """Return the first finished message of a conversation that fits, waiting for it. Raises TimeoutError."""

        def look() -> Entry | None:
            for entry in self.entries(chat, sender=sender, since=after):
                if containing in entry.content and entry.state is not State.STREAMING:
                    return entry
            return None

        return self.wait_for(look, seconds)

    def keep_media(self, kind: str, data: bytes, *, name: str, mimetype: str, robot: str = "") -> Media:
        """Store a file and return it with its new id."""
        media = Media(secrets.token_urlsafe(24), kind, data, name, mimetype, self.clock.now(), robot)
        with self.lock:
            self._media[media.id] = media
        return media

    def media(self, media_id: str, *, even_expired: bool = False) -> Media | None:
        """Return the file with this id while the platform still has it."""
        with self.lock:
            media = self._media.get(media_id)
        if media is None or even_expired:
            return media
        life = ROBOT_MEDIA_LIFE if media.robot else MEDIA_LIFE
        return media if self.clock.now() - media.created_at < life else None

    def first_app(self) -> App:
        """Return the app that tests and the page mean when they name none."""
        return next(iter(self.apps.values()))

    def first_robot(self) -> Robot:
        """Return the robot that tests and the page mean when they name none."""
        return next(iter(self.robots.values()))

    def first_kf(self) -> KfAccount:
        """Return the kf account that tests and the page mean when they name none."""
        return next(iter(self.kf.values()))

    def count_calls(self, path: str, errcode: int | None = 0) -> int:
        """Return how many calls of path came to errcode (None: the answer was lost)."""
        with self.lock:
            return sum(1 for answered in self.calls if answered.call.path == path and answered.errcode == errcode)

    def note_violation(self, text: str) -> None:
        """Record that the bot broke a rule of the protocol."""
        with self._changed:
            self.violations.append(text)
            self._changed.notify_all()
