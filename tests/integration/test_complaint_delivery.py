"""Whether a notice has arrived: taken back by the platform, in several parts, of somebody erased, an old prefix."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot import parked
from bot.clock import SetClock
from bot.db import Database, new_uid
from bot.outbox import OutboxRow
from bot.seal import Seal
from bot.steps.house import tell_end
from bot.ticks import Tick
from bot.vault import Vault
from handlers.complaints import lookup, notices, pushes
from handlers.complaints import texts_office as words
from handlers.complaints.models import CaseRow, ClockRow, NoticeRow
from handlers.complaints.work import find_number
from scheduler.models import TickRow
from scheduler.runner import Runner
from tests.integration.test_complaint_clock import CONFIG, local
from tests.unit.complaints.bench import INTAKE, OTHER_PARENT, OfficeStage, open_stage

LONG = "请补充1 " + "请说明情况具体是怎么样的,有没有照片。" * 45


@pytest.fixture
def stage(db: Database, seal: Seal, clock: SetClock, sample: dict[str, Any]) -> OfficeStage:
    return open_stage(db, seal, clock, sample)


def notice(stage: OfficeStage) -> tuple[NoticeRow, bool]:
    """Return the only notice and whether it is known not to have arrived."""
    with stage.db.reading() as session:
        row = session.scalars(select(NoticeRow)).one()
        return row, notices.is_undelivered(session, row)


def take_back(stage: OfficeStage) -> None:
    """Let the platform say that the last message of a notice did not arrive."""
    with stage.db.transaction() as session:
        query = select(OutboxRow.uid).where(OutboxRow.key.startswith("case/")).order_by(OutboxRow.id.desc())
        uid = session.scalars(query).first()
        row = parked.refuse_late(session, uid, stage.clock.now(), code=10, reason="msg_send_fail: the user refuses")
        tell_end(stage.house, session, row.key, stage.clock.now(), is_sent=False)


def watch(stage: OfficeStage) -> list[str]:
    with stage.work() as work:
        tick = Tick("job", work.now, work.session, work.seal, work.directory, CONFIG.weekly, stage.complaints)
        return [each.body.content for each in pushes.watch(tick) if each.to.person_id == INTAKE]


def test_what_the_platform_takes_back_has_not_arrived(stage: OfficeStage) -> None:
    stage.file()
    stage.say(INTAKE, "受理 1")
    assert notice(stage)[0].via == "kf"
    take_back(stage)
    row, is_undelivered = notice(stage)
    assert (row.delivered_at, row.via, is_undelivered) == (None, "", True)
    assert row.failed_at is not None
    stage.later(minutes=1)
    (told,) = watch(stage)
    assert "没有送达" in told or "未送达" in told
    assert watch(stage) == []


def test_what_was_looked_up_has_arrived_whatever_the_platform_says(stage: OfficeStage) -> None:
    receipt = stage.file()
    stage.kf.allowance = None
    stage.say(INTAKE, "受理 1")
    take_back(stage)
    with stage.work() as work:
        assert isinstance(lookup.find(work, receipt.number, receipt.code), lookup.Seen)
    with stage.db.transaction() as session:
        notices.note_end(session, f"case/{notice(stage)[0].uid}", False, stage.clock.now())
    row, is_undelivered = notice(stage)
    assert (row.via, is_undelivered) == (notices.LOOK_UP, False)


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_notice_in_parts_has_arrived_with_its_last(stage: OfficeStage, is_whole: bool) -> None:
    stage.file()
    stage.say(INTAKE, LONG)
    with stage.db.reading() as session:
        keys = list(session.scalars(select(OutboxRow.key).where(OutboxRow.key.startswith("case/"))))
    assert len(keys) == 3
    row, is_undelivered = notice(stage)
    assert row.delivered_at is not None
    assert not is_undelivered
    if not is_whole:
        take_back(stage)
        row, is_undelivered = notice(stage)
        assert row.delivered_at is None
        assert is_undelivered


def test_a_part_that_is_put_aside_keeps_the_notice_undelivered(stage: OfficeStage) -> None:
    stage.file()
    stage.say(INTAKE, LONG)
    with stage.db.transaction() as session:
        row = session.scalars(select(NoticeRow)).one()
        row.delivered_at = None
        last = session.scalars(select(OutboxRow).where(OutboxRow.key == f"case/{row.uid}#3")).one()
        last.state = "parked"
        notices.note_end(session, f"case/{row.uid}", True, stage.clock.now())
    row, is_undelivered = notice(stage)
    assert row.delivered_at is None
    assert is_undelivered
    with stage.db.transaction() as session:
        session.scalars(select(OutboxRow).where(OutboxRow.key == f"case/{row.uid}#3")).one().state = "sent"
        session.flush()
        notices.note_end(session, f"case/{row.uid}#3", True, stage.clock.now())
    assert notice(stage)[0].delivered_at is not None


def test_nobody_is_asked_who_was_erased(stage: OfficeStage) -> None:
    receipt = stage.file()
    with stage.db.transaction() as session:
        Vault(stage.seal).erase(session, session.get_one(CaseRow, receipt.case).person, stage.clock.now())
    stage.say(INTAKE, "办理 1")
    assert words.NOBODY_TO_ASK in stage.say(INTAKE, "请补充 1 什么时候的事")
    assert words.NOBODY_TO_ASK in stage.say(INTAKE, "请补充 1")
    assert "受理" in stage.say(INTAKE, "受理 1")
    assert stage.case(receipt).state == "accepted"
    assert stage.say(INTAKE, "办理 1")


def test_a_case_is_found_after_the_prefix_has_changed(stage: OfficeStage) -> None:
    old = stage.file()
    stage.complaints = stage.complaints.model_copy(update={"prefix": "清教诉"})
    stage.later(minutes=1)
    new = stage.file(OTHER_PARENT)
    assert new.number.startswith("清教诉")
    assert new.number[3:] == old.number[3:]
    with stage.work() as work:
        for receipt in (old, new):
            seen = lookup.find(work, receipt.number, receipt.code)
            assert isinstance(seen, lookup.Seen)
            assert seen.number == receipt.number
        for prefix, receipt in (("区教诉", old), ("清教诉", new), ("别教诉", new)):
            assert find_number(work.session, prefix, 2026, 1).uid == receipt.case


def test_a_watch_locks_and_looks_at_nothing_that_is_not_due(stage: OfficeStage) -> None:
    receipt = stage.file()
    stage.say(INTAKE, "受理 1")
    with stage.work() as work:
        assert pushes._lock_due(work) == {}
    with stage.db.transaction() as session:
        row = ClockRow(case_uid=receipt.case, kind="ceiling", unit="day", amount=15, warned=0, pauses=[])
        row.starts_at = stage.clock.now() - timedelta(days=15)
        row.due_at = stage.clock.now()
        session.add(row)
    with stage.work() as work:
        assert list(pushes._lock_due(work)) == [receipt.case]


@pytest.fixture
def runner(stage: OfficeStage) -> Runner:
    return Runner(
        db=stage.db,
        seal=stage.seal,
        directories=stage.directories,
        dispatch=stage.house.dispatch,
        config=CONFIG,
        metrics=stage.house.metrics,
    )


def dues(stage: OfficeStage, key: str) -> list[datetime]:
    with stage.db.reading() as session:
        return list(session.scalars(select(OutboxRow.due_at).where(OutboxRow.key.like(key))))


def test_a_watch_that_comes_late_wakes_nobody(stage: OfficeStage, runner: Runner) -> None:
    stage.file()
    runner.run_due(stage.clock.now())
    night = local("2026-11-28T03:00")  # Saturday; nothing ran since Monday
    runner.run_due(night)
    found = dues(stage, "office/%/limit/%")
    assert found
    assert min(found) >= local("2026-11-30T07:00")


def test_in_a_year_without_notice_limits_in_calendar_days_are_watched(stage: OfficeStage, runner: Runner) -> None:
    stage.clock.set(local("2027-01-04T10:00"))
    runner.run_due(stage.clock.now())
    stage.file()
    for day in range(5, 21):
        for hour in (9, 17, 18):
            runner.run_due(local(f"2027-01-{day:02d}T{hour:02d}:40"))
    with stage.db.reading() as session:
        counted = select(TickRow.job, TickRow.state, func.count()).group_by(TickRow.job, TickRow.state)
        ticks = {(job, state): count for job, state, count in session.execute(counted)}
    assert ticks["complaints.watch", "done"] >= 12
    assert ("complaints.watch", "unknown") not in ticks
    assert ("complaints.queue", "unknown") not in ticks
    with stage.db.reading() as session:
        assert session.scalar(select(func.max(ClockRow.warned)).where(ClockRow.kind == "ceiling")) == 3


def test_a_watch_over_2000_open_cases_is_short(stage: OfficeStage, measured: Callable[[str, object], None]) -> None:
    receipt = stage.file()
    base = stage.case(receipt)
    row = {column.key: getattr(base, column.key) for column in CaseRow.__table__.columns}
    now, rows, clocks = stage.clock.now(), [], []
    for number in range(2000):
        uid = new_uid()
        rows.append({**row, "uid": uid, "serial": 10 + number, "number": f"n{number}", "origin": uid})
        for kind, unit, amount, days in (("accept", "wd", 3, 3), ("ceiling", "day", 15, 15), ("finish", "day", 60, 60)):
            due_at = now + timedelta(days=days)
            clock = {"case_uid": uid, "kind": kind, "unit": unit, "amount": amount, "due_at": due_at}
            clocks.append({**clock, "starts_at": now, "pauses": [], "warned": 0})
    with stage.db.transaction() as session:
        session.execute(insert(CaseRow), rows)
        session.execute(insert(ClockRow), clocks)
    began = time.monotonic()
    assert watch(stage) == []
    measured("ms", round((time.monotonic() - began) * 1000))
    assert time.monotonic() - began < 2
