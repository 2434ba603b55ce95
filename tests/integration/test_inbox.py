"""Rows of received messages: once, in order, sealed, replayable."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import ProgrammingError

from bot import inbox
from bot.clock import SetClock
from bot.db import Database
from bot.inbox import InboxRow, Waiting
from bot.intake import AckWriter, row_of
from bot.messages import Incoming, Kind
from bot.retry import MAX_HANDLES
from bot.seal import Seal


def message(number: int, *, sender: str = "p-s13-1", text: str = "T08 70%") -> Incoming:
    return Incoming(door="app/office", message_id=str(number), kind=Kind.TEXT, sender=sender, text=text)


@pytest.fixture
def writer(db: Database, seal: Seal, clock: SetClock):
    ack = AckWriter(db, seal, clock, lambda: None)
    ack.start()
    yield ack
    ack.stop()


def count(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(InboxRow)) or 0


def begin(db: Database, now: datetime, most: int = 50) -> list[Waiting]:
    """Begin what is due now, as the step does."""
    with db.reading() as session:
        found = inbox.list_due(session, now, most)
    with db.transaction() as session:
        return inbox.begin(session, found, now)


def numbers(begun: list[Waiting], seal: Seal) -> list[str]:
    return [inbox.unseal(each, seal).message.message_id for each in begun]


def attempts(db: Database) -> list[int]:
    with db.reading() as session:
        return list(session.scalars(select(InboxRow.attempts).order_by(InboxRow.id)))


def test_a_repeated_message_is_stored_once(db: Database, writer: AckWriter) -> None:
    first, second = writer.accept(message(1)), writer.accept(message(1))

    assert (first.is_new, second.is_new) == (True, False)
    assert first.uid == second.uid
    assert count(db) == 1
    assert writer.repeats_of(first.uid) == 1


def test_a_connection_that_was_cut_costs_no_message(db: Database, writer: AckWriter) -> None:
    writer.accept(message(1))
    if db.is_sqlite:
        pytest.skip("there is nobody who could cut it")
    with db.transaction() as session:
        others = "datname = current_database() and pid <> pg_backend_pid()"
        session.execute(sql(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}"))  # noqa: S608
    assert writer.accept(message(2)).is_new
    assert count(db) == 2


def test_two_writers_with_the_same_messages_in_different_orders_store_each_once(
    db: Database, seal: Seal, clock: SetClock, writer: AckWriter
) -> None:
    if db.is_sqlite:
        pytest.skip("one process writes")
    other = AckWriter(db, seal, clock, lambda: None)
    other.start()
    for start in range(0, 1500, 300):
        keys = range(start, start + 300)
        mine = [writer.submit(message(number)) for number in keys]
        theirs = [other.submit(message(number)) for number in reversed(keys)]
        found = {each.result(10).uid for each in mine}
        assert found == {each.result(10).uid for each in theirs}
    other.stop()
    assert count(db) == 1500


def test_two_deadlocks_in_a_row_cost_no_message(db: Database, writer: AckWriter, seal: Seal, clock: SetClock) -> None:
    if db.is_sqlite:
        pytest.skip("one process writes")
    here, there = (row_of(seal, message(number), clock.now()) for number in (1, 2))
    with db.engine.connect() as other, other.begin():
        try:
            other.execute(sql("set local deadlock_timeout = '1h'"))  # so that the writer is the one to be refused
        except ProgrammingError:
            pytest.skip("the server of DUBAN_TEST_POSTGRES lets this user not set deadlock_timeout")
        other.execute(insert(InboxRow), there)
        mine = [writer.submit(message(number)) for number in (1, 2)]
        for _ in range(2):
            await_waiting(db)
            savepoint = other.begin_nested()
            other.execute(upsert(InboxRow).values(**here).on_conflict_do_nothing())  # each waits for the other's row
            savepoint.rollback()
    first, second = (each.result(10) for each in mine)

    assert (first.is_new, second.is_new) == (True, False)
    assert count(db) == 2


def await_waiting(db: Database) -> None:
    """Wait until somebody waits for another's row."""
    for _ in range(500):
        with db.reading() as session:
            if session.scalar(sql("select count(*) from pg_locks where not granted and locktype = 'transactionid'")):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_a_clock_set_back_holds_nothing_up(db: Database, writer: AckWriter, clock: SetClock, seal: Seal) -> None:
    writer.accept(message(1, sender="a"))
    clock.set(clock.now() - timedelta(hours=1))
    writer.accept(message(2, sender="b"))
    assert numbers(begin(db, clock.now()), seal) == ["2", "1"]


def test_a_repeat_after_a_restart_is_recognised_from_the_row(
    db: Database, seal: Seal, clock: SetClock, writer: AckWriter
) -> None:
    first = writer.accept(message(1))
    fresh = AckWriter(db, seal, clock, lambda: None)
    fresh.start()
    again = fresh.accept(message(1))
    fresh.stop()

    assert (first.uid, False) == (again.uid, again.is_new)
    assert count(db) == 1


def test_many_threads_with_one_message_store_it_once(db: Database, writer: AckWriter) -> None:
    results = []
    threads = [threading.Thread(target=lambda: results.append(writer.accept(message(7)))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert count(db) == 1
    assert sum(result.is_new for result in results) == 1
    assert len({result.uid for result in results}) == 1


def test_the_text_is_nowhere_in_the_clear(db: Database, writer: AckWriter, now: datetime) -> None:
    writer.accept(message(1, text="张三的电话是13900001111"))
    with db.reading() as session:
        row = session.scalars(select(InboxRow)).one()

    assert row.body is not None
    assert b"13900001111" not in row.body
    assert "p-s13-1" not in row.conversation


def test_a_conversation_is_handled_in_order_and_others_do_not_wait(
    db: Database, seal: Seal, writer: AckWriter, now: datetime
) -> None:
    writer.accept(message(1, sender="a"))
    writer.accept(message(2, sender="a"))
    writer.accept(message(3, sender="b"))
    first, other = begin(db, now)
    with db.transaction() as session:
        inbox.fail(session, first.id, now, "Bug at x.py:1")
        inbox.finish(session, other.id, now)
    nothing = begin(db, now)
    later = begin(db, now + timedelta(minutes=2))

    assert numbers([first, other], seal) == ["1", "3"]
    assert nothing == []
    assert numbers(later, seal) == ["1"]


def test_a_poison_message_ends_as_failed_and_can_be_replayed(
    db: Database, seal: Seal, writer: AckWriter, now: datetime
) -> None:
    writer.accept(message(1))
    ends = []
    for _ in range(MAX_HANDLES):
        now += timedelta(minutes=2)
        (begun,) = begin(db, now)
        with db.transaction() as session:
            ends.append(inbox.fail(session, begun.id, now, "Bug at x.py:1"))
    with db.transaction() as session:
        failed = inbox.list_failed(session)
        replayed = inbox.replay(session, failed[0].id, now)

    assert ends == [False] * (MAX_HANDLES - 1) + [True]
    assert replayed
    assert numbers(begin(db, now), seal) == ["1"]


def test_an_attempt_is_counted_before_the_message_is_opened_and_taken_back_if_it_ends_well(
    db: Database, writer: AckWriter, now: datetime
) -> None:
    for number in range(3):
        writer.accept(message(number, sender=f"p{number}"))
    begun = begin(db, now)
    counted = attempts(db)
    with db.transaction() as session:
        inbox.finish(session, begun[0].id, now)
        inbox.finish(session, begun[1].id, now, ignored="an acknowledgement")
        inbox.postpone(session, begun[2].id, now, "looking up the sender")

    assert counted == [each.attempts for each in begun] == [1, 1, 1]
    assert attempts(db) == [0, 0, 0]


def test_what_was_begun_and_did_not_end_comes_later_and_alone(
    db: Database, seal: Seal, writer: AckWriter, now: datetime
) -> None:
    for number in range(3):
        writer.accept(message(number, sender=f"p{number}"))
    together, at_once = begin(db, now), begin(db, now)
    writer.accept(message(3, sender="p3"))
    fresh = begin(db, now)
    later = now + timedelta(minutes=2)
    alone = [begin(db, later) for _ in range(4)]

    assert (len(together), at_once, numbers(fresh, seal)) == (3, [], ["3"])
    assert sorted(numbers(each, seal) for each in alone) == [["0"], ["1"], ["2"], ["3"]]
    assert attempts(db) == [2, 2, 2, 2]


def test_a_batch_of_fresh_ones_takes_nobody_along_who_was_begun_before(
    db: Database, seal: Seal, writer: AckWriter, now: datetime
) -> None:
    writer.accept(message(1, sender="a"))
    begin(db, now)
    writer.accept(message(2, sender="b"))
    writer.accept(message(3, sender="c"))
    later = now + timedelta(minutes=2)

    assert [numbers(begin(db, later), seal) for _ in range(3)] == [["2", "3"], ["1"], []]


def test_what_ends_the_process_again_and_again_lets_others_go_first(
    db: Database, seal: Seal, writer: AckWriter, now: datetime
) -> None:
    writer.accept(message(1, sender="poison"))
    writer.accept(message(2, sender="neighbour"))
    first = begin(db, now)
    second = begin(db, now + timedelta(minutes=2))
    third = begin(db, now + timedelta(minutes=4))

    assert [numbers(each, seal) for each in (first, second, third)] == [["1", "2"], ["1"], ["2"]]


def test_two_who_look_at_the_same_time_do_not_both_begin(db: Database, writer: AckWriter, now: datetime) -> None:
    writer.accept(message(1))
    with db.reading() as session:
        seen = inbox.list_due(session, now, 50)
    ours = begin(db, now)
    with db.transaction() as session:
        theirs = inbox.begin(session, seen, now)

    assert (len(ours), theirs) == (1, [])
    assert attempts(db) == [1]


def test_what_is_put_back_is_due_at_its_time_and_not_counted(db: Database, writer: AckWriter, now: datetime) -> None:
    writer.accept(message(1, sender="a"))
    writer.accept(message(2, sender="b"))
    first, second = begin(db, now)
    later = now + timedelta(seconds=30)
    with db.transaction() as session:
        inbox.finish(session, second.id, now)
        inbox.put_back(session, {first.id: later, second.id: later})
    early, late = begin(db, now), begin(db, later)

    assert early == []
    assert [(each.id, each.attempts) for each in late] == [(first.id, 1)]
    assert attempts(db) == [1, 0]


def test_a_long_row_of_messages_that_must_wait_hides_nobody(db: Database, now: datetime) -> None:
    """The next ones are looked for at the beginning of the backlog first; here all of that waits for its head."""
    later = now + timedelta(hours=1)
    row = {"door": "app/office", "state": "new", "reason": "", "attempts": 0, "received_at": now, "body": b""}
    rows = [
        {**row, "uid": f"u{n}", "message_id": f"{n}", "conversation": "a", "due_at": now if n else later}
        for n in range(600)
    ]
    rows.append({**row, "uid": "other", "message_id": "other", "conversation": "b", "due_at": now})
    with db.transaction() as session:
        session.execute(insert(InboxRow), rows)

    assert [each.uid for each in begin(db, now)] == ["other"]


def test_a_handled_message_keeps_no_body(db: Database, seal: Seal, writer: AckWriter, now: datetime) -> None:
    writer.accept(message(1))
    (begun,) = begin(db, now)
    with db.transaction() as session:
        inbox.finish(session, begun.id, now)
    with db.reading() as session:
        row = session.scalars(select(InboxRow)).one()

    assert (row.state, row.body) == ("handled", None)
    with db.transaction() as session:
        assert not inbox.replay(session, row.id, now)


def test_the_writer_answers_its_callers_when_the_database_is_gone(
    db: Database, seal: Seal, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ack = AckWriter(db, seal, clock, lambda: None)

    def gone(*_: object, **__: object) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(db, "acknowledging", gone)
    ack.start()
    with pytest.raises(ConnectionError):
        ack.accept(message(1))
    ack.stop()
