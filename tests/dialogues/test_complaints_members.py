"""A member of the bureau or a school who complains: in private, and out of a group into private."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import lanes
from bot.outbox import OutboxRow
from handlers.complaints import texts_intake as texts
from tests.dialogues.parent import cases, numbers_in, settle, words_of
from tests.dialogues.stage import Stage

WHO, GROUP = "P-S13-2", "C-B08"


@pytest.fixture(autouse=True)
def settled(stage: Stage) -> None:
    """A public address and a phone."""
    settle(stage)


def audiences(stage: Stage) -> set[str]:
    """Return whom the rows of messages name."""
    with stage.db.reading() as session:
        return set(session.scalars(select(OutboxRow.audience)))


def test_the_whole_way_by_the_app(stage: Stage) -> None:
    assert "同意" in stage.say(WHO, "我要举报石桥镇中心小学校长克扣教师绩效工资,上个月就少发了800元")
    assert "怎么处理" in stage.say(WHO, "1")
    assert "请核对" in stage.say(WHO, "请查清补发")
    receipt = stage.say(WHO, "确认")

    (case,) = cases(stage)
    assert case.unit_id == "S14"
    assert numbers_in(receipt) == {case.number}
    assert "48小时" not in receipt
    assert WHO not in audiences(stage)
    assert stage.records() == []


@pytest.mark.parametrize("text", ["我要投诉", "投诉", "我要举报", "我想实名举报三小乱收费"])
def test_words_that_open_a_complaint(stage: Stage, text: str) -> None:
    assert "同意" in stage.say(WHO, text)


@pytest.mark.parametrize(
    "text",
    [
        "T08 70%",
        "投诉举报件已办结3件",
        "师德承诺书全部签完",
        "我要反映进展:T08 70%",
        "举报电话已公布,T11 完成",
        "台账",
        "帮助",
    ],
)
def test_work_is_work(stage: Stage, text: str) -> None:
    assert "同意" not in stage.say(WHO, text)
    assert cases(stage) == []


def test_a_report_in_the_middle_of_a_draft_is_a_report(stage: Stage) -> None:
    stage.say(WHO, "我要举报石桥镇中心小学校长克扣教师绩效工资")
    assert "已记" in stage.say(WHO, "T08 70%")
    stage.say(WHO, "同意")
    stage.say(WHO, "上个月")
    stage.say(WHO, "请查清补发")
    stage.say(WHO, "确认")
    (case,) = cases(stage)
    assert "T08" not in words_of(stage, case)["original"]
    assert [row.task_id for row in stage.records()] == ["T08"]


def test_afterwards_only_what_is_meant_for_the_case(stage: Stage) -> None:
    for said in ("我要举报石桥镇中心小学校长上个月克扣教师绩效工资,请查清补发", "同意"):
        stage.say(WHO, said)
    number = numbers_in(stage.say(WHO, "确认"))
    assert numbers_in(stage.say(WHO, "确认")) == number
    assert numbers_in(stage.say(WHO, "查询")) == number
    assert numbers_in(stage.say(WHO, "补充:还有两个老师也少发了")) == number
    assert "已记" in stage.say(WHO, "T08 70%")
    stage.later(days=3)
    assert numbers_in(stage.say(WHO, "查询")) == number
    assert "已为您催办" in stage.say(WHO, "催办")
    assert "两个老师" in words_of(stage, cases(stage)[0])["addition"]


def test_a_complaint_in_a_group_goes_on_in_private(stage: Stage) -> None:
    said = stage.say(WHO, "举报石桥镇中心小学张某某老师上周末有偿补课,请局里查处", group=GROUP)
    assert said == texts.GROUP_TOLD
    private = stage.told(WHO)[-1]
    assert "张某某" not in private
    assert "补课" not in private
    assert "请核对" in stage.say(WHO, "同意")
    assert numbers_in(stage.say(WHO, "确认"))
    (case,) = cases(stage)
    assert case.unit_id == "S14"
    assert "张某某" in words_of(stage, case)["original"]
    assert WHO not in audiences(stage)
    assert stage.records() == []
    assert stage.push.texts == []


def test_a_quoted_complaint_in_a_group_goes_on_in_private(stage: Stage) -> None:
    quote = "举报石桥镇中心小学张某某老师上周末有偿补课,请局里查处"
    assert stage.say(WHO, "大家看看", group=GROUP, quote=quote) == texts.GROUP_TOLD
    stage.say(WHO, "同意")
    stage.say(WHO, "确认")
    assert quote in words_of(stage, cases(stage)[0])["original"]


def test_a_group_adds_to_the_draft_that_is_open(stage: Stage) -> None:
    stage.say(WHO, "我要举报石桥镇中心小学校长克扣教师绩效工资")
    assert stage.say(WHO, "举报石桥镇中心小学张某某老师上周末有偿补课,请局里查处", group=GROUP) == texts.GROUP_TOLD
    stage.say(WHO, "同意")
    stage.say(WHO, "确认")
    original = words_of(stage, cases(stage)[0])["original"]
    assert "克扣" in original
    assert "有偿补课" in original


def test_who_cannot_be_reached_is_asked_to_come(stage: Stage) -> None:
    with stage.db.transaction() as session:
        lanes.mark_dead(session, WHO, "app/office", 0, stage.clock.now())
    assert stage.say(WHO, "举报石桥镇中心小学张某某老师有偿补课,请局里查处", group=GROUP) == texts.GROUP_UNTOLD
    assert stage.told(WHO) == []


def test_a_complaint_to_the_robot_alone_goes_on_in_the_app(stage: Stage) -> None:
    assert stage.say(WHO, "我要举报石桥镇中心小学张某某老师有偿补课", robot=True) == texts.GROUP_TOLD
    assert "同意" in stage.told(WHO)[-1]
    stage.say(WHO, "同意")
    assert "怎么处理" in stage.say(WHO, "上周末")
