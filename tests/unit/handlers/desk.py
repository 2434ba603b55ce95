"""A desk at which the sample district's people speak to one subject's routes, without worker and doors."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot import conversation
from bot.db import Database
from bot.errors import UserError
from bot.messages import Incoming, Kind, Outgoing, Sender, Text, ToChat, ToPerson
from bot.people import Directory, load_directory
from bot.router import Context, Ignore, Reading, Router, Routes
from bot.seal import Seal
from handlers.district import service
from handlers.district.file import parse
from handlers.progress import service as progress
from handlers.progress.models import Act
from handlers.progress.service import Source, Statement

_numbers = itertools.count(1)


def load(db: Database, seal: Seal, data: Mapping[str, Any], now: datetime, environ: Mapping[str, str] | None = None):
    """Import a district file and return what changed."""
    with db.transaction() as session:
        return service.apply(session, seal, parse(data, environ or {}), now)


class Desk:
    """Hears messages and keeps what was answered, as (recipient, text): "me", a person's id or a group's id."""

    def __init__(self, db: Database, seal: Seal, now: datetime, *subjects: Routes) -> None:
        self.db = db
        self.seal = seal
        self.now = now
        self.router = Router(subjects)
        self.outgoings: list[Outgoing] = []

    @property
    def directory(self) -> Directory:
        """The district as it is stored now."""
        with self.db.reading() as session:
            return load_directory(session)

    def hear(self, userid: str, text: str = "", *, chat: str = "", kind: Kind = Kind.TEXT, **more: Any):
        """Let somebody say something; returns the answers, Ignore, or None if no route takes it."""
        door = more.pop("door", "robot/duban" if chat else "app/office")
        message = Incoming(door, f"m{next(_numbers)}", kind, userid, chat=chat, text=text, **more)
        directory = self.directory
        person = directory.find_sender(userid)
        with self.db.reading() as session:
            dialogue = conversation.find(session, self.seal, message.conversation, self.now)
            reading = Reading(message, person, directory, dialogue, self.now, session)
            try:
                match = self.router.match(reading)
            except LookupError:
                return None
        if isinstance(match.value, Ignore):
            return match.value
        with self.db.transaction() as session:
            ctx = Context(message, message.message_id, person, directory, dialogue, self.now, session, self.seal)
            try:
                with session.begin_nested():
                    self.outgoings = match.route.answer(ctx, match.value)
            except UserError as error:
                self.outgoings = [ctx.reply(str(error))]
        return [(_recipient(one), one.body.content) for one in self.outgoings if isinstance(one.body, Text)]

    def report(self, person_id: str, unit: str, task: str, at: datetime | None = None, **values: Any) -> None:
        """Record one statement of a person about a unit's task."""
        act = values.pop("act", Act.REPORT)
        source = Source(self.directory.people[person_id], "app/office", f"r{next(_numbers)}", "…", at or self.now)
        with self.db.transaction() as session:
            progress.record(session, self.seal, source, [Statement(act, unit, task, **values)])


def _recipient(outgoing: Outgoing) -> str:
    match outgoing.to:
        case Sender():
            return "me"
        case ToPerson(person_id):
            return person_id
        case ToChat(chat_id):
            return chat_id


def only(answers: Sequence[tuple[str, str]]) -> str:
    """Return the text of the one answer to the sender."""
    [(to, text)] = answers
    assert to == "me"
    return text
