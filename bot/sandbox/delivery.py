"""Posting one callback to the bot as the platform does: five seconds, a few repeats, the same message id."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import requests

from bot.sandbox.wire import Request


@dataclass(frozen=True, slots=True)
class Attempt:
    """One post. status is None if no answer came in time; error names why."""

    status: int | None
    seconds: float
    body: bytes = field(default=b"", repr=False)
    error: str = ""


@dataclass
class Delivery:
    """A message or event on its way to the bot. attempts may be read at any time."""

    message_id: str
    attempts: list[Attempt] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event, repr=False)
    entry_id: str = ""

    @property
    def is_acknowledged(self) -> bool:
        """Whether the bot answered 200 to one of the posts."""
        return any(attempt.status == 200 for attempt in self.attempts)

    def wait(self, seconds: float = 30.0) -> Delivery:
        """Return when every post is over and its answer shown (a stream may still be running). Raises TimeoutError."""
        if not self.done.wait(seconds):
            raise TimeoutError(f"the delivery of {self.message_id} is not over after {seconds} s")
        return self


@dataclass(frozen=True)
class Plan:
    """How stubborn a delivery is: seconds to wait for an answer, pauses before each repeat, and copies of it all."""

    timeout: float
    pauses: Sequence[float] = ()
    copies: int = 1
    at_once: bool = False


# Called with the body of each answer that came with status 200; may return what is left to do after the delivery.
OnAnswer = Callable[[bytes, Request], Callable[[], None] | None]


class Courier:
    """Posts callbacks from threads of its own."""

    def __init__(self) -> None:
        self.closing = threading.Event()

    def start(
        self,
        delivery: Delivery,
        url: str,
        seal: Callable[[], Request],
        plan: Plan,
        *,
        on_answer: OnAnswer,
        on_end: Callable[[Delivery], None],
    ) -> Delivery:
        """Begin the delivery and return it at once. Each post is sealed anew, as a repeat is a new request."""
        barrier = threading.Barrier(plan.copies) if plan.at_once else None
        answers: list[tuple[bytes, Request]] = []

        def copy() -> None:
            if barrier is not None:
                barrier.wait(10)
            answer = self._insist(delivery, url, seal, plan)
            if answer is not None:
                answers.append(answer)

        def run() -> None:
            if plan.at_once:
                _together([copy] * plan.copies)
            else:
                for _ in range(plan.copies):
                    copy()
            on_end(delivery)
            left = [on_answer(body, request) for body, request in answers]
            delivery.done.set()
            for follow in left:
                if follow is not None:
                    follow()

        threading.Thread(target=run, name=f"deliver {delivery.message_id}", daemon=True).start()
        return delivery

    def post(self, url: str, request: Request, timeout: float) -> Attempt:
        """Post once and return what came of it; never raises for trouble on the way."""
        start = time.monotonic()
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy of the machine has no business between us and a local bot
                answer = session.post(
                    url,
                    params=request.params,
                    data=request.body,
                    headers={"Content-Type": request.content_type},
                    timeout=timeout,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            return Attempt(None, time.monotonic() - start, error=type(error).__name__)
        return Attempt(answer.status_code, time.monotonic() - start, answer.content)

    def _insist(
        self, delivery: Delivery, url: str, seal: Callable[[], Request], plan: Plan
    ) -> tuple[bytes, Request] | None:
        for pause in (0.0, *plan.pauses):
            if self.closing.wait(pause):
                return None
            request = seal()
            attempt = self.post(url, request, plan.timeout)
            delivery.attempts.append(attempt)
            if attempt.status == 200:
                return attempt.body, request
        return None


def _together(tasks: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
