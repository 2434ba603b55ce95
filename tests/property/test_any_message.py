"""Any text from anybody: no exception, exactly one outcome, no write without a task that applies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import SetClock
from bot.db import Base, Database
from bot.messages import Incoming, Kind, Quote
from handlers.progress import service as progress
from handlers.progress.example import write_last_week
from handlers.tasks import service as ledger
from handlers.weekly.cards import Choice, card_id
from scheduler.runner import Runner
from tests.conftest import SAMPLE
from tests.dialogues.stage import Stage, make_config

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
    yield from _staged(tmp_path_factory.mktemp("any"))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The same with a week to look back on, the week's round open, its prompts and its cards sent."""
    for stage in _staged(tmp_path_factory.mktemp("asked")):
        with stage.db.transaction() as session:
            assert write_last_week(session, stage.seal, stage.house.directories.get(session), stage.clock.now())
        _run(stage, "weekly.open", OPENED)
        _run(stage, "weekly.nudge", NUDGED)
        yield stage


def _staged(folder: Path) -> Iterator[Stage]:
    db = Database(f"sqlite:///{folder / 'duban.db'}")
    Base.metadata.create_all(db.engine)
    stage = Stage(db, SetClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC)), DISTRICT)
    yield stage
    stage.close()
    db.dispose()


def _run(stage: Stage, job: str, at: datetime) -> None:
    house = stage.house
    runner = Runner(
        db=stage.db,
        seal=stage.seal,
        directories=house.directories,
        dispatch=house.dispatch,
        config=make_config(),
        metrics=house.metrics,
    )
    stage.at(at)
    runner.run_job(job, at, at)
    stage.work()


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

    _assert_sound(stage, before, sender)


def _assert_sound(stage: Stage, before: int, sender: str) -> None:
    """Nothing failed; what was written since so many rows is the sender's to write, of a task that applies."""
    assert stage.failed() == []
    with stage.db.reading() as session:
        directory = stage.house.directories.get(session)
        tasks = ledger.get(session, directory).tasks
    records = stage.records()
    by_id = {row.id: row for row in records}
    for row in records[before:]:
        assert row.unit_id in tasks[row.task_id].applies_to
        assert row.person_id.lower() == sender
        assert progress.may_report(directory.people[row.person_id], row.unit_id, tasks[row.task_id], directory)
        assert row.percent is None or 0 <= row.percent <= 100
        assert row.status != "done" or row.percent == 100
        assert row.act != "unchanged" or row.replaces is not None
        if row.replaces is not None:
            replaced = by_id[row.replaces]
            assert (replaced.unit_id, replaced.task_id) == (row.unit_id, row.task_id)
            assert row.act != "unchanged" or (replaced.status, replaced.percent) == (row.status, row.percent)


OPENED, NUDGED = datetime(2026, 11, 26, 1, 0, tzinfo=UTC), datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
REPLIES = [
    "无变化",
    "都没变化",
    "T08 无变化",
    "其他无变化",
    "①70%",
    "①70%,其他无变化",
    "②无变化",
    "第二项60%",
    "第9项60%",
    "1.完成\n2.八成",
    "都完成了",
    "8号到七成了",
    "60%",
    "还差3户",
    "已完成",
    "👌",
    "作废",
    "更正:应该是75%",
    "对",
    "T31",
    "2",
]
replies = st.one_of(
    st.sampled_from(REPLIES), st.lists(st.sampled_from([*REPLIES, *WORDS]), min_size=1, max_size=6).map("".join), texts
)
# Whose prompt is quoted, by place among those sent; None: nothing is.
quoted = st.one_of(st.none(), st.integers(0, 200), texts)
clicks = st.tuples(st.sampled_from(PEOPLE), st.sampled_from([*(choice.value for choice in Choice), "weekly.none", ""]))


@settings(max_examples=150)
@given(sender=st.sampled_from(PEOPLE), text=replies, quote=quoted, chat=chats)
def test_any_answer_in_an_open_round_writes_only_what_applies(
    asked: Stage, sender: str, text: str, quote: int | str | None, chat: str
) -> None:
    before = len(asked.records())
    asked.later(seconds=1)
    asked.receive(
        Incoming(
            door="robot/duban" if chat else "app/office",
            message_id=f"answer-{asked.clock.now().timestamp()}",
            kind=Kind.TEXT,
            sender=sender,
            chat=chat,
            text=text,
            quote=Quote(Kind.TEXT, _prompt(asked, quote) if isinstance(quote, int) else quote)
            if quote is not None
            else None,
            response_url=f"https://x/{asked.clock.now().timestamp()}" if chat else "",
        )
    )

    _assert_sound(asked, before, sender)


@settings(max_examples=100)
@given(sender=st.sampled_from(PEOPLE), click=clicks)
def test_any_click_in_an_open_round_writes_only_what_applies(asked: Stage, sender: str, click: tuple[str, str]) -> None:
    owner, key = click
    before = len(asked.records())
    asked.later(seconds=1)
    asked.click(sender, card_id("2026W48", owner.upper()), key)

    _assert_sound(asked, before, sender)
    assert before == len(asked.records()) or (owner == sender and key == Choice.UNCHANGED)


def test_the_round_of_these_examples_is_open_and_confirms(asked: Stage) -> None:
    asked.later(seconds=1)
    asked.click("p-s19-2", card_id("2026W48", "P-S19-2"), Choice.UNCHANGED)

    assert "unchanged" in {row.act for row in asked.records()}
    assert len([text for _, text in asked.app.texts if "本周" in text]) > 20


def _prompt(stage: Stage, number: int) -> str:
    prompts = [text for _, text in stage.app.texts if "请更新" in text]
    return prompts[number % len(prompts)]
