"""The loops around the steps: one thread handles, one hands out sends to a pool, one fetches media, one
pulls accounts.

Wake-up is an event in the process and a slow look at the rows behind it. A stop lets steps under way finish.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy.orm import Session

from bot import inbox, media, outbox, pulls
from bot.errors import place_of
from bot.steps import alarm, deliver, fetch, handle, identify, pull
from bot.steps.deliver import Outcome
from bot.steps.house import House

log = logging.getLogger(__name__)

_SLOWEST_LOOK = 2.0
_SWEEP_SECONDS = 60.0
_RECOVER_SECONDS = 2.0
_AFTER_FAULT = 1.0
_LONGEST_AFTER_FAULT = 10.0


def _next_look_up(session: Session) -> datetime | None:
    dues = [due for due in (media.next_due_at(session), identify.next_due_at(session)) if due is not None]
    return min(dues, default=None)


class Wake:
    """Tells sleeping loops that there may be work."""

    def __init__(self) -> None:
        self.handle = threading.Event()
        self.deliver = threading.Event()
        self.fetch = threading.Event()
        self.pull = threading.Event()

    def all(self) -> None:
        """Wake every loop."""
        for event in (self.handle, self.deliver, self.fetch, self.pull):
            event.set()


class Worker:
    """Runs the steps of one process between start and stop."""

    def __init__(
        self,
        house: House,
        wake: Wake,
        *,
        senders: int,
        on_settled: Callable[[str], None],
        give_way: Callable[[], None] = lambda: None,
    ) -> None:
        self._house = house
        self._wake = wake
        self._senders = senders
        self._on_settled = on_settled
        self._give_way = give_way
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="sender")
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._under_way = 0
        # Held while messages are handled: those have their next due time already and would look like waiting ones.
        self._handling = threading.Lock()
        self._swept = 0.0
        self._recovered = 0.0
        loops = {"handle": self._handle, "deliver": self._deliver, "fetch": self._fetch}
        if house.accounts:
            loops["pull"] = self._pull
        self._threads = [
            threading.Thread(target=self._loop, args=(name, turn), name=name, daemon=True)
            for name, turn in loops.items()
        ]

    def start(self) -> None:
        """Settle what an earlier process left under way, then start the loops."""
        deliver.recover(self._house)
        pull.begin(self._house)
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> bool:
        """Let steps under way finish, for at most seconds; True if all of them did."""
        self._stopping.set()
        self._wake.all()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not any(thread.is_alive() for thread in self._threads)

    def is_idle(self) -> bool:
        """Whether nothing is due or under way now; for the demo's clock and for tests."""
        if not self._handling.acquire(timeout=1.0):
            return False
        try:
            now = self._house.clock.now()
            with self._house.db.reading() as session:
                dues = [room.next_due_at(session) for room in (inbox, outbox, media)]
                dues.append(pulls.next_due_at(session, self._house.accounts))
        finally:
            self._handling.release()
        return self._under_way == 0 and not any(due is not None and due <= now for due in dues)

    def _loop(self, name: str, turn: Callable[[], None]) -> None:
        faults = 0
        while not self._stopping.is_set() or (name == "deliver" and self._under_way):
            try:
                turn()
                faults = 0
            except Exception as error:  # the database may be away; the loop must live
                log.error("worker.error loop=%s error=%s", name, place_of(error))
                if self._stopping.wait(min(_LONGEST_AFTER_FAULT, _AFTER_FAULT * 2.0 ** min(faults, 8))):
                    time.sleep(_AFTER_FAULT)  # a stop waits for answers to be marked: no reason to hurry in circles
                faults += 1

    def _handle(self) -> None:
        with self._handling:
            found = handle.handle(self._house, self._settled, self._stopping.is_set, self._give_way)
        if not found:
            self._sleep(self._wake.handle, inbox.next_due_at)

    def _settled(self, uid: str) -> None:
        self._on_settled(uid)
        self._wake.deliver.set()
        self._wake.fetch.set()
        self._wake.pull.set()

    def _fetch(self) -> None:
        if identify.identify(self._house):
            self._wake.handle.set()
        elif not fetch.fetch(self._house):
            self._sleep(self._wake.fetch, _next_look_up)

    def _pull(self) -> None:
        if pull.pull(self._house):
            self._wake.handle.set()
            self._wake.deliver.set()
        else:
            self._sleep(self._wake.pull, lambda session: pulls.next_due_at(session, self._house.accounts))

    def _deliver(self) -> None:
        self._give_way()
        self._mark_done()
        self._recover()
        free = self._senders - self._under_way
        taken = deliver.take(self._house, free) if free > 0 and not self._stopping.is_set() and self._has_due() else []
        for row in taken:
            self._under_way += 1
            self._pool.submit(self._send, row)
        if not taken:
            self._tidy()
            self._sleep(self._wake.deliver, outbox.next_due_at)

    def _has_due(self) -> bool:
        now = self._house.clock.now()
        with self._house.db.reading() as session:
            due = outbox.next_due_at(session)
        return due is not None and due <= now

    def _send(self, row: outbox.Taken) -> None:
        self._outcomes.put(deliver.send(self._house, row))
        self._wake.deliver.set()

    def _mark_done(self) -> None:
        outcomes: list[Outcome] = []
        while not self._outcomes.empty():
            outcomes.append(self._outcomes.get())
        if not outcomes:
            return
        try:
            deliver.mark(self._house, outcomes)
        except Exception:
            for outcome in outcomes:  # the answers are known; only the database was away
                self._outcomes.put(outcome)
            raise
        self._under_way -= len(outcomes)

    def _recover(self) -> None:
        """Look whether another process has died while it was sending."""
        if not self._house.db.is_sqlite and time.monotonic() - self._recovered > _RECOVER_SECONDS:
            self._recovered = time.monotonic()
            deliver.recover(self._house)

    def _tidy(self) -> None:
        if time.monotonic() - self._swept > _SWEEP_SECONDS:
            self._swept = time.monotonic()
            fetch.sweep(self._house)
            alarm.tell_failed(self._house)

    def _sleep(self, event: threading.Event, next_due_at: Callable[[Session], datetime | None]) -> None:
        seconds = _SLOWEST_LOOK
        if not event.is_set():
            with self._house.db.reading() as session:
                due = next_due_at(session)
            if due is not None:
                left = (due - self._house.clock.now()).total_seconds()
                # A row that is due but held (its lane, a pause) must not make the loop spin.
                seconds = min(_SLOWEST_LOOK, max(0.05, left)) if left > 0 else 1.0
        event.wait(seconds)
        event.clear()
