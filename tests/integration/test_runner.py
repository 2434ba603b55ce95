"""A due time happens once, whoever looks and however often; what was missed is caught up or skipped aloud."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.messages import Outgoing, Text, ToPerson
from bot.outbox import OutboxRow
from bot.people import FactRow, bump_revision
from bot.seal import Seal
from bot.ticks import Tick
from bot.workdays import SHANGHAI, Calendar, UnknownDayError
from scheduler.cadence import Due
from scheduler.jobs import Job
from scheduler.models import TickRow, TickState
from scheduler.runner import SUPERSEDED, TOO_LATE, JobError, Runner
from tests.fakes import load_small_district, make_push
from tests.unit.weekly.house import local, make_runner

START = local("2026-11-23T08:30")
GRACE = timedelta(hours=2)


@dataclass(frozen=True)
class Daily:
    """Every day at ten; from a day on nobody knows."""

    unknown_from: date = date(2030, 1, 1)

    def due_times(self, start: datetime, end: datetime, calendar: Calendar) -> list[Due]:
        day, found = start.astimezone(SHANGHAI).date(), []
        while day <= end.astimezone(SHANGHAI).date():
            due = Due(local(f"{day}T10:00"), day if day >= self.unknown_from else None)
            if start < due.at <= end:
                found.append(due)
            day += timedelta(days=1)
        return found


def remind(tick: Tick) -> list[Outgoing]:
    return [make_push(key=f"daily/{tick.due.isoformat()}", text=f"{tick.due.astimezone(SHANGHAI):%m-%d}")]


@dataclass
class Breakable:
    """A push that raises as long as it is told to."""

    error: Exception | None = None
    calls: list[datetime] = field(default_factory=list)

    def __call__(self, tick: Tick) -> list[Outgoing]:
        self.calls.append(tick.due)
        tick.session.add(FactRow(name=f"half-done {tick.due}", value=1))
        tick.session.flush()
        if self.error is not None:
            raise self.error
        return remind(tick)


def daily(push=remind, *, key: str = "daily", unknown_from: date = date(2030, 1, 1)) -> tuple[Job, ...]:
    return (Job(key, "每日", Daily(unknown_from), push, GRACE),)


@pytest.fixture
def district(db: Database, seal: Seal, sample) -> Database:
    load_small_district(db, seal)
    with db.transaction() as session:
        session.add(FactRow(name="calendar", value=sample["calendar"]))
        bump_revision(session)
    return db


@pytest.fixture
def runner(district: Database, seal: Seal) -> Runner:
    started = make_runner(district, seal, daily())
    started.run_due(START)
    return started


def ticks(db: Database) -> list[tuple[str, str, str, int]]:
    with db.reading() as session:
        rows = session.scalars(select(TickRow).where(TickRow.state != TickState.STARTED).order_by(TickRow.due_at))
        return [(f"{row.due_at.astimezone(SHANGHAI):%m-%d}", row.state, row.reason, row.count) for row in rows]


def outbox_keys(db: Database) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(OutboxRow.key).order_by(OutboxRow.id)))


def test_the_first_start_sends_nothing_from_the_past(district: Database, seal: Seal) -> None:
    runner = make_runner(district, seal, daily())

    assert runner.run_due(local("2026-11-23T10:30")) == []
    assert runner.run_due(local("2026-11-23T10:31")) == []
    with district.reading() as session:
        assert list(session.scalars(select(TickRow.state))) == [TickState.STARTED]
    assert outbox_keys(district) == []


def test_a_job_added_by_an_upgrade_sends_nothing_from_the_past(runner: Runner, district: Database, seal: Seal) -> None:
    upgraded = make_runner(district, seal, daily() + daily(key="new"))

    runs = upgraded.run_due(local("2026-11-23T10:00"))

    assert [run.job for run in runs] == ["daily"]
    assert [run.job for run in upgraded.run_due(local("2026-11-24T10:00"))] == ["daily", "new"]


def test_what_is_due_is_put_once(runner: Runner, district: Database) -> None:
    first = runner.run_due(local("2026-11-23T10:00"))
    second = runner.run_due(local("2026-11-23T10:00"))

    assert [(run.job, run.state) for run in first] == [("daily", TickState.DONE)]
    assert second == []
    assert ticks(district) == [("11-23", "done", "", 1)]
    assert len(outbox_keys(district)) == 1


def test_two_processes_that_look_at_once_put_it_once(runner: Runner, district: Database, seal: Seal) -> None:
    databases = [Database(district.url) for _ in range(4)]
    runners = [make_runner(each, seal, daily()) for each in databases]
    gate = threading.Barrier(len(runners))
    results: list[list] = []

    def look(one: Runner) -> None:
        gate.wait()
        results.append(one.run_due(local("2026-11-23T10:00")))

    threads = [threading.Thread(target=look, args=(one,)) for one in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in databases:
        each.dispose()

    assert sorted(len(runs) for runs in results) == [0, 0, 0, 1]
    assert ticks(district) == [("11-23", "done", "", 1)]
    assert len(outbox_keys(district)) == 1


def test_the_loser_of_a_race_for_one_due_time_stops_quietly(runner: Runner, district: Database, seal: Seal) -> None:
    """Both claim the same due time, one a moment after the other."""
    gate = threading.Barrier(2)
    results = []

    def claim(one: Runner) -> None:
        gate.wait()
        results.append(one.run_job("daily", local("2026-11-23T10:00"), local("2026-11-23T10:05")))

    others = [Database(district.url) for _ in range(2)]
    threads = [threading.Thread(target=claim, args=(make_runner(o, seal, daily()),)) for o in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.dispose()

    assert sorted(run.is_new for run in results) == [False, True]
    assert len(outbox_keys(district)) == 1


def test_after_an_outage_the_newest_missed_time_runs_and_the_others_are_skipped_aloud(
    runner: Runner, district: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        runner.run_due(local("2026-11-26T11:30"))

    assert ticks(district) == [
        ("11-23", "skipped", SUPERSEDED, 0),
        ("11-24", "skipped", SUPERSEDED, 0),
        ("11-25", "skipped", SUPERSEDED, 0),
        ("11-26", "done", "", 1),
    ]
    assert sum("tick.skipped" in record.getMessage() for record in caplog.records) == 3


def test_after_an_outage_longer_than_the_grace_nothing_runs(runner: Runner, district: Database) -> None:
    runner.run_due(local("2026-11-24T12:01"))

    assert ticks(district) == [("11-23", "skipped", SUPERSEDED, 0), ("11-24", "skipped", TOO_LATE, 0)]
    assert outbox_keys(district) == []


def test_the_due_time_decides_the_content_and_the_present_the_delivery(
    runner: Runner, district: Database, seal: Seal
) -> None:
    """A run caught up in quiet hours says what it would have said at ten, and waits for the morning."""
    late = make_runner(district, seal, (Job("daily", "每日", Daily(), remind, timedelta(hours=12)),))
    (run,) = late.run_due(local("2026-11-23T19:00"))

    assert [Text("11-23")] == [message.body for message in run.messages]
    assert [local("2026-11-24T08:10")] == [message.not_before for message in run.messages]


def test_a_job_that_fails_leaves_nothing_stops_nobody_and_is_tried_again(
    district: Database, seal: Seal, caplog: pytest.LogCaptureFixture
) -> None:
    push = Breakable(ZeroDivisionError("13900001111"))
    runner = make_runner(district, seal, daily(push, key="bad") + daily())
    runner.run_due(START)

    with caplog.at_level(logging.ERROR):
        runs = runner.run_due(local("2026-11-23T10:00"))
    assert [run.job for run in runs] == ["daily"]
    assert "13900001111" not in caplog.text
    assert "ZeroDivisionError at test_runner.py" in caplog.text

    push.error = None
    runs = runner.run_due(local("2026-11-23T10:01"))
    assert [run.job for run in runs] == ["bad"]
    with district.reading() as session:
        assert session.scalar(select(func.count()).where(FactRow.name.startswith("half-done"))) == 1


def test_a_dry_run_says_what_would_be_sent_and_writes_nothing(runner: Runner, district: Database) -> None:
    run = runner.run_job("daily", local("2026-11-25T10:00"), START, dry_run=True)

    assert [Text("11-25")] == [message.body for message in run.messages]
    assert ticks(district) == []
    assert outbox_keys(district) == []


def test_a_dry_run_of_a_push_that_writes_leaves_nothing(district: Database, seal: Seal) -> None:
    push = Breakable()
    runner = make_runner(district, seal, daily(push))

    runner.run_job("daily", local("2026-11-25T10:00"), START, dry_run=True)

    assert len(push.calls) == 1
    with district.reading() as session:
        assert session.scalar(select(func.count()).where(FactRow.name.startswith("half-done"))) == 0


def test_a_dry_run_waits_for_no_writer(runner: Runner, district: Database) -> None:
    with district.transaction() as session:
        session.add(FactRow(name="held", value=1))
        session.flush()
        done = threading.Event()

        def rehearse() -> None:
            runner.run_job("daily", local("2026-11-25T10:00"), START, dry_run=True)
            done.set()

        thread = threading.Thread(target=rehearse)
        thread.start()
        free = done.wait(10)
    thread.join()

    assert free


def test_a_job_run_by_hand_is_done_once(runner: Runner, district: Database) -> None:
    due = local("2026-11-23T10:00")
    first = runner.run_job("daily", due, due)
    second = runner.run_job("daily", due, due + timedelta(minutes=1))

    assert (first.is_new, len(first.messages)) == (True, 1)
    assert (second.is_new, len(second.messages), second.state) == (False, 0, TickState.DONE)
    assert runner.run_due(due + timedelta(minutes=2)) == []
    assert len(outbox_keys(district)) == 1


def test_a_job_run_by_hand_takes_the_last_time_that_has_passed(runner: Runner) -> None:
    run = runner.run_job("daily", None, local("2026-11-25T09:59"))

    assert local("2026-11-24T10:00") == run.due


@pytest.mark.parametrize(
    ("key", "due", "hint"),
    [("nightly", "2026-11-23T10:00", "there are: daily"), ("daily", "2026-11-23T10:00", "has not come")],
)
def test_an_impossible_run_is_refused(runner: Runner, district: Database, key: str, due: str, hint: str) -> None:
    with pytest.raises(JobError, match=hint):
        runner.run_job(key, local(due), START)
    assert ticks(district) == []


def test_a_job_that_was_never_due_needs_a_time(district: Database, seal: Seal) -> None:
    runner = make_runner(district, seal, daily(unknown_from=date(2020, 1, 1)))

    with pytest.raises(JobError, match="never due"):
        runner.run_job("daily", None, START)


def test_unknown_days_are_recorded_and_the_clerks_told_once_a_week(district: Database, seal: Seal) -> None:
    runner = make_runner(district, seal, daily(unknown_from=date(2026, 11, 24)))
    runner.run_due(START)
    for day in range(23, 31):
        runner.run_due(local(f"2026-11-{day}T10:00"))

    states = [state for _, state, _, _ in ticks(district)]
    assert ["done", *["unknown"] * 7] == states
    assert [key.replace("2026-11-23T02:00:00+00:00", "2026-11-23T10:00:00+08:00") for key in outbox_keys(district)] == [
        "daily/2026-11-23T10:00:00+08:00",
        "alert.calendar/2026W48/P-B01-2",
        "alert.calendar/2026W49/P-B01-2",
    ]
    assert ticks(district)[1][2] == "no holiday notice covers 2026-11-24"


def test_a_calendar_alert_does_not_arrive_at_night(district: Database, seal: Seal) -> None:
    runner = make_runner(district, seal, daily(unknown_from=date(2026, 11, 23)))
    runner.run_due(START)
    (run,) = runner.run_due(local("2026-11-23T23:00"))

    assert [local("2026-11-24T08:00")] == [message.not_before for message in run.messages]


def test_a_job_that_meets_an_unknown_day_sends_nothing_and_says_so(district: Database, seal: Seal) -> None:
    push = Breakable(UnknownDayError(date(2027, 1, 4)))
    runner = make_runner(district, seal, daily(push))
    runner.run_due(START)
    (run,) = runner.run_due(local("2026-11-23T10:00"))

    assert (run.state, run.reason) == (TickState.UNKNOWN, "no holiday notice covers 2027-01-04")
    assert outbox_keys(district) == ["alert.calendar/2026W48/P-B01-2"]
    assert runner.run_job("daily", START, START, dry_run=True).state == TickState.UNKNOWN


def test_a_push_over_the_cap_at_the_end_of_the_known_calendar_is_unknown(district: Database, seal: Seal) -> None:
    """The next working day is not known, so nobody knows when the message may arrive."""

    def chatty(tick: Tick) -> list[Outgoing]:
        return [Outgoing(f"{n}", ToPerson("P-S13-1"), Text("请更新"), "weekly.open") for n in range(3)]

    runner = make_runner(district, seal, daily(chatty))
    runner.run_due(local("2026-12-31T08:30"))
    (run,) = runner.run_due(local("2026-12-31T10:00"))

    assert run.state == TickState.UNKNOWN
    assert outbox_keys(district) == ["alert.calendar/2026W53/P-B01-2"]


def test_the_coming_days_are_listed_with_what_is_unknown(district: Database, seal: Seal) -> None:
    runner = make_runner(district, seal, daily(unknown_from=date(2026, 11, 25)))
    coming = runner.upcoming(local("2026-11-23T10:00"), 3)

    assert [("daily", local("2026-11-24T10:00"), None)] == [(c.job.key, c.due.at, c.due.missing) for c in coming[:1]]
    assert [c.due.is_unknown for c in coming] == [False, True, True]


def test_the_instants_between_two_times_come_once_each(district: Database, seal: Seal) -> None:
    runner = make_runner(district, seal, daily() + daily(key="other"))

    assert [local("2026-11-23T10:00"), local("2026-11-24T10:00")] == runner.due_between(
        START, local("2026-11-24T10:00")
    )
