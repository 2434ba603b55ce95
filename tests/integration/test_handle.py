"""One received message becomes records and answers, in one transaction, exactly once."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from bot import conversation
from bot.clock import SetClock
from bot.conversation import Dialogue
from bot.db import Database
from bot.errors import UserError
from bot.inbox import InboxRow
from bot.intake import AckWriter
from bot.messages import Kind, Outgoing
from bot.outbox import OutboxRow
from bot.people import FactRow
from bot.replies import Replies
from bot.retry import MAX_HANDLES
from bot.router import Context, Ignore, Reading, Routes
from bot.seal import Seal
from bot.steps import alarm, deliver, handle
from bot.steps.handle import SORRY
from bot.steps.house import House
from bot.steps.judge import judging
from bot.worker import Wake, Worker
from tests.fakes import RecordingChannel, load_small_district, make_house, make_message

routes = Routes("test")


def said(*words: str):
    return lambda reading: reading.message.text if reading.message.text in words else None


@routes.on(lambda reading: reading.message.text, topic="test.colour")
def colour(ctx: Context, text: str) -> list[Outgoing]:
    conversation.close_dialogue(ctx.session, ctx.seal, ctx.message.conversation)
    return [ctx.reply(f"颜色 {text}")]


@routes.on(said("问"))
def ask(ctx: Context, text: str) -> list[Outgoing]:
    conversation.open_dialogue(
        ctx.session, ctx.seal, ctx.message.conversation, Dialogue("test.colour", {"n": 1}), ctx.now
    )
    return [ctx.reply("什么颜色?")]


@routes.on(said("坏"))
def broken(ctx: Context, text: str) -> list[Outgoing]:
    ctx.session.add(FactRow(name="half-done", value=1))
    ctx.session.flush()
    raise ZeroDivisionError("secret 13900001111")


@routes.on(said("不行"))
def refused(ctx: Context, text: str) -> list[Outgoing]:
    ctx.session.add(FactRow(name="half-done", value=1))
    ctx.session.flush()
    raise UserError("不能这样做。")


@routes.on(lambda reading: Ignore("unknown kind") if reading.message.kind is Kind.UNKNOWN else None)
def ignored(ctx: Context, value: Ignore) -> list[Outgoing]:
    raise AssertionError("an ignored message is not answered")


@routes.on(lambda reading: reading.message.text)
def echo(ctx: Context, text: str) -> list[Outgoing]:
    ctx.session.add(FactRow(name=f"seen {ctx.uid}", value=text))
    return [ctx.reply(f"收到 {text}"), ctx.tell("P-B01-2", "有人说话")]


@pytest.fixture
def app() -> RecordingChannel:
    return RecordingChannel("app/office", has_aid=True)


@pytest.fixture
def robot() -> RecordingChannel:
    return RecordingChannel("robot/duban", has_aid=True)


@pytest.fixture
def house(db: Database, seal: Seal, clock: SetClock, app: RecordingChannel, robot: RecordingChannel) -> House:
    load_small_district(db, seal)
    return make_house(db, seal, clock, [routes], [app, robot, RecordingChannel("push")])


@pytest.fixture
def writer(house: House):
    ack = AckWriter(house.db, house.seal, house.clock, lambda: None)
    ack.start()
    yield ack
    ack.stop()


def handle_all(house: House) -> int:
    count = 0
    while handle.handle(house, lambda uid: None):
        count += 1
    return count


def deliver_all(house: House) -> None:
    while taken := deliver.take(house, 10):
        deliver.mark(house, [deliver.send(house, each) for each in taken])


def inbox_rows(house: House) -> list[InboxRow]:
    with house.db.reading() as session:
        return list(session.scalars(select(InboxRow).order_by(InboxRow.id)))


def facts(house: House) -> list[str]:
    with house.db.reading() as session:
        return [row.name for row in session.scalars(select(FactRow))]


def test_a_message_is_recorded_and_answered(house: House, writer: AckWriter, app: RecordingChannel) -> None:
    writer.accept(make_message("T08 70%"))
    assert handle_all(house) == 1
    deliver_all(house)

    assert app.texts == [("p-s13-1", "收到 T08 70%"), ("p-b01-2", "有人说话")]
    assert [row.state for row in inbox_rows(house)] == ["handled"]
    assert len(facts(house)) == 1


def test_a_user_error_undoes_the_writes_and_becomes_the_answer(
    house: House, writer: AckWriter, app: RecordingChannel
) -> None:
    writer.accept(make_message("不行"))
    handle_all(house)
    deliver_all(house)

    assert app.texts == [("p-s13-1", "不能这样做。")]
    assert facts(house) == []


def test_a_bug_undoes_everything_and_the_row_ends_as_failed(
    house: House, writer: AckWriter, app: RecordingChannel, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    writer.accept(make_message("坏"))
    for _ in range(MAX_HANDLES):
        handle_all(house)
        clock.set(clock.now() + timedelta(minutes=2))
    alarm.tell_failed(house)
    deliver_all(house)

    row = inbox_rows(house)[0]
    assert (row.state, row.attempts) == ("failed", MAX_HANDLES)
    assert "ZeroDivisionError at test_handle.py" in row.reason
    assert facts(house) == []
    assert {("p-s13-1", SORRY)} < set(app.texts)
    assert ("p-b01-2", alarm.notice(1, 1)) in app.texts
    assert "13900001111" not in caplog.text + row.reason


def test_a_poison_message_does_not_hold_up_other_people(house: House, writer: AckWriter, app: RecordingChannel) -> None:
    writer.accept(make_message("坏"))
    writer.accept(make_message("好", sender="p-s14-1"))
    handle_all(house)
    deliver_all(house)

    assert ("p-s14-1", "收到 好") in app.texts


def test_an_ignored_message_keeps_its_reason(house: House, writer: AckWriter) -> None:
    writer.accept(
        make_message("").__class__(door="app/office", message_id="x", kind=Kind.UNKNOWN, sender="p-s13-1", text="")
    )
    handle_all(house)

    assert [(row.state, row.reason) for row in inbox_rows(house)] == [("ignored", "unknown kind")]


def test_an_open_dialogue_goes_first_and_only_in_its_conversation(
    house: House, writer: AckWriter, app: RecordingChannel
) -> None:
    for text, sender in (("问", "p-s13-1"), ("红", "p-s14-1"), ("蓝", "p-s13-1"), ("绿", "p-s13-1")):
        writer.accept(make_message(text, sender=sender))
    handle_all(house)
    deliver_all(house)

    answers = [text for address, text in app.texts if address != "p-b01-2"]
    assert {"什么颜色?", "收到 红", "颜色 蓝", "收到 绿"} == set(answers)


def test_a_dialogue_dies_after_a_day(house: House, writer: AckWriter, app: RecordingChannel, clock: SetClock) -> None:
    writer.accept(make_message("问"))
    handle_all(house)
    clock.set(clock.now() + timedelta(hours=25))
    writer.accept(make_message("红"))
    handle_all(house)
    deliver_all(house)

    assert ("p-s13-1", "收到 红") in app.texts


def test_a_message_handled_meanwhile_by_another_process_is_left_alone(
    house: House, writer: AckWriter, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.accept(make_message("T08 70%"))
    original = house.router.match

    def race(reading: Reading):
        monkeypatch.setattr(house.router, "match", original)
        clock.set(clock.now() + timedelta(minutes=1))  # so late that the other process takes ours for dead
        assert handle_all(house) == 1
        return original(reading)

    monkeypatch.setattr(house.router, "match", race)
    handle_all(house)

    assert len(facts(house)) == 1
    with house.db.reading() as session:
        assert len(list(session.scalars(select(OutboxRow)))) == 2


def test_an_answer_of_the_robot_is_taken_by_the_waiting_request_and_not_sent_again(
    house: House, writer: AckWriter, robot: RecordingChannel, clock: SetClock
) -> None:
    replies = Replies(house.db, house.seal, house.clock, writer, house.metrics, partial(judging, house))
    worker = Worker(house, Wake(), senders=2, on_settled=replies.settled)
    worker.start()
    accepted = replies.accept(make_message("T08 70%", door="robot/duban", chat="wr1"))
    body = replies.take_reply(accepted.uid, wait=5.0)
    again = replies.take_reply(accepted.uid, wait=0.0)
    clock.set(clock.now() + timedelta(minutes=1))
    assert worker.stop(5)
    deliver_all(house)

    assert body == again
    assert getattr(body, "content", "") == "收到 T08 70%"
    assert robot.parcels == []


def test_an_answer_nobody_polls_for_leaves_late(
    house: House, writer: AckWriter, robot: RecordingChannel, clock: SetClock
) -> None:
    writer.accept(make_message("T08 70%", door="robot/duban", chat="wr1"))
    handle_all(house)
    deliver_all(house)
    assert robot.parcels == []

    clock.set(clock.now() + timedelta(seconds=20))
    deliver_all(house)
    assert len(robot.parcels) == 1


def test_a_message_is_settled_once_it_is_handled_without_an_answer(house: House, writer: AckWriter) -> None:
    replies = Replies(house.db, house.seal, house.clock, writer, house.metrics, partial(judging, house))
    accepted = replies.accept(make_message("问", door="robot/duban"))
    before = replies.is_settled(accepted.uid)
    handle_all(house)

    assert (before, replies.is_settled(accepted.uid), replies.is_settled("nobody")) == (False, False, True)


def test_an_unreadable_message_ends_as_failed(house: House, writer: AckWriter, clock: SetClock) -> None:
    writer.accept(make_message("T08 70%"))
    with house.db.transaction() as session:
        session.scalars(select(InboxRow)).one().body = b"garbage"
    for _ in range(MAX_HANDLES):
        handle_all(house)
        clock.set(clock.now() + timedelta(minutes=2))

    assert [row.state for row in inbox_rows(house)] == ["failed"]
