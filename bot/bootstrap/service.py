"""Configuration -> database, doors, subjects, worker, timetable, web. Nothing is started by building."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import health, pulls
from bot.bootstrap.doors import app_door, kf_door, robot_door
from bot.bootstrap.parts import EVERY, Part, require_whole
from bot.callback import Receiver
from bot.channel import Channel
from bot.channels.wecom.app import webhook as app_webhook
from bot.channels.wecom.app.send import AppChannel
from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import AppDoor, RobotDoor
from bot.channels.wecom.identity import openuserid_to_userid
from bot.channels.wecom.kf import webhook as kf_webhook
from bot.channels.wecom.kf.pull import Puller
from bot.channels.wecom.kf.send import KfChannel
from bot.channels.wecom.media import Fetcher
from bot.channels.wecom.push.send import PushChannel
from bot.channels.wecom.robot import webhook as robot_webhook
from bot.channels.wecom.robot.send import RobotChannel
from bot.channels.wecom.robot.webhook import Manners
from bot.clock import Clock, SystemClock
from bot.config import Config
from bot.courtesy import rules_of
from bot.db import Database, new_uid
from bot.dispatch import Dispatch
from bot.errors import ConfigError, SealError
from bot.intake import AckWriter
from bot.lock import FileLock
from bot.metrics import Metrics
from bot.outbox import Judging
from bot.people import ChatRow, DirectoryCache
from bot.presence import Alone, Presence
from bot.replies import Replies
from bot.router import Router
from bot.schema import require_current, try_write
from bot.seal import Seal
from bot.shared import Notice
from bot.steps.house import House
from bot.steps.judge import judging
from bot.tokens import TokenTable
from bot.web import create_app
from bot.worker import Wake, Worker
from handlers import CLEARANCE, FEATURES, ON_END, PAGES, WARM_UP
from scheduler import requests
from scheduler.clockwork import Clockwork
from scheduler.runner import Runner

log = logging.getLogger(__name__)


def make_seal(config: Config) -> Seal:
    """Return the seal with the configured keys."""
    return Seal(config.vault.keys, config.vault.index_key)


def make_database(config: Config) -> Database:
    """Return the configured database; the folder of an SQLite file is made. Raises ConfigError where it cannot be."""
    db = Database(config.database.url)
    if db.is_sqlite and db.url.database:
        try:
            Path(db.url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError([("database.url", f"its folder cannot be made: {error.strerror}")]) from None
    return db


class Service:
    """What runs in one process, from one configuration; parts says what that is."""

    def __init__(self, config: Config, *, clock: Clock | None = None, parts: Collection[Part] = EVERY) -> None:
        self.config = config
        self.parts = frozenset(parts)
        self.clock = clock or SystemClock()
        self.db = make_database(config)
        self.seal = make_seal(config)
        self.metrics = Metrics()
        self.wake = Wake()
        self.client = Client(config.wecom.api_base, TokenTable(self.db, self.seal), self.clock)
        self.apps = {door.name: app_door(config, door) for door in config.wecom.apps}
        self.robots = {door.name: robot_door(door) for door in config.wecom.robots}
        self.kf = {door.name: kf_door(door, self.apps[door.app]) for door in config.wecom.kf}
        self.writer = AckWriter(self.db, self.seal, self.clock, self.wake.handle.set)
        self.replies = Replies(self.db, self.seal, self.clock, self.writer, self.metrics, self._judging)
        owner = new_uid()
        self.presence = None if self.db.is_sqlite else Presence(self.db, owner, self._ears(), self.wake.all)
        self.house = self._house(owner)
        self.worker = Worker(
            self.house,
            self.wake,
            senders=config.work.senders,
            on_settled=self.replies.settled,
            give_way=self.writer.give_way,
        )
        self.runner = Runner(
            db=self.db,
            seal=self.seal,
            directories=self.house.directories,
            dispatch=self.house.dispatch,
            config=config,
            metrics=self.metrics,
        )
        self.clockwork = Clockwork(self._run_due, self.clock)
        self.desk = Clockwork(self._answer_requests, self.clock, seconds=1)
        self._started = ExitStack()

    def _house(self, owner: str) -> House:
        accounts = {door.open_kfid: door.label for door in self.kf.values()}
        channels = self._channels()
        person_door = next((door.label for door in self.apps.values()), "")
        return House(
            db=self.db,
            seal=self.seal,
            clock=self.clock,
            directories=DirectoryCache(),
            router=Router((pulls.make_routes(accounts), *FEATURES)),
            dispatch=Dispatch(self.seal, channels, person_door=person_door, chat_door="push"),
            channels=channels,
            metrics=self.metrics,
            download=self._fetcher(),
            identify=self._identify,
            owner=owner,
            signs=self.presence or Alone(),
            weekly=self.config.weekly,
            complaints=self.config.complaints,
            public_url=self.config.server.public_url,
            on_end=ON_END,
            accounts=accounts,
            sync=Puller(self.client, {door.label: door for door in self.kf.values()}),
            clearance=CLEARANCE,
            courtesy=rules_of(self.config.courtesy),
        )

    def start(self, require: Callable[[], None] = lambda: None) -> None:
        """Take the lock, check the schema, then start writer, worker and timetable, as far as they are ours.

        require is called before anything works, and may raise what shall stop the start. Raises ConfigError.
        """
        with ExitStack() as stack:
            if self.db.is_sqlite:
                require_whole(self.parts)
                stack.enter_context(FileLock(Path(f"{self.db.url.database}.lock")))
            require_current(self.db)
            try_write(self.db)
            require()
            for warm_up in WARM_UP:
                warm_up()
            for start, stop in self._rooms():
                start()
                stack.callback(stop)
            self._started = stack.pop_all()

    def _rooms(self) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
        """Yield what is started, in order, and how it is stopped."""
        if self.presence is not None:
            yield self.presence.start, self.presence.stop
        if Part.WEB in self.parts:
            yield self.writer.start, self.writer.stop
        if Part.WORKER in self.parts:
            yield self.worker.start, self._stop_worker
        if Part.SCHEDULER in self.parts:
            yield self.clockwork.start, self.clockwork.stop
            yield self.desk.start, self.desk.stop

    def _ears(self) -> dict[Notice, Callable[[str], None]]:
        """Return who wants to be told what by the other processes."""
        ears: dict[Notice, Callable[[str], None]] = {}
        if Part.WEB in self.parts:
            ears[Notice.SETTLED] = self.replies.settled
        if Part.WORKER in self.parts:
            ears[Notice.INBOX] = lambda _: self.wake.handle.set()
            ears[Notice.OUTBOX] = lambda _: self.wake.deliver.set()
            ears[Notice.PULL] = lambda _: self.wake.pull.set()
        return ears

    def stop(self) -> None:
        """Let what is under way finish within the configured seconds; the rest is taken up at the next start."""
        self._started.close()
        self.client.close()
        self.db.dispose()

    def web(self, extra: Iterable[Blueprint] = ()) -> Flask:
        """Return the web application with the doors' callbacks and the health pages."""
        window = timedelta(seconds=self.config.wecom.replay_window_seconds)
        robots = robot_webhook.Callbacks(
            self.robots,
            self.replies,
            self.clock,
            Manners(card_url=self._card_url(), waiters=max(2, self.config.server.threads // 2)),
            window=window,
            on_invalid=self._count("robot"),
        )
        doors = [self._app_callbacks().blueprint(), robots.blueprint(), self._kf_callbacks().blueprint()]
        subjects = [make(self.db, self.seal, self.clock, self.config.complaints) for make in PAGES]
        return create_app([*doors, *subjects, self._health(), *extra])

    def pages(self) -> Flask:
        """Return the health pages alone, for a process without doors."""
        return create_app([self._health()])

    def _health(self) -> Blueprint:
        return health.blueprint(self.db, self.clock, self.metrics, self._last_tick)

    def _last_tick(self) -> datetime | None:
        """Return when the timetable was last looked at, by this process or by another."""
        if Part.SCHEDULER in self.parts:
            return self.clockwork.last_tick
        return health.find_pulse(self.db)

    def receivers(self) -> dict[str, Receiver]:
        """Return who takes callbacks that nobody waits in, by path: the web server answers them without a thread."""
        return self._app_callbacks().receivers() | self._kf_callbacks().receivers()

    def _app_callbacks(self) -> app_webhook.Callbacks:
        window = timedelta(seconds=self.config.wecom.replay_window_seconds)
        return app_webhook.Callbacks(self.apps, self.replies, self.clock, window=window, on_invalid=self._count("app"))

    def _kf_callbacks(self) -> kf_webhook.Callbacks:
        window = timedelta(seconds=self.config.wecom.replay_window_seconds)
        return kf_webhook.Callbacks(self.kf, self.replies, self.clock, window=window, on_invalid=self._count("kf"))

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is due or under way, at most seconds; for the demo's clock."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.wake.all()
            if self.worker.is_idle():
                return True
            time.sleep(0.05)
        return False

    def _judging(self, session: Session, now: datetime) -> Judging:
        return judging(self.house, session, now)

    def _run_due(self) -> None:
        if self.runner.run_due(self.clock.now()):
            self.wake.deliver.set()
        if not self.db.is_sqlite:
            health.beat(self.db, self.clock.now())

    def _answer_requests(self) -> None:
        if requests.answer_waiting(self.db, self.runner, self.clock.now()):
            self.wake.deliver.set()

    def _stop_worker(self) -> None:
        if not self.worker.stop(self.config.work.stop_seconds):
            log.warning("worker.stop_timeout")

    def _count(self, door: str) -> Callable[[str], None]:
        return lambda reason: self.metrics.request(door, reason)

    def _channels(self) -> dict[str, Channel]:
        url = self._card_url()
        channels: list[Channel] = [PushChannel(self.client, self._push_key)]
        channels += [AppChannel(door, self.client, card_url=url) for door in self.apps.values()]
        channels += [RobotChannel(door, self.client, card_url=url) for door in self.robots.values()]
        channels += [KfChannel(door, self.client) for door in self.kf.values()]
        return {channel.name: channel for channel in channels}

    def _fetcher(self) -> Fetcher:
        doors: dict[str, AppDoor | RobotDoor] = {door.label: door for door in self.apps.values()}
        doors |= {door.label: door for door in self.robots.values()}
        doors |= {door.label: door.app for door in self.kf.values()}  # a parent's files are fetched by the app
        wecom = self.config.wecom
        return Fetcher(self.client, doors, wecom.media_hosts, https_only=wecom.api_base.startswith("https://"))

    def _identify(self, ids: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for door in self.apps.values():
            found |= openuserid_to_userid(self.client, door, [each for each in ids if each not in found])
        return found

    def _card_url(self) -> str:
        return self.config.server.public_url or f"http://{self.config.server.host}:{self.config.server.port}"

    def _push_key(self, chat_id: str) -> str | None:
        with self.db.reading() as session:
            sealed = session.scalar(select(ChatRow.webhook_key).where(ChatRow.id == chat_id))
        if sealed is None:
            return None
        try:
            return self.seal.open(sealed, f"chat/{chat_id}").decode()
        except SealError:
            log.error("push.key_unreadable chat=%s", chat_id)
            return None
