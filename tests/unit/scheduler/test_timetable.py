"""The timetable holds what the reference asks for."""

from __future__ import annotations

from scheduler.jobs import timetable
from tests.unit.weekly.house import CONFIG


def test_every_job_has_a_key_of_its_own_and_a_chinese_title() -> None:
    jobs = timetable(CONFIG)

    assert [job.key for job in jobs] == [
        "weekly.open",
        "weekly.nudge",
        "weekly.close",
        "weekly.summary",
        "weekly.leader",
        "calendar.warning",
        "complaints.watch",
        "complaints.queue",
        "audit.anchor",
    ]
    assert all(any("一" <= letter <= "鿿" for letter in job.title) for job in jobs)
    assert all(job.grace.total_seconds() > 0 for job in jobs)
