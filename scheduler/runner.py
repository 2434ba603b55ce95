"""Runs what is due, once: the row (job, due time) and the messages it gives are written in one transaction.

Any number of processes may call this at any time; nobody but the row decides. Nothing here reads a clock.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import courtesy
from bot.config import Config
from bot.db import Database
from bot.dispatch import Dispatch
from bot.errors import BotError, place_of
from bot.messages import Outgoing
from bot.metrics import Metrics
from bot.people import Directory, DirectoryCache
from bot.seal import Seal
from bot.shared import lock
from bot.ticks import Push, Tick
from bot.workdays import UnknownDayError
from scheduler.cadence import Due
from scheduler.jobs import ON_UNKNOWN, Job, timetable
from scheduler.models import TickRow, TickState

log = logging.getLogger(__name__)

# How far back `latest` looks for a due time: longer than any job sleeps, a year for what happens in December only.
_LOOK_BACK = timedelta(days=370)
# By how much the clocks of two processes may differ; what was written later than that comes from one that was ahead.
_APART = timedelta(minutes=5)

SUPERSEDED = "superseded: a newer due time has passed"
TOO_LATE = "too late: the job's grace is over"


class JobError(BotError):
    """The operator asked for a job that does not exist, or for a time that has not come."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one due time gave. is_new: this call did it. messages: what was put, or would be in a dry run.

    notes: what else a dry run found.
    """

    job: str
    due: datetime
    state: TickState
    reason: str = ""
    is_new: bool = True
    messages: tuple[Outgoing, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coming:
    """One line of the timetable's near future."""

    job: Job
    due: Due


class Runner:
    """Knows the timetable and where it stands."""

    def __init__(
        self,
        *,
        db: Database,
        seal: Seal,
        directories: DirectoryCache,
        dispatch: Dispatch,
        config: Config,
        metrics: Metrics,
        jobs: tuple[Job, ...] | None = None,
    ) -> None:
        self._db = db
        self._seal = seal
        self._directories = directories
        self._dispatch = dispatch
        self._config = config
        self._rules = courtesy.rules_of(config.courtesy)
        self._metrics = metrics
        self.jobs = timetable(config) if jobs is None else jobs

    def run_due(self, now: datetime) -> list[Run]:
        """Do what fell due since the last look and return what this call did.

        Of several missed times of a job the newest runs if its grace allows; the others are recorded as skipped.
        A job that fails is logged and tried again at the next look; the others go on.
        """
        with self._db.reading() as session:
            directory = self._directories.get(session)
            marks = _marks(session, now)
        done: list[Run] = []
        for job in self.jobs:
            try:
                done += self._catch_up(job, marks.get(job.key), directory, now)
            except Exception as error:  # one job must not stop the timetable
                self._metrics.tick(job.key, "error")
                log.error("tick.error job=%s error=%s", job.key, place_of(error))
        return done

    def run_job(self, key: str, due: datetime | None, now: datetime, *, dry_run: bool = False) -> Run:
        """Run one job for one due time (default: the last that has passed); running it again does nothing.

        A dry run returns what would be put, for a future time too, and writes nothing. Raises JobError.
        """
        job = next((job for job in self.jobs if job.key == key), None)
        if job is None:
            raise JobError(f"no job {key!r}; there are: {', '.join(job.key for job in self.jobs)}")
        due = due or self._latest(job, now)
        if dry_run:
            return self._rehearse(job, due, max(now, due))
        if due > now:
            raise JobError("that time has not come; only a dry run may look ahead")
        return self._run(job, due, now) or self._recorded(job, due)

    def upcoming(self, now: datetime, days: int) -> list[Coming]:
        """Return what falls due in (now, now + days], in order."""
        return self._between(now, now + timedelta(days=days))

    def due_between(self, start: datetime, end: datetime) -> list[datetime]:
        """Return the instants in (start, end] at which something falls due, in order."""
        return sorted({coming.due.at for coming in self._between(start, end)})

    def _between(self, start: datetime, end: datetime) -> list[Coming]:
        with self._db.reading() as session:
            calendar = self._directories.get(session).calendar
        found = [Coming(job, due) for job in self.jobs for due in job.cadence.due_times(start, end, calendar)]
        return sorted(found, key=lambda coming: coming.due.at)

    def _latest(self, job: Job, now: datetime) -> datetime:
        passed = [
            coming.due.at
            for coming in self._between(now - _LOOK_BACK, now)
            if coming.job.key == job.key and not coming.due.is_unknown
        ]
        if not passed:
            raise JobError("this job was never due; give a time")
        return passed[-1]

    def _catch_up(self, job: Job, mark: datetime | None, directory: Directory, now: datetime) -> list[Run]:
        if mark is None:
            self._record(job, now, now, TickState.STARTED, "nothing before this is sent")
            return []
        dues = job.cadence.due_times(mark, now, directory.calendar)
        newest = max((due.at for due in dues if not due.is_unknown), default=None)
        done: list[Run | None] = []
        for due in dues:
            if due.missing is not None:
                done.append(self._tell_unknown(job, due.at, due.missing, now))
            elif due.at != newest:
                done.append(self._record(job, due.at, now, TickState.SKIPPED, SUPERSEDED))
            elif now - due.at > job.grace:
                done.append(self._record(job, due.at, now, TickState.SKIPPED, TOO_LATE))
            else:
                done.append(self._run(job, due.at, now))
        return [run for run in done if run is not None]

    def _run(self, job: Job, due: datetime, now: datetime) -> Run | None:
        """Claim a due time and put its messages, both or neither; None if somebody else has it."""
        try:
            with self._db.transaction() as session:
                # One job at a time in all processes: what a person may get in a day is counted before it is put.
                lock(session, "timetable")
                row = _claim(session, TickRow(job=job.key, due_at=due, state=TickState.DONE, at=now))
                if row is None:
                    return None
                directory = self._directories.get(session)
                messages = self._messages(session, directory, job, due, now)
                row.count = len(self._dispatch.put(session, directory, messages, now))
        except UnknownDayError as gap:
            return self._tell_unknown(job, due, gap.day, now)
        self._metrics.tick(job.key, TickState.DONE)
        log.info("tick.done job=%s due=%s messages=%d", job.key, due.isoformat(), len(messages))
        self._finish(job, now)
        return Run(job.key, due, TickState.DONE, messages=tuple(messages))

    def _finish(self, job: Job, now: datetime) -> None:
        """Do what comes after the commit of a run; the run stands, whatever becomes of it."""
        try:
            if job.after is not None:
                job.after(self._db, now)
        except Exception as error:
            log.error("tick.after job=%s error=%s", job.key, place_of(error))

    def _rehearse(self, job: Job, due: datetime, now: datetime) -> Run:
        """Return what a run would put. The session is read-only and undone, whatever the job adds to it."""
        notes: list[str] = []
        try:
            with self._db.reading() as session:
                messages = self._messages(session, self._directories.get(session), job, due, now, notes)
        except UnknownDayError as gap:
            return Run(job.key, due, TickState.UNKNOWN, _reason(gap.day))
        return Run(job.key, due, TickState.DONE, messages=tuple(messages), notes=tuple(notes))

    def _tell_unknown(self, job: Job, due: datetime, missing: date, now: datetime) -> Run | None:
        """Record a due time that the calendar does not know, and tell the clerks."""
        reason = _reason(missing)
        with self._db.transaction() as session:
            row = TickRow(job=job.key, due_at=due, state=TickState.UNKNOWN, reason=reason, at=now)
            if _claim(session, row) is None:
                return None
            directory = self._directories.get(session)
            alerts = self._say(session, directory, ON_UNKNOWN, job.key, due)
            # No calendar tells whether today is a working day; the quiet hours of the clock hold all the same.
            later = courtesy.after_quiet(now, self._rules)
            alerts = [replace(alert, not_before=later) for alert in alerts]
            row.count = len(self._dispatch.put(session, directory, alerts, now))
        return self._note(job, due, TickState.UNKNOWN, reason, tuple(alerts) if row.count else ())

    def _record(self, job: Job, due: datetime, now: datetime, state: TickState, reason: str) -> Run | None:
        with self._db.transaction() as session:
            if _claim(session, TickRow(job=job.key, due_at=due, state=state, reason=reason, at=now)) is None:
                return None
        return self._note(job, due, state, reason)

    def _note(self, job: Job, due: datetime, state: TickState, reason: str, messages: tuple[Outgoing, ...] = ()) -> Run:
        self._metrics.tick(job.key, state)
        level = logging.INFO if state is TickState.STARTED else logging.WARNING
        log.log(level, "tick.%s job=%s due=%s reason: %s", state, job.key, due.isoformat(), reason)
        return Run(job.key, due, state, reason, messages=messages)

    def _recorded(self, job: Job, due: datetime) -> Run:
        with self._db.reading() as session:
            row = session.get_one(TickRow, (job.key, due))
        return Run(job.key, due, TickState(row.state), row.reason, is_new=False)

    def _say(
        self,
        session: Session,
        directory: Directory,
        push: Push,
        job: str,
        due: datetime,
        notes: list[str] | None = None,
    ) -> list[Outgoing]:
        config = self._config
        tick = Tick(
            job, due, session, self._seal, directory, config.weekly, config.complaints, config.server.public_url
        )
        said = push(tick)
        if notes is not None:
            notes += tick.notes
        return said

    def _messages(
        self,
        session: Session,
        directory: Directory,
        job: Job,
        due: datetime,
        now: datetime,
        notes: list[str] | None = None,
    ) -> list[Outgoing]:
        """Return what a job says, with the times at which it may arrive. Raises UnknownDayError."""
        said = self._say(session, directory, job.push, job.key, due, notes)
        return courtesy.arrange(session, self._seal, directory, said, now, self._rules)


def _claim(session: Session, row: TickRow) -> TickRow | None:
    """Insert the row that makes a due time ours; None if it is there already, in this or another process.

    A row from later than now was written while the clock was ahead: it does not count, and is replaced.
    """
    ahead = (TickRow.job == row.job) & (TickRow.due_at == row.due_at) & (TickRow.at > row.at + _APART)
    session.execute(delete(TickRow).where(ahead).execution_options(synchronize_session=False))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def _reason(missing: date) -> str:
    return f"no holiday notice covers {missing}"


def _marks(session: Session, now: datetime) -> dict[str, datetime]:
    """Return how far each job has come."""
    query = select(TickRow.job, func.max(TickRow.due_at)).group_by(TickRow.job)
    query = query.where(TickRow.due_at <= now, TickRow.at <= now + _APART)
    return {job: due for job, due in session.execute(query)}  # noqa: C416 - dict() of rows does not type-check
