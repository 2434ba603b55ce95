"""What follows a failed attempt."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Failure, SendError
from bot.retry import (
    MAX_BUSY,
    MAX_HANDLES,
    MAX_SENDS,
    MAX_UNREACHED,
    Fate,
    after_handle,
    after_send,
    after_unknown,
    backoff,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failure", "attempts", "aid", "may_repeat", "fate"),
    [
        (Failure.BUSY, 1, 0.0, False, Fate.AGAIN),
        (Failure.BUSY, MAX_UNREACHED - 1, 0.0, False, Fate.AGAIN),
        (Failure.BUSY, MAX_UNREACHED, 0.0, False, Fate.FAILED),
        (Failure.LIMITED, MAX_SENDS, 0.0, False, Fate.AGAIN),
        (Failure.DOOR_DOWN, MAX_SENDS, 0.0, False, Fate.AGAIN),
        (Failure.REJECTED, 1, 1500.0, True, Fate.FAILED),
        (Failure.DEAD_TARGET, 1, 1500.0, True, Fate.FAILED),
        (Failure.SPENT, 1, 1500.0, False, Fate.PARKED),
        (Failure.DELIVERED, 2, 0.0, False, Fate.SENT),
        (Failure.UNKNOWN, 1, 0.0, False, Fate.MAYBE),
        (Failure.UNKNOWN, 1, 1500.0, False, Fate.AGAIN),
        (Failure.UNKNOWN, 1, 0.0, True, Fate.AGAIN),
        (Failure.UNKNOWN, 3, 0.0, True, Fate.MAYBE),
    ],
)
def test_the_failure_decides_the_fate(
    failure: Failure, attempts: int, aid: float, may_repeat: bool, fate: Fate
) -> None:
    decision = after_send(
        SendError(failure), attempts=attempts, now=NOW, first_at=NOW, aid_seconds=aid, may_repeat=may_repeat
    )

    assert fate == decision.fate


def test_a_platform_that_says_it_is_busy_is_asked_three_times_more() -> None:
    def fate(attempts: int) -> Fate:
        error = SendError(Failure.BUSY, code=-1)
        return after_send(error, attempts=attempts, now=NOW, first_at=NOW, aid_seconds=0, may_repeat=False).fate

    assert [fate(MAX_BUSY - 1), fate(MAX_BUSY)] == [Fate.AGAIN, Fate.FAILED]


def test_the_aid_is_not_relied_on_after_it_has_run_out() -> None:
    first = NOW - timedelta(seconds=1499)

    decision = after_unknown(attempts=1, now=NOW, first_at=first, aid_seconds=1500, may_repeat=False)

    assert decision.fate == Fate.MAYBE


def test_a_limit_or_a_closed_door_does_not_use_up_attempts() -> None:
    for failure in (Failure.LIMITED, Failure.DOOR_DOWN):
        error = SendError(failure, retry_after=90)
        decision = after_send(error, attempts=3, now=NOW, first_at=NOW, aid_seconds=0, may_repeat=False)

        assert (NOW + timedelta(seconds=90), False) == (decision.due_at, decision.counts)


def test_backoff_doubles_up_to_its_most() -> None:
    waits = [backoff(attempts, jitter=0).total_seconds() for attempts in (1, 2, 3, 20)]

    assert waits == [2, 4, 8, 600]


def test_handling_is_given_up_after_its_attempts() -> None:
    assert after_handle(MAX_HANDLES - 1, NOW) is not None
    assert after_handle(MAX_HANDLES, NOW) is None
