"""The sample district with cases in it: complainants and officers act through real rows, on either database."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import func, select, update

from bot import outbox
from bot.clock import SetClock
from bot.db import Base, Database, new_uid
from bot.dispatch import Dispatch
from bot.inbox import InboxRow
from bot.intake import row_of
from bot.messages import Card, Click, Incoming, Kind, Outgoing, Text, load_envelope
from bot.outbox import OutboxRow
from bot.people import Directory, DirectoryCache
from bot.router import Context
from bot.seal import Seal
from bot.sections import Complaints
from bot.steps import deliver, handle
from handlers import CLEARANCE, FEATURES, ON_END
from handlers.complaints import service
from handlers.complaints.models import CaseRow
from handlers.complaints.shapes import Receipt, Statement
from handlers.complaints.work import Work
from handlers.district import file as district_file
from handlers.district import service as district
from tests.fakes import RecordingChannel, make_house

T = TypeVar("T")

PARENT = "wmParentOne0000000000000000000001"
OTHER_PARENT = "wmParentTwo0000000000000000000002"
INTAKE, INTAKE_2, DIRECTOR, DUTY = "P-B01-2", "P-B07-2", "P-B01-1", "P-B08-1"

SAID = Statement(
    kind="complaint",
    text="孩子在学校食堂吃饭后拉肚子已经两天了,老师让家长自己想办法解决。",
    topic="食堂/食品安全",
    unit="S13",
    happened="上周三中午",
    wish="请检查食堂并赔偿医药费",
    notice_version="2026-11",
)


@dataclass
class Bench:
    """Complainants and officers of the sample district, at a set clock."""

    db: Database
    seal: Seal
    clock: SetClock
    complaints: Complaints = field(default_factory=Complaints)
    directories: DirectoryCache = field(default_factory=DirectoryCache)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    doors: Mapping[str, RecordingChannel] = field(
        default_factory=lambda: {name: RecordingChannel(name) for name in ("app/office", "kf/parents", "push")}
    )

    @property
    def dispatch(self) -> Dispatch:
        """The way into the outbox."""
        return Dispatch(self.seal, self.doors, person_door="app/office", chat_door="push")

    @property
    def directory(self) -> Directory:
        """The newest snapshot."""
        with self.db.reading() as session:
            return self.directories.get(session)

    @contextmanager
    def answering(self, sender: str, door: str = "kf/parents", uid: str = "") -> Iterator[Context]:
        """Open the transaction of an answer to a message of somebody."""
        message = Incoming(door=door, message_id=f"m{next(self.numbers)}", kind=Kind.TEXT, sender=sender, text="…")
        with self.db.transaction() as session:
            directory = self.directories.get(session)
            yield Context(
                message=message,
                uid=uid or new_uid(),
                person=directory.find_sender(sender),
                directory=directory,
                dialogue=None,
                now=self.clock.now(),
                session=session,
                seal=self.seal,
                complaints=self.complaints,
                public_url="https://duban.example.cn",
            )

    def do(self, act: Callable[[Context], Iterable[Outgoing]], sender: str = PARENT, **how: Any) -> list[Outgoing]:
        """Let somebody do something, and put what others get."""
        with self.answering(sender, **how) as ctx:
            outgoings = list(act(ctx))
            self.dispatch.put(ctx.session, ctx.directory, outgoings, ctx.now)
        return outgoings

    def file(self, sender: str = PARENT, said: Statement = SAID, **change: Any) -> Receipt:
        """File a case."""
        return self.file_telling(sender, replace(said, **change))[0]

    def file_telling(self, sender: str, said: Statement, **how: Any) -> tuple[Receipt, list[Outgoing]]:
        """File a case and return what others are told."""
        with self.answering(sender, **how) as ctx:
            receipt, told = service.file(ctx, said)
            self.dispatch.put(ctx.session, ctx.directory, told, ctx.now)
        return receipt, told

    @contextmanager
    def work(self) -> Iterator[Work]:
        """Open a transaction with hands on cases."""
        with self.db.transaction() as session:
            yield Work(session, self.seal, self.directories.get(session), self.complaints, self.clock.now())

    def case(self, receipt: Receipt) -> CaseRow:
        """Return a case as it is."""
        with self.db.reading() as session:
            return session.get_one(CaseRow, receipt.case)

    def count(self, row: type[Base], *where: Any) -> int:
        """Count rows."""
        with self.db.reading() as session:
            return session.scalar(select(func.count()).select_from(row).where(*where)) or 0

    def waiting(self, prefix: str = "") -> dict[str, str]:
        """Return the texts that wait to be sent, by key."""
        with self.db.reading() as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.state == "waiting").order_by(OutboxRow.id))
            found = {row.key: load_envelope(self.seal.open(row.body, row.uid)).body for row in rows if row.body}
        return {key: body.content for key, body in found.items() if key.startswith(prefix) and isinstance(body, Text)}

    def end_message(self, key: str, state: outbox.OutboxState) -> None:
        """Let the message of a key have ended so."""
        with self.db.transaction() as session:
            session.execute(update(OutboxRow).where(OutboxRow.key == key).values(state=state, done_at=self.clock.now()))

    def later(self, **delta: float) -> None:
        """Let time pass."""
        self.clock.set(self.clock.now() + timedelta(**delta))


def open_bench(db: Database, seal: Seal, clock: SetClock, sample: Mapping[str, Any]) -> Bench:
    """Return a bench on an empty database."""
    with db.transaction() as session:
        district.apply(session, seal, district_file.parse(sample, {}), clock.now())
    return Bench(db, seal, clock)


class OfficeStage(Bench):
    """The same behind every route: officers write and click, doors deliver, the platform may hold back."""

    def __init__(self, db: Database, seal: Seal, clock: SetClock) -> None:
        super().__init__(db, seal, clock)
        self.kf = RecordingChannel("kf/parents", has_aid=True)
        self.app = RecordingChannel("app/office", has_aid=True)
        self.robot = RecordingChannel("robot/duban", has_aid=True)
        made = make_house(db, seal, clock, FEATURES, [self.kf, self.app, self.robot, RecordingChannel("push")])
        self.house = replace(
            made, on_end=ON_END, clearance=CLEARANCE, complaints=self.complaints, directories=self.directories
        )

    def say(self, person: str, text: str, *, chat: str = "") -> str:
        """Let a member write, in private to the app or in a group to the robot; returns the answer."""
        door = "robot/duban" if chat else "app/office"
        url = f"https://x/cgi-bin/aibot/response?response_code={next(self.numbers)}" if chat else ""
        return self.receive(
            Incoming(
                door=door,
                message_id=f"m{next(self.numbers)}",
                kind=Kind.TEXT,
                sender=person.lower(),
                sent_at=self.clock.now(),
                chat=chat,
                text=text,
                response_url=url,
            )
        )

    def click(self, person: str, card: Card, key: str) -> str:
        """Let a member press a button; returns the words of the card that takes its place."""
        click = Click(card.task_id, key, "button_interaction", {}, "rc")
        number = next(self.numbers)
        return self.receive(
            Incoming(door="app/office", message_id=f"c{number}", kind=Kind.CLICK, sender=person.lower(), click=click)
        )

    def receive(self, message: Incoming) -> str:
        """Store, handle and answer a message; returns the words of the answer to its sender."""
        row = row_of(self.seal, message, self.clock.now())
        with self.db.transaction() as session:
            session.add(InboxRow(**row))
        self.settle()
        with self.db.reading() as session:
            state = session.scalar(select(InboxRow.state).where(InboxRow.uid == row["uid"]))
            assert state in ("handled", "ignored"), state
            uids = list(session.scalars(select(OutboxRow.uid).where(OutboxRow.key.startswith(f"reply/{row['uid']}"))))
        channel = self.robot if message.door.startswith("robot/") else self.app
        return "\n".join(words(parcel.envelope.body) for parcel in channel.parcels if parcel.uid in uids)

    def settle(self) -> None:
        """Handle and deliver whatever is due."""
        while handle.handle(self.house, lambda uid: None):
            pass
        with self.db.transaction() as session:
            robot = update(OutboxRow).where(OutboxRow.state == "waiting", OutboxRow.door == "robot/duban")
            session.execute(robot.values(due_at=self.clock.now()))
        while taken := deliver.take(self.house, 50):
            deliver.mark(self.house, [deliver.send(self.house, each) for each in taken])

    def cards_of(self, person: str) -> list[Card]:
        """Return the cards that a person got, oldest first."""
        bodies = [parcel.envelope.body for parcel in self.app.parcels if parcel.envelope.address == person.lower()]
        return [body for body in bodies if isinstance(body, Card)]

    def told(self, person: str) -> list[str]:
        """Return the texts that a person got by the app."""
        return [content for address, content in self.app.texts if address == person.lower()]

    def parent_got(self) -> list[str]:
        """Return the texts that complainants got."""
        return [content for _, content in self.kf.texts]


def words(body: Any) -> str:
    """Return the words of any body."""
    return str(getattr(body, "content", "") or f"{getattr(body, 'title', '')}\n{getattr(body, 'subtitle', '')}")


def open_stage(db: Database, seal: Seal, clock: SetClock, sample: Mapping[str, Any]) -> OfficeStage:
    """Return a stage on an empty database."""
    with db.transaction() as session:
        district.apply(session, seal, district_file.parse(sample, {}), clock.now())
    return OfficeStage(db, seal, clock)
