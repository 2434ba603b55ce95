"""The sender: replays prepared requests from a process of its own, as the platform does, and times every answer.

Closed loop: each connection sends its next request once it has the answer to the last. Open loop: request i is due at
i / rate and its latency counts from then, so that a stall of the server is not hidden by a sender that waits.
"""

from __future__ import annotations

import heapq
import os
import re
import resource
import select
import socket
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from benchmarks.callbacks import Callback

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSING = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send and how. rate 0 is the closed loop; core: the sender's own (-1: any); times in seconds.

    An attempt without an answer, or with 5xx, is repeated up to retries times, retry_pause after it failed.
    """

    port: int
    callbacks: Sequence[Callback]
    connections: int = 16
    rate: float = 0.0
    retries: int = 0
    retry_pause: float = 1.0
    timeout: float = 5.0
    core: int = -1


@dataclass(slots=True)
class Answer:
    """What became of one request: the last status (0: none), attempts, seconds to the answer that counted."""

    status: int = 0
    attempts: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole run. sender_share is the sender's CPU time per second: near 1 it measured itself."""

    answers: list[Answer]
    seconds: float
    sender_share: float

    @property
    def accepted(self) -> int:
        """How many requests were answered 200."""
        return sum(answer.status == 200 for answer in self.answers)

    @property
    def rate(self) -> float:
        """Requests answered 200 per second."""
        return self.accepted / self.seconds

    def milliseconds(self, share: float) -> float:
        """Return the latency below which the share of answered requests lies; 1.0 gives the slowest."""
        times = sorted(answer.seconds for answer in self.answers if answer.status)
        return times[min(len(times) - 1, int(len(times) * share))] * 1000 if times else float("nan")


class Sender:
    """A pool of one process that sends; kept, so that a later run does not pay for its start."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._pool.submit(os.getpid).result()

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._pool.shutdown()

    def start(self, plan: Plan) -> Future[Outcome]:
        """Begin a run."""
        return self._pool.submit(send, plan)

    def run(self, plan: Plan) -> Outcome:
        """Do a run and return what came of it."""
        return self.start(plan).result()


def send(plan: Plan) -> Outcome:
    """Carry out plan in this process."""
    if plan.core >= 0:
        os.sched_setaffinity(0, {plan.core})
    before, start = _cpu(), time.monotonic()
    run = _Run(plan, start)
    run.loop()
    seconds = time.monotonic() - start
    return Outcome(run.answers, seconds, (_cpu() - before) / seconds)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@dataclass(slots=True)
class _Line:
    """One connection and the request under way on it (-1: none)."""

    socket: socket.socket | None = None
    request: int = -1
    since: float = 0.0
    left: memoryview = field(default_factory=lambda: memoryview(b""))
    got: bytearray = field(default_factory=bytearray)
    fresh: bool = True


class _Run:
    def __init__(self, plan: Plan, start: float) -> None:
        self.answers = [Answer() for _ in plan.callbacks]
        self._plan = plan
        self._poll = select.epoll()
        self._idle = [_Line() for _ in range(plan.connections)]  # the last used is used first, as pools do
        self._busy: dict[int, _Line] = {}
        pace = 1 / plan.rate if plan.rate else 0.0
        self._due = [(start + number * pace, number) for number in range(len(plan.callbacks))]
        self._began = [at if plan.rate else 0.0 for at, _ in self._due]
        self._checked = start

    def loop(self) -> None:
        """Send everything and wait for every answer or failure."""
        while self._due or self._busy:
            now = time.monotonic()
            while self._due and self._idle and self._due[0][0] <= now:
                self._begin(self._idle.pop(), heapq.heappop(self._due)[1], now)
            wait = 0.05
            if self._due and self._idle:
                wait = max(0.0, min(wait, self._due[0][0] - time.monotonic()))
            for number, event in self._poll.poll(wait):
                if number in self._busy:
                    self._serve(self._busy[number], event)
            self._give_up(time.monotonic())
        for line in self._idle:
            self._hang_up(line)
        self._poll.close()

    def _begin(self, line: _Line, request: int, now: float) -> None:
        answer = self.answers[request]
        answer.attempts += 1
        self._began[request] = self._began[request] or now
        line.request, line.since = request, now
        line.left = memoryview(self._plan.callbacks[request].raw)
        line.got = bytearray()
        line.fresh = line.socket is None
        try:
            if line.socket is None:
                line.socket = self._connect()
            else:
                self._poll.modify(line.socket.fileno(), select.EPOLLIN | select.EPOLLOUT)
        except OSError:
            self._failed(line)
            return
        self._busy[line.socket.fileno()] = line

    def _connect(self) -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.connect_ex(("127.0.0.1", self._plan.port))
        self._poll.register(made.fileno(), select.EPOLLIN | select.EPOLLOUT)
        return made

    def _serve(self, line: _Line, event: int) -> None:
        assert line.socket is not None
        try:
            if line.left and event & select.EPOLLOUT:
                line.left = line.left[line.socket.send(line.left) :]
                if not line.left:
                    self._poll.modify(line.socket.fileno(), select.EPOLLIN)
            if event & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                part = line.socket.recv(65536)
                if not part:
                    raise ConnectionError
                line.got += part
                self._read(line)
        except BlockingIOError:
            return
        except OSError:
            self._failed(line)

    def _read(self, line: _Line) -> None:
        end = line.got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(line.got[:end])
        length = _LENGTH.search(head)
        if length is None or len(line.got) < end + 4 + int(length.group(1)):
            return
        answer = self.answers[line.request]
        answer.status = int(head.split(b" ", 2)[1])
        answer.seconds = time.monotonic() - self._began[line.request]
        request = self._release(line, keep=head.startswith(b"HTTP/1.1") and not _CLOSING.search(head))
        if answer.status >= 500:
            self._again(request)

    def _failed(self, line: _Line) -> None:
        """A kept connection that the server closed meanwhile is no attempt; anything else is one."""
        stale = not line.fresh and not line.got
        request = self._release(line, keep=False)
        if stale:
            self.answers[request].attempts -= 1
            heapq.heappush(self._due, (time.monotonic(), request))
        else:
            self._again(request)

    def _again(self, request: int) -> None:
        if self.answers[request].attempts <= self._plan.retries:
            heapq.heappush(self._due, (time.monotonic() + self._plan.retry_pause, request))

    def _release(self, line: _Line, *, keep: bool) -> int:
        if line.socket is not None:
            self._busy.pop(line.socket.fileno(), None)
        if not keep:
            self._hang_up(line)
        request, line.request = line.request, -1
        self._idle.append(line)
        return request

    def _hang_up(self, line: _Line) -> None:
        if line.socket is not None:
            line.socket.close()
            line.socket = None

    def _give_up(self, now: float) -> None:
        if now - self._checked < 0.1:
            return
        self._checked = now
        for line in [line for line in self._busy.values() if now - line.since > self._plan.timeout]:
            line.fresh = True
            self._failed(line)
