"""Why a unit's score is what it is, and what would change it, as values; pure and exact.

Source: supervision reference §3, explain: every task with weight, p, e, days late, s and contribution; what is shown as
contributions adds up to the score within 0.05.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from handlers.ranking.place import band, round_half_up
from handlers.ranking.score import Scored, State, score
from handlers.ranking.unit import UnitScore, add_up
from handlers.ranking.yardstick import Yardstick

_CENT = Fraction(1, 100)
_FINISHED = (State.DONE, State.DONE_LATE, State.EXEMPT, State.UNLISTED, State.AHEAD)


@dataclass(frozen=True, slots=True)
class Part:
    """One task and what it gives to the score: exact, and shown to 0.01 so that all parts add up to the score."""

    scored: Scored
    exact: Fraction
    shown: Fraction


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the unit would come to if one task were finished and verified now."""

    task: str
    score: Fraction
    shown: Fraction
    band: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A unit's score with its parts by task code, what stays out of it, and the outlooks, the best first."""

    unit: str
    score: Fraction | None
    shown: Fraction | None
    band: str | None
    coverage: Fraction
    parts: tuple[Part, ...]
    other: tuple[Scored, ...]
    outlooks: tuple[Outlook, ...]


def explain(total: UnitScore, at: datetime, yardstick: Yardstick) -> Explanation:
    """Explain a unit's score as it was added up at an instant."""
    rules = yardstick.rules
    shown = None if total.score is None else round_half_up(total.score, rules.step)
    return Explanation(
        unit=total.unit,
        score=total.score,
        shown=shown,
        band=None if shown is None else band(shown, rules),
        coverage=total.coverage,
        parts=contributions(total),
        other=total.other,
        outlooks=outlooks(total, at, yardstick),
    )


def contributions(total: UnitScore) -> tuple[Part, ...]:
    """Return w·s/Σw of each task that counts.

    Shown cents are dealt out by largest remainder (equal ones by task code), so that they add up to the score's.
    """
    exact = [one.points / total.weight for one in total.counted]
    cents = [(value / _CENT).__floor__() for value in exact]
    left = int(round_half_up(sum(exact, Fraction(0)), _CENT) / _CENT) - sum(cents)
    by_rest = sorted(range(len(exact)), key=lambda index: (cents[index] - exact[index] / _CENT, index))
    for index in by_rest[:left]:
        cents[index] += 1
    parts = zip(total.counted, exact, cents, strict=True)
    return tuple(Part(one, value, shown * _CENT) for one, value, shown in parts)


def outlooks(total: UnitScore, at: datetime, yardstick: Yardstick) -> tuple[Outlook, ...]:
    """Return for each unfinished task what finishing it now would bring, as far as it raises what is shown."""
    every = [*total.counted, *total.other]
    found = [_outlook(every, one, at, yardstick) for one in every if one.state not in _FINISHED]
    now = Fraction(-1) if total.score is None else round_half_up(total.score, yardstick.rules.step)
    better = [one for one in found if one is not None and one.shown > now]
    return tuple(sorted(better, key=lambda one: (-one.score, one.task)))


def _outlook(every: Sequence[Scored], one: Scored, at: datetime, yardstick: Yardstick) -> Outlook | None:
    # What was claimed counts from its claim once it is verified; anything else is finished now.
    done = score(replace(one.line, done_at=one.line.claimed_at or at), at, yardstick)
    then = add_up(one.line.unit, [done if each is one else each for each in every])
    if then.score is None:
        return None
    shown = round_half_up(then.score, yardstick.rules.step)
    return Outlook(one.line.task, then.score, shown, band(shown, yardstick.rules))
