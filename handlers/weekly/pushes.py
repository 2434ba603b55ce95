"""What weekly supervision says unasked, one function for each line of the timetable.

Everything is as it stood at the tick's due time, so that a late or repeated run says the same.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.messages import Outgoing, Text, ToPerson
from bot.people import Directory
from bot.ticks import Tick
from bot.workdays import ONE_DAY, SHANGHAI, DayKind
from handlers.progress.service import reported_since
from handlers.weekly import figures, prompts, summaries, texts, windows
from handlers.weekly.service import find, hold, view_of


def open_week(tick: Tick) -> list[Outgoing]:
    """Ask every reporter in private, and every group by numbers; groups of schools not in breaks or exam days."""
    view = view_of(tick)
    window = windows.under_way(tick.due, tick.directory.calendar, tick.weekly)
    held = hold(view, window)
    reported = reported_since(tick.session, held.starts_at, tick.due)
    asked = [prompts.ask_person(view, held, person, reported) for person in held.asked]
    if held.asked and not (view.in_break or view.is_quiet):
        expected = figures.expected(view, held)
        groups = prompts.list_groups(tick.directory)
        asked += [prompts.ask_group(view, window, held, group, expected, reported) for group in groups]
    return [outgoing for outgoing in asked if outgoing is not None]


def nudge(tick: Tick) -> list[Outgoing]:
    """Remind, by a card, the people from whom nothing came in this period; nobody else learns who they are.

    Schools are left alone on exam days, and in breaks, where a principal hears from us once a week.
    """
    view = view_of(tick)
    held = hold(view, windows.under_way(tick.due, tick.directory.calendar, tick.weekly))
    reported = reported_since(tick.session, held.starts_at, tick.due)
    spared = view.is_quiet or view.in_break
    cards: list[Outgoing] = []
    for person, lines in held.asked.items():
        came = any((line.unit, line.task) in reported for line in lines)
        asked = [line for line in lines if not (spared and tick.directory.units[line.unit].is_school)]
        if asked and not came:
            cards.append(prompts.remind_person(view, held, person, asked))
    return cards


def close(_tick: Tick) -> list[Outgoing]:
    """End the period. Nothing is said: what still waits expires by itself, what comes later counts for next week."""
    return []


def summary(tick: Tick) -> list[Outgoing]:
    """Sum up the closed week: section heads by task and blocker, groups and clerks by numbers."""
    window = windows.last_closed(tick.due, tick.directory.calendar, tick.weekly)
    if window is None or (held := find(view_of(tick, window.closes_at), window.week)) is None:
        return []
    week = summaries.read(view_of(tick, window.closes_at), window, held)
    said = summaries.tell_heads(week)
    if not (week.view.in_break or week.view.is_quiet):
        said += summaries.tell_groups(week)
    if week.figures.expected:
        content = texts.coverage(week.named, week.counts(week.figures, len(week.blockers)), summaries.unreachable(week))
        said += _tell_clerks(tick.directory, f"weekly.summary/{window.week}", content, "weekly.summary")
    return said


def leader(tick: Tick) -> list[Outgoing]:
    """Tell each leader about the own portfolio: blockers first, then what is overdue, then the week's numbers."""
    window = windows.last_closed(tick.due, tick.directory.calendar, tick.weekly)
    if window is None:
        return []
    view = view_of(tick)
    held = find(view, window.week)
    return summaries.tell_leaders(summaries.read(view, window, held))


def warn_calendar(tick: Tick) -> list[Outgoing]:
    """Tell the clerks that next year has days without a notice, if it has."""
    today = tick.due.astimezone(SHANGHAI)
    first = date(today.year + 1, 1, 1)
    if all(tick.directory.calendar.kind(first + n * ONE_DAY) is not DayKind.UNKNOWN for n in range(365)):
        return []
    key = f"calendar.warning/{today:%Y-%m-%d}"
    return _tell_clerks(tick.directory, key, texts.unknown_year(first.year), "calendar.warning")


def tell_unknown(tick: Tick) -> list[Outgoing]:
    """Tell the clerks, once a week, that the week's days are not known and nothing is sent."""
    monday = windows.monday_of(tick.due)
    named = texts.week(monday, monday + timedelta(days=6))
    key = f"alert.calendar/{windows.week_key(monday)}"
    return _tell_clerks(tick.directory, key, texts.unknown_week(named), "alert.calendar")


def _tell_clerks(directory: Directory, key: str, content: str, purpose: str) -> list[Outgoing]:
    return [
        Outgoing(key=f"{key}/{clerk.id}", to=ToPerson(clerk.id), body=Text(content), purpose=purpose)
        for clerk in directory.list_clerks()
    ]
