"""The timetable: what happens when, on one screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config import Config
from bot.db import Database
from bot.ticks import Push
from handlers.complaints import erasure
from handlers.complaints import pushes as complaints
from handlers.weekly import pushes as weekly
from scheduler.cadence import Cadence, DailyCadence, WeeklyCadence, WorkdayCadence, YearEndCadence


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable. grace: how late the newest missed due time is still run; older ones are skipped.

    after: what is done once a run is committed, at the moment of the run; it may fail, and comes again the next time.
    """

    key: str
    title: str
    cadence: Cadence
    push: Push
    grace: timedelta
    after: Callable[[Database, datetime], None] | None = None


# Limits end at 17:30; what has not arrived is told of within about two hours of work.
_WATCH = ("08:30", "10:30", "13:30", "15:30", "17:30")

# What is said when the calendar does not know whether a job is due.
ON_UNKNOWN: Push = weekly.tell_unknown


def timetable(config: Config) -> tuple[Job, ...]:
    """Return every job, with the configured local times."""
    hours = config.weekly
    return (
        # Ends before quiet hours: on the closing day the reminder asks whom the prompt could not reach.
        Job("weekly.open", "周督导 提醒填报", WeeklyCadence("open", hours), weekly.open_week, timedelta(hours=8)),
        Job("weekly.nudge", "周督导 催报", WeeklyCadence("nudge", hours), weekly.nudge, timedelta(minutes=90)),
        Job("weekly.close", "周督导 截止", WeeklyCadence("close", hours), weekly.close, timedelta(days=3)),
        Job("weekly.summary", "周督导 小结", WeeklyCadence("summary", hours), weekly.summary, timedelta(days=3)),
        Job("weekly.leader", "分管领导周报", WeeklyCadence("leader", hours), weekly.leader, timedelta(days=1)),
        Job("calendar.warning", "下一年日历检查", YearEndCadence(), weekly.warn_calendar, timedelta(days=3)),
        Job(
            "complaints.watch",
            "投诉期限与送达",
            WorkdayCadence(_WATCH, is_pressing=True),
            complaints.watch,
            timedelta(days=7),
        ),
        Job(
            "complaints.queue",
            "投诉超量汇总",
            WorkdayCadence(("16:40",), is_pressing=True),
            complaints.queue,
            timedelta(days=7),
        ),
        Job("audit.anchor", "审计日志锚定", DailyCadence("00:10"), complaints.anchor, timedelta(days=1)),
        Job(
            "complaints.erase",
            "投诉办结两年清除",
            DailyCadence("00:20"),
            erasure.expire,
            timedelta(days=1),
            erasure.scrub_lately,
        ),
    )
