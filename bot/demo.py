"""`duban demo`: the sample district, the WeCom stand-in and the whole service in one process, without any setting."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot import config as settings
from bot import sandbox, serving
from bot.address import require_free
from bot.bootstrap.operator import import_district, write_example
from bot.bootstrap.service import Service, make_database
from bot.config import Config
from bot.inbox import InboxRow
from bot.schema import migrate

SAMPLE = Path(__file__).parent / "sandbox" / "data" / "district-sample.json"
# The sample's ledger runs in the autumn of 2026; the demo begins on a Monday morning of it.
BEGIN = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)


class DemoClock:
    """Runs like a clock, and can be moved forward."""

    def __init__(self, begin: datetime) -> None:
        self._lock = threading.Lock()
        self._at = begin
        self._since = time.monotonic()

    def now(self) -> datetime:
        """Return the demo's instant (UTC)."""
        with self._lock:
            return self._at + timedelta(seconds=time.monotonic() - self._since)

    def move_to(self, target: datetime) -> None:
        """Go on from target, or from now if that is later: the clock never goes back."""
        with self._lock:
            now = self._at + timedelta(seconds=time.monotonic() - self._since)
            self._at, self._since = max(now, target), time.monotonic()


def run(port: int, folder: Path, on_ready: Callable[[str], None], pace: float = 1.0) -> None:
    """Serve the demo from folder until the process is told to stop. pace: of the scenes, 2 leaves twice the time."""
    district = json.loads(SAMPLE.read_text(encoding="utf-8"))
    base = f"http://127.0.0.1:{port}"
    clock = DemoClock(BEGIN)
    platform = sandbox.Platform.from_district(district, callback_base=base, clock=clock)
    config = make_config(folder, port, platform)
    _prepare(config, clock, sandbox.bound(district, platform))
    service = Service(config, clock=clock)
    stand_in = sandbox.Sandbox(
        platform,
        clock=clock,
        on_clock=lambda target: advance(service, clock, target),
        inbox_rows=lambda: rows(service),
        pace=pace,
    )
    service.start(lambda: require_free(config.server.host, port, port_key="--port"))
    try:
        app = service.web(stand_in.blueprints())
        serving.run(app, config.server, lambda url: on_ready(f"{url}/sandbox/"), service.receivers())
    finally:
        stand_in.close()
        service.stop()


def make_config(folder: Path, port: int, platform: sandbox.Platform) -> Config:
    """Return a configuration for the stand-in; the keys are made once and kept in folder."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "server": {"port": port, "public_url": f"http://127.0.0.1:{port}", "threads": 48},
        "database": {"url": f"sqlite:///{folder / 'duban.db'}"},
        "vault": {"keys": [_key(folder / "vault.key")], "index_key": _key(folder / "index.key")},
        "wecom": sandbox.settings(platform),
    }
    return settings.parse(data, os.environ)


def _key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(os.urandom(32)).decode(), encoding="ascii")
    return path.read_text(encoding="utf-8", errors="replace").strip()


def _prepare(config: Config, clock: DemoClock, district: Mapping[str, Any]) -> None:
    """Bring the database up to date and to the district's newest addresses, and the clock past what was said."""
    db = make_database(config)
    migrate(db)
    import_district(db, config, district, clock.now())
    write_example(db, config, clock.now())
    with db.reading() as session:
        last = session.scalar(select(func.max(InboxRow.received_at)))
    if last is not None:
        clock.move_to(last)
    db.dispose()


def advance(service: Service, clock: DemoClock, target: datetime) -> None:
    """Move the clock to target, stopping at every due time on the way so that each happens at its own time.

    Raises ValueError for a target that has passed.
    """
    if target < clock.now():
        raise ValueError("the demo's clock only goes forward")
    for due in service.runner.due_between(clock.now(), target):
        clock.move_to(due)
        service.runner.run_due(clock.now())
        service.settle(10.0)
    clock.move_to(target)
    service.runner.run_due(clock.now())
    service.settle(10.0)


def rows(service: Service) -> list[dict[str, Any]]:
    """Return the newest inbox rows for the page: ids, states and times only."""
    with service.db.reading() as session:
        found = session.scalars(select(InboxRow).order_by(InboxRow.id.desc()).limit(50))
        return [
            {
                "id": row.id,
                "door": row.door,
                "state": row.state,
                "received": row.received_at,
                "handled": row.handled_at,
                "repeats": service.writer.repeats_of(row.uid),
            }
            for row in found
        ]
