"""The one place where all parts meet: configuration -> database, doors, subjects, worker, timetable, web.

Nothing is started by building; `Service` starts and stops. (With bot.__main__ the only module that looks upwards.)
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from pydantic import SecretStr
from sqlalchemy import select

from bot import health
from bot.channel import Channel
from bot.channels.wecom.app import webhook as app_webhook
from bot.channels.wecom.app.send import AppChannel
from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import AppDoor, RobotDoor
from bot.channels.wecom.identity import openuserid_to_userid
from bot.channels.wecom.media import Fetcher
from bot.channels.wecom.push.send import PushChannel
from bot.channels.wecom.robot import webhook as robot_webhook
from bot.channels.wecom.robot.send import RobotChannel
from bot.channels.wecom.robot.webhook import Manners
from bot.clock import Clock, SystemClock
from bot.config import App, Config, Robot
from bot.db import Database, new_uid
from bot.dispatch import Dispatch
from bot.errors import ConfigError, SealError
from bot.intake import AckWriter
from bot.lock import FileLock
from bot.metrics import Metrics
from bot.people import ChatRow, DirectoryCache
from bot.replies import Replies
from bot.router import Router
from bot.schema import require_current
from bot.seal import Seal
from bot.steps.house import House
from bot.tokens import TokenTable
from bot.web import create_app
from bot.workdays import SHANGHAI, Calendar
from bot.worker import Wake, Worker
from handlers import FEATURES
from handlers.district import changes as district_changes
from handlers.district import file as district_file
from handlers.district import report as district_report
from handlers.district import service as district
from handlers.progress.language import Lexicon, Sender, to_contract, understand
from scheduler import requests
from scheduler.clockwork import Clockwork
from scheduler.runner import Runner

log = logging.getLogger(__name__)


def make_seal(config: Config) -> Seal:
    """Return the seal with the configured keys."""
    return Seal(config.vault.keys, config.vault.index_key)


def make_database(config: Config) -> Database:
    """Return the configured database; the folder of an SQLite file is made."""
    db = Database(config.database.url)
    if db.is_sqlite and db.url.database:
        Path(db.url.database).parent.mkdir(parents=True, exist_ok=True)
    return db


class Service:
    """Everything that runs in one process, from one configuration."""

    def __init__(self, config: Config, *, clock: Clock | None = None) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.db = make_database(config)
        self.seal = make_seal(config)
        self.metrics = Metrics()
        self.wake = Wake()
        self.client = Client(config.wecom.api_base, TokenTable(self.db, self.seal), self.clock)
        self.apps = {door.name: _app_door(config, door) for door in config.wecom.apps}
        self.robots = {door.name: _robot_door(door) for door in config.wecom.robots}
        self.writer = AckWriter(self.db, self.seal, self.clock, self.wake.handle.set)
        self.replies = Replies(self.db, self.seal, self.clock, self.writer)
        channels = self._channels()
        directories = DirectoryCache()
        person_door = next((door.label for door in self.apps.values()), "")
        dispatch = Dispatch(self.seal, channels, person_door=person_door, chat_door="push")
        self.house = House(
            db=self.db,
            seal=self.seal,
            clock=self.clock,
            directories=directories,
            router=Router(FEATURES),
            dispatch=dispatch,
            channels=channels,
            metrics=self.metrics,
            download=self._fetcher(),
            identify=self._identify,
            owner=new_uid(),
        )
        self.worker = Worker(self.house, self.wake, senders=config.work.senders, on_settled=self.replies.settled)
        self.runner = Runner(
            db=self.db,
            seal=self.seal,
            directories=directories,
            dispatch=dispatch,
            config=config,
            metrics=self.metrics,
        )
        self.clockwork = Clockwork(self._run_due, self.clock)
        self.desk = Clockwork(self._answer_requests, self.clock, seconds=1)
        self._started = ExitStack()

    def start(self) -> None:
        """Take the lock, check the schema, then start writer, worker and timetable. Raises ConfigError."""
        with ExitStack() as stack:
            if self.db.is_sqlite:
                stack.enter_context(FileLock(Path(f"{self.db.url.database}.lock")))
            require_current(self.db)
            self.writer.start()
            stack.callback(self.writer.stop)
            self.worker.start()
            stack.callback(self._stop_worker)
            self.clockwork.start()
            stack.callback(self.clockwork.stop)
            self.desk.start()
            stack.callback(self.desk.stop)
            self._started = stack.pop_all()

    def stop(self) -> None:
        """Let what is under way finish within the configured seconds; the rest is taken up at the next start."""
        self._started.close()
        self.client.close()
        self.db.dispose()

    def web(self, extra: Iterable[Blueprint] = ()) -> Flask:
        """Return the web application with the doors' callbacks and the health pages."""
        window = timedelta(seconds=self.config.wecom.replay_window_seconds)
        doors = [
            app_webhook.blueprint(self.apps, self.replies, self.clock, window=window, on_invalid=self._count("app")),
            robot_webhook.blueprint(
                self.robots,
                self.replies,
                self.clock,
                Manners(card_url=self._card_url()),
                window=window,
                on_invalid=self._count("robot"),
            ),
        ]
        pages = health.blueprint(self.db, self.clock, self.metrics, lambda: self.clockwork.last_tick)
        return create_app([*doors, pages, *extra])

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is due or under way, at most seconds; for the demo's clock."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.wake.all()
            if self.worker.is_idle():
                return True
            time.sleep(0.05)
        return False

    def _run_due(self) -> None:
        if self.runner.run_due(self.clock.now()):
            self.wake.deliver.set()

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
        return {channel.name: channel for channel in channels}

    def _fetcher(self) -> Fetcher:
        doors: dict[str, AppDoor | RobotDoor] = {door.label: door for door in self.apps.values()}
        doors |= {door.label: door for door in self.robots.values()}
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


def _app_door(config: Config, door: App) -> AppDoor:
    return AppDoor(
        door.name,
        config.wecom.corp_id,
        door.agent_id,
        _open(door.secret),
        _open(door.token),
        _open(door.aes_key),
    )


def _robot_door(door: Robot) -> RobotDoor:
    return RobotDoor(door.name, door.display_name, door.bot_id, _open(door.token), _open(door.aes_key))


def _open(secret: SecretStr) -> str:
    return secret.get_secret_value()


def run_job(service: Service, key: str, due: datetime | None, *, dry_run: bool) -> list[str]:
    """Run one job, here or by the service that holds the database, and return lines for the terminal.

    Raises BotError for a job or time that cannot be, and ConfigError if the service does not answer in a minute.
    """
    now = service.clock.now()
    if dry_run:
        return requests.describe(service.runner.run_job(key, due, now, dry_run=True))
    if not service.db.is_sqlite:
        return requests.describe(service.runner.run_job(key, due, now))
    try:
        with FileLock(Path(f"{service.db.url.database}.lock")):
            return requests.describe(service.runner.run_job(key, due, now))
    except ConfigError:
        return _ask_service(service, key, due, now)


def _ask_service(service: Service, key: str, due: datetime | None, now: datetime) -> list[str]:
    with service.db.transaction() as session:
        request = requests.ask(session, key, due, now).id
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with service.db.reading() as session:
            lines = requests.find_answer(session, request)
        if lines is not None:
            return lines
        time.sleep(0.2)
    raise ConfigError([("database.url", "the process that holds this database did not answer in a minute")])


def list_jobs(service: Service, days: int) -> list[str]:
    """Return the timetable of the coming days as lines for the terminal, in Shanghai time."""
    lines = []
    for coming in service.runner.upcoming(service.clock.now(), days):
        when = f"{coming.due.at.astimezone(SHANGHAI):%Y-%m-%d %a %H:%M}"
        note = f"  unknown: no holiday notice covers {coming.due.missing}" if coming.due.is_unknown else ""
        lines.append(f"{when}  {coming.job.key:<18} {coming.job.title}{note}")
    return lines or [f"nothing in {days} days"]


def import_district(db: Database, config: Config, data: Mapping[str, Any], now: datetime) -> None:
    """Load a district without asking. Raises ConfigError with every fault."""
    import_file(db, config, data, now, write=True)


def import_file(
    db: Database, config: Config, data: Mapping[str, Any], now: datetime, *, write: bool
) -> tuple[list[str], bool]:
    """Compare a district file with the database, and write it if told to; returns lines to print, and if any changed.

    Raises ConfigError with every fault of the file, by path.
    """
    parsed = district_file.parse(data, os.environ)
    with db.transaction() as session:
        seal = make_seal(config)
        found = district.apply(session, seal, parsed, now) if write else district_changes.diff(session, seal, parsed)
    return district_report.render(found), bool(found)


def export_district(db: Database) -> dict[str, Any]:
    """Return the district as a file that import reads, without push addresses."""
    with db.reading() as session:
        return district.export(session)


def make_understander(data: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return the function behind `duban understand` for one district file."""
    lexicon = Lexicon.from_district(data)
    calendar = Calendar.from_district(data["calendar"])
    people = {person["id"]: Sender(person["unit"], person["role"]) for person in data["people"]}

    def answer(line: Mapping[str, Any]) -> dict[str, Any]:
        now = datetime.fromisoformat(line["now"]) if line.get("now") else datetime.now(SHANGHAI)
        sender = people.get(str(line.get("sender")), Sender(None, None))
        heard = understand(
            line["text"], sender=sender, now=now, quote=line.get("quote"), lexicon=lexicon, calendar=calendar
        )
        return {key: line[key] for key in ("id",) if key in line} | to_contract(heard)

    return answer
