"""How each way of naming a day is resolved; the patterns are in `dates`.

A reader takes the match and the present and returns (ahead, behind): the day as a promise, the day as a record.
Rules: supervision-domain.md, section 6, rule 7.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.workdays import Calendar, Period, UnknownDayError
from handlers.progress.language import months, numerals

Reading = tuple[date | None, date | None]

_HALF_YEAR = timedelta(days=183)
_RELATIVE = {"大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "本": 0, "明": 1, "后": 2, "大后": 3}
_PART_DAYS = {"初": 5, "上旬": 10, "中": 15, "中旬": 20}


@dataclass(frozen=True)
class Now:
    today: date
    calendar: Calendar


def vague(found: re.Match[str], now: Now) -> Reading:
    return None, None


def full(found: re.Match[str], now: Now) -> Reading:
    day = months.day(int(found["y"]), int(found["m"]), int(found["day"]))
    return day, day


def month_day(found: re.Match[str], now: Now) -> Reading:
    month = numerals.parse_whole(found["month"])
    number = numerals.parse_whole(_last(found) or found["day"])
    day = months.day(now.today.year, month, number)
    if day is None:
        return None, None
    ahead = months.day(day.year + 1, month, number) if now.today - day > _HALF_YEAR else day
    behind = months.day(day.year - 1, month, number) if day > now.today else day
    return ahead, behind


def day_of_month(found: re.Match[str], now: Now) -> Reading:
    number, today = numerals.parse_whole(_last(found) or found["day"]), now.today
    if found["which"]:
        meant = months.shift(today.replace(day=1), _which(found["which"]))
        day = months.day(meant.year, meant.month, number)
        return day, day
    this, after, before = (months.shift(today.replace(day=1), step) for step in (0, 1, -1))
    day = months.day(this.year, this.month, number)
    ahead = day if day and day >= today else months.day(after.year, after.month, number)
    behind = day if day and day <= today else months.day(before.year, before.month, number)
    return ahead, behind


def weekday(found: re.Match[str], now: Now) -> Reading:
    which, name = found["which"], found["weekday"]
    number = 6 if name in "日天末" else "一二三四五六".index(name)
    day = now.today + timedelta(days=number - now.today.weekday())
    if which:
        day += timedelta(weeks=_which(which))
        return day, day
    week = timedelta(weeks=1)
    return (day if day >= now.today else day + week), (day if day <= now.today else day - week)


def week(found: re.Match[str], now: Now) -> Reading:
    day = _last_working_day(now.today + timedelta(weeks=_which(found["which"] or "")), now.calendar)
    return day, None


def relative(found: re.Match[str], now: Now) -> Reading:
    day = now.today + timedelta(days=_RELATIVE[found["rel"] or found["rel2"]])
    return (day if day >= now.today else None), (day if day <= now.today else None)


def today(found: re.Match[str], now: Now) -> Reading:
    return now.today, now.today


def span(found: re.Match[str], now: Now) -> Reading:
    number, unit = numerals.parse_whole(found["n"]), found["unit"]
    if unit.endswith("工作日"):
        try:
            return now.calendar.add_working(now.today, number), None
        except UnknownDayError:
            return None, None
    if unit.endswith("月"):
        return months.shift(now.today, number), None
    return now.today + timedelta(days=number * (1 if unit[-1] in "天日" else 7)), None


def half_month(found: re.Match[str], now: Now) -> Reading:
    return now.today + timedelta(days=15), None


def month_part(found: re.Match[str], now: Now) -> Reading:
    first, groups = _month(found, now), found.groupdict()
    if groups.get("until") and groups.get("month"):
        day = first - timedelta(days=1)
    else:
        number = _PART_DAYS.get(groups.get("part") or "")
        day = first.replace(day=number) if number else months.last_day(first)
    return day, day


def year_end(found: re.Match[str], now: Now) -> Reading:
    return date(now.today.year, 12, 31), None


def before_holiday(found: re.Match[str], now: Now) -> Reading:
    period = _holiday(found, now)
    try:
        return (now.calendar.previous_working(period.start) if period else None), None
    except UnknownDayError:
        return None, None


def after_holiday(found: re.Match[str], now: Now) -> Reading:
    period = _holiday(found, now)
    try:
        return (now.calendar.next_working(period.end) if period else None), None
    except UnknownDayError:
        return None, None


def term_end(found: re.Match[str], now: Now) -> Reading:
    term = now.calendar.term_of(now.today) or now.calendar.next_term(now.today)
    return (term.end if term else None), None


def term_start(found: re.Match[str], now: Now) -> Reading:
    term = now.calendar.next_term(now.today)
    return (term.start - timedelta(days=1) if term else None), None


def _last(found: re.Match[str]) -> str | None:
    """The end of a range of days: 27 in 25日至27日."""
    return found.groupdict().get("last")


def _which(word: str) -> int:
    """How many weeks or months away: 下下 is 2, 上 is -1, 本 and 这 are 0."""
    return word.count("下") - word.count("上")


def _month(found: re.Match[str], now: Now) -> date:
    """The first day of the month meant."""
    groups, first = found.groupdict(), now.today.replace(day=1)
    if groups.get("month"):
        meant = first.replace(month=numerals.parse_whole(groups["month"]))
        return months.shift(meant, 12) if now.today - months.last_day(meant) > _HALF_YEAR else meant
    return months.shift(first, _which(groups.get("which") or ""))


def _last_working_day(day: date, calendar: Calendar) -> date | None:
    """The last working day of day's week, as far as notices reach; a day nobody can know yet is passed over."""
    sunday = day + timedelta(days=6 - day.weekday())
    for back in range(7):
        try:
            if calendar.is_working(sunday - timedelta(days=back)):
                return sunday - timedelta(days=back)
        except UnknownDayError:
            continue
    return None


def _holiday(found: re.Match[str], now: Now) -> Period | None:
    name = found["holiday"]
    return now.calendar.holiday_named(name, now.today) if name else now.calendar.next_holiday(now.today)
