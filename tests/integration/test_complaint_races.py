"""I3: two workers that race for one event or one case yield one effect; nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.clock import SetClock
from bot.db import Database, new_uid
from bot.seal import Seal
from bot.sections import Weekly
from bot.ticks import Tick
from handlers.complaints import deciding, pushes, service
from handlers.complaints.models import EventRow, NoticeRow
from handlers.complaints.states import Refusal, State
from handlers.complaints.work import lock_case
from tests.unit.complaints.bench import INTAKE, INTAKE_2, Bench, open_bench


@pytest.fixture
def bench(db: Database, seal: Seal, clock: SetClock, sample: dict[str, Any]) -> Bench:
    return open_bench(db, seal, clock, sample)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run calls in threads that begin together; return what they gave, or raise what one raised."""
    barrier = threading.Barrier(len(calls))
    given: list[object] = [None] * len(calls)
    errors: list[Exception] = []

    def run(place: int, call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            given[place] = call()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert errors == []
    return given


def accept(bench: Bench, case: str, person: str, event: str) -> object:
    with bench.work() as work:
        row = lock_case(work.session, case)
        assert row is not None
        told = deciding.accept(work, row, person, event)
        if not isinstance(told, Refusal):
            bench.dispatch.put(work.session, work.directory, told, work.now)
    return told


def test_one_event_in_two_workers_is_one_effect(bench: Bench) -> None:
    receipt, event = bench.file(), new_uid()
    given = at_once(*(lambda: accept(bench, receipt.case, INTAKE, event) for _ in range(4)))
    assert sorted(len(told) for told in given if isinstance(told, list)) == [0, 0, 0, 1]
    assert bench.count(EventRow, EventRow.act == "T4") == bench.count(NoticeRow) == 1


def test_two_officers_at_once_take_one_step(bench: Bench) -> None:
    receipt = bench.file()
    given = at_once(*(lambda p=p: accept(bench, receipt.case, p, new_uid()) for p in (INTAKE, INTAKE_2)))
    assert given.count(Refusal.WRONG_STATE) == 1
    assert bench.count(EventRow, EventRow.act == "T4") == bench.count(NoticeRow) == 1


def test_an_answer_and_the_end_of_the_wait_at_once(bench: Bench) -> None:
    """The complainant answers in the very moment in which the timer gives up waiting, on several cases at once."""
    receipts = [bench.file(f"wm{n:030d}") for n in range(4)]
    for receipt in receipts:
        with bench.work() as work:
            row = lock_case(work.session, receipt.case)
            assert row is not None
            deciding.ask_more(work, row, INTAKE, "请补充年级", new_uid())
    bench.later(days=7, hours=8)

    def watch() -> None:
        with bench.work() as work:
            tick = Tick("watch", work.now, work.session, work.seal, work.directory, Weekly(), bench.complaints)
            bench.dispatch.put(work.session, work.directory, pushes.watch(tick), work.now)

    def answer(number: int) -> None:
        case = receipts[number].case
        bench.do(lambda ctx: service.add(ctx, case, "三年级"), sender=f"wm{number:030d}")

    at_once(watch, *(lambda n=n: answer(n) for n in range(4)), watch)
    with bench.db.reading() as session:
        moved = list(session.scalars(select(EventRow.case_uid).where(EventRow.act == "T3")))
    assert sorted(moved) == sorted(receipt.case for receipt in receipts)
    assert {bench.case(receipt).state for receipt in receipts} == {State.RECEIVED}


def test_many_kinds_of_work_at_once_end(bench: Bench) -> None:
    """Filing, adding, deciding and watching lock series, cases and the audit log in one order: no deadlock."""
    receipts = [bench.file(f"wm{n:030d}") for n in range(3)]
    calls: list[Callable[[], object]] = []
    for n, receipt in enumerate(receipts):
        calls.append(lambda n=n: bench.file(f"wmNew{n}"))
        calls.append(
            lambda n=n, r=receipt: bench.do(lambda ctx: service.add(ctx, r.case, "还有"), sender=f"wm{n:030d}")
        )
        calls.append(lambda r=receipt: accept(bench, r.case, INTAKE, new_uid()))
    at_once(*calls)
    assert bench.count(EventRow, EventRow.act == "T1") == 6
    assert bench.count(EventRow, EventRow.act == "T4") == 3
