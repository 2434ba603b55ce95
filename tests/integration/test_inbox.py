"""Rows of received messages: once, in order, sealed, replayable."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot import inbox
from bot.clock import SetClock
from bot.db import Database
from bot.inbox import InboxRow
from bot.intake import AckWriter
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


def test_a_repeated_message_is_stored_once(db: Database, writer: AckWriter) -> None:
    first, second = writer.accept(message(1)), writer.accept(message(1))

    assert (first.is_new, second.is_new) == (True, False)
    assert first.uid == second.uid
    assert count(db) == 1
    assert writer.repeats_of(first.uid) == 1


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
    with db.transaction() as session:
        first = inbox.next_due(session, seal, now)
        assert first is not None
        inbox.fail(session, first.id, now, "Bug at x.py:1")
    with db.transaction() as session:
        following = inbox.next_due(session, seal, now)
        assert following is not None
        inbox.finish(session, following.id, now)
    with db.transaction() as session:
        nothing = inbox.next_due(session, seal, now)
        later = inbox.next_due(session, seal, now + timedelta(minutes=2))

    assert (first.message.message_id, following.message.message_id) == ("1", "3")
    assert nothing is None
    assert later is not None
    assert later.message.message_id == "1"


def test_a_poison_message_ends_as_failed_and_can_be_replayed(
    db: Database, seal: Seal, writer: AckWriter, now: datetime
) -> None:
    writer.accept(message(1))
    for _ in range(MAX_HANDLES):
        with db.transaction() as session:
            row = session.scalars(select(InboxRow)).one()
            final = inbox.fail(session, row.id, now, "Bug at x.py:1")
    with db.transaction() as session:
        failed = inbox.list_failed(session)
        replayed = inbox.replay(session, failed[0].id, now)
        received = inbox.next_due(session, seal, now)

    assert final
    assert replayed
    assert received is not None
    assert received.message.text == "T08 70%"


def test_a_handled_message_keeps_no_body(db: Database, seal: Seal, writer: AckWriter, now: datetime) -> None:
    writer.accept(message(1))
    with db.transaction() as session:
        received = inbox.next_due(session, seal, now)
        assert received is not None
        inbox.finish(session, received.id, now)
    with db.reading() as session:
        row = session.scalars(select(InboxRow)).one()

    assert (row.state, row.body) == ("handled", None)
    with db.transaction() as session:
        assert not inbox.replay(session, row.id, now)


def test_the_writer_answers_its_callers_when_the_database_is_gone(
    db: Database, seal: Seal, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ack = AckWriter(db, seal, clock, lambda: None)

    def gone(**_: object) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(db, "acknowledging", gone)
    ack.start()
    with pytest.raises(ConnectionError):
        ack.accept(message(1))
    ack.stop()
