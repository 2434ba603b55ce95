"""A platform, a client and doors for the WeCom tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import AppDoor, RobotDoor
from bot.channels.wecom.transport import Transport
from bot.clock import SetClock
from tests.unit.wecom.stub import MemoryStore, Stub

KEY = "WniVvAp3rJDMsLpuXyU3jVqVb7kuDdwDm8tvwZzrbB0"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 24, 1, 0, tzinfo=UTC))


@pytest.fixture
def door() -> AppDoor:
    return AppDoor("office", "ww0", 1000002, "top-secret-of-app", "callback-token", KEY)


@pytest.fixture
def robot() -> RobotDoor:
    return RobotDoor("duban", "小督", "aib1", "robot-token", KEY)


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    yield stub
    stub.stop()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def client(stub: Stub, store: MemoryStore, clock: SetClock) -> Iterator[Client]:
    client = Client(stub.base, store, clock, transport=Transport(connect_timeout=5, read_timeout=5))
    yield client
    client.close()
