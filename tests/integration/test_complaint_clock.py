"""What happens to cases by the clock, on both databases: silence, limits, the unknown year, what did not arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot import audit
from bot.clock import SetClock
from bot.config import Config
from bot.db import Database, new_uid
from bot.metrics import Metrics
from bot.outbox import OutboxState
from bot.people import FactRow, bump_revision
from bot.seal import Seal
from bot.sections import Vault
from bot.ticks import Tick
from bot.workdays import SHANGHAI
from handlers.complaints import deciding, notices, pushes, service
from handlers.complaints.models import AttemptRow, CaseRow, ClockRow, EventRow, NoticeRow
from handlers.complaints.states import State
from handlers.complaints.work import lock_case
from scheduler.runner import Runner
from tests.unit.complaints.bench import INTAKE, INTAKE_2, PARENT, SAID, Bench, open_bench

CONFIG = Config(vault=Vault(keys=(b"k" * 32,), index_key=b"i" * 32))


def local(text: str) -> datetime:
    """Return the instant of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
def bench(db: Database, seal: Seal, clock: SetClock, sample: dict[str, Any]) -> Bench:
    return open_bench(db, seal, clock, sample)


def run(bench: Bench, at: str, push: Any = pushes.watch) -> list[str]:
    """Run a job at a local time; return what is new for the first intake officer."""
    bench.clock.set(local(at))
    with bench.work() as work:
        tick = Tick("job", work.now, work.session, work.seal, work.directory, CONFIG.weekly, bench.complaints)
        said = push(tick)
        rows = bench.dispatch.put(work.session, work.directory, said, work.now)
        new = {row.key for row in rows}
    return [each.body.content for each in said if each.key in new and each.to.person_id == INTAKE]


def ask(bench: Bench, case: str) -> None:
    decide(bench, case, lambda work, row: deciding.ask_more(work, row, INTAKE, "请补充年级", new_uid()))


def accept(bench: Bench, case: str) -> None:
    decide(bench, case, lambda work, row: deciding.accept(work, row, INTAKE, new_uid()))


def decide(bench: Bench, case: str, act: Any) -> None:
    with bench.work() as work:
        row = lock_case(work.session, case)
        bench.dispatch.put(work.session, work.directory, act(work, row), work.now)


def test_the_limit_of_acceptance_is_warned_of_three_times_each_once(bench: Bench) -> None:
    receipt = bench.file()  # Monday; three working days end on Thursday at 17:30
    assert run(bench, "2026-11-24T16:30") == []
    (half,) = run(bench, "2026-11-24T17:30")
    assert "已过半" in half
    assert run(bench, "2026-11-25T08:30") == []
    (last_day,) = run(bench, "2026-11-25T17:30")
    assert "只剩1天" in last_day
    (end,) = run(bench, "2026-11-26T17:30")
    assert "期限已到" in end
    assert receipt.number in end
    assert run(bench, "2026-11-27T08:30") == []


def test_of_warnings_that_were_overtaken_only_the_newest_is_given(bench: Bench) -> None:
    bench.file()
    (said,) = run(bench, "2026-11-26T17:30")
    assert "期限已到" in said


def test_the_legal_ceiling_does_not_pause(bench: Bench) -> None:
    receipt = bench.file()
    ask(bench, receipt.case)
    assert run(bench, "2026-11-26T17:30") == []  # the limit of acceptance stands still
    said = run(bench, "2026-12-08T17:30")
    assert any("法定15日期限已到" in each for each in said)


def test_silence_ends_the_wait_and_the_office_decides(bench: Bench) -> None:
    receipt = bench.file()
    ask(bench, receipt.case)
    assert run(bench, "2026-11-30T16:30") == []
    assert bench.case(receipt).state == State.NEED_INFO
    (said,) = [each for each in run(bench, "2026-11-30T17:30") if "补充" in each]
    assert "没有补充" in said
    assert bench.case(receipt).state == State.RECEIVED
    with bench.db.reading() as session:
        event = session.scalars(select(EventRow).where(EventRow.act == "T3")).one()
        assert event.actor == "bot"
        # It stood still for five working days: from Thursday 26 November to Thursday 3 December.
        due = session.scalars(select(ClockRow.due_at).where(ClockRow.kind == "accept")).one()
        assert due == local("2026-12-03T17:30")
    assert not [each for each in run(bench, "2026-12-01T08:30") if "没有补充" in each]


def test_an_ended_case_is_left_alone(bench: Bench) -> None:
    receipt = bench.file()
    accept(bench, receipt.case)
    with bench.db.reading() as session:
        key = session.scalars(select(NoticeRow.uid)).one()
    bench.end_message(f"case/{key}", OutboxState.SENT)
    with bench.work() as work:
        notices.note_end(work.session, f"case/{key}", True, work.now)
    assert run(bench, "2026-12-08T17:30") == []


def test_a_limit_that_no_calendar_knows_is_told_not_guessed(bench: Bench) -> None:
    bench.clock.set(local("2026-12-30T10:00"))
    bench.file()
    with bench.db.reading() as session:
        clocks = {clock.kind: clock for clock in session.scalars(select(ClockRow))}
    assert clocks["accept"].due_at is None
    assert str(clocks["accept"].missing) == "2027-01-02"
    assert clocks["ceiling"].due_at == local("2027-01-14T17:30")
    said = run(bench, "2026-12-30T10:30")
    assert any("放假安排未公布" in each for each in said)
    assert run(bench, "2026-12-30T11:30") == []

    with bench.db.transaction() as session:  # the notice comes out and is imported
        row = session.get_one(FactRow, "calendar")
        row.value = {**row.value, "holidays_2027": {"元旦": ["2027-01-01", "2027-01-03"]}}
        bump_revision(session)
    run(bench, "2026-12-31T10:30")
    with bench.db.reading() as session:
        assert session.scalars(select(ClockRow.due_at).where(ClockRow.kind == "accept")).one() == local(
            "2027-01-05T17:30"
        )


def test_a_pause_in_the_unknown_year_is_reckoned_when_it_is_known(bench: Bench) -> None:
    bench.clock.set(local("2026-12-30T10:00"))
    receipt = bench.file()
    ask(bench, receipt.case)
    bench.clock.set(local("2027-01-06T10:00"))
    bench.do(lambda ctx: service.add(ctx, receipt.case, "三年级"))
    assert bench.case(receipt).state == State.RECEIVED
    with bench.db.transaction() as session:
        row = session.get_one(FactRow, "calendar")
        row.value = {**row.value, "holidays_2027": {"元旦": ["2027-01-01", "2027-01-03"]}}
        bump_revision(session)
    run(bench, "2027-01-06T10:30")
    with bench.db.reading() as session:
        due = session.scalars(select(ClockRow.due_at).where(ClockRow.kind == "accept")).one()
    # Three working days end on 5 January; it stood still on 31 December, 4, 5 and 6 January.
    assert due == local("2027-01-11T17:30")


@pytest.mark.parametrize("state", [OutboxState.PARKED, OutboxState.FAILED])
def test_what_has_not_arrived_is_told_once(bench: Bench, state: OutboxState) -> None:
    receipt = bench.file()
    accept(bench, receipt.case)
    assert run(bench, "2026-11-23T10:30") == []  # still on its way
    with bench.db.reading() as session:
        uid = session.scalars(select(NoticeRow.uid)).one()
    bench.end_message(f"case/{uid}", state)
    (said,) = run(bench, "2026-11-23T11:30")
    assert "受理告知未送达" in said
    assert "电话" in said
    assert receipt.number in said
    assert run(bench, "2026-11-23T12:30") == []


def test_over_the_limits_is_one_line_a_day(bench: Bench) -> None:
    for _ in range(6):
        bench.file()
    bench.file(unit="B07")  # over the limit, too: who is of B07 does not read of it
    (said,) = run(bench, "2026-11-23T16:40", pushes.queue)
    assert "共4件:4、5、6、7" in said
    assert run(bench, "2026-11-24T16:40", pushes.queue) == []
    with bench.db.reading() as session:
        assert {row.is_over_limit for row in session.scalars(select(CaseRow).where(CaseRow.serial > 3))} == {True}
    assert "7" not in bench.waiting("office/queue")[f"office/queue/2026-11-23/{INTAKE_2}"].split(":")[-1]


def test_the_night_anchors_the_log_and_forgets_old_tries(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.file()
    with bench.db.transaction() as session:
        session.add(AttemptRow(number="a" * 32, failures=3, last_at=bench.clock.now()))
    with caplog.at_level("INFO"):
        assert run(bench, "2026-12-25T00:10", pushes.anchor) == []
    assert any("audit.anchor day=2026-12-24" in record.getMessage() for record in caplog.records)
    assert bench.count(AttemptRow) == 0
    assert bench.count(audit.AuditAnchorRow) == 1


def test_two_runs_of_one_due_time_say_the_same_once(bench: Bench) -> None:
    runner = Runner(
        db=bench.db,
        seal=bench.seal,
        directories=bench.directories,
        dispatch=bench.dispatch,
        config=CONFIG,
        metrics=Metrics(),
    )
    bench.file(PARENT, replace(SAID))
    due = local("2026-11-24T17:30")
    first, again = (runner.run_job("complaints.watch", due, due) for _ in range(2))
    assert [message.to.person_id for message in first.messages] == [INTAKE, INTAKE_2]
    assert (again.is_new, again.messages) == (False, ())
    assert all(message.not_before is None for message in first.messages)


def test_a_rehearsal_leaves_no_anchor_anywhere(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    runner = Runner(
        db=bench.db,
        seal=bench.seal,
        directories=bench.directories,
        dispatch=bench.dispatch,
        config=CONFIG,
        metrics=Metrics(),
    )
    receipt = bench.file()
    ask(bench, receipt.case)
    with caplog.at_level("INFO"):
        for job in ("audit.anchor", "complaints.watch", "complaints.queue"):
            runner.run_job(job, local("2026-12-01T17:30"), bench.clock.now(), dry_run=True)
    assert not [record for record in caplog.records if "audit.anchor day=" in record.getMessage()]
    assert bench.count(audit.AuditAnchorRow) == 0
    assert bench.case(receipt).state == State.NEED_INFO
