"""Five answers in 48 hours: what is beyond waits as a row until the parent writes; nothing is lost or told twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import allowance, lanes, outbox, parked
from bot.channel import Parcel, Receipt
from bot.clock import SetClock
from bot.db import Database, new_uid
from bot.dispatch import WELCOME_LIFE, lane_of
from bot.errors import Failure, SendError
from bot.messages import Kind, Menu, Outgoing, Text, ToOutsider
from bot.outbox import OutboxRow
from bot.router import Context, Routes
from bot.seal import Seal
from bot.steps import deliver, fetch, pull
from bot.steps.house import House
from tests.fakes import RecordingChannel
from tests.integration.account import DOOR, ROOM, Account, deliver_all, handle_all, make_kf_house, pull_all

routes = Routes("test")
GREETING = Menu("请选择", (("food", "食堂"),))


@routes.on(lambda reading: reading.message.kind is Kind.ENTER or None)
def greet(ctx: Context, _value: object) -> list[Outgoing]:
    return [ctx.answer(GREETING)]


@routes.on(lambda reading: reading.message.text or None)
def echo(ctx: Context, said: str) -> list[Outgoing]:
    return [ctx.reply(f"收到 {said}")] if said != "?" else []


@pytest.fixture
def account(clock: SetClock) -> Account:
    return Account(clock)


@pytest.fixture
def ended() -> list[tuple[str, bool]]:
    return []


@pytest.fixture
def house(db: Database, seal: Seal, clock: SetClock, account: Account, ended: list[tuple[str, bool]]) -> House:
    def tell(session: Session, key: str, is_sent: bool, now: datetime) -> None:
        ended.append((key, is_sent))

    house = make_kf_house(db, seal, clock, account, routes)
    return replace(house, on_end={"case/": tell})


def kf(house: House) -> RecordingChannel:
    channel = house.channels[DOOR]
    assert isinstance(channel, RecordingChannel)
    return channel


def notice(number: int, *, address: str = "wmA", **more: object) -> Outgoing:
    return Outgoing(f"case/{number}", ToOutsider(DOOR, address), Text(f"结果{number}"), "notice", **more)  # type: ignore[arg-type]


def put(house: House, *outgoings: Outgoing) -> list[OutboxRow]:
    with house.db.transaction() as session:
        return house.dispatch.put(session, house.directories.get(session), outgoings, house.clock.now())


def hear(house: House, account: Account, text: str = "?", *, sender: str = "wmA", clock: SetClock) -> None:
    """Let a parent write, and pull it."""
    clock.set(clock.now() + timedelta(minutes=1))
    account.say(text, sender)
    clock.set(clock.now() + timedelta(minutes=4))
    pull_all(house)
    handle_all(house)


def states(house: House) -> dict[str, str]:
    with house.db.reading() as session:
        rows = session.execute(select(OutboxRow.key, OutboxRow.state).order_by(OutboxRow.id))
        return {key: state for key, state in rows if key.startswith("case/")}


def refuse(failure: Failure, code: int = 95001) -> Callable[[Parcel], Receipt]:
    def answer(_parcel: Parcel) -> Receipt:
        raise SendError(failure, code)

    return answer


def test_who_has_never_written_gets_nothing_yet(house: House) -> None:
    put(house, notice(1))

    assert deliver_all(house) == 0
    assert states(house) == {"case/1": "parked"}
    with house.db.reading() as session:
        assert parked.is_parked(session, "case/1")
        assert not parked.is_parked(session, "case/2")
        (row,) = session.scalars(select(OutboxRow))
        assert row.body is not None
        assert parked.count(session) == 1


def test_five_leave_and_the_others_wait_for_the_next_word(
    house: House, account: Account, clock: SetClock, ended: list[tuple[str, bool]]
) -> None:
    hear(house, account, clock=clock)
    put(house, *(notice(number) for number in range(8)))
    deliver_all(house)
    assert list(states(house).values()) == ["sent"] * 5 + ["parked"] * 3

    hear(house, account, clock=clock)
    deliver_all(house)
    assert set(states(house).values()) == {"sent"}
    assert [text for _, text in kf(house).texts] == [f"结果{number}" for number in range(8)]
    assert ended == [(f"case/{number}", True) for number in range(8)]


def test_what_was_put_aside_comes_back_in_order_and_leaves_room_for_an_answer(
    house: House, account: Account, clock: SetClock
) -> None:
    put(house, *(notice(number) for number in range(7)))
    deliver_all(house)
    hear(house, account, "我又来了", clock=clock)
    deliver_all(house)

    assert [text for _, text in kf(house).texts] == [*(f"结果{number}" for number in range(4)), "收到 我又来了"]
    hear(house, account, clock=clock)
    deliver_all(house)
    assert [text for _, text in kf(house).texts][5:8] == ["结果4", "结果5", "结果6"]


def test_what_is_urgent_comes_back_first_and_overtakes_what_waits(
    house: House, account: Account, clock: SetClock
) -> None:
    put(house, *(notice(number) for number in range(6)), notice(6, is_urgent=True))
    deliver_all(house)
    hear(house, account, "我又来了", clock=clock)
    deliver_all(house)

    assert [text for _, text in kf(house).texts] == ["结果6", "结果0", "结果1", "结果2", "收到 我又来了"]


def test_after_48_hours_nothing_leaves(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, clock=clock)
    clock.set(clock.now() + timedelta(hours=48))
    put(house, notice(1))

    assert deliver_all(house) == 0
    assert states(house) == {"case/1": "parked"}


def test_each_parent_has_five_of_their_own(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, sender="wmA", clock=clock)
    hear(house, account, sender="wma", clock=clock)  # another person: the case counts
    put(house, *(notice(number) for number in range(6)), *(notice(10 + n, address="wma") for n in range(6)))
    deliver_all(house)

    assert list(states(house).values()) == (["sent"] * 5 + ["parked"]) * 2


def test_members_are_not_counted(house: House) -> None:
    put(house, *(replace(notice(n), to=ToOutsider("app/office", "zhao")) for n in range(9)))

    assert deliver_all(house) == 9


def test_an_older_message_gives_no_new_room(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, clock=clock)
    put(house, *(notice(number) for number in range(5)))
    deliver_all(house)
    account.say("?", at=clock.now() - timedelta(hours=1))
    clock.set(clock.now() + timedelta(minutes=4))
    pull_all(house)
    put(house, notice(9))
    deliver_all(house)

    assert states(house)["case/9"] == "parked"


def test_an_attempt_that_surely_did_not_arrive_is_not_counted(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, clock=clock)
    put(house, *(notice(number) for number in range(5)))
    kf(house).answer = refuse(Failure.BUSY, -1)
    for _ in range(2):
        deliver_all(house)
        clock.set(clock.now() + timedelta(seconds=30))
    kf(house).answer = lambda parcel: Receipt("m")
    deliver_all(house)

    assert set(states(house).values()) == {"sent"}


def test_an_attempt_of_unknown_outcome_is_counted_once(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, clock=clock)
    put(house, *(notice(number) for number in range(6)))
    kf(house).answer = refuse(Failure.UNKNOWN, 0)
    deliver_all(house)
    clock.set(clock.now() + timedelta(seconds=30))
    kf(house).answer = refuse(Failure.DELIVERED, 95033)
    deliver_all(house)

    assert list(states(house).values()) == ["sent"] * 5 + ["parked"]


def test_the_platforms_refusal_puts_aside_as_well(
    house: House, account: Account, clock: SetClock, ended: list[tuple[str, bool]]
) -> None:
    hear(house, account, clock=clock)
    put(house, notice(1), notice(2))
    kf(house).answer = refuse(Failure.SPENT)
    deliver_all(house)

    assert states(house) == {"case/1": "parked", "case/2": "parked"}
    assert len(kf(house).parcels) == 1  # the second is not even tried
    assert ended == []
    kf(house).answer = lambda parcel: Receipt("m")
    hear(house, account, clock=clock)
    deliver_all(house)
    assert ended == [("case/1", True), ("case/2", True)]


def test_a_refusal_that_crosses_a_new_word_is_tried_again(house: House, account: Account, clock: SetClock) -> None:
    def answer(_parcel: Parcel) -> Receipt:
        kf(house).answer = lambda parcel: Receipt("m")
        hear(house, account, clock=clock)
        raise SendError(Failure.SPENT, 95002)

    hear(house, account, clock=clock)
    put(house, notice(1))
    kf(house).answer = answer
    deliver_all(house)

    assert states(house) == {"case/1": "sent"}


def test_what_waits_too_long_ends_and_its_subject_is_told(
    house: House, account: Account, clock: SetClock, ended: list[tuple[str, bool]]
) -> None:
    put(house, notice(1, expires_at=clock.now() + timedelta(days=5)), notice(2))
    deliver_all(house)
    clock.set(clock.now() + timedelta(days=6))
    fetch.sweep(house)

    assert states(house) == {"case/1": "expired", "case/2": "parked"}
    assert ended == [("case/1", False)]


def test_what_expires_while_it_waits_is_told_too(
    house: House, account: Account, clock: SetClock, ended: list[tuple[str, bool]]
) -> None:
    hear(house, account, clock=clock)
    put(house, notice(1, expires_at=clock.now() - timedelta(seconds=1)))
    deliver_all(house)

    assert ended == [("case/1", False)]


def test_a_welcome_leaves_by_its_code_and_is_not_counted(house: House, account: Account, clock: SetClock) -> None:
    pull_all(house)
    clock.set(clock.now() + timedelta(minutes=4))
    account.happen("enter_session", welcome_code="W")
    pull_all(house)
    handle_all(house)
    deliver_all(house)

    (parcel,) = kf(house).parcels
    assert (parcel.envelope.code, parcel.envelope.address, parcel.envelope.body) == ("W", "wmA", GREETING)
    put(house, notice(1))
    deliver_all(house)
    assert states(house) == {"case/1": "parked"}  # nobody has said anything yet


def test_a_welcome_that_comes_too_late_is_dropped_without_a_word(
    house: House, account: Account, clock: SetClock
) -> None:
    account.happen("enter_session", welcome_code="W")
    pull_all(house)
    handle_all(house)
    clock.set(clock.now() + WELCOME_LIFE + timedelta(seconds=1))
    deliver_all(house)
    with house.db.reading() as session:
        assert session.scalars(select(OutboxRow.state)).one() == "expired"
    assert kf(house).parcels == []


@pytest.mark.parametrize("failure", [Failure.REJECTED, Failure.SPENT, Failure.DEAD_TARGET])
def test_a_refused_welcome_is_no_matter_for_people(house: House, account: Account, failure: Failure) -> None:
    account.happen("enter_session", welcome_code="W")
    pull_all(house)
    handle_all(house)
    kf(house).answer = refuse(failure, 40058)
    deliver_all(house)
    with house.db.reading() as session:
        (row,) = session.scalars(select(OutboxRow))
    assert (row.state, row.body) == ("failed", None)


def test_the_rows_name_nobody(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, "你好", sender="wmSecretParent", clock=clock)
    with house.db.reading() as session:
        (row,) = session.scalars(select(OutboxRow))
        (count,) = session.scalars(select(allowance.AllowanceRow))
    assert row.audience == ""
    assert row.lane == count.lane == lane_of(house.seal, DOOR, "wmSecretParent")
    assert "wmSecretParent" not in f"{row.key} {row.reason} {row.purpose}"


@pytest.mark.parametrize(("kind", "text"), [(4, "over 48 hours"), (6, "over five"), (10, "refuses"), (99, "unknown")])
def test_a_late_failure_ends_the_message_and_its_subject_is_told(
    house: House,
    account: Account,
    clock: SetClock,
    ended: list[tuple[str, bool]],
    kind: int,
    text: str,
) -> None:
    hear(house, account, clock=clock)
    (row,) = put(house, notice(1))
    deliver_all(house)
    account.happen("msg_send_fail", fail_msgid=row.uid, fail_type=kind)
    clock.set(clock.now() + timedelta(minutes=4))
    pull_all(house)
    handle_all(house)

    assert ended == [("case/1", True), ("case/1", False)]
    with house.db.reading() as session:
        failed = session.get_one(OutboxRow, row.id)
        assert outbox.find_key(session, row.uid) == "case/1"
        assert outbox.find_key(session, "another") is None
    assert (failed.state, failed.code, failed.body) == ("failed", kind, None)
    assert text in failed.reason
    put(house, notice(2))
    deliver_all(house)
    assert states(house)["case/2"] == ("parked" if kind in (4, 6) else "sent")


def test_a_late_failure_is_told_once_and_never_of_others(
    house: House, account: Account, clock: SetClock, ended: list[tuple[str, bool]]
) -> None:
    hear(house, account, clock=clock)
    (row,) = put(house, notice(1))
    deliver_all(house)
    for message in (row.uid, row.uid, "somebody-else", "", "x" * 500):
        account.happen("msg_send_fail", fail_msgid=message, fail_type=10)
    clock.set(clock.now() + timedelta(minutes=4))
    pull_all(house)

    assert ended == [("case/1", True), ("case/1", False)]


def test_a_failure_that_comes_before_the_mark_stays(
    house: House, account: Account, clock: SetClock, ended: list[tuple[str, bool]]
) -> None:
    """The platform may say that a message did not arrive before we have noted that it took it."""
    hear(house, account, clock=clock)
    (row,) = put(house, notice(1))
    taken = deliver.take(house, 1)
    outcomes = [deliver.send(house, each) for each in taken]
    account.happen("msg_send_fail", fail_msgid=row.uid, fail_type=10)
    clock.set(clock.now() + timedelta(minutes=4))
    pull_all(house)
    deliver.mark(house, outcomes)

    assert states(house) == {"case/1": "failed"}
    assert ended == [("case/1", False)]


def test_what_a_dead_process_was_sending_is_not_counted_again(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, clock=clock)
    put(house, *(notice(number) for number in range(5)))
    for _ in range(3):
        assert len(deliver.take(house, 1)) == 1
        house = replace(house, owner=new_uid())
        assert deliver.recover(house) == 1
        clock.set(clock.now() + timedelta(seconds=30))
    deliver_all(house)

    assert set(states(house).values()) == {"sent"}


def test_a_long_answer_is_several_rows_that_are_each_counted(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, clock=clock)
    put(house, replace(notice(1), body=Text("督导" * 1200)))
    deliver_all(house)
    put(house, *(notice(number) for number in range(2, 5)))
    deliver_all(house)

    assert states(house) == {
        "case/1": "sent", "case/1#2": "sent", "case/1#3": "sent", "case/1#4": "sent",
        "case/2": "sent", "case/3": "parked", "case/4": "parked",
    }  # fmt: skip


def test_a_part_that_waits_makes_the_message_wait(house: House) -> None:
    put(house, replace(notice(1), body=Text("督导" * 1200)))
    deliver_all(house)
    with house.db.reading() as session:
        assert parked.is_parked(session, "case/1")


def test_what_leaves_before_a_new_word_is_pulled_counts_for_it(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, clock=clock)
    put(house, *(notice(number) for number in range(8)))
    account.say("?")  # the platform counts from here on; we do not know it yet
    clock.set(clock.now() + timedelta(seconds=5))
    deliver_all(house)
    clock.set(clock.now() + timedelta(minutes=4))
    pull_all(house)
    kf(house).answer = refuse(Failure.SPENT)  # one is tried all the same: the count may be wrong
    deliver_all(house)

    assert list(states(house).values()) == ["sent"] * 5 + ["parked"] * 3
    assert len(kf(house).parcels) == 6


def test_claims_and_new_words_at_once_lose_no_message(house: House, account: Account, clock: SetClock) -> None:
    """Whoever wins, a message that is put aside after the parent has written comes back."""
    hear(house, account, clock=clock)
    put(house, *(notice(number) for number in range(40)))
    stop = threading.Event()
    errors: list[Exception] = []

    def send() -> None:
        while not stop.is_set():
            try:
                deliver_all(house)
                stop.wait(0.01)
            except Exception as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        clock.set(clock.now() + timedelta(minutes=1))
        account.say("?")
        clock.set(clock.now() + timedelta(minutes=4))
        pull.pull(house)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert errors == []
    for _ in range(3):  # one look puts a limited number aside, and ends with nothing to send
        deliver_all(house)
    found = states(house)
    assert set(found.values()) <= {"sent", "parked"}
    with house.db.reading() as session:
        used = session.scalars(select(allowance.AllowanceRow.used)).one()
    # What comes back leaves room for an answer, which "?" does not get.
    assert "parked" not in found.values() or used >= ROOM.count - 1


def test_the_rules_of_the_count(db: Database, now: datetime) -> None:
    room = replace(ROOM, count=2)
    with db.transaction() as session:
        assert not allowance.use(session, "a", room, now)
        allowance.renew(session, {"a": now, "b": now})
        assert [allowance.use(session, "a", room, now) for _ in range(3)] == [True, True, False]
        assert allowance.use(session, "b", room, now)
        allowance.give_back(session, "a", now)
        assert allowance.use(session, "a", room, now)
        allowance.give_back(session, "a", now - timedelta(1))  # of an earlier time: nothing to give back
        assert not allowance.use(session, "a", room, now)
        assert not allowance.exhaust(session, "b", room, now - timedelta(1))
        assert allowance.exhaust(session, "b", room, now)
        assert not allowance.use(session, "b", room, now)
        allowance.renew(session, {"b": now - timedelta(1)})
        assert not allowance.use(session, "b", room, now)
        allowance.renew(session, {"b": now + timedelta(seconds=1)})
        assert allowance.use(session, "b", room, now)
        allowance.sweep(session, now + timedelta(days=31))
        assert allowance.find_since(session, "b") is None
    assert lanes.lock_of("a") != lanes.lock_of("b")


def test_an_answer_still_goes_to_its_sender(house: House, account: Account, clock: SetClock) -> None:
    hear(house, account, "你好", clock=clock)
    deliver_all(house)

    assert kf(house).texts == [("wmA", "收到 你好")]
