"""When work gives way to callbacks."""

from __future__ import annotations

import pytest

from bot import intake
from bot.intake import _Pace


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that the test moves."""
    at = [100.0]
    monkeypatch.setattr(intake.time, "monotonic", lambda: at[0])
    return at


def run(pace: _Pace, seconds: list[float], *, rate: int, messages: int) -> None:
    """Let messages come in at rate a second."""
    for _ in range(messages):
        seconds[0] += 1 / rate
        pace.count(1)


@pytest.mark.parametrize(("rate", "fast"), [(10, False), (100, False), (250, False), (400, True), (3000, True)])
def test_only_a_crowd_is_given_way_to(seconds: list[float], rate: int, fast: bool) -> None:
    pace = _Pace()
    run(pace, seconds, rate=rate, messages=rate)
    assert pace.is_fast() is fast


def test_a_crowd_that_has_gone_is_forgotten(seconds: list[float]) -> None:
    pace = _Pace()
    run(pace, seconds, rate=2000, messages=2000)
    assert pace.is_fast()
    seconds[0] += 0.11
    assert not pace.is_fast()
    run(pace, seconds, rate=50, messages=20)
    assert not pace.is_fast()


def test_a_single_message_after_a_silence_is_no_crowd(seconds: list[float]) -> None:
    pace = _Pace()
    pace.count(400)
    assert not pace.is_fast()
