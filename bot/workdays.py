"""Working days, holidays, terms and quiet periods of one district; pure, and the only place that knows them.

Layers, first hit wins: the district's own file, the State Council notice (package `chinese_calendar`), the weekday
rule. The weekday rule holds only in a year whose notice is out: before that any day may still become a holiday or a
make-up day, so its kind is UNKNOWN and computations that must cross it raise UnknownDayError.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar.constants import Holiday
from chinese_calendar.constants import holidays as noticed_days

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)

_HOLIDAY_KEYS = {"五一": "劳动", "十一": "国庆", "过年": "春", "新年": "元旦"}
_PROVISIONAL = re.compile(r"(元旦|春节|清明节?|劳动节|端午节?|中秋节?|国庆节?)按\s*(\d{4}-\d\d-\d\d)\s*起放假")


class DayKind(StrEnum):
    WORKING = "working"
    OFF = "off"
    UNKNOWN = "unknown"


class UnknownDayError(Exception):
    """A computation had to cross `day`, which no notice covers yet."""

    def __init__(self, day: date) -> None:
        super().__init__(f"no holiday notice covers {day.isoformat()}")
        self.day = day


@dataclass(frozen=True)
class Period:
    """From start to end, both included."""

    id: str
    start: date
    end: date

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Calendar:
    """One district's calendar. `holidays` is keyed as by `holiday_key`; a True override is a working day."""

    overrides: Mapping[date, bool]
    holidays: Mapping[str, tuple[Period, ...]]
    terms: tuple[Period, ...]
    breaks: tuple[Period, ...]
    exam_quiet: tuple[Period, ...]
    noticed_years: frozenset[int] = field(default=frozenset())

    @classmethod
    def from_district(cls, data: Mapping[str, Any]) -> "Calendar":
        """Read the `calendar` object of a district file.

        `holidays_YYYY` maps names to [first, last], `makeup_workdays_YYYY` lists days, the optional `overrides` maps a
        day to true for working. A text instead of a mapping says that the year has no notice; days it names as
        "X按D起放假" count as off, and nothing else is assumed about that year.
        """
        years = {key[-4:]: value for key, value in data.items() if key.startswith("holidays_")}
        found = [period for value in years.values() for period in _district_holidays(value)]
        makeup = (v for key, v in data.items() if key.startswith("makeup_workdays_") and not isinstance(v, str))
        overrides = {day: False for period in found for day in _days(period)}
        overrides.update((date.fromisoformat(day), True) for days in makeup for day in days)
        overrides.update((date.fromisoformat(day), bool(on)) for day, on in data.get("overrides", {}).items())
        return cls(
            overrides=overrides,
            holidays=_merged(found),
            terms=_periods(data.get("terms", ())),
            breaks=_periods(data.get("breaks", ())),
            exam_quiet=_periods(data.get("exam_quiet", ())),
            noticed_years=frozenset(int(year) for year, value in years.items() if not isinstance(value, str)),
        )

    def kind(self, day: date) -> DayKind:
        working = self.overrides.get(day)
        if working is None:
            working = _notice(day)
        if working is None and day.year in self.noticed_years:
            working = day.isoweekday() <= 5
        if working is None:
            return DayKind.UNKNOWN
        return DayKind.WORKING if working else DayKind.OFF

    def is_working(self, day: date) -> bool:
        """Raises UnknownDayError where kind() is UNKNOWN."""
        kind = self.kind(day)
        if kind is DayKind.UNKNOWN:
            raise UnknownDayError(day)
        return kind is DayKind.WORKING

    def next_working(self, day: date, *, inclusive: bool = False) -> date:
        return self._step(day, ONE_DAY, inclusive=inclusive)

    def previous_working(self, day: date, *, inclusive: bool = False) -> date:
        return self._step(day, -ONE_DAY, inclusive=inclusive)

    def add_working(self, day: date, n: int) -> date:
        """The n-th working day after day, before it if n is negative; day itself if n is 0."""
        step = ONE_DAY if n > 0 else -ONE_DAY
        for _ in range(abs(n)):
            day = self._step(day, step, inclusive=False)
        return day

    def working_between(self, start: date, end: date) -> int:
        """Count the working days in (start, end]; negative if end lies before start."""
        if end < start:
            return -self.working_between(end, start)
        span = (end - start).days
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, span + 1))

    def week_working_days(self, day: date) -> list[date]:
        """The working days of the Monday-to-Sunday week that holds day."""
        monday = day - timedelta(days=day.weekday())
        week = (monday + timedelta(days=n) for n in range(7))
        return [one for one in week if self.is_working(one)]

    def holiday_named(self, name: str, after: date) -> Period | None:
        """The first holiday so called (国庆, 国庆节, 十一) that is not over on `after`; None if not noticed."""
        periods = self.holidays.get(holiday_key(name), ())
        return next((period for period in periods if period.end >= after), None)

    def next_holiday(self, after: date) -> Period | None:
        """The holiday under way on `after`, else the next one whose dates are noticed."""
        ahead = [period for periods in self.holidays.values() for period in periods if period.end >= after]
        return min(ahead, key=lambda period: period.start, default=None)

    def in_break(self, day: date) -> bool:
        return any(period.contains(day) for period in self.breaks)

    def in_exam_quiet(self, day: date) -> bool:
        return any(period.contains(day) for period in self.exam_quiet)

    def term_of(self, day: date) -> Period | None:
        return next((term for term in self.terms if term.contains(day)), None)

    def next_term(self, after: date) -> Period | None:
        """The first term that begins later than `after`."""
        ahead = [term for term in self.terms if term.start > after]
        return min(ahead, key=lambda term: term.start, default=None)

    def _step(self, day: date, step: timedelta, *, inclusive: bool) -> date:
        if not inclusive:
            day += step
        while not self.is_working(day):
            day += step
        return day


def holiday_key(name: str) -> str:
    """One key for the everyday forms of a holiday's name: 国庆节, 国庆 and 十一 are the same."""
    short = name.removesuffix("假期").removesuffix("假").removesuffix("节")
    return _HOLIDAY_KEYS.get(short, short)


@lru_cache(maxsize=4096)
def _notice(day: date) -> bool | None:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


@lru_cache(maxsize=1)
def _noticed_periods() -> tuple[Period, ...]:
    names = {holiday.value: holiday.chinese for holiday in Holiday}
    periods: list[Period] = []
    for day, english in sorted(noticed_days.items()):
        name, last = names[english], periods[-1] if periods else None
        if last and last.id == name and day - last.end == ONE_DAY:
            periods[-1] = Period(name, last.start, day)
        else:
            periods.append(Period(name, day, day))
    return tuple(periods)


def _district_holidays(value: Any) -> list[Period]:
    if isinstance(value, str):
        starts = ((name, date.fromisoformat(day)) for name, day in _PROVISIONAL.findall(value))
        return [Period(name, day, day) for name, day in starts]
    return [Period(name, date.fromisoformat(span[0]), date.fromisoformat(span[-1])) for name, span in value.items()]


def _merged(district: list[Period]) -> dict[str, tuple[Period, ...]]:
    """The district's periods, and the notice's for every name and year the district does not give itself."""
    own = {(holiday_key(period.id), period.start.year) for period in district}
    rest = [period for period in _noticed_periods() if (holiday_key(period.id), period.start.year) not in own]
    merged: dict[str, list[Period]] = {}
    for period in sorted(district + rest, key=lambda period: period.start):
        merged.setdefault(holiday_key(period.id), []).append(period)
    return {key: tuple(periods) for key, periods in merged.items()}


def _periods(rows: Any) -> tuple[Period, ...]:
    return tuple(Period(row["id"], date.fromisoformat(row["start"]), date.fromisoformat(row["end"])) for row in rows)


def _days(period: Period) -> Iterator[date]:
    for n in range((period.end - period.start).days + 1):
        yield period.start + timedelta(days=n)
