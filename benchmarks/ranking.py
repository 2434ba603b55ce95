"""Time and memory of ranking a month: 2,000 units with 40 tasks each, from values the caller has read.

python -m benchmarks.ranking [--units 2000] [--tasks 40] [--groups 7] [--rounds 5] [--out FILE]

The reference reads the same lines in the same run the way a plain script would: floats, one sum a unit, one sort a
group; no exact numbers, no intervals, no digest. Ratios are of processor time. Reading ten years of history is the
caller's part and not in it.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from benchmarks import report
from bot.demo import SAMPLE
from bot.workdays import SHANGHAI, Calendar
from handlers.ranking import canonical
from handlers.ranking.gate import Approval, Object, Refusal
from handlers.ranking.line import Line
from handlers.ranking.month import Frozen, Member, add_up_all, rank
from handlers.ranking.result import Month
from handlers.ranking.versions import SHIPPED

AT = datetime(2026, 11, 30, 17, tzinfo=SHANGHAI)
REF = "清教清单〔2026〕3号"


def main() -> None:
    """Measure and print."""
    parser = report.options(__doc__)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--tasks", type=int, default=40)
    parser.add_argument("--groups", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    frozen = make(args.units, args.tasks, args.groups)
    found = ranked(frozen)
    work: dict[str, Callable[[], object]] = {
        "plain floats, one sum and one sort (reference)": lambda: plain(frozen),
        "exact scores of every unit": lambda: add_up_all(frozen),
        "the whole ranking with intervals and digest of inputs": lambda: rank(frozen),
        "canonical bytes and digest of the result": lambda: canonical.digest(found),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in work}
    for _ in range(args.rounds):
        for name, run in work.items():
            times[name].append(_time(run))
    reference = [processor for _, processor in next(iter(times.values()))]
    rows = [_row(name, each, reference) for name, each in times.items()]
    placed = sum(one.place is not None for group in found.groups for one in group.ranked)
    title = f"Ranking a month: {args.units} units × {args.tasks} tasks in {args.groups} groups"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    both = _memory(lambda: rank(make(args.units, args.tasks, args.groups)))
    facts = {
        "peak_of_the_process_mib": peak,
        "lines_and_one_ranking_mib": both,
        "ranking_mib": _memory(lambda: rank(frozen)),
    }
    report.show(title, rows, args.out, **facts, units_with_a_place=placed)


def _time(run: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds on the wall and of the processor; the machine may have other work."""
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - processor


def _row(name: str, times: list[tuple[float, float]], reference: list[float]) -> dict[str, Any]:
    wall, processor = zip(*times, strict=True)
    return {
        "what": name,
        "s": statistics.median(wall),
        "slowest": max(wall),
        "processor s": statistics.median(processor),
        "ratio": report.ratios(processor, reference),
    }


def make(units: int, tasks: int, groups: int) -> Frozen:
    """Return a made-up district: levels differ between units by about as much as tasks within one."""
    chance = random.Random(7)
    members = [Member(f"U{n:05}", "小学", f"G{n % groups:02}") for n in range(units)]
    plans = [_plan(f"T{n:02}", chance) for n in range(tasks)]
    lines = [
        _state(replace(plan, unit=one.unit), level, chance) for one, level in _levels(members, chance) for plan in plans
    ]
    approval = Approval(
        REF, Object.MONTH, frozenset(["小学"]), "P-L1", date(2026, 8, 28), date(2026, 9, 1), date(2027, 8, 31)
    )
    calendar = Calendar.from_district(json.loads(SAMPLE.read_text(encoding="utf-8"))["calendar"])
    return Frozen("2026-11", AT, members, lines, [approval], calendar, SHIPPED)


def _levels(members: list[Member], chance: random.Random) -> list[tuple[Member, float]]:
    return [(one, chance.betavariate(16, 4)) for one in members]


def _plan(task: str, chance: random.Random) -> Line:
    start = date(2026, 9, 1) + timedelta(days=chance.randrange(60))
    deadline = start + timedelta(days=chance.randrange(20, 110))
    deadline = min(deadline, date(2026, 12, 31))
    return Line(unit="", task=task, weight=chance.randint(1, 5), start=start, deadline=deadline, approval_ref=REF)


def _state(line: Line, level: float, chance: random.Random) -> Line:
    drawn = min(0.999, max(0.0, chance.gauss(level, 0.2)))
    if drawn > 0.85 and chance.random() < 0.5:
        late = timedelta(days=chance.choice([-5, -2, -1, 2, 6]))
        return replace(line, done_at=datetime.combine(min(line.deadline + late, AT.date()), AT.time(), SHANGHAI))
    return replace(line, progress=Fraction(round(drawn * 1000), 1000), source=f"uid-{line.unit}-{line.task}")


def ranked(frozen: Frozen) -> Month:
    """Rank, or stop."""
    found = rank(frozen)
    assert not isinstance(found, Refusal)
    return found


def plain(frozen: Frozen) -> dict[str, list[tuple[float, str]]]:
    """Rank the way a plain script would."""
    sums: dict[str, list[float]] = {one.unit: [0.0, 0.0] for one in frozen.members}
    for line in frozen.lines:
        score = 100.0 if line.done_at else 100 * float(line.progress or 0)
        sums[line.unit][0] += line.weight * score
        sums[line.unit][1] += line.weight
    groups: dict[str, list[tuple[float, str]]] = {}
    for one in frozen.members:
        points, weight = sums[one.unit]
        groups.setdefault(one.group or "", []).append((round(points / weight, 1), one.unit))
    return {name: sorted(each, reverse=True) for name, each in groups.items()}


def _memory(run: Callable[[], object]) -> float:
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


if __name__ == "__main__":
    main()
