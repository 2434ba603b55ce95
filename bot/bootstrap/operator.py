"""What an operator does from the command line: runs of jobs, the district file in and out, trying the language."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import lanes
from bot.bootstrap.service import Service, make_seal
from bot.bootstrap.understander import Understander
from bot.config import Config
from bot.db import Database
from bot.errors import ConfigError
from bot.lock import FileLock
from bot.people import load_directory
from bot.workdays import SHANGHAI
from handlers.district import changes as district_changes
from handlers.district import file as district_file
from handlers.district import report as district_report
from handlers.district import service as district
from handlers.progress.example import write_last_week
from scheduler import requests


def run_job(service: Service, key: str, due: datetime | None, *, dry_run: bool) -> tuple[list[str], bool]:
    """Run one job, here or by the service that holds the database; returns lines for the terminal, and if it was done.

    Raises BotError for a job or time that cannot be, and ConfigError if the service does not answer in a minute.
    """
    now = service.clock.now()
    if dry_run:
        return requests.describe(service.runner.run_job(key, due, now, dry_run=True), rehearsed=True), True
    if not service.db.is_sqlite:
        return requests.describe(service.runner.run_job(key, due, now)), True
    try:
        with FileLock(Path(f"{service.db.url.database}.lock")):
            return requests.describe(service.runner.run_job(key, due, now)), True
    except ConfigError:
        return _ask_service(service, key, due, now)


def _ask_service(service: Service, key: str, due: datetime | None, now: datetime) -> tuple[list[str], bool]:
    with service.db.transaction() as session:
        request = requests.ask(session, key, due, now).id
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with service.db.reading() as session:
            answer = requests.find_answer(session, request)
        if answer is not None:
            return answer
        time.sleep(0.2)
    raise ConfigError([("database.url", "the process that holds this database did not answer in a minute")])


def list_jobs(service: Service, days: int) -> list[str]:
    """Return the timetable of the coming days as lines for the terminal, in Shanghai time."""
    lines = []
    for coming in service.runner.upcoming(service.clock.now(), days):
        when = f"{coming.due.at.astimezone(SHANGHAI):%Y-%m-%d %a %H:%M}"
        note = f"  unknown: no holiday notice covers {coming.due.missing}" if coming.due.is_unknown else ""
        lines.append(f"{when}  {coming.job.key:<18} {coming.job.title}{note}")
    return lines or [f"nothing in {days} days"]


def import_district(db: Database, config: Config, data: Mapping[str, Any], now: datetime) -> None:
    """Load a district without asking. Raises ConfigError with every fault."""
    import_file(db, config, data, now, write=True)


def import_file(
    db: Database, config: Config, data: Mapping[str, Any], now: datetime, *, write: bool
) -> tuple[list[str], bool]:
    """Compare a district file with the database, and write it if told to; returns lines to print, and if any changed.

    Raises ConfigError with every fault of the file, by path.
    """
    parsed = district_file.parse(data, os.environ)
    seal = make_seal(config)
    if write:
        with db.transaction() as session:
            found = district.apply(session, seal, parsed, now)
            # Whoever could not be reached is tried anew: an import is how such things are mended.
            lanes.revive(session)
    else:
        with db.reading() as session:
            found = district_changes.diff(session, seal, parsed)
    notes = [f"note: {note}" for note in parsed.notes]
    return [*notes, *district_report.render(found)], bool(found)


def write_example(db: Database, config: Config, now: datetime) -> None:
    """Give the demo a week of reports to look back on; does nothing where there is a history."""
    with db.transaction() as session:
        write_last_week(session, make_seal(config), load_directory(session), now)


def export_district(db: Database) -> dict[str, Any]:
    """Return the district as a file that import reads, without push addresses."""
    with db.reading() as session:
        return district.export(session)


def make_understander(data: Mapping[str, Any]) -> Understander:
    """Return what stands behind `duban understand` for one district. Raises ConfigError with every fault of it."""
    return Understander(data)
