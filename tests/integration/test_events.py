"""Events and clicks bring no id of their own: repeats are one row all the same, and the rows name nobody."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from bot.channels.wecom.app import wire
from bot.channels.wecom.doors import AppDoor
from bot.clock import SetClock
from bot.db import Database
from bot.inbox import InboxRow
from bot.intake import AckWriter
from bot.messages import Incoming, Kind
from bot.replies import Replies
from bot.seal import Seal
from bot.steps import deliver, handle
from bot.steps.house import House
from bot.steps.judge import judging
from handlers import FEATURES
from tests.fakes import RecordingChannel, load_small_district, make_house

DOOR = AppDoor("office", "ww0", 1000002, "s", "t", "WniVvAp3rJDMsLpuXyU3jVqVb7kuDdwDm8tvwZzrbB0")
PLANTED = "planted.userid-4711"
PLANTED_NAME = "planted.event-0815"
TIME = "1767226738"


@pytest.fixture
def house(db: Database, seal: Seal, clock: SetClock) -> House:
    load_small_district(db, seal)
    doors = [RecordingChannel(name, has_aid=True) for name in ("app/office", "robot/duban", "push")]
    return make_house(db, seal, clock, FEATURES, doors)


@pytest.fixture
def replies(house: House) -> Iterator[Replies]:
    writer = AckWriter(house.db, house.seal, house.clock, lambda: None)
    writer.start()
    yield Replies(house.db, house.seal, house.clock, writer, house.metrics, partial(judging, house))
    writer.stop()


def event(name: str, more: str = "", *, sender: str = PLANTED, time: str = TIME) -> Incoming:
    """Return what the door makes of a callback."""
    head = f"<ToUserName>ww0</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{time}</CreateTime>"
    body = f"<MsgType>event</MsgType><Event>{name}</Event>{more}<AgentID>1000002</AgentID>"
    return wire.parse(DOOR, f"<xml>{head}{body}</xml>".encode())


def click(task_id: str = "t1", *, sender: str = PLANTED) -> Incoming:
    """Return a click on a card."""
    more = f"<EventKey>ok</EventKey><TaskId>{task_id}</TaskId><ResponseCode>rc</ResponseCode>"
    return event("template_card_event", more, sender=sender)


def nameless() -> Incoming:
    """Return a message, no event, to which the platform gave no id."""
    head = f"<FromUserName>{PLANTED}</FromUserName><CreateTime>{TIME}</CreateTime>"
    return wire.parse(DOOR, f"<xml>{head}<MsgType>hologram</MsgType></xml>".encode())


def work(house: House) -> None:
    """Handle and deliver everything."""
    while handle.handle(house, lambda uid: None):
        pass
    while taken := deliver.take(house, 10):
        deliver.mark(house, [deliver.send(house, each) for each in taken])


def dump(db: Database) -> str:
    """Return everything that stands in the database, as text; of SQLite the files themselves."""
    if db.is_sqlite:
        files = Path(str(db.url.database)).parent.glob("duban.db*")
        return "".join(file.read_bytes().decode("latin-1") for file in files)
    with db.reading() as session:
        tables = inspect(session.connection()).get_table_names()
        rows = [row for name in tables for row in session.execute(text(f'table "{name}"'))]
    return "\n".join(repr(tuple(row)) for row in rows)


def inbox_rows(house: House) -> list[InboxRow]:
    with house.db.reading() as session:
        return list(session.scalars(select(InboxRow).order_by(InboxRow.id)))


def test_a_planted_user_id_and_event_name_stand_nowhere_in_the_clear(house: House, replies: Replies) -> None:
    """Neither as long as the message waits nor afterwards. A member who is listed stands in the directory: not here."""
    for message in (
        event("enter_agent"),
        event(PLANTED_NAME),
        event("LOCATION"),
        click(),
        click(PLANTED),
        event("change_contact", f"<ChangeType>update_user</ChangeType><UserID>{PLANTED}</UserID>", sender="sys"),
        event("view", time=""),
        nameless(),
    ):
        replies.accept(message)
    waiting = dump(house.db)
    work(house)
    after = dump(house.db)

    assert len(inbox_rows(house)) == 8
    for found in (waiting, after):
        assert "app/office" in found  # the dump shows what is in the clear
        assert PLANTED not in found.lower()
        assert PLANTED_NAME not in found


def test_the_rows_of_a_listed_member_name_nobody_either(house: House, replies: Replies) -> None:
    for message in (event("enter_agent", sender="P-S13-1"), click(sender="P-S13-1"), event("view", sender="P-S13-1")):
        replies.accept(message)
    work(house)

    for row in inbox_rows(house):
        assert "p-s13-1" not in f"{row.uid} {row.message_id} {row.conversation} {row.reason}".lower()


def test_a_repeat_of_an_event_is_the_same_row_also_after_a_restart(house: House, replies: Replies) -> None:
    """The platform encrypts a repeat anew; what is decrypted is the same."""
    first, again, other = (replies.accept(message) for message in (click(), click(), click("t2")))
    fresh = AckWriter(house.db, house.seal, house.clock, lambda: None)
    fresh.start()
    answers = Replies(house.db, house.seal, house.clock, fresh, house.metrics, partial(judging, house))
    restarted = answers.accept(click())
    fresh.stop()

    assert (first.is_new, again.is_new, other.is_new, restarted.is_new) == (True, False, True, False)
    assert first.uid == again.uid == restarted.uid
    assert len(inbox_rows(house)) == 2


@pytest.mark.parametrize("message", [click(), event("view", time=""), nameless()], ids=["click", "no time", "no id"])
def test_the_digest_is_worth_nothing_without_the_key(house: House, replies: Replies, message: Incoming) -> None:
    """A plain digest of who and when is undone by trying every member and every second."""
    replies.accept(message)
    (row,) = inbox_rows(house)

    assert row.message_id == house.seal.blind(message.message_id)
    assert row.message_id != Seal([b"k" * 32], b"j" * 32).blind(message.message_id)


def test_an_id_of_the_platform_is_kept_as_it_is(house: House, replies: Replies) -> None:
    replies.accept(Incoming("app/office", "7401234567890", Kind.TEXT, "p-s13-1", text="T08 70%"))

    assert [row.message_id for row in inbox_rows(house)] == ["7401234567890"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("LOCATION", "event location"),
        ("kf_msg_or_event", "event kf_msg_or_event"),
        ("a" * 40, f"event {'a' * 40}"),
        ("a" * 41, "event unknown"),
        ("zhang.wei", "event unknown"),
        ("张三", "event unknown"),
        ("view2", "event unknown"),
        ("", "event unknown"),
    ],
)
@pytest.mark.parametrize("sender", ["P-S13-1", PLANTED])
def test_only_what_looks_like_the_name_of_an_event_becomes_a_reason(
    house: House, replies: Replies, sender: str, name: str, reason: str
) -> None:
    replies.accept(event(name, sender=sender))
    work(house)

    assert [(row.state, row.reason) for row in inbox_rows(house)] == [("ignored", reason)]
