"""A clock that was ahead, or differs from the platform's: nobody goes without an answer, no due time is lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.channel import Parcel, Receipt
from bot.clock import SetClock
from bot.db import Database
from bot.errors import Failure, SendError
from bot.inbox import InboxRow
from bot.messages import Outgoing
from bot.outbox import OutboxRow
from bot.pulls import PullRow
from bot.router import Context, Routes
from bot.seal import Seal
from bot.steps.house import House
from scheduler.models import TickRow
from tests.fakes import RecordingChannel, load_small_district
from tests.integration.account import DOOR, ROOM, Account, deliver_all, handle_all, make_kf_house, pull_all
from tests.integration.test_runner import START, daily
from tests.unit.weekly.house import local, make_runner

routes = Routes("test")


@routes.on(lambda reading: reading.message.text or None)
def echo(ctx: Context, said: str) -> list[Outgoing]:
    return [ctx.reply(f"收到 {said}")]


@pytest.fixture
def account(clock: SetClock) -> Account:
    return Account(clock)


def states(house: House) -> list[str]:
    with house.db.reading() as session:
        return list(session.scalars(select(OutboxRow.state).order_by(OutboxRow.id)))


def hear(house: House, account: Account, clock: SetClock, text: str, at: datetime, ahead: timedelta) -> None:
    """Let a parent write at an instant of the platform, while our clock is ahead."""
    clock.set(at + ahead)
    account.say(text, at=at)
    with house.db.transaction() as session:
        session.execute(update(PullRow).values(due_at=clock.now()))
    pull_all(house)
    handle_all(house)
    deliver_all(house)


def test_an_account_first_seen_by_a_clock_ahead_is_answered_all_the_same(
    db: Database, seal: Seal, clock: SetClock, now: datetime, account: Account
) -> None:
    clock.set(now + timedelta(days=30))
    house = make_kf_house(db, seal, clock, account, routes)
    for days in (0, 3):
        hear(house, account, clock, f"t{days}", now + timedelta(days=days), timedelta(0))
    with db.reading() as session:
        assert set(session.scalars(select(InboxRow.state))) == {"handled"}
    assert states(house) == ["sent"] * 2


@pytest.mark.parametrize("ahead", [[timedelta(minutes=5)] * 8, [timedelta(hours=1)] * 6 + [timedelta(0)] * 6])
def test_every_word_is_answered_however_clocks_differ(
    db: Database, seal: Seal, clock: SetClock, now: datetime, account: Account, ahead: list[timedelta]
) -> None:
    house = make_kf_house(db, seal, clock, account, routes)
    for number, each in enumerate(ahead):
        hear(house, account, clock, f"t{number}", now + number * timedelta(seconds=20), each)
        assert states(house) == ["sent"] * (number + 1)


def test_the_platform_has_the_last_word(
    db: Database, seal: Seal, clock: SetClock, now: datetime, account: Account
) -> None:
    house = make_kf_house(db, seal, clock, account, routes)
    for number in range(5):
        hear(house, account, clock, f"t{number}", now + number * timedelta(seconds=20), timedelta(minutes=5))

    def refuse(_parcel: Parcel) -> Receipt:
        raise SendError(Failure.SPENT, 95002)

    kf = house.channels[DOOR]
    assert isinstance(kf, RecordingChannel)
    kf.answer = refuse
    hear(house, account, clock, "t5", now + timedelta(seconds=100), timedelta(minutes=5))
    assert states(house) == ["sent"] * 5 + ["parked"]
    assert len(kf.parcels) == 6
    assert house.allowances == {DOOR: ROOM}


def test_due_times_that_a_clock_ahead_has_passed_happen_when_they_come(db: Database, seal: Seal) -> None:
    load_small_district(db, seal)
    runner = make_runner(db, seal, daily())
    runner.run_due(START)
    assert [run.state for run in runner.run_due(START + timedelta(days=20))] != []
    with db.reading() as session:
        assert len(list(session.scalars(select(TickRow)))) == 21
    done = [run for hours in range(24 * 5) for run in runner.run_due(START + timedelta(hours=hours))]
    assert [run.due for run in done if run.state == "done"] == [local(f"2026-11-{day}T10:00") for day in range(23, 28)]
    # Whoever looks again, with the clock right, does nothing twice.
    assert runner.run_due(START + timedelta(days=5, hours=-1)) == []


def test_a_job_first_seen_by_a_clock_ahead_begins_now(db: Database, seal: Seal) -> None:
    load_small_district(db, seal)
    runner = make_runner(db, seal, daily())
    runner.run_due(START + timedelta(days=20))
    runner.run_due(START)
    (run,) = runner.run_due(START + timedelta(hours=2))
    assert (run.state, run.due) == ("done", local("2026-11-23T10:00"))
