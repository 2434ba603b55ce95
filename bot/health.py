"""Whether the service lives and is ready: /healthz, /readyz, /metrics."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot import inbox
from bot.clock import Clock
from bot.db import Database
from bot.lanes import list_pauses
from bot.metrics import Metrics
from bot.people import RevisionRow
from bot.shared import upsert

log = logging.getLogger(__name__)

_LATE = timedelta(minutes=5)
# Anybody may ask /readyz, and the answer takes the lock of the database's one writer.
_KEPT = timedelta(seconds=5)
_STALE = timedelta(seconds=30)

_PULSE = "timetable"

Facts = dict[str, object]


def blueprint(db: Database, clock: Clock, metrics: Metrics, last_tick: Callable[[], datetime | None]) -> Blueprint:
    """Return the pages; last_tick tells when the scheduler last looked (None: not known)."""
    pages = Blueprint("health", __name__)
    started = clock.now()
    verdict = Verdict(clock, lambda: _facts(db, clock.now(), started, last_tick()))

    @pages.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """Answer that the process lives."""
        return jsonify(status="ok")

    @pages.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Answer 200 if the database takes writes, no message waits long and the scheduler looks; else 503.

        The verdict is a few seconds old at most; one that cannot be had is 503.
        """
        facts = verdict.get()
        return jsonify(facts), 200 if facts["ready"] else 503

    @pages.get("/metrics")
    def numbers() -> ResponseReturnValue:
        """Answer the counters in Prometheus' text format."""
        return Response(metrics.render(), mimetype="text/plain; version=0.0.4; charset=utf-8")

    return pages


def beat(db: Database, now: datetime) -> None:
    """Note that the timetable was looked at, for the processes that have no part in it. Raises if the database is
    away."""
    with db.transaction() as session:
        upsert(session, RevisionRow, {"name": _PULSE}, {"number": int(now.timestamp())})


def find_pulse(db: Database) -> datetime | None:
    """Return when any process last looked at the timetable; None if that is not known."""
    try:
        with db.reading() as session:
            seconds = session.scalar(select(RevisionRow.number).where(RevisionRow.name == _PULSE))
    except SQLAlchemyError:
        return None
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


class Verdict:
    """What look found out, kept for a few seconds. One caller at a time looks; the others never wait for it."""

    def __init__(self, clock: Clock, look: Callable[[], Facts]) -> None:
        self._clock = clock
        self._look = look
        self._looking = threading.Lock()
        self._kept: tuple[datetime, Facts] | None = None

    def get(self) -> Facts:
        """Return the facts; while a look takes long the last ones for half a minute, then that it is not ready."""
        facts = self._younger_than(_KEPT)
        if facts is not None:
            return facts
        if not self._looking.acquire(blocking=False):
            return self._younger_than(_STALE) or {"ready": False, "database_writable": False}
        try:
            facts = self._look()
            self._kept = (self._clock.now(), facts)
            return facts
        finally:
            self._looking.release()

    def _younger_than(self, age: timedelta) -> Facts | None:
        kept = self._kept
        # A clock that was set back makes a verdict of the future: that is none.
        return kept[1] if kept is not None and timedelta(0) <= self._clock.now() - kept[0] < age else None


def _facts(db: Database, now: datetime, started: datetime, ticked: datetime | None) -> Facts:
    try:
        with db.transaction() as session:
            # A real write: a disk that is full or read-only must show here.
            upsert(session, RevisionRow, {"name": "readyz"}, {"number": int(now.timestamp())})
            oldest = inbox.oldest_open(session)
            resting = list_pauses(session, now)
        writable = True
    except SQLAlchemyError as error:
        log.error("readyz.database error=%s", type(error).__name__)
        oldest, writable, resting = None, False, []
    waiting = (now - oldest).total_seconds() if oldest else 0.0
    late_tick = now - (ticked or started) > _LATE
    return {
        "ready": writable and waiting < _LATE.total_seconds() and not late_tick,
        "database_writable": writable,
        "resting_doors": resting,
        "oldest_open_message_seconds": round(waiting, 1),
        "last_scheduler_tick": ticked.isoformat() if ticked else None,
    }
