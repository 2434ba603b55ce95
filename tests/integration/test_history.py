"""The history of progress cannot be rewritten, by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from bot.clock import SetClock
from bot.db import Database
from bot.schema import migrate
from handlers.progress.models import ProgressRow
from tests.dialogues.stage import Stage


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def migrated(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database that was migrated, as an operator's is."""
    url: URL = request.getfixturevalue(request.param)
    db = Database(url)
    migrate(db)
    yield db
    db.dispose()


def test_a_statement_can_be_sealed_anew_but_neither_changed_nor_removed(
    migrated: Database, clock: SetClock, sample: dict[str, Any], now: datetime, tmp_path: Path
) -> None:
    stage = Stage(migrated, clock, sample)
    stage.say("P-S13-2", "T08 60%")
    for statement in (
        update(ProgressRow).values(percent=90),
        update(ProgressRow).values(at=now),
        delete(ProgressRow),
        text("update progress set person_id = 'P-S14-2'"),
    ):
        with pytest.raises(DBAPIError, match="append-only"), migrated.transaction() as session:
            session.execute(statement)
    with migrated.transaction() as session:
        session.execute(update(ProgressRow).values(words=b"sealed anew"))

    assert [row.percent for row in stage.records()] == [60.0]
    stage.close()
