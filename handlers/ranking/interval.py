"""Between which places a unit lies with 95 %; pure. Source: supervision reference §3b, rank interval.

The reference draws every unit's level 10 000 times and ranks each draw. Here the same distribution of ranks is summed
over a grid of levels instead (ADR 0020): no seed, no luck of the draw, the same answer in every process.

At one level a unit's rank is 1 + the number of peers above it, a sum of independent yes/no variables. Its distribution
is exact while few peers are undecided there, else a normal one corrected for skewness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import ceil, erf, exp, floor, fsum, pi, sqrt

from handlers.ranking.posterior import Posterior

_EXACT_UP_TO = 32
# Equal units have exactly equal chances: a point of the distribution may not hang on the last digit of a sum.
_TINY = 1e-9
_REACH = 4.25  # standard deviations of a normal distribution that are looked at: all but 2 in 100 000
_CELLS_PER_SD = 4
_FAR = 6.0  # standard deviations beyond which a chance is 0 or 1
_ROOT_HALF = sqrt(0.5)
_SKEW = 6 * sqrt(2 * pi)


@dataclass(frozen=True, slots=True)
class Places:
    """The low, middle and high points of a unit's rank, 1 the best."""

    low: int
    middle: int
    high: int

    @property
    def count(self) -> int:
        """How many places the interval holds."""
        return self.high - self.low + 1


@dataclass(frozen=True, slots=True)
class Spread:
    """How likely a unit's level lies in each cell of the group's grid, from cell `first` on; sums to 1."""

    first: int
    mass: tuple[float, ...]

    @property
    def end(self) -> int:
        """The cell after the last one."""
        return self.first + len(self.mass)

    def above(self) -> list[float]:
        """Return for each own cell how likely the level lies above it; what lies in it counts half."""
        below = accumulate(self.mass, initial=0.0)
        return [max(0.0, 1.0 - sum_below - mass / 2) for sum_below, mass in zip(below, self.mass, strict=False)]


@dataclass(slots=True)
class _Ranks:
    """What is known of one unit's rank: chances of numbers of peers above, and cells known by their moments."""

    exact: dict[int, float] = field(default_factory=dict)
    cells: list[tuple[float, float, float, float]] = field(default_factory=list)  # mass, mean, sd, skewness / 6√2π

    def below(self, number: int) -> float:
        """Return the chance that no more than so many peers are above."""
        found = fsum(likely for peers, likely in self.exact.items() if peers <= number)
        edge = number + 0.5
        for mass, mean, sd, skew in self.cells:
            x = (edge - mean) / sd
            if x > _FAR:
                found += mass
            elif x > -_FAR:
                normal = 0.5 + 0.5 * erf(x * _ROOT_HALF) + skew * (1 - x * x) * exp(-x * x / 2)
                found += mass * min(1.0, max(0.0, normal))
        return found

    def guess(self, point: float) -> int:
        """Return about the place at a point of the rank: where a normal distribution has it."""
        parts = [(mass, mean, sd) for mass, mean, sd, _ in self.cells]
        parts += [(likely, peers, 0.0) for peers, likely in self.exact.items()]
        mean = fsum(mass * at for mass, at, _ in parts)
        square = fsum(mass * (at**2 + sd**2) for mass, at, sd in parts)
        return round(mean + 1 + 4 * (point - 0.5) * sqrt(max(0.0, square - mean**2)))


def spread_out(posteriors: Mapping[str, Posterior], finest: float) -> dict[str, Spread]:
    """Lay normal posteriors over one grid, whose cells are no narrower than `finest` points."""
    least = min(one.sd for one in posteriors.values())
    width = max(finest, least / _CELLS_PER_SD)
    start = min(one.mean - _REACH * one.sd for one in posteriors.values())
    return {unit: _lay(one, start, width) for unit, one in posteriors.items()}


def _lay(one: Posterior, start: float, width: float) -> Spread:
    first = floor((one.mean - _REACH * one.sd - start) / width)
    if one.sd * _REACH * 2 < width:
        return Spread(floor((one.mean - start) / width), (1.0,))
    end = ceil((one.mean + _REACH * one.sd - start) / width) + 1
    edges = [_phi((start + cell * width - one.mean) / one.sd) for cell in range(first, end + 1)]
    whole = edges[-1] - edges[0]
    return Spread(first, tuple((b - a) / whole for a, b in pairwise(edges)))


def places(spreads: Mapping[str, Spread], low: float, high: float) -> dict[str, Places]:
    """Return the places of every unit of a group at the points low, 1/2 and high (0 to 1) of its rank."""
    units = sorted(spreads)
    above = {unit: spreads[unit].above() for unit in units}
    ranks = {unit: _Ranks() for unit in units}
    for cell in range(min(one.first for one in spreads.values()), max(one.end for one in spreads.values())):
        here = [unit for unit in units if spreads[unit].first <= cell < spreads[unit].end]
        sure = sum(spreads[unit].first > cell for unit in units)
        mass = [spreads[unit].mass[cell - spreads[unit].first] for unit in here]
        chances = [above[unit][cell - spreads[unit].first] for unit in here]
        _count(sure, chances, mass, [ranks[unit] for unit in here])
    return {unit: Places(*(_point(ranks[unit], at, len(units)) for at in (low, 0.5, high))) for unit in units}


def _count(sure: int, chances: Sequence[float], mass: Sequence[float], ranks: Sequence[_Ranks]) -> None:
    """Add one cell to the ranks of the units in it: `sure` peers are above, the others with their chances."""
    if len(chances) <= _EXACT_UP_TO:
        together = _convolve(chances)
        for chance, share, rank in zip(chances, mass, ranks, strict=True):
            for number, likely in enumerate(_without(together, chance), sure):
                rank.exact[number] = rank.exact.get(number, 0.0) + share * likely
        return
    variances = [chance * (1 - chance) for chance in chances]
    third = [variance * (1 - 2 * chance) for variance, chance in zip(variances, chances, strict=True)]
    mean, variance, skew = sure + sum(chances), sum(variances), sum(third)
    for chance, share, rank, own, own_third in zip(chances, mass, ranks, variances, third, strict=True):
        sd = sqrt(max(variance - own, _TINY))
        rank.cells.append((share, mean - chance, sd, (skew - own_third) / (_SKEW * sd**3)))


def _convolve(chances: Sequence[float]) -> list[float]:
    """Return how likely each number of the yes/no variables is yes."""
    found = [1.0]
    for chance in chances:
        no = 1 - chance
        found = [a * no + b * chance for a, b in zip([*found, 0.0], [0.0, *found], strict=True)]
    return found


def _without(together: Sequence[float], chance: float) -> list[float]:
    """Take one variable out again, from the end at which errors die out."""
    found: list[float] = []
    last = 0.0
    if chance <= 0.5:
        for value in together[:-1]:
            last = max(0.0, (value - chance * last) / (1 - chance))
            found.append(last)
        return found
    for value in together[:0:-1]:
        last = max(0.0, (value - (1 - chance) * last) / chance)
        found.append(last)
    return found[::-1]


def _point(rank: _Ranks, point: float, most: int) -> int:
    """Return the first place that the rank does not exceed with a chance of at least `point`."""
    low, high, guess, step = 0, most, rank.guess(point), 1
    while high - low > 1:
        place = min(max(guess, low + 1), high - 1)
        if rank.below(place - 1) >= point - _TINY:
            high, guess = place, place - step
        else:
            low, guess = place, place + step
        step *= 2
        if low > 0 and high < most:
            guess = (low + high) // 2
    return high


def _phi(x: float) -> float:
    return 0.5 + 0.5 * erf(x * _ROOT_HALF)
