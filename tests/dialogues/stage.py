"""A stage for dialogues: the sample district, real rows, every route; words go in, answers come out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot import inbox
from bot.bootstrap.operator import import_file
from bot.clock import SetClock
from bot.config import Config, parse
from bot.db import Database
from bot.inbox import InboxRow
from bot.intake import AckWriter, row_of
from bot.messages import Click, Incoming, Kind, Menu, Quote
from bot.outbox import OutboxRow
from bot.people import Directory
from bot.seal import Seal
from bot.steps import deliver, handle
from bot.steps.house import House
from handlers import CLEARANCE, FEATURES, ON_END
from handlers.progress.models import ProgressRow
from tests.fakes import RecordingChannel, make_house

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="  # base64 of 32 times "k"
WEBHOOK_KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


def make_config(**sections: Any) -> Config:
    """Return a configuration with made-up keys."""
    return parse({"vault": {"keys": [KEY], "index_key": KEY}, **sections}, {})


def bound(district: Mapping[str, Any]) -> dict[str, Any]:
    """Return the district with a push address and a robot chat for every group."""
    chats = [
        {**chat, "webhook_key": f"{WEBHOOK_KEY}{number}", "robot_chatid": f"wr-{chat['id'].lower()}"}
        for number, chat in enumerate(district["chats"])
    ]
    return {**district, "chats": chats}


class Stage:
    """Says things as somebody, and tells what came back."""

    def __init__(self, db: Database, clock: SetClock, district: Mapping[str, Any]) -> None:
        config = make_config()
        self.db = db
        self.clock = clock
        self.seal = Seal(config.vault.keys, config.vault.index_key)
        self.app = RecordingChannel("app/office", has_aid=True)
        self.robot = RecordingChannel("robot/duban", has_aid=True)
        self.push = RecordingChannel("push")
        self.kf = RecordingChannel("kf/parents", has_aid=True, byte_limits={"text": 2048, "menu": 2048})
        import_file(db, config, bound(district), clock.now(), write=True)
        made = make_house(db, self.seal, clock, FEATURES, [self.app, self.robot, self.push, self.kf])
        self.house: House = replace(made, on_end=ON_END, clearance=CLEARANCE)
        self._writer = AckWriter(db, self.seal, clock, lambda: None)
        self._numbers = itertools.count(1)
        self._seen = {"app/office": 0, "robot/duban": 0, "push": 0}

    def close(self) -> None:
        """Give the writer's connection back."""
        self._writer._hang_up()

    def say(
        self,
        person: str,
        text: str,
        *,
        group: str = "",
        quote: str = "",
        kind: Kind = Kind.TEXT,
        message_id: str = "",
        robot: bool = False,
    ) -> str:
        """Say text as a person, in private to the app or in a group to the robot; returns the answer to the sender."""
        number = next(self._numbers)
        door = "robot/duban" if group or robot else "app/office"
        return self.receive(
            Incoming(
                door=door,
                message_id=message_id or f"m{number}",
                kind=kind,
                sender=person.lower(),
                sent_at=self.clock.now(),
                chat=f"wr-{group.lower()}" if group else "",
                text=text,
                quote=Quote(Kind.TEXT, quote) if quote else None,
                response_url=f"https://x/cgi-bin/aibot/response?response_code={number}" if group or robot else "",
            )
        )

    def click(self, person: str, task_id: str, key: str) -> str:
        """Press a button of a card in the app's private chat; returns the answer's words."""
        number = next(self._numbers)
        click = Click(task_id, key, "button_interaction", {}, f"rc{number}")
        return self.receive(
            Incoming(door="app/office", message_id=f"c{number}", kind=Kind.CLICK, sender=person.lower(), click=click)
        )

    def receive(self, message: Incoming) -> str:
        """Store, handle and answer one message; returns the words of the answer to its sender, or ""."""
        self.store(message)
        self.work()
        with self.db.reading() as session:
            uid = session.scalars(
                select(InboxRow.uid).where(InboxRow.message_id == message.message_id, InboxRow.door == message.door)
            ).one()
            key = session.scalar(select(OutboxRow.uid).where(OutboxRow.key == f"reply/{uid}"))
        channel = {"robot": self.robot, "kf": self.kf}.get(message.door.split("/")[0], self.app)
        bodies = [parcel.envelope.body for parcel in channel.parcels if parcel.uid == key]
        return "\n".join(words(body) for body in bodies)

    def store(self, message: Incoming) -> None:
        """Store a message as the acknowledging writer does, in this thread."""
        self._writer._commit([row_of(self.seal, message, self.clock.now())])

    def work(self) -> None:
        """Handle and deliver all that is due; answers nobody polls for leave at once."""
        while handle.handle(self.house, lambda uid: None):
            pass
        with self.db.transaction() as session:
            for row in session.scalars(
                select(OutboxRow).where(OutboxRow.state == "waiting", OutboxRow.door == "robot/duban")
            ):
                row.due_at = self.clock.now()
        while taken := deliver.take(self.house, 50):
            deliver.mark(self.house, [deliver.send(self.house, each) for each in taken])

    def told(self, person: str) -> list[str]:
        """Return what a person got by the app since the last look, in order."""
        return [text for address, text in self._new(self.app) if address == person.lower()]

    def _new(self, channel: RecordingChannel) -> list[tuple[str, str]]:
        return [(parcel.envelope.address, words(parcel.envelope.body)) for parcel in channel.parcels]

    def records(self) -> list[ProgressRow]:
        """Return the whole history of progress."""
        with self.db.reading() as session:
            return list(session.scalars(select(ProgressRow).order_by(ProgressRow.id)))

    def directory(self) -> Directory:
        """Return the present snapshot."""
        with self.db.reading() as session:
            return self.house.directories.get(session)

    def failed(self) -> list[str]:
        """Return the reasons of messages that could not be handled, or were tried more than once."""
        with self.db.reading() as session:
            tried = session.scalars(select(InboxRow).where(InboxRow.attempts > 0))
            return [row.reason for row in tried] + [row.reason for row in inbox.list_failed(session)]

    def later(self, **delta: float) -> None:
        """Let time pass."""
        self.clock.set(self.clock.now() + timedelta(**delta))

    def at(self, now: datetime) -> None:
        """Set the time."""
        self.clock.set(now)


def words(body: Any) -> str:
    """Return the words of any body."""
    if isinstance(body, Menu):
        return body.plain
    content = getattr(body, "content", None)
    if content is not None:
        return str(content)
    title = getattr(body, "title", "")
    return "\n".join(part for part in (title, getattr(body, "subtitle", "")) if part)
