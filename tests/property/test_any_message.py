"""Any text from anybody: no exception, exactly one outcome, no write without a task that applies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SetClock
from bot.db import Base, Database
from bot.messages import Incoming, Kind, Quote
from handlers.ledger import service as ledger
from tests.conftest import SAMPLE
from tests.dialogues.stage import Stage

DISTRICT = json.loads(SAMPLE.read_text(encoding="utf-8"))
PEOPLE = [person["id"].lower() for person in DISTRICT["people"]] + ["nobody", ""]
WORDS = [alias for task in DISTRICT["ledger"] for alias in [task["id"], task["title"], *task["aliases"]]]
WORDS += [alias for school in DISTRICT["schools"] for alias in [school["name"], *school["aliases"]]]
WORDS += [
    "完成",
    "已完成",
    "没完成",
    "八成",
    "60%",
    "100%",
    "一半",
    "更正",
    "作废",
    "无变化",
    "其他无变化",
    "延期到",
    "12月31日",
    "下周三",
    "卡住了",
    "不涉及",
    "举报",
    "投诉",
    "通报",
    "如果",
    "转:",
    "@小督",
    "绑定本群",
    "台账",
    "逾期",
    "帮助",
    "1",
    "2",
    "①",
    "0",
    "对",
    "算了",
    "我校",
    "和",
    "、",
    ",",
    "。",
    "\n",
    "✅",
    "👌",
    "已报3项",
    "共12项完成9项",
    "还没报",
]

texts = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join))
kinds = st.sampled_from([Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.VOICE, Kind.MIXED, Kind.IMAGE, Kind.EVENT, Kind.UNKNOWN])
quotes = st.one_of(st.none(), texts)
chats = st.sampled_from(["", "", "wr-c-b08", "wr-unknown"])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One district for all examples: what was said before must not matter to what may happen."""
    folder: Path = tmp_path_factory.mktemp("any")
    db = Database(f"sqlite:///{folder / 'duban.db'}")
    Base.metadata.create_all(db.engine)
    yield Stage(db, SetClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC)), DISTRICT)
    db.dispose()


@given(sender=st.sampled_from(PEOPLE), text=texts, kind=kinds, quote=quotes, chat=chats)
def test_any_message_has_one_outcome_and_writes_only_what_applies(
    stage: Stage, sender: str, text: str, kind: Kind, quote: str | None, chat: str
) -> None:
    before = len(stage.records())
    stage.later(seconds=1)
    stage.receive(
        Incoming(
            door="robot/duban" if chat else "app/office",
            message_id=f"any-{stage.clock.now().timestamp()}",
            kind=kind,
            sender=sender,
            chat=chat,
            text=text,
            quote=Quote(Kind.TEXT, quote) if quote is not None else None,
            response_url=f"https://x/{stage.clock.now().timestamp()}" if chat else "",
        )
    )

    assert stage.failed() == []
    with stage.db.reading() as session:
        tasks = ledger.get(session, stage.house.directories.get(session)).tasks
    for row in stage.records()[before:]:
        assert row.unit_id in tasks[row.task_id].applies_to
        assert row.person_id.lower() == sender
        assert row.percent is None or 0 <= row.percent <= 100
        assert row.status != "done" or row.percent == 100
