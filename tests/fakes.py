"""Stand-ins at the seams: a door that records, builders with defaults, a district of four people."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from bot import logs
from bot.channel import Allowance, Limit, Parcel, Receipt
from bot.clock import Clock
from bot.db import Database, new_uid
from bot.dispatch import Dispatch
from bot.messages import Attachment, Incoming, Kind, Outgoing, Text, ToPerson
from bot.metrics import Metrics
from bot.people import ChatRow, DirectoryCache, PersonRow, UnitRow, bump_revision
from bot.router import Router, Routes
from bot.seal import Seal
from bot.steps.house import House

_numbers = itertools.count(1)

Answer = Callable[[Parcel], Receipt]


class RecordingChannel:
    """A door that keeps what it is given; answer decides what the platform would say."""

    def __init__(
        self,
        name: str,
        *,
        limits: Sequence[Limit] = (),
        has_aid: bool = False,
        byte_limits: Mapping[str, int] | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        self.name = name
        self.allowance = allowance
        self.limits = limits
        self.has_aid = has_aid
        self.pauses_whole = name != "push"
        self.aid_seconds = 1500.0 if has_aid else 0.0
        self.byte_limits = byte_limits or {"text": 2048}
        self.parcels: list[Parcel] = []
        self.answer: Answer = lambda parcel: Receipt("m1")

    def send(self, parcel: Parcel, now: datetime) -> Receipt:
        """Keep parcel and answer."""
        self.parcels.append(parcel)
        return self.answer(parcel)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """(address, content) of every text, in the order they came."""
        return [
            (parcel.envelope.address, parcel.envelope.body.content)
            for parcel in self.parcels
            if isinstance(parcel.envelope.body, Text)
        ]


def make_message(
    text: str = "T08 70%", *, sender: str = "p-s13-1", door: str = "app/office", message_id: str = "", chat: str = ""
) -> Incoming:
    """Return a text message with a fresh id."""
    url = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=r"
    return Incoming(
        door=door,
        message_id=message_id or f"m{next(_numbers)}",
        kind=Kind.TEXT,
        sender=sender,
        text=text,
        chat=chat,
        response_url=url if door.startswith("robot/") else "",
    )


def make_push(person: str = "P-S13-1", *, key: str = "", text: str = "请更新", may_repeat: bool = False) -> Outgoing:
    """Return an unasked message to a person."""
    return Outgoing(
        key=key or f"push/{next(_numbers)}",
        to=ToPerson(person),
        body=Text(text),
        purpose="weekly.open",
        may_repeat=may_repeat,
    )


def load_small_district(db: Database, seal: Seal) -> None:
    """Two schools, the office with its clerk, two bound groups."""
    with db.transaction() as session:
        session.add_all(
            [
                UnitRow(id="B01", name="党政办公室", kind="股室", aliases=[]),
                UnitRow(id="S13", name="柳湾镇中心小学", kind="小学", aliases=["柳湾小学"], assigned_section=None),
                UnitRow(id="S14", name="石桥镇中心小学", kind="小学", aliases=[], assigned_section=None),
            ]
        )
        session.flush()
        people = [("P-B01-2", "黎秀鹏", "B01", "clerk"), ("P-S13-1", "蒋明琴", "S13", "principal")]
        people += [("P-S14-1", "白春航", "S14", "principal")]
        for person, name, unit, role in people:
            session.add(PersonRow(id=person, name=name, title="校长", unit_id=unit, role=role, userid=person.lower()))
        for chat in ("C-ALL", "C-B08"):
            session.add(ChatRow(id=chat, name=chat, members="S13,S14", webhook_key=seal.close(b"key", f"chat/{chat}")))
        bump_revision(session)


def make_house(
    db: Database, seal: Seal, clock: Clock, routes: Sequence[Routes], channels: Sequence[RecordingChannel]
) -> House:
    """Return the house around real rows, with recording doors."""
    by_name = {channel.name: channel for channel in channels}
    return House(
        db=db,
        seal=seal,
        clock=clock,
        directories=DirectoryCache(),
        router=Router(routes),
        dispatch=Dispatch(seal, by_name, person_door="app/office", chat_door="push"),
        channels=by_name,
        metrics=Metrics(),
        download=_no_download,
        identify=lambda ids: {},
        owner=new_uid(),
    )


def _no_download(_door: str, _attachment: Attachment) -> bytes:
    raise AssertionError("nothing to download in this test")


@contextmanager
def logs_kept() -> Iterator[None]:
    """Put the process's logging back at the end of the block as it was, whatever the block configured."""
    loggers = [logging.getLogger(), *map(logging.getLogger, logs.QUIET)]
    handlers, levels, raises = loggers[0].handlers[:], [each.level for each in loggers], logging.raiseExceptions
    try:
        yield
    finally:
        loggers[0].handlers[:], logging.raiseExceptions = handlers, raises
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
