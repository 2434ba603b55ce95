"""Nothing is lost or doubled when a process ends or the platform repeats itself, and no secret is written in clear."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.db import Base, Database
from bot.people import DirectoryCache
from bot.router import Router
from handlers import FEATURES
from tests.dialogues.parent import Parent, cases, code_in, numbers_in, settle, words_of
from tests.dialogues.stage import Stage

NAME, MOBILE, CHILD, SECRET = "欧阳建军", "19900001093", "欧阳可欣", "在东墙根底下烧纸条"
TOLD = [
    f"我叫{NAME},电话{MOBILE},食堂的饭菜里老是吃出虫子,{SECRET}",
    "同意",
    "一小",
    f"昨天中午,我孩子{CHILD}看到的",
    f"希望换供餐公司,别再{SECRET}",
    "实名",
    "确认",
]
AFTERWARDS = [
    f"补充:{CHILD}今天又看到一次,{SECRET}",
    "催办",
    "查询",
    f"二小也强制买教辅,{CHILD}班上每人168元",
    "新的投诉",
    "撤回",
]


@pytest.fixture
def parent(stage: Stage) -> Parent:
    """A parent who has not said anything yet."""
    settle(stage)
    return Parent(stage)


@pytest.fixture
def opened() -> Iterator[list[Database]]:
    """Databases that a test has opened beside the first."""
    found: list[Database] = []
    yield found
    for database in found:
        database.dispose()


def restart(stage: Stage, opened: list[Database]) -> None:
    """Let everything that lived in memory be gone."""
    stage.close()
    fresh = Database(stage.db.engine.url)
    opened.append(fresh)
    stage.house = replace(stage.house, db=fresh, directories=DirectoryCache(), router=Router(FEATURES))


def test_a_restart_at_every_turn_changes_nothing(stage: Stage, parent: Parent, opened: list[Database]) -> None:
    answers = []
    for said in TOLD:
        answers.append(parent.say(said))
        restart(stage, opened)

    assert "请核对" in answers[-2]
    (case,) = cases(stage)
    assert numbers_in(answers[-1]) == {case.number}
    words = words_of(stage, case)
    assert SECRET in words["original"]
    assert "昨天中午" in words["happened"]
    assert numbers_in(parent.say("查询")) == {case.number}


def test_every_message_delivered_three_times(stage: Stage, parent: Parent) -> None:
    for place, said in enumerate(TOLD):
        answers = {parent.say(said, message_id=f"turn{place}") for _ in range(3)}
        assert len(answers) == 1
    (case,) = cases(stage)
    receipts = [text for _, text in stage.kf.texts if code_in(text)]
    assert len(receipts) == 1
    assert numbers_in(receipts[0]) == {case.number}
    assert words_of(stage, case)["original"].count("虫子") == 1
    assert len(stage.kf.parcels) == len(TOLD)


def dump(stage: Stage) -> str:
    """Return everything that the database holds, sealed values as they are."""
    parts = []
    with stage.db.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                parts += [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(parts)


def assert_no_secret(stage: Stage, caplog: pytest.LogCaptureFixture, secrets: list[str]) -> None:
    held, logged = dump(stage), caplog.text
    for secret in secrets:
        assert secret not in held
        assert secret not in logged
        assert secret.encode().hex() not in held


def test_no_secret_typed_at_any_turn_is_in_clear_anywhere(
    stage: Stage, parent: Parent, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("bot", "handlers"):
        caplog.set_level(logging.DEBUG, name)
    secrets = [NAME, MOBILE, CHILD, SECRET, parent.id, "吃出虫子"]
    for said in (*TOLD, *AFTERWARDS):
        code = code_in(parent.say(said))
        secrets += [code] if code else []
        assert_no_secret(stage, caplog, secrets)
    assert any(len(secret) == 13 and secret.isalnum() for secret in secrets)
    assert stage.failed() == []


def test_no_secret_of_danger_or_of_a_group_is_in_clear(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    settle(stage)
    for name in ("bot", "handlers"):
        caplog.set_level(logging.DEBUG, name)
    parent = Parent(stage)
    code = code_in(parent.say(f"{CHILD}在一小被打得头破血流,{SECRET}"))
    parent.say(f"在{SECRET}")
    stage.say("P-S13-2", f"举报石桥小学张大民老师有偿补课,{SECRET},请局里查处", group="C-B08")
    stage.say("P-S13-2", "同意")
    stage.say("P-S13-2", "上周末")
    stage.say("P-S13-2", "请查一查")
    own = code_in(stage.say("P-S13-2", "确认"))

    assert len(cases(stage)) == 2
    assert_no_secret(stage, caplog, [CHILD, SECRET, parent.id, "张大民", "头破血流", code, own])


def test_no_row_ties_a_member_to_a_case(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    settle(stage)
    for name in ("bot", "handlers"):
        caplog.set_level(logging.DEBUG, name)
    before = dump(stage)
    for said in ("我要举报石桥镇中心小学校长上个月克扣教师绩效工资,请查清补发", "同意", "确认", "查询", "催办"):
        stage.say("P-S13-2", said)
    stage.say("P-S13-2", "我们班学生在厕所割腕了,流了好多血", group="C-B08")

    for who in ("P-S13-2", "p-s13-2"):
        assert who not in caplog.text
        assert dump(stage).count(who) == before.count(who)
