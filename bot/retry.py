"""What follows a failed attempt: pure decisions, told the time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Failure, SendError

MAX_SENDS = 8
MAX_BUSY = 4
MAX_UNREACHED = 150  # with backoff up to ten minutes: about a day
MAX_HANDLES = 5


class Fate(StrEnum):
    """What becomes of an outbox row after an attempt."""

    AGAIN = "again"
    SENT = "sent"
    FAILED = "failed"
    PARKED = "parked"  # 待联系: kept until the other side writes
    MAYBE = "maybe"  # 可能已发: nobody knows, and sending again could double it


@dataclass(frozen=True, slots=True)
class Decision:
    """fate, and for AGAIN the instant of the next attempt; counts is False where the attempt was not a real one."""

    fate: Fate
    due_at: datetime | None = None
    counts: bool = True


def backoff(attempts: int, *, first: float = 2.0, most: float = 600.0, jitter: float | None = None) -> timedelta:
    """Return the wait before attempt attempts+1: doubling from first, at most most, plus up to a quarter."""
    spread = random.random() if jitter is None else jitter  # noqa: S311 - spreads load, guards nothing
    return timedelta(seconds=min(most, first * 2.0 ** max(0, attempts - 1)) * (1 + spread / 4))


def after_send(
    error: SendError, *, attempts: int, now: datetime, first_at: datetime, aid_seconds: float, may_repeat: bool
) -> Decision:
    """Decide from the error of attempt number attempts (from 1).

    aid_seconds: how long after the first attempt the platform itself drops a repeat (0: it has no such aid).
    Source of the reactions: WeCom global error codes, docs 90313, read 2026-11.
    """
    match error.failure:
        case Failure.DELIVERED:
            return Decision(Fate.SENT)
        case Failure.REJECTED | Failure.DEAD_TARGET:
            return Decision(Fate.FAILED)
        case Failure.SPENT:
            return Decision(Fate.PARKED)
        case Failure.LIMITED:
            return Decision(Fate.AGAIN, now + timedelta(seconds=error.retry_after or 60), counts=False)
        case Failure.DOOR_DOWN:
            return Decision(Fate.AGAIN, now + timedelta(seconds=error.retry_after or 300), counts=False)
        case Failure.UNKNOWN:
            return after_unknown(
                attempts=attempts, now=now, first_at=first_at, aid_seconds=aid_seconds, may_repeat=may_repeat
            )
        case Failure.BUSY:
            wait = timedelta(seconds=error.retry_after) if error.retry_after else backoff(attempts)
            # An answer that says "busy" is asked again three times (docs 90313); a platform that cannot be reached at
            # all is no fault of the message, and an outage of a day loses nothing.
            most = MAX_BUSY if error.code is not None else MAX_UNREACHED
            return Decision(Fate.AGAIN, now + wait) if attempts < most else Decision(Fate.FAILED)


def after_unknown(
    *, attempts: int, now: datetime, first_at: datetime, aid_seconds: float, may_repeat: bool
) -> Decision:
    """Decide for a row whose outcome nobody knows: a time-out, a lost answer, a process that died while sending.

    With an aid the repeat is harmless while the aid lasts; a message that may repeat is repeated a few times; any
    other is left as it is and shown to people.
    """
    due = now + backoff(attempts)
    if (due - first_at).total_seconds() < aid_seconds and attempts < MAX_SENDS:
        return Decision(Fate.AGAIN, due)
    if may_repeat and attempts < 3:
        return Decision(Fate.AGAIN, due)
    return Decision(Fate.MAYBE)


def after_handle(attempts: int, now: datetime) -> datetime | None:
    """Return when a message whose handling raised is tried again, or None after MAX_HANDLES attempts."""
    return now + backoff(attempts, first=1.0, most=60.0) if attempts < MAX_HANDLES else None


def after_begun(attempts: int, now: datetime) -> datetime:
    """Return when a message is looked at again whose attempt was begun and of which nothing more is heard.

    Within two seconds for the first; later each time, so that a message that ends the process leaves room for the
    others between two starts.
    """
    return now + backoff(attempts, first=1.4, most=60.0)
