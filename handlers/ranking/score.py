"""What one task comes to, 0 to 100; pure and exact. Source: supervision reference §3, task score and missing data.

    done on time                      100
    done d days late                  max(60, 100 − 3·d)
    open before the deadline          100 · min(1, p/e), not scored while e < 0.1
    open past the deadline            max(0, 100·p − 5·min(d, 10))

p is the share stated last; a completion that nobody has verified counts as p = 0.95, and its days late end when it was
claimed, because the checking is not the unit's to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from bot.workdays import SHANGHAI, UnknownDayError
from handlers.ranking.line import Line
from handlers.ranking.versions import Rules
from handlers.ranking.yardstick import Yardstick

_FULL, _WHOLE, _NOTHING = Fraction(100), Fraction(1), Fraction(0)


class State(StrEnum):
    """How a task stands at the freeze. Those from UNREPORTED on have no score."""

    DONE = "done"
    DONE_LATE = "done_late"
    CLAIMED = "claimed"  # reported as done, not verified yet
    OPEN = "open"
    OVERDUE = "overdue"
    SILENT = "silent"  # overdue and no figure was ever stated (未报): 0, but no reported 0
    UNREPORTED = "unreported"  # before the deadline, no figure was ever stated: nothing to score
    YOUNG = "young"  # too little was due by now
    DARK = "dark"  # no holiday notice reaches that far
    AHEAD = "ahead"  # has not begun
    EXEMPT = "exempt"  # does not concern the unit
    UNLISTED = "unlisted"  # not on the filed list: collected, never ranked


@dataclass(frozen=True, slots=True)
class Scored:
    """What a line comes to. score is None where it is not scored.

    progress and expected are the p and e of the formula, each None where it has no part in it; days_late is d.
    is_stopped: the clock stands still since an obstacle that was confirmed; score is as of then.
    """

    line: Line
    state: State
    score: Fraction | None
    progress: Fraction | None = None
    expected: Fraction | None = None
    days_late: int = 0
    is_stopped: bool = False

    @property
    def points(self) -> Fraction:
        """The score times the weight of the task; 0 if there is none."""
        return _NOTHING if self.score is None else self.score * self.line.weight


def score(line: Line, at: datetime, yardstick: Yardstick) -> Scored:
    """Score one line at an instant."""
    if not line.is_applicable:
        return Scored(line, State.EXEMPT, None)
    try:
        if line.done_at is not None:
            return _done(line, line.done_at, yardstick)
        if at.astimezone(SHANGHAI).date() < line.start:
            return Scored(line, State.AHEAD, None)
        return _open(line, at, yardstick)
    except UnknownDayError:
        return Scored(line, State.DARK, None)


def _done(line: Line, done_at: datetime, yardstick: Yardstick) -> Scored:
    late = yardstick.lateness(line.deadline, _first(done_at, line.stopped_at))
    if not late:
        return Scored(line, State.DONE, _FULL, _WHOLE)
    rules = yardstick.rules
    points = max(rules.late_floor, _FULL - rules.late_per_day * late)
    return Scored(line, State.DONE_LATE, points, _WHOLE, None, late)


def _open(line: Line, at: datetime, yardstick: Yardstick) -> Scored:
    rules = yardstick.rules
    is_stopped = line.stopped_at is not None and line.stopped_at < at
    until = _first(at, line.stopped_at)
    progress = line.progress
    if line.claimed_at is not None:
        progress = max(rules.unverified, progress or _NOTHING)
    late = yardstick.lateness(line.deadline, _first(until, line.claimed_at))
    if late:
        return _overdue(line, progress, late, is_stopped, rules)
    due = yardstick.expected(line.start, line.deadline, until, line.milestones)
    # Once stopped, what was due stays small for ever: the threshold would take away what the unit has done.
    least = rules.least_expected if not is_stopped else _NOTHING
    if due < least:
        return Scored(line, State.YOUNG, None, progress, due, 0, is_stopped)
    if progress is None:
        return Scored(line, State.UNREPORTED, None, None, due, 0, is_stopped)
    if not due and not progress:
        return Scored(line, State.YOUNG, None, progress, due, 0, is_stopped)
    state = State.OPEN if line.claimed_at is None else State.CLAIMED
    points = _FULL if progress >= due else _FULL * progress / due
    return Scored(line, state, points, progress, due, 0, is_stopped)


def _overdue(line: Line, progress: Fraction | None, late: int, is_stopped: bool, rules: Rules) -> Scored:
    state = State.OVERDUE if line.claimed_at is None else State.CLAIMED
    reached = progress or _NOTHING
    points = max(_NOTHING, _FULL * reached - rules.overdue_per_day * min(late, rules.overdue_most_days))
    return Scored(line, State.SILENT if progress is None else state, points, reached, None, late, is_stopped)


def _first(at: datetime, other: datetime | None) -> datetime:
    return at if other is None or at < other else other
