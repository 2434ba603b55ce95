"""The stage, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.clock import SetClock
from bot.db import Database
from tests.dialogues.stage import Stage


@pytest.fixture
def stage(db: Database, clock: SetClock, sample: dict[str, Any]) -> Iterator[Stage]:
    """The sample district on a Monday morning, nothing reported yet."""
    stage = Stage(db, clock, sample)
    yield stage
    stage.close()
