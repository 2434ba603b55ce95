"""Which days and hours carry the weekly supervision of a Monday-to-Sunday week; pure.

Source: supervision reference §2. It opens on the working day before it closes; it closes on Friday, or on the last
working day of the week if Friday is off; a week with too few working days is skipped and joins the next one.
Local times are Asia/Shanghai, instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.sections import Weekly
from bot.workdays import ONE_DAY, SHANGHAI, Calendar, DayKind, UnknownDayError

_WEEK = timedelta(days=7)
_FRIDAY = 4
# The longest run of weeks that one may have to cross: holidays join at most three, the rest is for odd calendars.
_FAR_WEEKS = 10


@dataclass(frozen=True, slots=True)
class Window:
    """The steps of one week. week is its ISO year and week ("2026W48"), monday its first local day."""

    week: str
    monday: date
    opens_at: datetime
    nudges_at: datetime
    closes_at: datetime
    summary_at: datetime

    @property
    def sunday(self) -> date:
        """The last local day of the week."""
        return self.monday + 6 * ONE_DAY


def monday_of(instant: datetime) -> date:
    """Return the local Monday of the week that holds instant."""
    day = instant.astimezone(SHANGHAI).date()
    return day - timedelta(days=day.weekday())


def week_key(monday: date) -> str:
    """Return the ISO year and week of a Monday: 2026W48."""
    iso = monday.isocalendar()
    return f"{iso.year}W{iso.week:02d}"


def at(day: date, clock: str) -> datetime:
    """Return the instant (UTC) of a local day and a local time HH:MM."""
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI).astimezone(UTC)


def window_of(monday: date, calendar: Calendar, weekly: Weekly) -> Window | None:
    """Return the window of the week that begins on monday, or None if the week is skipped.

    Raises UnknownDayError if a day that decides it has no notice yet. Days that decide nothing may be unknown: the
    weekend of a week whose Friday is a working day.
    """
    days = [monday + timedelta(days=offset) for offset in range(7)]
    working = [day for day in days if calendar.kind(day) is DayKind.WORKING]
    unknown = [day for day in days if calendar.kind(day) is DayKind.UNKNOWN]
    if len(working) < weekly.min_week_days:
        if unknown:
            raise UnknownDayError(unknown[0])
        return None
    closing = days[_FRIDAY] if calendar.is_working(days[_FRIDAY]) else working[-1]
    if closing != days[_FRIDAY] and unknown and unknown[-1] > closing:
        raise UnknownDayError(unknown[-1])
    opening = _day_before(closing, monday, calendar)
    return Window(
        week=week_key(monday),
        monday=monday,
        opens_at=at(opening, weekly.open),
        nudges_at=at(closing, weekly.nudge),
        closes_at=at(closing, weekly.close),
        summary_at=at(closing, weekly.summary),
    )


def leader_at(window: Window, calendar: Calendar, weekly: Weekly) -> datetime:
    """Return when leaders read about a week: next Monday, or the first working day from then on.

    Raises UnknownDayError.
    """
    return at(calendar.next_working(window.monday + _WEEK, inclusive=True), weekly.leader)


def under_way(instant: datetime, calendar: Calendar, weekly: Weekly) -> Window:
    """Return the first window that closes after instant. Raises UnknownDayError."""
    monday = monday_of(instant)
    for _ in range(_FAR_WEEKS):
        window = window_of(monday, calendar, weekly)
        if window is not None and window.closes_at > instant:
            return window
        monday += _WEEK
    raise UnknownDayError(monday)


def last_closed(instant: datetime, calendar: Calendar, weekly: Weekly) -> Window | None:
    """Return the last window that closed at or before instant; weeks of unknown days held none."""
    monday = monday_of(instant)
    for _ in range(_FAR_WEEKS):
        try:
            window = window_of(monday, calendar, weekly)
        except UnknownDayError:
            window = None
        if window is not None and window.closes_at <= instant:
            return window
        monday -= _WEEK
    return None


def starts_at(window: Window, calendar: Calendar, weekly: Weekly) -> datetime:
    """Return when the period of a window began: at the close before, else seven days before its own close."""
    before = last_closed(at(window.monday, "00:00"), calendar, weekly)
    return before.closes_at if before else window.closes_at - _WEEK


def _day_before(closing: date, monday: date, calendar: Calendar) -> date:
    """Return the working day before closing in the same week, closing itself if there is none."""
    day = closing - ONE_DAY
    while day >= monday:
        if calendar.is_working(day):
            return day
        day -= ONE_DAY
    return closing
