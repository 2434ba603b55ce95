"""Filing a case on both databases: one case a message, numbers without gaps, who is told, limits, secrets sealed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.clock import SetClock
from bot.db import Base, Database, new_uid
from bot.errors import UserError
from bot.messages import ToPerson
from bot.router import Context
from bot.seal import Seal
from bot.sections import Complaints
from handlers.complaints import numbers, service
from handlers.complaints.clocks import Clock
from handlers.complaints.models import CaseRow, ClockRow, EventRow, SerialRow, TextRow
from handlers.complaints.states import Role, State
from tests.unit.complaints.bench import (
    DIRECTOR,
    DUTY,
    INTAKE,
    INTAKE_2,
    OTHER_PARENT,
    PARENT,
    SAID,
    Bench,
    open_bench,
)


@pytest.fixture
def bench(db: Database, seal: Seal, clock: SetClock, sample: dict[str, Any]) -> Bench:
    return open_bench(db, seal, clock, sample)


def people(told: list[Any]) -> set[str]:
    return {each.to.person_id for each in told if isinstance(each.to, ToPerson)}


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


def test_a_case_gets_number_code_clocks_and_sealed_words(bench: Bench) -> None:
    receipt = bench.file()
    case = bench.case(receipt)

    assert case.number == receipt.number == "区教诉〔2026〕000001号"
    assert (case.state, case.owner, case.category) == (State.RECEIVED, Role.INTAKE, "G")
    assert numbers.read_code(receipt.code) == receipt.code
    assert case.code == numbers.digest(bench.seal, case.uid, receipt.code) != receipt.code
    with bench.db.reading() as session:
        clocks = {row.kind: row.due_at for row in session.scalars(select(ClockRow))}
        texts = {row.kind for row in session.scalars(select(TextRow))}
        assert session.scalars(select(EventRow.act)).all() == ["T1"]
    # Filed on Monday 23 November: three working days end on Thursday, fifteen days on 8 December, at 17:30 local.
    assert clocks == {
        Clock.ACCEPT: datetime(2026, 11, 26, 9, 30, tzinfo=UTC),
        Clock.CEILING: datetime(2026, 12, 8, 9, 30, tzinfo=UTC),
    }
    assert texts == {"original", "happened", "wish"}


def test_the_office_learns_number_and_topic_only(bench: Bench) -> None:
    receipt, told = bench.file_telling(PARENT, SAID)

    assert people(told) == {INTAKE, INTAKE_2}
    assert all(receipt.number in each.body.content and SAID.topic in each.body.content for each in told)
    assert all(each.purpose == "alert.office" and not each.is_urgent for each in told)
    assert all(secret not in repr(each.body) for each in told for secret in (SAID.text, SAID.wish, receipt.code, "S13"))


def test_filing_again_because_of_the_same_message_gives_the_same_case(bench: Bench) -> None:
    uid = new_uid()
    first, _ = bench.file_telling(PARENT, SAID, uid=uid)
    again, told = bench.file_telling(PARENT, SAID, uid=uid)

    assert (again.case, again.number, told) == (first.case, first.number, [])
    assert bench.count(CaseRow) == bench.count(EventRow) == 1
    # The receipt that counts is the last one made.
    assert bench.case(first).code == numbers.digest(bench.seal, first.case, again.code)


def test_a_number_is_given_back_with_an_undone_transaction(bench: Bench) -> None:
    bench.file()
    with pytest.raises(IntegrityError), bench.answering(PARENT) as ctx:
        _file_and_fail(ctx)
    assert bench.file().number.endswith("000002号")


def _file_and_fail(ctx: Context) -> None:
    receipt, _ = service.file(ctx, SAID)
    assert receipt.number.endswith("000002号")
    ctx.session.execute(insert(SerialRow).values(series="区教诉", year=2026, last=1))


def test_each_year_begins_at_one(bench: Bench) -> None:
    bench.file()
    bench.clock.set(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))  # New Year in Shanghai
    assert bench.file().number == "区教诉〔2027〕000001号"
    with bench.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SerialRow)) == 2


def test_many_at_once_get_numbers_without_gaps_or_doubles(bench: Bench) -> None:
    """Each thread works on its own connection, as two processes would; one message comes to two of them."""
    same = new_uid()
    calls = [lambda n=n: bench.file(f"wm{n:030d}") for n in range(8)]
    calls += [lambda: bench.file_telling(PARENT, SAID, uid=same) for _ in range(2)]
    try:
        at_once(*calls)
    except AssertionError:
        # The slower of the two that brought the same message may be refused by the unique row: nothing is stored.
        assert not bench.db.is_sqlite
    with bench.db.reading() as session:
        serials = sorted(session.scalars(select(CaseRow.serial)))
    assert serials == list(range(1, 10))


@pytest.mark.parametrize("unit", ["B07", "B01"])
def test_nobody_of_the_accused_unit_is_told_owns_or_reads(bench: Bench, unit: str) -> None:
    receipt, told = bench.file_telling(PARENT, replace(SAID, unit=unit, topic="作风/推诿/慢作为"))
    directory = bench.directory

    assert people(told)
    assert not {person for person in people(told) if directory.people[person].unit == unit}
    with bench.work() as work:
        desk = work.desk(work.session.get_one(CaseRow, receipt.case))
        acting = set(desk.list(*Role)) | set(desk.duty)
        assert not {person for person in acting if directory.people[person].unit == unit}
        for person in directory.list_people(unit=unit):
            assert not service.may_see(work.session, directory, receipt.case, service.Secret.TEXT, person.id)


def test_a_case_against_the_office_goes_to_a_leader_and_the_inspector(bench: Bench) -> None:
    receipt, told = bench.file_telling(PARENT, replace(SAID, unit="B01"))
    # P-L1 leads B01: a leader of another line takes it.
    assert people(told) == {"P-L5"}
    assert bench.case(receipt).owner == Role.LEADER


def test_a_case_against_a_bureau_leader_goes_to_the_inspector_alone(bench: Bench) -> None:
    receipt, told = bench.file_telling(PARENT, replace(SAID, unit="B00", dangers=("人身威胁",)))
    assert people(told) == {"P-D1"}
    assert bench.case(receipt).owner == Role.DISCIPLINE


def test_an_officer_has_no_part_in_the_own_complaint(bench: Bench) -> None:
    _, told = bench.file_telling(INTAKE_2.lower(), SAID, door="app/office")
    assert people(told) == {INTAKE}


def test_danger_is_told_at_once_and_again_to_everybody_on_duty(bench: Bench) -> None:
    receipt, told = bench.file_telling(PARENT, replace(SAID, dangers=("食物中毒",)))

    assert people(told) == {DUTY, DIRECTOR, "P-L4", INTAKE, INTAKE_2}
    assert all(each.is_urgent and each.purpose == "alert.danger" for each in told)
    waits = sorted({each.not_before - bench.clock.now() for each in told if each.not_before})
    assert waits == [timedelta(minutes=10), timedelta(minutes=30)]
    assert len(told) == 15
    for each in told:
        assert receipt.number in each.body.content
        assert "食物中毒" in each.body.content
        assert "办理" in each.body.content
        assert not any(secret in each.body.content for secret in (SAID.text, receipt.code, PARENT))


def test_beyond_the_soft_limits_a_case_is_taken_and_marked(bench: Bench) -> None:
    told = [bench.file_telling(PARENT, SAID)[1] for _ in range(4)]
    receipt, urgent = bench.file_telling(PARENT, replace(SAID, dangers=("自伤",)))

    assert [bool(each) for each in told] == [True, True, True, False]
    assert urgent
    assert not bench.case(receipt).is_over_limit
    assert bench.count(CaseRow) == 5
    assert bench.count(CaseRow, CaseRow.is_over_limit.is_(True)) == 1


def test_many_in_an_hour_alarm_the_administrators_by_a_number_only(bench: Bench) -> None:
    bench.complaints = Complaints(alarm_per_hour=3)
    told = [bench.file_telling(f"wm{n:030d}", SAID)[1] for n in range(3)]

    assert [people(each) >= {"P-B13-2"} for each in told] == [False, False, True]
    (alarm,) = (each for each in told[-1] if each.to == ToPerson("P-B13-2"))
    assert "3件" in alarm.body.content
    assert "区教诉" not in alarm.body.content


def test_own_cases_are_listed_and_counted_for_their_sender_only(bench: Bench) -> None:
    first = bench.file()
    bench.later(days=1)
    second = bench.file()
    bench.file(OTHER_PARENT)

    with bench.answering(PARENT) as ctx:
        own = service.list_own(ctx)
        assert [each.case for each in own] == [second.case, first.case]
        assert {each.state for each in own} == {"已登记"}
        assert service.count_own(ctx) == (1, 2)
    with bench.answering("wmNobody") as ctx:
        assert (service.list_own(ctx), service.count_own(ctx)) == ([], (0, 0))


def test_what_belongs_to_somebody_else_cannot_be_touched(bench: Bench) -> None:
    receipt = bench.file()
    for act in (service.withdraw, service.press, lambda ctx, case: service.add(ctx, case, "多说一句")):
        with pytest.raises(UserError), bench.answering(OTHER_PARENT) as ctx:
            act(ctx, receipt.case)


def test_words_are_added_and_told_once_a_message(bench: Bench) -> None:
    receipt = bench.file()
    uid = new_uid()
    for _ in range(2):
        bench.do(lambda ctx: service.add(ctx, receipt.case, "还有三个同学也不舒服"), uid=uid)
    assert bench.count(EventRow, EventRow.act == "added") == 1
    assert len(bench.waiting(f"office/{receipt.case}/added")) == 2


def test_danger_that_is_told_later_is_danger(bench: Bench) -> None:
    receipt = bench.file()
    told = bench.do(lambda ctx: service.add(ctx, receipt.case, "孩子现在被送医院了", ("就医",)))
    assert DUTY in people(told)
    assert bench.case(receipt).dangers == ["就医"]


def test_a_complainant_presses_once_in_three_working_days(bench: Bench) -> None:
    receipt = bench.file()
    answers = []
    for days in (0, 1, 1, 1, 3):  # Mon, Tue, Wed, Thu (three working days on), Sun
        bench.later(days=days)
        with bench.answering(PARENT) as ctx:
            answers.append(service.press(ctx, receipt.case)[0])
    assert answers == [True, False, False, True, False]


def test_no_row_of_a_case_names_the_message_that_made_it(bench: Bench) -> None:
    """Whoever holds the database but no key must not get from a case to whose other messages those are."""
    uid, files, added = new_uid(), new_uid(), new_uid()
    receipt, _ = bench.file_telling(PARENT, replace(SAID, inbox_uids=(files,), dangers=("illness",)), uid=uid)
    bench.do(lambda ctx: service.add(ctx, receipt.case, "还有同学不舒服", ("illness",)), uid=added)
    bench.do(lambda ctx: service.withdraw(ctx, receipt.case), uid=new_uid())
    with bench.db.reading() as session:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name != "inbox_uid"]
            stored = "\n".join(str(row) for row in session.execute(select(*columns)))
            assert not [each for each in (uid, files, added) if each in stored], table.name
        assert session.scalars(select(TextRow.kind).where(TextRow.kind == "files")).all() == ["files"]
