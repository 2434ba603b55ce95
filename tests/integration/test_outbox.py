"""Rows of messages to send: once per key, in order per lane, within limits, honest about unknown outcomes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot import stuck
from bot.channel import Limit, Parcel, Receipt
from bot.clock import SetClock
from bot.db import Database
from bot.errors import Failure, SendError
from bot.messages import Outgoing, Text, ToChat, ToPerson
from bot.outbox import OutboxRow
from bot.seal import Seal
from bot.steps import deliver
from bot.steps.house import House
from tests.fakes import RecordingChannel, load_small_district, make_house, make_push

Put = Callable[..., list[OutboxRow]]


@pytest.fixture
def app() -> RecordingChannel:
    return RecordingChannel("app/office", has_aid=True)


@pytest.fixture
def push() -> RecordingChannel:
    return RecordingChannel("push", limits=(Limit(2, 60),))


@pytest.fixture
def house(db: Database, seal: Seal, clock: SetClock, app: RecordingChannel, push: RecordingChannel) -> House:
    load_small_district(db, seal)
    return make_house(db, seal, clock, [], [app, push])


def put(house: House, *outgoings: Outgoing) -> list[OutboxRow]:
    with house.db.transaction() as session:
        directory = house.directories.get(session)
        return house.dispatch.put(session, directory, outgoings, house.clock.now())


def deliver_all(house: House) -> int:
    """Deliver until nothing is due; returns how many sends were made."""
    total = 0
    while taken := deliver.take(house, 10):
        deliver.mark(house, [deliver.send(house, each) for each in taken])
        total += len(taken)
    return total


def states(house: House) -> list[str]:
    with house.db.reading() as session:
        return [row.state for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]


def group(text: str, *, key: str, may_repeat: bool = False) -> Outgoing:
    return Outgoing(key=key, to=ToChat("C-B08"), body=Text(text), purpose="ranking", may_repeat=may_repeat)


def fail_with(failure: Failure, retry_after: float | None = None) -> Callable[[Parcel], Receipt]:
    def answer(_parcel: Parcel) -> Receipt:
        raise SendError(failure, code=1, retry_after=retry_after)

    return answer


def test_the_same_key_is_sent_once(house: House, app: RecordingChannel) -> None:
    put(house, make_push(key="k"))
    put(house, make_push(key="k"))

    assert deliver_all(house) == 1
    assert app.texts == [("p-s13-1", "请更新")]
    assert states(house) == ["sent"]


def test_a_sent_row_keeps_no_body_and_the_words_are_sealed_before(house: House) -> None:
    rows = put(house, make_push(text="张三住院"))
    assert rows[0].body is not None
    assert "张三".encode() not in rows[0].body

    deliver_all(house)
    with house.db.reading() as session:
        assert session.scalars(select(OutboxRow)).one().body is None


def test_one_lane_is_sent_in_order_and_one_at_a_time(house: House, app: RecordingChannel) -> None:
    put(house, make_push(text="一"), make_push(text="二"), make_push("P-S14-1", text="三"))

    first = deliver.take(house, 10)

    assert [taken.envelope.body.content for taken in first if isinstance(taken.envelope.body, Text)] == ["一", "三"]
    deliver.mark(house, [deliver.send(house, each) for each in first])
    deliver_all(house)
    assert [text for _, text in app.texts] == ["一", "三", "二"]


def test_a_long_text_becomes_rows_in_order(house: House, app: RecordingChannel) -> None:
    put(house, make_push(text="督导" * 700))
    deliver_all(house)

    assert "".join(text for _, text in app.texts) == "督导" * 700
    assert all(len(text.encode()) <= 2048 for _, text in app.texts)


def test_the_limit_of_a_lane_spreads_sends_and_drops_none(
    house: House, push: RecordingChannel, clock: SetClock
) -> None:
    put(house, *(group(str(number), key=f"g{number}") for number in range(5)))
    sent = [deliver_all(house)]
    for _ in range(2):
        clock.set(clock.now() + timedelta(seconds=61))
        sent.append(deliver_all(house))

    assert sent == [2, 2, 1]
    assert [text for _, text in push.texts] == ["0", "1", "2", "3", "4"]


def test_a_busy_platform_is_asked_again_later(house: House, app: RecordingChannel, clock: SetClock) -> None:
    app.answer = fail_with(Failure.BUSY)
    put(house, make_push())
    deliver_all(house)
    assert states(house) == ["waiting"]

    app.answer = lambda parcel: Receipt()
    clock.set(clock.now() + timedelta(minutes=1))
    deliver_all(house)
    assert states(house) == ["sent"]


def test_a_frequency_limit_pauses_only_its_lane(
    house: House, app: RecordingChannel, push: RecordingChannel, clock: SetClock
) -> None:
    push.answer = fail_with(Failure.LIMITED, 90)
    put(house, group("一", key="a"), make_push())
    deliver_all(house)
    assert states(house) == ["waiting", "sent"]

    push.answer = lambda parcel: Receipt()
    clock.set(clock.now() + timedelta(seconds=60))
    assert deliver_all(house) == 0
    clock.set(clock.now() + timedelta(seconds=40))
    assert deliver_all(house) == 1


def test_a_closed_door_keeps_its_queue(house: House, app: RecordingChannel, clock: SetClock) -> None:
    app.answer = fail_with(Failure.DOOR_DOWN)
    put(house, make_push(), make_push("P-S14-1"))
    deliver_all(house)
    app.answer = lambda parcel: Receipt()
    clock.set(clock.now() + timedelta(minutes=6))
    deliver_all(house)

    assert states(house) == ["sent", "sent"]


def test_a_dead_target_is_marked_and_the_clerk_told_once(
    house: House, app: RecordingChannel, push: RecordingChannel
) -> None:
    push.answer = fail_with(Failure.DEAD_TARGET)
    put(house, group("一", key="a"))
    deliver_all(house)
    put(house, group("二", key="b"))
    deliver_all(house)

    assert len(push.parcels) == 1
    assert [address for address, _ in app.texts] == ["p-b01-2"]
    assert "C-B08" in app.texts[0][1]


@pytest.mark.parametrize(("may_repeat", "state"), [(False, "maybe"), (True, "waiting")])
def test_an_unknown_outcome_is_repeated_only_where_it_may_be(
    house: House, push: RecordingChannel, may_repeat: bool, state: str
) -> None:
    push.answer = fail_with(Failure.UNKNOWN)
    put(house, group("排名", key="a", may_repeat=may_repeat))
    deliver_all(house)

    assert state == states(house)[0]


def test_an_unknown_outcome_with_an_aid_is_repeated(house: House, app: RecordingChannel, clock: SetClock) -> None:
    app.answer = fail_with(Failure.UNKNOWN)
    put(house, make_push())
    deliver_all(house)
    app.answer = lambda parcel: Receipt()
    clock.set(clock.now() + timedelta(minutes=1))
    deliver_all(house)

    assert states(house) == ["sent"]
    assert len({parcel.uid for parcel in app.parcels}) == 1


def test_a_row_of_a_dead_process_is_of_unknown_outcome(house: House, clock: SetClock) -> None:
    put(house, group("排名", key="a"), group("提醒", key="b", may_repeat=True), make_push())
    deliver.take(house, 10)

    assert deliver.recover(house) == 0
    assert deliver.recover(replace(house, owner="somebody-else")) == 2
    assert states(house)[:3] == ["maybe", "waiting", "waiting"]


def test_a_doubtful_row_can_be_sent_again_by_a_person(house: House, push: RecordingChannel, now: datetime) -> None:
    push.answer = fail_with(Failure.UNKNOWN)
    rows = put(house, group("排名", key="a"))
    deliver_all(house)
    push.answer = lambda parcel: Receipt()
    with house.db.transaction() as session:
        assert [rows[0].id] == [row.id for row in stuck.list_stuck(session)]
        assert stuck.resend(session, rows[0].id, now)
    deliver_all(house)

    assert states(house)[0] == "sent"


def test_an_expired_message_is_not_sent(house: House, app: RecordingChannel, now: datetime, clock: SetClock) -> None:
    late = Outgoing(key="k", to=ToPerson("P-S13-1"), body=Text("周五12点前"), expires_at=now + timedelta(hours=1))
    put(house, late)
    clock.set(now + timedelta(hours=2))

    assert deliver_all(house) == 0
    assert states(house) == ["expired"]


def test_a_bug_in_a_door_loses_nothing(house: House, app: RecordingChannel) -> None:
    def broken(_parcel: Parcel) -> Receipt:
        raise ZeroDivisionError

    app.answer = broken
    put(house, make_push())
    deliver_all(house)

    assert states(house) == ["waiting"]


def test_somebody_unknown_gives_a_visible_failed_row(house: House) -> None:
    put(house, make_push("P-NOBODY"))

    assert states(house) == ["failed"]
