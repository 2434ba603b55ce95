"""The table of a case's life under any facts, actors and times; then random events on real tables, both databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from bot.audit import AuditRow
from bot.clock import SetClock
from bot.db import Database, new_uid
from bot.outbox import OutboxRow
from bot.seal import Seal
from bot.sections import Complaints, Weekly
from bot.ticks import Tick
from handlers.complaints import deciding, pushes, service
from handlers.complaints.models import CaseRow, ClockRow, EventRow, NoticeRow
from handlers.complaints.refusals import GROUNDS, next_path, read_reason
from handlers.complaints.states import (
    APART,
    CONTENT_ROLES,
    ENDED,
    TABLE,
    Actor,
    Facts,
    Reason,
    Refusal,
    Role,
    State,
    decide,
    may_hold_both,
    usable,
)
from handlers.complaints.work import lock_case
from tests.unit.complaints.bench import DIRECTOR, INTAKE, INTAKE_2, SAID, Bench, open_bench

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

roles = st.frozensets(st.sampled_from(Role))
actors = st.builds(Actor, st.sampled_from(["P-1", "P-2", "bot", "complainant"]), roles, st.booleans())
facts = st.builds(
    Facts,
    state=st.sampled_from(State),
    has_danger=st.booleans(),
    is_minor=st.booleans(),
    goes_on=st.booleans(),
    rounds=st.integers(0, 4),
    most_rounds=st.integers(1, 3),
    has_question=st.booleans(),
    silence_ends=st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1)),  # noqa: DTZ001
    reason=st.none() | st.sampled_from(Reason),
    path=st.sampled_from(["", "请拨打12345"]),
    proposer=st.sampled_from(["", "P-1", "P-2"]),
    wants_out=st.booleans(),
)
moments = st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1))  # noqa: DTZ001


def test_the_table_holds_these_steps_and_every_state() -> None:
    assert list(TABLE) == ["T1", "T2", "T3", "T4", "T5", "T28"]
    assert len(State) == 22


@settings(max_examples=400)
@given(facts, st.sampled_from([*TABLE, "T6", "T29", "", "t4"]), actors, moments)
def test_i2_no_step_outside_the_table(facts: Facts, step: str, actor: Actor, now: datetime) -> None:
    decided = decide(facts, step, actor, now)
    if isinstance(decided, State):
        line = TABLE[step]
        assert facts.state in line.sources
        assert decided is line.target
        assert line.who & actor.roles
        assert not actor.is_excluded  # I5: nobody in conflict takes a step
    assert isinstance(decided, State | Refusal)


@settings(max_examples=400)
@given(facts, actors, moments)
def test_i8_a_refusal_has_a_reason_a_path_and_two_people(facts: Facts, actor: Actor, now: datetime) -> None:
    facts = replace(facts, state=State.RECEIVED)
    if decide(facts, "T5", actor, now) is State.REFUSED:
        assert facts.reason is not None
        assert facts.path
        assert not facts.has_danger
        assert facts.proposer not in ("", actor.id)
        assert facts.reason is not Reason.UNCLEAR or facts.rounds > 0
    assert decide(replace(facts, has_danger=True), "T5", actor, now) is not State.REFUSED


@given(facts, actors, moments)
def test_no_more_questions_than_rounds(facts: Facts, actor: Actor, now: datetime) -> None:
    if decide(facts, "T2", actor, now) is State.NEED_INFO:
        assert facts.rounds < facts.most_rounds


@given(facts, moments)
def test_silence_ends_a_wait_only_when_it_is_over(facts: Facts, now: datetime) -> None:
    facts = replace(facts, state=State.NEED_INFO)
    by_timer = decide(facts, "T3", Actor("bot", frozenset({Role.BOT})), now)
    assert (by_timer is State.RECEIVED) == (facts.silence_ends is not None and facts.silence_ends <= now)


@given(facts, actors, moments)
def test_danger_minors_and_the_public_are_not_withdrawn(facts: Facts, actor: Actor, now: datetime) -> None:
    if decide(facts, "T28", actor, now) is State.WITHDRAWN:
        assert facts.wants_out
        assert not any((facts.has_danger, facts.is_minor, facts.goes_on))


@pytest.mark.parametrize(("one", "other"), list(itertools.product(Role, Role)))
def test_pairs_that_are_never_held_on_one_case(one: Role, other: Role) -> None:
    apart = frozenset((one, other)) in (
        {frozenset((Role.CASE, Role.VERIFIER)), frozenset((Role.CUSTODIAN, Role.CASE))}
        | {frozenset((Role.ADMIN, role)) for role in CONTENT_ROLES}
    )
    assert may_hold_both(one, other) is not apart
    assert (other in usable(frozenset({other}), frozenset({one}))) is not apart
    if Role.ADMIN in (one, other):
        # An administrator has no content role on any case, whatever came before.
        assert not usable(frozenset({one, other}), frozenset()) & CONTENT_ROLES


def test_the_pairs_are_those_of_the_reference() -> None:
    assert len(APART) == 2 + len(CONTENT_ROLES)
    assert {Role.INTAKE, Role.CASE, Role.VERIFIER, Role.DIRECTOR, Role.LEADER, Role.CUSTODIAN} <= CONTENT_ROLES


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("phone", ["", "0731-12345678"])
def test_every_reason_has_words_a_rule_and_a_path_with_a_contact(reason: Reason, phone: str) -> None:
    ground, path = GROUNDS[reason], next_path(reason, Complaints(phone=phone))
    assert ground.plain
    assert ground.basis.startswith("《")
    assert (phone or "整顿办公室") in path
    assert read_reason(ground.short) is reason


@pytest.mark.parametrize("words", ["匿名", "没有署名", "未实名", "反映人没留姓名", "不实名"])
def test_a_missing_name_is_no_reason(words: str) -> None:
    assert read_reason(words) is None


CHANGES: list[dict[str, Any]] = [
    {},
    {"dangers": ("食物中毒",)},
    {"topic": "校园欺凌"},
    {"unit": "B01"},
    {"unit": "B07"},
]


ACTS: dict[str, Callable[..., deciding.Result]] = {
    "accept": lambda work, case, person, _reason, event: deciding.accept(work, case, person, event),
    "ask": lambda work, case, person, _reason, event: deciding.ask_more(work, case, person, "请补充年级", event),
    "propose": deciding.propose_refusal,
    "sign": lambda work, case, person, _reason, event: deciding.sign_refusal(work, case, person, event),
    "return": lambda work, case, person, _reason, event: deciding.return_refusal(work, case, person, event),
    "confirm": lambda work, case, person, _reason, event: deciding.confirm_withdrawal(work, case, person, event),
    "go_on": lambda work, case, person, _reason, event: deciding.go_on(work, case, person, event),
}


class Life(RuleBasedStateMachine):
    """Complainant, officers, director and the clock act at random on one real case; invariants hold after each act."""

    bench: Bench

    @initialize(change=st.sampled_from(CHANGES))
    def file(self, change: dict[str, Any]) -> None:
        self.sender = f"wm{new_uid()}"
        self.receipt = self.bench.file(self.sender, replace(SAID, **change))
        self.events = [new_uid() for _ in range(3)]

    @property
    def case(self) -> CaseRow:
        return self.bench.case(self.receipt)

    def snapshot(self) -> tuple[object, ...]:
        case = self.case
        with self.bench.db.reading() as session:
            clocks = session.execute(
                select(ClockRow.id, ClockRow.due_at, ClockRow.paused_at, ClockRow.ended_at)
                .where(ClockRow.case_uid == case.uid)
                .order_by(ClockRow.id)
            ).all()
            count = session.scalar(select(func.count()).select_from(EventRow).where(EventRow.case_uid == case.uid))
            told = session.scalar(select(func.count()).select_from(NoticeRow).where(NoticeRow.case_uid == case.uid))
        columns = {column.name: getattr(case, column.name) for column in CaseRow.__table__.columns}
        return str(columns), tuple(clocks), count, told

    @rule(
        act=st.sampled_from(list(ACTS)),
        person=st.sampled_from([INTAKE, INTAKE_2, DIRECTOR, "P-L5", "P-L1", "P-D1", "P-S13-1", "P-B13-2"]),
        reason=st.sampled_from(Reason),
        event=st.integers(0, 2) | st.none(),
        twice=st.booleans(),
    )
    def decide(self, act: str, person: str, reason: Reason, event: int | None, twice: bool) -> None:
        uid = new_uid() if event is None else self.events[event]
        for number in range(1 + twice):
            before, logged = self.snapshot(), self.count_refused()
            with self.bench.work() as work:
                case = lock_case(work.session, self.receipt.case)
                assert case is not None
                made = ACTS[act](work, case, person, reason, uid)
                if not isinstance(made, Refusal):
                    self.bench.dispatch.put(work.session, work.directory, made, work.now)
            if isinstance(made, Refusal):
                assert self.snapshot() == before  # I2: a refused step changes nothing …
                assert self.count_refused() == logged + 1  # … and is logged
            elif number:
                assert self.snapshot() == before  # I3: the same event again changes nothing
                assert made == []

    def count_refused(self) -> int:
        refused = (AuditRow.act == "complaint.step_refused") & (AuditRow.subject == self.receipt.case)
        return self.bench.count(AuditRow, refused)

    @rule(act=st.sampled_from(["add", "withdraw", "press"]), event=st.integers(0, 2) | st.none())
    def complain(self, act: str, event: int | None) -> None:
        uid = new_uid() if event is None else self.events[event]
        if State(self.case.state) in ENDED:
            return
        with self.bench.answering(self.sender, uid=uid) as ctx:
            if act == "add":
                service.add(ctx, self.receipt.case, "补充:是三年级")
            elif act == "withdraw":
                service.withdraw(ctx, self.receipt.case)
            else:
                service.press(ctx, self.receipt.case)

    @rule(days=st.integers(0, 9))
    def pass_time(self, days: int) -> None:
        self.bench.later(days=days)
        with self.bench.work() as work:
            tick = Tick("watch", work.now, work.session, work.seal, work.directory, Weekly(), self.bench.complaints)
            self.bench.dispatch.put(work.session, work.directory, pushes.watch(tick), work.now)

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "receipt"):
            return
        case = self.case
        with self.bench.db.reading() as session:
            clocks = list(session.scalars(select(ClockRow).where(ClockRow.case_uid == case.uid)))
            acts = list(session.scalars(select(EventRow).where(EventRow.case_uid == case.uid).order_by(EventRow.id)))
            told = set(
                session.scalars(
                    select(OutboxRow.audience).where(OutboxRow.key.contains(case.uid), OutboxRow.audience != "")
                )
            )
        running = [clock for clock in clocks if clock.ended_at is None]
        if State(case.state) not in ENDED:
            # I1: one owner role, and at least one clock that runs or is paused.
            assert case.owner in {role.value for role in Role}
            assert running
        else:
            assert not running
        # I2: the history is a walk through the table.
        moves = [act for act in acts if act.act in TABLE]
        assert all(State(move.source) in TABLE[move.act].sources for move in moves)
        assert all(State(move.target) is TABLE[move.act].target for move in moves)
        assert [move.target for move in moves[:-1]] == [move.source for move in moves[1:]]
        assert moves[-1].target == case.state
        # I8
        if case.state == State.REFUSED:
            assert case.reason is not None
            assert next_path(Reason(case.reason), self.bench.complaints)
            assert not case.dangers
            assert case.proposed_by != moves[-1].actor
        assert case.rounds == sum(move.act == "T2" for move in moves) <= self.bench.complaints.info_rounds
        # I5: nobody of the accused unit was told anything or took a step.
        people = self.bench.directory.people
        involved = told | {act.actor for act in acts} & set(people)
        assert not {person for person in involved if person in people and people[person].unit == case.unit_id}


def test_a_life_at_random_on_real_tables(db: Database, seal: Seal, sample: dict[str, Any]) -> None:
    bench = open_bench(db, seal, SetClock(NOW), sample)

    class OnDatabase(Life):
        def __init__(self) -> None:
            super().__init__()
            bench.clock.set(NOW)
            self.bench = bench

    run_state_machine_as_test(OnDatabase, settings=settings(max_examples=25, stateful_step_count=20, deadline=None))
