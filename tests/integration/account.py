"""A kf account of the platform in memory: items with cursors, asked by bot.channel.Sync, and a house that pulls it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot import pulls
from bot.channel import Allowance, Page
from bot.channels.wecom.kf import wire
from bot.clock import Clock
from bot.db import Database
from bot.errors import SendError
from bot.router import Routes
from bot.seal import Seal
from bot.steps import deliver, handle, pull
from bot.steps.house import House
from tests.fakes import RecordingChannel, load_small_district, make_house

DOOR, OPEN_KFID = "kf/parents", "wk1"
ACCOUNTS = {OPEN_KFID: DOOR}
ROOM = Allowance(5, 48 * 3600)


class Account:
    """What an account has received. size: items of a page; empty: pages without items that come first.

    faults are raised one after the other; asked keeps (cursor, token) of every call; before and after run in each call,
    on either side of the moment at which its page is made up.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.items: list[dict[str, Any]] = []
        self.size = 1000
        self.empty = 0
        self.faults: list[SendError] = []
        self.asked: list[tuple[str, str]] = []
        self.before: Callable[[], object] = lambda: None
        self.after: Callable[[], object] = lambda: None

    def say(self, text: str, sender: str = "wmA", *, at: datetime | None = None, **more: Any) -> str:
        """Let a parent write; returns the msgid."""
        part = {"msgtype": "text", "text": {"content": text}}
        return self._add({"external_userid": sender, "origin": 3, **part, **more}, at)

    def happen(self, name: str, sender: str = "wmA", *, at: datetime | None = None, **fields: Any) -> str:
        """Let an event happen; returns its msgid."""
        event = {"event_type": name, "external_userid": sender, **fields}
        return self._add({"origin": 4, "msgtype": "event", "event": event}, at)

    def _add(self, item: dict[str, Any], at: datetime | None) -> str:
        msgid = f"m{len(self.items) + 1}"
        self.items.append({"msgid": msgid, "send_time": int((at or self.clock.now()).timestamp()), **item})
        return msgid

    def __call__(self, door: str, cursor: str, token: str) -> Page:
        """Return the next page (bot.channel.Sync)."""
        assert door == DOOR
        self.asked.append((cursor, token))
        self.before()
        if self.faults:
            raise self.faults.pop(0)
        begin, skipped = (int(part) for part in (cursor or "0.0").split("."))
        if skipped < self.empty:
            return Page((), f"{begin}.{skipped + 1}", has_more=True)
        end = min(begin + self.size, len(self.items))
        parsed = [wire.parse(door, item) for item in self.items[begin:end]]
        page = Page(tuple(one for one in parsed if one), f"{end}.{self.empty}", has_more=end < len(self.items))
        self.after()
        return page


def make_kf_house(db: Database, seal: Seal, clock: Clock, account: Account, *subjects: Routes) -> House:
    """Return a house with an app and the account's door, whose account is known."""
    load_small_district(db, seal)
    kf = RecordingChannel(DOOR, has_aid=True, allowance=ROOM, byte_limits={"text": 2048, "menu": 2048})
    routes = (pulls.make_routes(ACCOUNTS), *subjects)
    house = make_house(db, seal, clock, routes, [RecordingChannel("app/office", has_aid=True), kf])
    house = replace(house, accounts=ACCOUNTS, sync=account)
    pull.begin(house)
    return house


def pull_all(house: House) -> int:
    """Pull until nothing is due; returns how many pages."""
    pages = 0
    while pull.pull(house):
        pages += 1
    return pages


def handle_all(house: House) -> None:
    """Handle until nothing is due."""
    while handle.handle(house, lambda _uid: None):
        pass


def deliver_all(house: House) -> int:
    """Deliver until nothing is due; returns how many sends were made."""
    total = 0
    while taken := deliver.take(house, 10):
        deliver.mark(house, [deliver.send(house, each) for each in taken])
        total += len(taken)
    return total
