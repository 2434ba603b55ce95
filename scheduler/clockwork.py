"""Makes somebody look at the timetable every few seconds: APScheduler with nothing to remember.

What was missed while no process ran is found from the rows by the runner, so a memory store is enough; a shared
store would run every job once per process (dependencies reference §2).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from bot.clock import Clock, SystemClock
from bot.errors import place_of

log = logging.getLogger(__name__)

LOOK_SECONDS = 20
# APScheduler silently drops a run that is late by more than this; its default is one second.
_MISFIRE_SECONDS = 6 * 3600


class Clockwork:
    """Calls look at the start and then every 20 s between start and stop, never twice at once.

    clock is the service's, which a demo may set; the pauses between looks follow the machine's.
    """

    def __init__(self, look: Callable[[], object], clock: Clock, *, seconds: float = LOOK_SECONDS) -> None:
        self._look = look
        self._clock = clock
        self._last_tick: datetime | None = None
        self._scheduler = BackgroundScheduler(
            timezone="Asia/Shanghai",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _MISFIRE_SECONDS},
        )
        self._seconds = seconds

    @property
    def last_tick(self) -> datetime | None:
        """When a look last ended well, by the service's clock; None before the first."""
        return self._last_tick

    def start(self) -> None:
        """Begin to look, at once and then regularly."""
        # One regular job, due at once. A one-shot job beside it may trip over a stop that comes while it is removed.
        first = SystemClock().now()
        self._scheduler.add_job(self._turn, "interval", seconds=self._seconds, next_run_time=first)
        self._scheduler.start()

    def stop(self) -> None:
        """Look no more; a look under way is waited for."""
        self._scheduler.shutdown(wait=True)

    def _turn(self) -> None:
        try:
            self._look()
        except Exception as error:  # the database may be away; the next look tries again
            log.error("clockwork.error error=%s", place_of(error))
        else:
            self._last_tick = self._clock.now()
