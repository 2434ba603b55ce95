"""When the jobs of the timetable fall due; pure. "Unknown" is an answer of its own: a day that has no notice yet.

Local times are Asia/Shanghai, instants are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from bot.sections import Weekly
from bot.workdays import ONE_DAY, SHANGHAI, Calendar, DayKind, UnknownDayError
from handlers.weekly import windows

_WEEK = timedelta(days=7)
_WEEKEND = (5, 6)
# A leader's digest may be moved over a long holiday, at most so many weeks away from the week it is about.
_REACH = 3 * _WEEK
_YEAR_END_CLOCK = "09:00"


@dataclass(frozen=True, slots=True)
class Due:
    """One due time of a job. missing: the first day without a notice that keeps the true time from being known;
    at is then the instant by which somebody must be told."""

    at: datetime
    missing: date | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether the calendar does not know when, or whether, the job is due."""
        return self.missing is not None


class Cadence(Protocol):
    """How often a job falls due."""

    def due_times(self, start: datetime, end: datetime, calendar: Calendar) -> list[Due]:
        """Return the due times in (start, end], in order."""
        ...


Step = Literal["open", "nudge", "close", "summary", "leader"]


@dataclass(frozen=True, slots=True)
class WeeklyCadence:
    """One step of the weekly supervision. A skipped week has none; a week of unknown days is unknown on its Monday."""

    step: Step
    weekly: Weekly

    def due_times(self, start: datetime, end: datetime, calendar: Calendar) -> list[Due]:
        """Return the due times in (start, end], in order."""
        found: list[Due] = []
        monday = windows.monday_of(start) - _REACH
        while windows.at(monday, "00:00") <= end:
            due = self._due(monday, calendar)
            if due is not None and start < due.at <= end:
                found.append(due)
            monday += _WEEK
        return sorted(found, key=lambda due: due.at)

    def _due(self, monday: date, calendar: Calendar) -> Due | None:
        try:
            window = windows.window_of(monday, calendar, self.weekly)
        except UnknownDayError as gap:
            return Due(windows.at(monday, self.weekly.open), gap.day)
        if window is None:
            return None
        match self.step:
            case "open":
                return Due(window.opens_at)
            case "nudge":
                return Due(window.nudges_at)
            case "close":
                return Due(window.closes_at)
            case "summary":
                return Due(window.summary_at)
            case "leader":
                return self._leader(window, calendar)

    def _leader(self, window: windows.Window, calendar: Calendar) -> Due:
        try:
            return Due(windows.leader_at(window, calendar, self.weekly))
        except UnknownDayError as gap:
            return Due(windows.at(window.monday + _WEEK, self.weekly.leader), gap.day)


@dataclass(frozen=True, slots=True)
class YearEndCadence:
    """1 December and every seventh day after it in December, 09:00; a day off moves to the next working day."""

    def due_times(self, start: datetime, end: datetime, calendar: Calendar) -> list[Due]:
        """Return the due times in (start, end], in order."""
        first, last = start.astimezone(SHANGHAI).year, end.astimezone(SHANGHAI).year
        days = (day for year in range(first, last + 1) for day in _december(year))
        found = (self._due(day, calendar) for day in days)
        return [due for due in found if start < due.at <= end]

    def _due(self, day: date, calendar: Calendar) -> Due:
        try:
            return Due(windows.at(calendar.next_working(day, inclusive=True), _YEAR_END_CLOCK))
        except UnknownDayError as gap:
            return Due(windows.at(day, _YEAR_END_CLOCK), gap.day)


@dataclass(frozen=True, slots=True)
class WorkdayCadence:
    """At local times of every working day; a day that no notice covers is unknown, once, at the first of them.

    is_pressing: the law counts calendar days, so that the job runs on such a day as well if it is no weekend.
    """

    clocks: tuple[str, ...]
    is_pressing: bool = False

    def due_times(self, start: datetime, end: datetime, calendar: Calendar) -> list[Due]:
        """Return the due times in (start, end], in order."""
        found = (due for day in _days(start, end) for due in self._of(day, calendar))
        return [due for due in found if start < due.at <= end]

    def _of(self, day: date, calendar: Calendar) -> list[Due]:
        match calendar.kind(day):
            case DayKind.OFF:
                return []
            case DayKind.UNKNOWN if self.is_pressing and day.weekday() in _WEEKEND:
                return []
            case DayKind.UNKNOWN if not self.is_pressing:
                return [Due(windows.at(day, self.clocks[0]), day)]
            case _:
                return [Due(windows.at(day, clock)) for clock in self.clocks]


@dataclass(frozen=True, slots=True)
class DailyCadence:
    """At one local time of every day, whatever day it is."""

    clock: str

    def due_times(self, start: datetime, end: datetime, _calendar: Calendar) -> list[Due]:
        """Return the due times in (start, end], in order."""
        found = (Due(windows.at(day, self.clock)) for day in _days(start, end))
        return [due for due in found if start < due.at <= end]


def _days(start: datetime, end: datetime) -> Iterator[date]:
    day, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
    while day <= last:
        yield day
        day += ONE_DAY


def _december(year: int) -> Iterator[date]:
    return (date(year, 12, day) for day in range(1, 32, 7))
