"""What several processes do to one PostgreSQL at the same time: two houses, each as a process of its own has it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot import inbox, outbox, presence
from bot.channel import Limit
from bot.clock import SetClock
from bot.db import Base, Database, new_uid
from bot.errors import Failure, SendError
from bot.inbox import InboxRow
from bot.intake import AckWriter
from bot.lanes import PauseRow, SendRow
from bot.messages import Outgoing, Text, ToChat
from bot.outbox import OutboxRow
from bot.people import RevisionRow, bump_revision
from bot.presence import Presence
from bot.router import Context, Routes
from bot.seal import Seal
from bot.shared import Notice, insert_missing, lock, tell, try_lock
from bot.steps import deliver, handle
from bot.steps.house import House, tell_clerks
from bot.steps.judge import judging
from bot.tokens import TokenTable
from tests.fakes import RecordingChannel, load_small_district, make_house, make_message, make_push

routes = Routes("test")
CUT_OTHERS = (
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid() and application_name = 'duban'"
)


@routes.on(lambda reading: reading.message.text)
def echo(ctx: Context, said: str) -> list[Outgoing]:
    return [ctx.reply(f"收到 {said}")]


@pytest.fixture
def db(postgres_url) -> Iterator[Database]:
    database = Database(postgres_url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def house(db: Database, seal: Seal, clock: SetClock) -> House:
    load_small_district(db, seal)
    push = RecordingChannel("push", limits=[Limit(3, 60)])
    return make_house(db, seal, clock, [routes], [RecordingChannel("app/office", has_aid=True), push])


@pytest.fixture
def other(house: House) -> House:
    return replace(house, owner=new_uid())


def receive(house: House, *texts: str) -> None:
    writer = AckWriter(house.db, house.seal, house.clock, lambda: None)
    writer.start()
    for text in texts:
        writer.accept(make_message(text))
    writer.stop()


def at_once(*calls: Callable[[], object]) -> None:
    """Run calls in threads that begin together; an error of one is raised here."""
    barrier, errors = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def wait_until(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_lost_a_message_lets_it_be(house: House, other: House, clock: SetClock) -> None:
    receive(house, "一", "一", "一")
    (mine,) = handle._take(house)
    clock.set(clock.now() + timedelta(seconds=5))
    (theirs,) = handle._take(other)
    with house.db.transaction() as session:
        assert inbox.renew(session, [mine], clock.now()) == []
        assert [each.id for each in inbox.renew(session, [theirs], clock.now())] == [theirs.id]


def test_a_renewed_lease_keeps_others_away(house: House, other: House, clock: SetClock) -> None:
    receive(house, "一")
    taken = handle._take(house)
    for _ in range(5):
        clock.set(clock.now() + timedelta(seconds=1))
        with house.db.transaction() as session:
            taken = inbox.renew(session, taken, clock.now())
        assert handle._take(other) == []
    assert len(taken) == 1


def test_a_younger_message_waits_for_the_older_one_under_way_elsewhere(house: House, other: House) -> None:
    receive(house, "一", "二")
    assert len(handle._take(house)) == 1
    assert handle._take(other) == []


def test_a_fault_does_not_undo_what_another_process_has_answered(house: House, other: House, clock: SetClock) -> None:
    receive(house, "一")
    (mine,) = handle._take(house)
    clock.set(clock.now() + timedelta(seconds=5))
    while handle.handle(other, lambda uid: None):
        pass
    handle._fail(house, mine, None, clock.now(), ValueError())
    mine = replace(mine, attempts=9)
    assert handle._give_up(house, mine, clock.now())
    with house.db.reading() as session:
        assert session.scalar(select(InboxRow.state)) == "handled"
        assert session.scalar(select(func.count()).select_from(OutboxRow)) == 1


def test_a_limit_holds_in_all_processes(house: House, other: House, clock: SetClock) -> None:
    """Two rows of a lane may be due at once: the one that was meant for later stands before the other."""
    later = Outgoing("p/1", ToChat("C-ALL"), Text("x"), purpose="x", not_before=clock.now() + timedelta(hours=1))
    pushes = [later, *(Outgoing(f"p/{n}", ToChat("C-ALL"), Text("x"), purpose="x") for n in (2, 3))]
    with house.db.transaction() as session:
        house.dispatch.put(session, house.directories.get(session), pushes, clock.now())
    clock.set(clock.now() + timedelta(hours=2))
    with house.db.transaction() as session:
        lane = session.scalars(select(OutboxRow.lane)).first()
        session.add_all([SendRow(lane=lane, at=clock.now()) for _ in range(2)])
    with house.db.transaction() as session:
        guard = judging(house, session, clock.now())
        mine = outbox.claim(
            session, house.seal, clock.now(), guard=guard, owner=house.owner, limits=house.limits, most=1
        )
        assert deliver.take(other, 9) == []
    assert len(mine) == 1
    deliver.take(other, 9)
    with house.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SendRow)) == 3


def test_every_change_of_the_directory_counts(house: House) -> None:
    def change() -> None:
        for _ in range(10):
            with house.db.transaction() as session:
                bump_revision(session)

    with house.db.reading() as session:
        before = session.scalar(select(RevisionRow.number).where(RevisionRow.name == "directory"))
    at_once(change, change, change)
    with house.db.reading() as session:
        assert session.scalar(select(RevisionRow.number).where(RevisionRow.name == "directory")) == before + 30


def test_one_process_refreshes_a_token(house: House, clock: SetClock) -> None:
    table, leases = TokenTable(house.db, house.seal), []
    at_once(*[lambda: leases.append(table.lease("app", clock.now(), 20))] * 4)
    assert sorted(leases) == [False, False, False, True]


def test_a_notice_that_two_processes_have_is_put_once(house: House, other: House, clock: SetClock) -> None:
    def tell_them(one: House) -> None:
        with one.db.transaction() as session:
            tell_clerks(one, session, one.directories.get(session), "unsent/1", "有消息没有发出去。", clock.now())
            time.sleep(0.05)

    at_once(lambda: tell_them(house), lambda: tell_them(other))
    with house.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(OutboxRow)) == 1


def test_two_processes_that_meet_a_limit_at_once_both_wait(house: House, other: House, clock: SetClock) -> None:
    house.channels["app/office"].answer = limited
    with house.db.transaction() as session:
        pushes = [make_push("P-S13-1"), make_push("P-S14-1")]
        house.dispatch.put(session, house.directories.get(session), pushes, clock.now())
    halves = [(one, deliver.send(one, row)) for one in (house, other) for row in deliver.take(one, 1)]
    at_once(*[lambda one=one, outcome=outcome: deliver.mark(one, [outcome]) for one, outcome in halves])
    with house.db.reading() as session:
        assert set(session.scalars(select(OutboxRow.state))) == {"waiting"}
        assert session.scalar(select(func.count()).select_from(PauseRow)) == 1


def limited(_parcel: object) -> None:
    raise SendError(Failure.LIMITED, code=45009)


def test_who_was_taken_for_gone_does_not_undo_what_others_decided(house: House, other: House, clock: SetClock) -> None:
    with house.db.transaction() as session:
        pushes = [Outgoing("p/1", ToChat("C-ALL"), Text("x"), purpose="x")]
        house.dispatch.put(session, house.directories.get(session), pushes, clock.now())
    (row,) = deliver.take(house, 1)
    assert deliver.recover(other) == 1
    deliver.mark(house, [deliver.Outcome(row, SendError(Failure.BUSY), 0.1)])
    with house.db.reading() as session:
        assert session.scalar(select(OutboxRow.state).where(OutboxRow.id == row.id)) == "maybe"


def test_a_writer_whose_connection_was_cut_stores_all_the_same(house: House) -> None:
    writer = AckWriter(house.db, house.seal, house.clock, lambda: None)
    writer.start()
    writer.accept(make_message("一"))
    with house.db.engine.connect() as connection:
        assert connection.exec_driver_sql(CUT_OTHERS).all()
    assert writer.accept(make_message("二")).is_new
    writer.stop()


def test_locks_by_name_and_inserts_of_two(db: Database) -> None:
    with db.transaction() as session, db.transaction() as second:
        lock(session, "a")
        assert not try_lock(second, "a")
        assert try_lock(second, "b")
        assert insert_missing(session, RevisionRow, name="x", number=1)
        assert not insert_missing(session, RevisionRow, name="x", number=2)


@pytest.fixture
def signs(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Presence]]:
    """Makes signs of life that are given back at the end."""
    monkeypatch.setattr(presence, "_GRACE_SECONDS", 0.2)
    given: list[Presence] = []

    def make(owner: str, heard: list[str] | None = None, backs: list[int] | None = None) -> Presence:
        ears = {Notice.SETTLED: (heard if heard is not None else []).append}
        sign = Presence(db, owner, ears, lambda: (backs if backs is not None else []).append(1))
        sign.start()
        given.append(sign)
        return sign

    yield make
    for sign in given:
        sign.stop()


def is_given(db: Database, sign: Presence) -> bool:
    with db.reading() as session:
        return sign.is_given(session)


def test_a_sign_is_seen_by_others_until_its_process_ends(db: Database, signs: Callable[..., Presence]) -> None:
    one, two = signs("one"), signs("two")
    assert is_given(db, one)
    assert is_given(db, two)
    with db.transaction() as session:
        assert two.find_gone(session, {"one", "nobody"}) == []
        time.sleep(0.3)
        assert two.find_gone(session, {"one", "nobody"}) == ["nobody"]
    one.stop()
    wait_until(lambda: not is_given(db, one))


def test_a_lost_connection_is_taken_again_and_notices_are_heard_anew(
    db: Database, signs: Callable[..., Presence]
) -> None:
    heard: list[str] = []
    backs: list[int] = []
    sign = signs("one", heard, backs)
    with db.transaction() as session:
        tell(session.connection(), Notice.SETTLED, "u1")
        tell(session.connection(), Notice.INBOX)
    wait_until(lambda: heard == ["u1"])
    with db.engine.connect() as connection:
        query = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
        assert connection.exec_driver_sql(query).scalar()
    wait_until(lambda: len(backs) == 2 and is_given(db, sign))
    with db.transaction() as session:
        tell(session.connection(), Notice.SETTLED, "u2")
    wait_until(lambda: heard == ["u1", "u2"])


def test_nothing_is_taken_to_be_sent_without_a_sign(house: House, signs: Callable[..., Presence]) -> None:
    with house.db.transaction() as session:
        house.dispatch.put(session, house.directories.get(session), [make_push()], house.clock.now())
    sign = signs(house.owner)
    alive = replace(house, signs=sign)
    sign.stop()
    wait_until(lambda: not is_given(house.db, sign))
    assert deliver.take(alive, 9) == []
    assert len(deliver.take(replace(house, signs=signs(house.owner)), 9)) == 1
