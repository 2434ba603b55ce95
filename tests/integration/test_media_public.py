"""What the public attaches is evidence: all of it is fetched, patiently; of members one picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import media
from bot.clock import SetClock
from bot.db import Database
from bot.errors import Failure, SendError
from bot.media import MediaRow
from bot.messages import Attachment, Incoming, Kind, Outgoing
from bot.router import Context, Routes
from bot.seal import Seal
from bot.steps import fetch
from tests.integration.account import DOOR, Account, handle_all, make_kf_house, pull_all

routes = Routes("test")
KINDS = (Kind.VOICE, Kind.IMAGE, Kind.FILE, Kind.VIDEO, *[Kind.IMAGE] * 8)


@routes.on(lambda reading: reading.message)
def take(ctx: Context, message: Incoming) -> list[Outgoing]:
    return []


def rows(db: Database) -> list[MediaRow]:
    with db.reading() as session:
        return list(session.scalars(select(MediaRow).order_by(MediaRow.number)))


@pytest.mark.parametrize(("door", "kinds"), [(DOOR, KINDS[:9]), ("app/office", (Kind.IMAGE,))])
def test_the_door_decides_how_much_is_fetched(
    db: Database, seal: Seal, clock: SetClock, door: str, kinds: tuple[Kind, ...]
) -> None:
    attachments = tuple(Attachment(kind, media_id=f"M{number}") for number, kind in enumerate(KINDS))
    message = Incoming(door, "m1", Kind.MIXED, sender="wmA", attachments=attachments)
    with db.transaction() as session:
        media.put(session, seal, "u1", message, clock.now())

    found = rows(db)
    assert [row.kind for row in found] == list(kinds)
    assert [row.number for row in found] == list(range(len(kinds)))
    assert all(b"M0" not in (row.source or b"") for row in found)


def test_a_parents_picture_is_fetched_by_its_door_and_sealed(db: Database, seal: Seal, clock: SetClock) -> None:
    account = Account(clock)
    asked: list[tuple[str, str]] = []

    def download(door: str, attachment: Attachment) -> bytes:
        asked.append((door, attachment.media_id))
        return b"picture"

    house = replace(make_kf_house(db, seal, clock, account, routes), download=download)
    account.say("", msgtype="image", image={"media_id": "M1"})
    pull_all(house)
    handle_all(house)
    assert fetch.fetch(house)

    (row,) = rows(db)
    assert asked == [(DOOR, "M1")]
    assert (row.state, row.source, seal.open(row.content or b"", row.uid)) == ("fetched", None, b"picture")


def test_evidence_outlasts_an_outage_of_a_day(db: Database, seal: Seal, clock: SetClock) -> None:
    account = Account(clock)
    up_at = clock.now() + timedelta(hours=24)

    def download(door: str, attachment: Attachment) -> bytes:
        if clock.now() < up_at:
            raise SendError(Failure.BUSY)
        return b"picture"

    house = replace(make_kf_house(db, seal, clock, account, routes), download=download)
    account.say("", msgtype="image", image={"media_id": "M1"})
    pull_all(house)
    handle_all(house)
    while rows(db)[0].state == "waiting":
        clock.set(rows(db)[0].due_at)
        fetch.fetch(house)

    assert rows(db)[0].state == "fetched"
