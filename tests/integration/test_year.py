"""A year of weeks on the sample district, and on into the next one, which has no calendar: the house rules hold.

Every message that any job puts is looked at: when it may arrive, to whom, how many a day, and what it names.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from bot.messages import Body, Card, Text
from bot.outbox import OutboxRow
from bot.people import Directory, Role
from bot.seal import Seal
from bot.workdays import SHANGHAI
from handlers.progress import service as progress
from handlers.progress.models import Act
from handlers.progress.service import Source, Statement, Value
from handlers.weekly.models import AskRow, RoundRow
from scheduler.models import TickRow, TickState
from tests.unit.weekly.house import WeeklyHouse, load_sample, local, open_sample, some

FIRST, LAST = local("2025-12-28T12:00"), local("2027-01-31T12:00")
# The process is down from before the prompt until after the reminder was due.
OUTAGE = (local("2026-04-16T08:00"), local("2026-04-17T11:00"))
# Long enough to fall due all year; the first two go on in school breaks.
ALL_YEAR = ("T31", "T15", "T08", "T25")


def stretched(sample: dict[str, Any]) -> dict[str, Any]:
    """Return the sample with a spring: tasks from January, a winter break, examinations in summer."""
    data = copy.deepcopy(sample)
    calendar = data["calendar"]
    calendar["breaks"].append({"id": "2026寒假", "start": "2026-01-24", "end": "2026-03-01"})
    calendar["exam_quiet"].append({"id": "2026中考", "start": "2026-06-17", "end": "2026-06-20"})
    calendar["exam_quiet"].append({"id": "2026期末", "start": "2026-07-03", "end": "2026-07-10"})
    for task in data["ledger"]:
        if task["id"] in ALL_YEAR:
            task.update(start="2026-01-05", runs_in_break=task["id"] in ALL_YEAR[:2])
    return data


@dataclass(frozen=True)
class Sent:
    """One message as it was put."""

    key: str
    purpose: str
    audience: str
    at: datetime
    body: Body | None

    @property
    def day(self) -> date:
        """The local day on which it may arrive."""
        return self.at.astimezone(SHANGHAI).date()

    @property
    def is_push(self) -> bool:
        """Whether caps and quiet hours are for it."""
        return not self.purpose.startswith("alert.")


@dataclass
class People:
    """Reporters who answer as people do; the same seed says the same."""

    house: WeeklyHouse
    chance: random.Random
    told: int = field(default=0)

    def answer(self, at: datetime) -> None:
        """Let about half of those who were asked say something, and a few others speak unasked."""
        directory = self.house.directory
        with self.house.db.transaction() as session:
            held = session.scalar(select(RoundRow).where(RoundRow.opened_at < at, RoundRow.closes_at > at))
            if held is None:
                return
            asked: dict[str, list[tuple[str, str]]] = {}
            query = select(AskRow).where(AskRow.week == held.week).order_by(AskRow.person_id, AskRow.number)
            for row in session.scalars(query):
                asked.setdefault(row.person_id, []).append((row.unit_id, row.task_id))
            values = progress.current(
                session, self.house.seal, units={pair[0] for each in asked.values() for pair in each}
            )
            for person in some(self.chance, sorted(asked), 0.5):
                pairs = some(self.chance, asked[person], 0.8)
                self.told += 1
                source = Source(directory.people[person], "app/office", f"told-{self.told}", "", at)
                progress.record(session, self.house.seal, source, [self._say(pair, values.get(pair)) for pair in pairs])

    def _say(self, pair: tuple[str, str], last: Value | None) -> Statement:
        if last is not None and self.chance.random() < 0.4:
            return progress.unchanged(last)
        share = min(100.0, (last.percent if last and last.percent else 0.0) + self.chance.randrange(30))
        if share == 100.0:
            return Statement(Act.REPORT, *pair, status="done", percent=share)
        if self.chance.random() < 0.1:
            return Statement(Act.REPORT, *pair, status="blocked", percent=share, blocker="等待消防验收")
        return Statement(Act.REPORT, *pair, status="in_progress", percent=share)


def live(house: WeeklyHouse, first: datetime, last: datetime, seed: int) -> None:
    """Let the timetable run from first to last, people answering on the way."""
    people = People(house, random.Random(seed))
    house.runner.run_due(first)
    for due in house.runner.due_between(first, last):
        house.runner.run_due(OUTAGE[1] if OUTAGE[0] <= due < OUTAGE[1] else due)
        if due.astimezone(SHANGHAI).time().isoformat() == "09:00:00":
            people.answer(due + timedelta(hours=6))
    house.runner.run_due(last)


def read_sent(house: WeeklyHouse) -> list[Sent]:
    stored = [(row.id, body) for row, body in house.stored()]
    bodies = dict(stored)
    with house.db.reading() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [Sent(row.key, row.purpose, row.audience, row.due_at, bodies.get(row.id)) for row in rows]


@dataclass(frozen=True)
class Year:
    """What a year left behind."""

    directory: Directory
    sent: list[Sent]
    ticks: list[TickRow]
    rounds: list[RoundRow]
    asks: list[AskRow]
    reported: dict[str, set[tuple[str, str]]]  # by week, what was stated between its start and its prompt

    def to(self, *purposes: str) -> list[Sent]:
        """Return the messages of some purposes."""
        return [one for one in self.sent if one.purpose in purposes]

    def is_school_person(self, audience: str) -> bool:
        """Whether a message went to somebody of a school."""
        person = self.directory.people.get(audience)
        return person is not None and self.directory.units[person.unit].is_school


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, sample) -> Iterator[Year]:
    """The year, lived through once."""
    seal = Seal([b"k" * 32], b"i" * 32)
    house = make_house(URL.create("sqlite", database=str(tmp_path_factory.mktemp("year") / "duban.db")), seal, sample)
    live(house, FIRST, LAST, seed=20260101)
    with house.db.reading() as session:
        rounds = list(session.scalars(select(RoundRow).order_by(RoundRow.closes_at)))
        found = Year(
            directory=house.directory,
            sent=read_sent(house),
            ticks=list(session.scalars(select(TickRow).order_by(TickRow.due_at))),
            rounds=rounds,
            asks=list(session.scalars(select(AskRow))),
            reported={one.week: progress.reported_since(session, one.starts_at, one.opened_at) for one in rounds},
        )
    yield found
    house.db.dispose()


def make_house(url: URL, seal: Seal, sample: dict[str, Any]) -> WeeklyHouse:
    house = open_sample(url, seal, sample)
    load_sample(house.db, seal, stretched(sample), FIRST)
    return house


def test_every_week_of_2026_was_held_but_those_without_days_and_the_one_with_an_outage(year: Year) -> None:
    weeks = [one.week for one in year.rounds]

    assert weeks == sorted(set(weeks))
    assert len(weeks) == 51
    assert "2026W08" not in weeks
    assert "2026W53" not in weeks


def test_the_outage_skipped_the_prompt_aloud_and_the_reminder_asked_instead(year: Year) -> None:
    during = [tick for tick in year.ticks if OUTAGE[0] <= tick.due_at <= OUTAGE[1]]
    ticks = {(tick.job, tick.state) for tick in during if tick.job.startswith("weekly.")}

    assert ticks == {("weekly.open", TickState.SKIPPED), ("weekly.nudge", TickState.DONE)}
    assert [one for one in year.to("weekly.nudge") if one.day == date(2026, 4, 17)]


def test_no_due_time_happened_twice(year: Year) -> None:
    done = Counter((tick.job, tick.due_at) for tick in year.ticks)

    assert set(done.values()) == {1}
    assert len({one.key for one in year.sent}) == len(year.sent)


def test_nothing_arrives_in_quiet_hours_or_on_a_day_off(year: Year) -> None:
    calendar = year.directory.calendar
    for one in year.sent:
        clock = one.at.astimezone(SHANGHAI).time()
        assert 8 <= clock.hour < 18, one.key
        assert not one.is_push or calendar.is_working(one.day), one.key


def test_nobody_gets_more_than_the_caps_allow(year: Year) -> None:
    pushes = [one for one in year.sent if one.is_push]
    daily = Counter((one.audience, one.day) for one in pushes)
    weekly = Counter((one.audience, one.day.isocalendar()[:2]) for one in pushes if one.audience.startswith("P-"))

    assert max(daily.values()) <= 2
    assert max(weekly.values()) <= 5


def test_no_figure_is_asked_twice_in_a_period_or_after_it_was_reported(year: Year) -> None:
    asked = Counter((row.week, row.unit_id, row.task_id) for row in year.asks)

    assert len(asked) > 5_000
    assert set(asked.values()) == {1}
    assert not [row for row in year.asks if (row.unit_id, row.task_id) in year.reported[row.week]]


def test_periods_follow_each_other_without_gap_or_overlap(year: Year) -> None:
    for before, after in zip(year.rounds, year.rounds[1:], strict=False):
        assert before.closes_at == after.starts_at


def test_nobody_is_asked_about_more_than_five_lines(year: Year) -> None:
    lines = Counter((row.week, row.person_id) for row in year.asks)

    assert max(lines.values()) == 5


def test_in_a_break_only_principals_are_asked_once_a_week_and_groups_are_left_alone(year: Year) -> None:
    calendar = year.directory.calendar
    during = [one for one in year.to("weekly.open", "weekly.nudge", "weekly.summary") if calendar.in_break(one.day)]
    schools = [one for one in during if year.is_school_person(one.audience)]

    assert schools
    assert {Role.PRINCIPAL} == {year.directory.people[one.audience].role for one in schools}
    assert max(Counter((one.audience, one.day.isocalendar()[:2]) for one in schools).values()) == 1
    assert not [one for one in during if one.audience.startswith("C-")]


def test_in_a_break_only_what_runs_then_is_asked(year: Year) -> None:
    calendar = year.directory.calendar
    weeks = {one.week for one in year.rounds if calendar.in_break(one.opened_at.astimezone(SHANGHAI).date())}

    assert {row.task_id for row in year.asks if row.week in weeks} == set(ALL_YEAR[:2])


def test_on_exam_days_no_school_is_spoken_to(year: Year) -> None:
    calendar = year.directory.calendar
    during = [one for one in year.to("weekly.open", "weekly.nudge") if calendar.in_exam_quiet(one.day)]

    assert during
    assert not [one for one in during if year.is_school_person(one.audience) or one.audience.startswith("C-")]


def test_no_group_ever_reads_the_name_of_a_unit_or_person(year: Year) -> None:
    names = [unit.name for unit in year.directory.units.values()]
    names += [person.name for person in year.directory.people.values()]
    contents = {one.body.content for one in year.sent if one.audience.startswith("C-") and isinstance(one.body, Text)}

    assert len(contents) > 500
    for content in contents:
        assert not [name for name in names if name in content]


def test_every_text_and_card_is_within_the_platforms_limits(year: Year) -> None:
    for one in year.sent:
        if isinstance(one.body, Text):
            assert len(one.body.content.encode()) <= 2048
        elif isinstance(one.body, Card):
            assert len(one.body.lines) <= 6
            assert len(one.body.buttons) <= 6


def test_after_the_known_calendar_only_the_clerks_hear_once_a_week(year: Year) -> None:
    late = [one for one in year.sent if one.day >= date(2026, 12, 31)]
    unknown = [one for one in year.sent if one.purpose == "alert.calendar"]

    assert {one.purpose for one in late} == {"alert.calendar"}
    assert [one.day for one in unknown] == [date(2026, 12, 28) + timedelta(weeks=n) for n in range(5)]
    assert {one.audience for one in unknown} == {"P-B01-2"}


def test_december_warned_five_times(year: Year) -> None:
    days = [one.day.day for one in year.to("calendar.warning")]

    assert days == [1, 8, 15, 22, 29]


def test_the_same_seed_says_the_same(tmp_path, sample, seal: Seal) -> None:
    lived = []
    for name in ("one", "two"):
        house = make_house(URL.create("sqlite", database=str(tmp_path / f"{name}.db")), seal, sample)
        live(house, local("2026-10-19T08:00"), local("2026-11-09T12:00"), seed=7)
        lived.append([(one.key, one.at, one.body) for one in read_sent(house)])
        house.db.dispose()

    assert len(lived[0]) > 200
    assert lived[0] == lived[1]
