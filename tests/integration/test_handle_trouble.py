"""What ends the process counts as an attempt of the message; a database that is away does not."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError, TimeoutError
from sqlalchemy.orm import Session

from bot import inbox, lanes, outbox
from bot.clock import SetClock
from bot.db import Database
from bot.errors import Failure
from bot.inbox import InboxRow
from bot.intake import AckWriter
from bot.lanes import DeadTargetRow
from bot.messages import Kind, Outgoing
from bot.outbox import OutboxRow
from bot.people import FactRow
from bot.retry import MAX_HANDLES
from bot.router import Context, Ignore, Routes
from bot.seal import Seal
from bot.steps import alarm, deliver, handle
from bot.steps.handle import ENDED, SORRY
from bot.steps.house import House
from bot.steps.trouble import is_passing
from bot.worker import Wake, Worker
from tests.fakes import RecordingChannel, load_small_district, make_house, make_message, make_push

routes = Routes("test")
# What befalls whoever answers a message that begins with 难; set by the test, None: nothing.
befall: dict[str, Exception | None] = {}


@routes.on(lambda reading: Ignore("thanks") if reading.message.text == "谢谢" else None)
def ignored(ctx: Context, value: Ignore) -> list[Outgoing]:
    raise AssertionError("an ignored message is not answered")


@routes.on(lambda reading: reading.message.text)
def echo(ctx: Context, said: str) -> list[Outgoing]:
    if said == "大":
        ctx.session.add(FactRow(name="big", value="x" * 100_000))
        ctx.session.flush()
    if said == "断" and befall.pop("cut", None):
        ctx.session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    if said.startswith("难") and (error := befall.get("error")) is not None:
        raise error
    if said == "问我" and not ctx.can_tell(ctx.sender.id):
        return [ctx.reply("私信不通")]
    return [ctx.reply(f"收到 {said}")]


def sqlite_error(code: int) -> Exception:
    error = sqlite3.OperationalError("database is …")
    error.sqlite_errorcode = code
    return OperationalError("update", {}, error)


@pytest.fixture(autouse=True)
def nothing_befalls() -> Iterator[None]:
    befall.clear()
    yield
    befall.clear()


@pytest.fixture
def app() -> RecordingChannel:
    return RecordingChannel("app/office", has_aid=True)


@pytest.fixture
def house(db: Database, seal: Seal, clock: SetClock, app: RecordingChannel) -> House:
    load_small_district(db, seal)
    robot = RecordingChannel("robot/duban", has_aid=True)
    return make_house(db, seal, clock, [routes], [app, robot, RecordingChannel("push")])


@pytest.fixture
def writer(house: House) -> Iterator[AckWriter]:
    ack = AckWriter(house.db, house.seal, house.clock, lambda: None)
    ack.start()
    yield ack
    ack.stop()


def handle_all(house: House) -> None:
    while handle.handle(house, lambda uid: None):
        pass


def deliver_all(house: House) -> None:
    while taken := deliver.take(house, 10):
        deliver.mark(house, [deliver.send(house, each) for each in taken])


def rows(house: House) -> list[tuple[str, int, str]]:
    with house.db.reading() as session:
        query = select(InboxRow.state, InboxRow.attempts, InboxRow.reason).order_by(InboxRow.id)
        return [(row.state, row.attempts, row.reason) for row in session.execute(query)]


def later(clock: SetClock, **delta: float) -> None:
    clock.set(clock.now() + timedelta(**delta))


def die_while_handling(house: House, clock: SetClock) -> list[str]:
    """Begin what is due and come no further, as a process does that is killed; returns the uids."""
    later(clock, minutes=2)
    return [each.uid for each in handle._take(house)]


def test_a_message_that_ends_the_process_five_times_ends_as_failed_without_being_opened(
    house: House, writer: AckWriter, app: RecordingChannel, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = writer.accept(make_message("T08 70%"))
    deaths = [die_while_handling(house, clock) for _ in range(MAX_HANDLES)]
    later(clock, minutes=2)
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "unseal", lambda *_: pytest.fail("opened"))
        with pytest.raises(BaseException, match="opened"):
            handle_all(house)

    assert deaths == [[accepted.uid]] * MAX_HANDLES
    assert rows(house) == [("failed", MAX_HANDLES, ENDED)]


def test_the_sender_and_the_clerk_hear_of_it_and_it_can_be_replayed(
    house: House, writer: AckWriter, app: RecordingChannel, clock: SetClock
) -> None:
    writer.accept(make_message("T08 70%"))
    for _ in range(MAX_HANDLES):
        die_while_handling(house, clock)
    later(clock, minutes=2)
    handle_all(house)
    alarm.tell_failed(house)
    deliver_all(house)
    told = list(app.texts)
    with house.db.transaction() as session:
        inbox.replay(session, inbox.list_failed(session)[0].id, clock.now())
    handle_all(house)

    assert told == [("p-s13-1", SORRY), ("p-b01-2", alarm.notice(1, 1))]
    assert rows(house) == [("handled", 0, "")]


def test_a_death_in_a_batch_fails_no_neighbour(house: House, writer: AckWriter, clock: SetClock) -> None:
    for number in range(5):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    together = die_while_handling(house, clock)
    alone = [die_while_handling(house, clock) for _ in range(5)]
    later(clock, minutes=2)
    handle_all(house)

    assert len(together) == 5
    assert [len(each) for each in alone] == [1] * 5
    assert {state for state, _, _ in rows(house)} == {"handled"}


def test_a_stop_puts_back_what_was_not_opened(house: House, writer: AckWriter) -> None:
    for number in range(4):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    handled: list[str] = []
    handle.handle(house, handled.append, lambda: len(handled) == 2)

    assert [(state, attempts) for state, attempts, _ in rows(house)] == [("handled", 0)] * 2 + [("new", 0)] * 2
    handle_all(house)
    assert {state for state, _, _ in rows(house)} == {"handled"}


def test_a_fault_of_ours_in_the_middle_of_a_batch_puts_the_others_back(
    house: House, writer: AckWriter, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here even recording the failure fails: the attempt counts all the same."""
    befall["error"] = ZeroDivisionError()
    for said in ("难", "好", "好"):
        writer.accept(make_message(said, sender=said + str(len(rows(house)))))

    def broken(*_: object) -> None:
        raise LookupError

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "fail", broken)
        with pytest.raises(LookupError):
            handle_all(house)

    assert [(state, attempts) for state, attempts, _ in rows(house)] == [("new", 1), ("new", 0), ("new", 0)]


PASSING = [
    *(sqlite_error(code) for code in (5, 6, 8, 10, 13, 14, 10 | (3 << 8))),
    OperationalError("select", {}, psycopg.OperationalError("connection refused")),
    OperationalError("select", {}, psycopg.errors.AdminShutdown()),
    OperationalError("select", {}, psycopg.errors.DiskFull()),
    OperationalError("select", {}, psycopg.errors.SerializationFailure()),
    DBAPIError("select", {}, Exception("the server closed the connection"), connection_invalidated=True),
    TimeoutError("no connection became free"),
]
OWN = [
    sqlite_error(1),
    ProgrammingError("select", {}, psycopg.errors.UndefinedColumn()),
    IntegrityError("insert", {}, psycopg.errors.UniqueViolation()),
    IntegrityError("insert", {}, sqlite3.IntegrityError("unique")),
    ValueError("locked"),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: f"{type(error).__name__} {getattr(error, 'orig', '')!r}")
def test_a_database_that_is_away_is_known_from_the_error(error: Exception) -> None:
    assert is_passing(error)


@pytest.mark.parametrize("error", OWN, ids=lambda error: f"{type(error).__name__} {getattr(error, 'orig', '')!r}")
def test_a_fault_of_a_statement_is_no_trouble_of_the_database(error: Exception) -> None:
    assert not is_passing(error)


def test_trouble_of_the_database_counts_for_nobody_and_is_tried_later_each_time(
    house: House, writer: AckWriter, app: RecordingChannel, clock: SetClock
) -> None:
    befall["error"] = sqlite_error(5)
    writer.accept(make_message("难"))
    writer.accept(make_message("好", sender="p-s14-1"))
    waits = []
    for _ in range(MAX_HANDLES + 3):
        with pytest.raises(OperationalError):
            handle_all(house)
        with house.db.reading() as session:
            due = session.scalars(select(InboxRow.due_at).where(InboxRow.state == "new").order_by(InboxRow.id)).first()
        assert due is not None
        waits.append((due - clock.now()).total_seconds())
        handle_all(house)
        clock.set(due)
    tried = rows(house)
    befall["error"] = None
    handle_all(house)
    deliver_all(house)

    assert [(state, attempts) for state, attempts, _ in tried] == [("new", 0), ("handled", 0)]
    assert waits[0] < waits[1] < waits[2] < waits[3]
    assert max(waits) <= 75
    assert {("p-s13-1", "收到 难"), ("p-s14-1", "收到 好")} == set(app.texts)
    assert {state for state, _, _ in rows(house)} == {"handled"}


def test_what_is_owed_to_messages_is_put_back_as_soon_as_the_database_is_there_again(
    house: House, writer: AckWriter, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    original = house.db.transaction
    opened = iter([True])  # the attempts are counted, then the database goes away

    @contextmanager
    def going_away() -> Iterator[Session]:
        if not next(opened, False):
            raise sqlite_error(13)
        with original() as session:
            yield session

    with monkeypatch.context() as patch:
        patch.setattr(house.db, "transaction", going_away)
        for _ in range(3):
            with pytest.raises(OperationalError):
                handle_all(house)
    away = [attempts for _, attempts, _ in rows(house)]
    later(clock, minutes=2)
    befall["error"] = None
    first = handle.handle(house, lambda uid: None)

    assert away == [1, 1, 1]
    assert first
    assert [(state, attempts) for state, attempts, _ in rows(house)] == [("handled", 0)] * 3


def test_a_full_disk_fails_no_message(house: House, writer: AckWriter, clock: SetClock) -> None:
    """SQLite is given no more pages; a real server would run out of disk in the same way (class 53)."""
    if not house.db.is_sqlite:
        pytest.skip("PostgreSQL's own disk cannot be filled here")
    writer.accept(make_message("大"))
    with house.db.transaction() as session:
        (pages,) = session.execute(text("pragma page_count")).one()
        session.execute(text(f"pragma max_page_count = {pages + 2}"))
    for _ in range(MAX_HANDLES + 1):
        with pytest.raises(OperationalError, match="full"):
            handle_all(house)
        later(clock, minutes=2)
    full = rows(house)
    with house.db.transaction() as session:
        session.execute(text("pragma max_page_count = 100000"))
    handle_all(house)

    assert full == [("new", 0, "")]
    assert rows(house) == [("handled", 0, "")]


def test_a_lost_connection_fails_no_message(house: House, writer: AckWriter, clock: SetClock) -> None:
    if house.db.is_sqlite:
        pytest.skip("a file has no connection to lose")
    writer.accept(make_message("断"))
    for _ in range(MAX_HANDLES + 1):
        befall["cut"] = ValueError()
        with pytest.raises(DBAPIError):
            handle_all(house)
        later(clock, minutes=2)
    lost = rows(house)
    handle_all(house)

    assert lost == [("new", 0, "")]
    assert rows(house) == [("handled", 0, "")]


def test_a_fault_of_a_statement_still_counts(house: House, writer: AckWriter, clock: SetClock) -> None:
    befall["error"] = sqlite_error(1)
    writer.accept(make_message("难"))
    for _ in range(MAX_HANDLES):
        handle_all(house)
        later(clock, minutes=2)

    assert [(state, attempts) for state, attempts, _ in rows(house)] == [("failed", MAX_HANDLES)]


def test_a_send_that_the_database_stopped_is_neither_doubtful_nor_lost(
    house: House, app: RecordingChannel, clock: SetClock
) -> None:
    push = house.channels["push"]
    assert isinstance(push, RecordingChannel)

    def away(_parcel: object) -> None:
        raise sqlite_error(5)

    for channel in (app, push):
        channel.answer = away  # type: ignore[assignment]
    with house.db.transaction() as session:
        house.dispatch.put(session, house.directories.get(session), [make_push()], clock.now())
    deliver_all(house)
    with house.db.reading() as session:
        row = session.scalars(select(OutboxRow)).one()

    assert (row.state, row.reason.split()[0], row.first_at) == ("waiting", Failure.BUSY, None)


@pytest.mark.parametrize(("error", "state"), [(OWN[1], "sent"), (PASSING[0], "sending")], ids=["own", "passing"])
def test_what_was_sent_is_marked_later_if_the_database_is_away_and_never_held_up_by_a_fault(
    house: House, clock: SetClock, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str
) -> None:
    with house.db.transaction() as session:
        house.dispatch.put(session, house.directories.get(session), [make_push()], clock.now())
    outcomes = [deliver.send(house, taken) for taken in deliver.take(house, 10)]

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(house.metrics, "sent", broken)
    with suppress(OperationalError):
        deliver.mark(house, outcomes)
    with house.db.reading() as session:
        assert [row.state for row in session.scalars(select(OutboxRow))] == [state]


def test_a_loop_waits_longer_while_the_database_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(house, Wake(), senders=1, on_settled=lambda uid: None)
    waits: list[float] = []
    troubles = iter([True, True, True, False, True])

    def turn() -> None:
        if next(troubles):
            raise sqlite_error(5)

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 4:
            stopped.append(True)
        return False

    stopped: list[bool] = []
    monkeypatch.setattr(worker, "_stopping", SimpleNamespace(wait=wait, is_set=lambda: bool(stopped)))
    worker._loop("fetch", turn)

    assert waits == [1.0, 2.0, 4.0, 1.0]


def test_a_message_that_is_being_handled_is_no_idleness(house: House, writer: AckWriter) -> None:
    """Its next due time lies ahead already, so the rows alone would say that nothing waits."""
    began, go_on = threading.Event(), threading.Event()

    def slow(_uid: str) -> None:
        began.set()
        go_on.wait(10)

    worker = Worker(house, Wake(), senders=1, on_settled=slow)
    writer.accept(make_message("谢谢"))
    writer.accept(make_message("谢谢", sender="p-s14-1"))
    thread = threading.Thread(target=worker._handle)
    thread.start()
    began.wait(10)
    is_idle = worker.is_idle()
    go_on.set()
    thread.join(10)

    assert not is_idle
    assert worker.is_idle()
    assert {state for state, _, _ in rows(house)} == {"ignored"}


def fail(house: House, count: int) -> None:
    """Let so many messages fail now."""
    with house.db.transaction() as session:
        open_rows = session.scalars(select(InboxRow).where(InboxRow.state == "new").limit(count))
        for row in open_rows.all():
            row.attempts = MAX_HANDLES
            assert inbox.fail(session, row.id, house.clock.now(), "Bug at x.py:1")


def notices(house: House) -> list[datetime]:
    with house.db.reading() as session:
        query = select(OutboxRow.created_at).where(OutboxRow.key.startswith("failed/")).order_by(OutboxRow.id)
        return list(session.scalars(query))


def test_five_hundred_failures_are_one_notice_an_hour_with_their_number(
    house: House, writer: AckWriter, app: RecordingChannel, clock: SetClock
) -> None:
    for number in range(60):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    told = []
    for count in (25, 30, 5):
        later(clock, seconds=1)
        fail(house, count)
        later(clock, seconds=1)
        told += [alarm.tell_failed(house) for _ in range(3)]
    later(clock, minutes=61)
    told += [alarm.tell_failed(house) for _ in range(3)]
    later(clock, minutes=61)
    told += [alarm.tell_failed(house) for _ in range(3)]
    deliver_all(house)

    assert told == [True] + [False] * 8 + [True] + [False] * 5
    assert app.texts == [("p-b01-2", alarm.notice(25, 25)), ("p-b01-2", alarm.notice(35, 60))]
    assert app.texts[1][1].startswith("有35条消息没有处理成功(连同以前的共60条)。")
    assert "duban failed" in app.texts[0][1]


def test_a_clock_set_back_silences_no_notice(house: House, writer: AckWriter, clock: SetClock) -> None:
    for number in range(2):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    begin = clock.now()
    fail(house, 1)
    clock.set(begin + timedelta(hours=3))
    assert alarm.tell_failed(house)
    clock.set(begin + timedelta(hours=1))
    fail(house, 1)
    clock.set(begin + timedelta(hours=1, seconds=1))
    assert alarm.tell_failed(house)


def test_a_clock_of_another_process_that_is_ahead_tells_nothing_twice(
    house: House, writer: AckWriter, clock: SetClock
) -> None:
    for number in range(2):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    fail(house, 1)
    later(clock, seconds=3)
    assert alarm.tell_failed(house)
    later(clock, seconds=-2)
    fail(house, 1)
    assert not alarm.tell_failed(house)


def test_what_fails_while_the_notice_is_made_is_told_once(
    house: House, writer: AckWriter, app: RecordingChannel, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    fail(house, 1)
    fit_hour = alarm.fit_hour

    def look(*arguments: Any) -> datetime | None:
        later(clock, seconds=1)
        fail(house, 1)
        later(clock, seconds=1)
        return fit_hour(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(alarm, "fit_hour", look)
        assert alarm.tell_failed(house)
    later(clock, minutes=61)

    assert not alarm.tell_failed(house)
    deliver_all(house)
    assert app.texts == [("p-b01-2", alarm.notice(2, 2))]


def test_a_failure_that_is_not_committed_yet_is_waited_for(
    house: House, writer: AckWriter, app: RecordingChannel, clock: SetClock
) -> None:
    for number in range(2):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    fail(house, 1)
    later(clock, seconds=1)
    teller = threading.Thread(target=alarm.tell_failed, args=(house,))
    with house.db.transaction() as session:
        alarm.hold(session)
        row = session.scalars(select(InboxRow).where(InboxRow.state == "new")).first()
        assert row is not None
        row.attempts = MAX_HANDLES
        assert inbox.fail(session, row.id, clock.now(), "test")
        session.flush()
        later(clock, seconds=1)
        teller.start()
        teller.join(0.5)
        assert teller.is_alive()
    teller.join(10)
    deliver_all(house)

    assert app.texts == [("p-b01-2", alarm.notice(2, 2))]


def test_what_fails_at_night_is_one_notice_of_the_morning(house: House, writer: AckWriter, clock: SetClock) -> None:
    for number in range(4):
        writer.accept(make_message("T08 70%", sender=f"p{number}"))
    evening = clock.now() + timedelta(hours=12)
    told = []
    for hours in range(12):
        clock.set(evening + timedelta(hours=hours))
        if hours < 4:
            fail(house, 1)
        told.append(alarm.tell_failed(house))

    assert told.count(True) == 1
    assert [at - evening for at in notices(house)] == [timedelta(hours=10)]  # eight o'clock


def test_nothing_failed_is_nothing_to_tell(house: House, writer: AckWriter) -> None:
    writer.accept(make_message("T08 70%"))
    handle_all(house)

    assert not alarm.tell_failed(house)


def mark_dead(house: House, person: str, door: str = "app/office") -> None:
    with house.db.transaction() as session:
        lanes.mark_dead(session, person, door, 0, house.clock.now())


def test_an_answer_can_ask_whether_a_private_message_would_get_through(
    house: House, writer: AckWriter, app: RecordingChannel
) -> None:
    robot = house.channels["robot/duban"]
    assert isinstance(robot, RecordingChannel)
    mark_dead(house, "P-S14-1")
    mark_dead(house, "P-S13-1", "robot/duban")
    for sender in ("p-s13-1", "p-s14-1"):
        writer.accept(make_message("问我", sender=sender, door="robot/duban", chat="wr1"))
    handle_all(house)
    with house.db.reading() as session:
        answers = list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))
        words = [outbox.load_envelope(house.seal.open(row.body or b"", row.uid)).body for row in answers]

    assert [getattr(body, "content", "") for body in words] == ["收到 问我", "私信不通"]


@pytest.mark.parametrize(
    ("kind", "said", "left"), [(Kind.TEXT, "谢谢", 1), (Kind.ENTER, "谢谢", 1), (Kind.EVENT, "谢谢", 2)]
)
def test_whoever_opens_the_app_is_reached_by_it_again(
    house: House, writer: AckWriter, kind: Kind, said: str, left: int
) -> None:
    """An event is no sign of that: it may say that somebody left the app."""
    mark_dead(house, "P-S13-1")
    mark_dead(house, "P-S14-1")
    message = make_message(said)
    writer.accept(message.__class__(message.door, message.message_id, kind, message.sender, text=said))
    handle_all(house)

    with house.db.reading() as session:
        assert len(list(session.scalars(select(DeadTargetRow)))) == left
    assert [state for state, _, _ in rows(house)] == ["ignored"]
