"""Lines, units and months for the tests of the ranking. Days are of November 2026 unless said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

from bot.workdays import SHANGHAI, Calendar
from handlers.ranking import gate
from handlers.ranking.gate import Approval
from handlers.ranking.line import Line
from handlers.ranking.month import Frozen, Member
from handlers.ranking.score import Scored, State, score
from handlers.ranking.unit import UnitScore, add_up
from handlers.ranking.versions import SHIPPED, Rules
from handlers.ranking.yardstick import Yardstick
from tests.conftest import SAMPLE

DISTRICT = json.loads(SAMPLE.read_text(encoding="utf-8"))
CALENDAR = Calendar.from_district(DISTRICT["calendar"])  # 2026 is known, 2027 is not
RULES = SHIPPED.all[0]
YARDSTICK = Yardstick(CALENDAR, RULES)
REF = "清教清单〔2026〕3号"
START, DEADLINE = date(2026, 11, 2), date(2026, 11, 30)  # Mondays; 20 working days from one to the other


def november(day: int, hour: int = 10) -> datetime:
    """Return a local hour of a day in November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=SHANGHAI)


def december(day: int, hour: int = 10) -> datetime:
    """Return a local hour of a day in December 2026."""
    return datetime(2026, 12, day, hour, tzinfo=SHANGHAI)


def percent(value: str) -> Fraction:
    """Return a percentage as a share: "98.5" is 0.985 exactly."""
    return Fraction(value) / 100


PLAIN = Line(unit="S13", task="T08", weight=3, start=START, deadline=DEADLINE, approval_ref=REF)


def line(**changes: object) -> Line:
    """Return a plain line of twenty working days with some changes."""
    return replace(PLAIN, **changes)  # type: ignore[arg-type]


def scored(at: datetime, rules: Rules = RULES, **changes: object) -> Scored:
    """Score a plain line with some changes."""
    return score(line(**changes), at, Yardstick(CALENDAR, rules))


def worth(
    task: str, points: str | None, weight: int = 1, *, stopped: bool = False, state: State = State.OPEN
) -> Scored:
    """Return a line that has a score, without the way there."""
    state = state if points is not None or state is not State.OPEN else State.UNREPORTED
    return Scored(
        line(task=task, weight=weight), state, None if points is None else Fraction(points), is_stopped=stopped
    )


def unit(name: str, *points: str, weights: Sequence[int] = ()) -> UnitScore:
    """Return a unit whose tasks T01, T02 … have these scores, all of one weight unless given."""
    given = weights or [1] * len(points)
    rows = [
        worth(f"T{index:02}", each, weight) for index, (each, weight) in enumerate(zip(points, given, strict=True), 1)
    ]
    return add_up(name, [replace(one, line=replace(one.line, unit=name)) for one in rows])


def approvals() -> tuple[Approval, ...]:
    """Return the filed list of the sample district."""
    return gate.read(DISTRICT["approvals"])


def frozen(lines: Sequence[Line], members: Sequence[Member], at: datetime | None = None) -> Frozen:
    """Return a month as of the freeze of November 2026."""
    return Frozen("2026-11", at or november(30, 17), members, lines, approvals(), CALENDAR, SHIPPED)
