"""Danger comes before everything: at every turn, at every door, without consent or confirmation."""

from __future__ import annotations

import pytest

from bot.messages import Kind
from handlers.complaints import texts_intake as texts
from tests.dialogues.parent import Parent, cases, code_in, numbers_in, settle, words_of
from tests.dialogues.stage import Stage

DANGER = "我孩子在一小被几个同学打得头破血流,正在流血"
DUTY = ("p-b08-1", "p-b01-1", "p-l4")
FIRST = "有危险请马上打:110报警、120急救、119火警"
TOLD = ["食堂的饭菜里老是吃出虫子,没人管", "同意", "一小", "昨天中午", "希望换供餐公司"]


@pytest.fixture
def parent(stage: Stage) -> Parent:
    """A parent who has not said anything yet."""
    settle(stage)
    return Parent(stage)


def alerted(stage: Stage) -> set[str]:
    """Return the members to whom the app wrote of danger."""
    return {address for address, text in stage.app.texts if "紧急" in text or "危险" in text}


def test_danger_is_registered_at_once_and_the_duty_is_told(stage: Stage, parent: Parent) -> None:
    said = parent.say(DANGER)

    assert said.startswith(FIRST)
    (case,) = cases(stage)
    assert case.dangers
    assert case.unit_id == "S01"
    assert numbers_in(said) == {case.number}
    assert len(code_in(said)) == 13
    assert texts.NOTICE_VERSION in said
    assert said.count("?") == 1
    assert set(DUTY) <= alerted(stage)
    school = {person.userid for person in stage.directory().list_people(unit="S01")}
    assert not school & {address for address, _ in stage.app.texts}
    assert not any("头破血流" in text for _, text in stage.app.texts)


@pytest.mark.parametrize("turn", range(6))
def test_danger_at_every_turn_of_a_dialogue(stage: Stage, parent: Parent, turn: int) -> None:
    parent.tell(*TOLD[:turn])
    assert parent.say(DANGER).startswith(FIRST)

    (case,) = cases(stage)
    original = words_of(stage, case)["original"]
    assert DANGER in original
    assert turn == 0 or TOLD[0] in original
    # The draft went with it: there is nothing left to confirm.
    assert numbers_in(parent.say("确认")) == {case.number}
    assert len(cases(stage)) == 1


def test_danger_after_something_was_registered_is_a_case_of_its_own(stage: Stage, parent: Parent) -> None:
    parent.tell(*TOLD, "确认")
    parent.say(DANGER)
    assert [bool(case.dangers) for case in cases(stage)] == [False, True]


def test_what_is_written_within_a_day_belongs_to_it(stage: Stage, parent: Parent) -> None:
    parent.say(DANGER)
    assert "已补充" in parent.say("在三楼厕所门口")
    stage.later(hours=20)
    assert FIRST in parent.say("现在又有人拿刀威胁他,他流血了")
    (case,) = cases(stage)
    assert "三楼厕所" in words_of(stage, case)["addition"]
    assert "拿刀" in words_of(stage, case)["addition"]


def test_a_place_that_is_sent_is_added(stage: Stage, parent: Parent) -> None:
    parent.say(DANGER)
    parent.say(
        "城关街道学府路1号", kind=Kind.LOCATION, address="清陵区城关街道学府路1号", latitude="28.1", longitude="115.2"
    )
    assert "学府路" in words_of(stage, cases(stage)[0])["addition"]


def test_something_else_may_be_told_meanwhile(stage: Stage, parent: Parent) -> None:
    parent.say(DANGER)
    parent.say("新的投诉")
    parent.tell(TOLD[0], "同意", "二小", "昨天", "请查一查", "确认")
    assert [case.unit_id for case in cases(stage)] == ["S01", "S02"]


def test_after_a_day_it_is_an_ordinary_case(stage: Stage, parent: Parent) -> None:
    parent.say(DANGER)
    stage.later(hours=25)
    assert "是补充" in parent.say("二小今天又强制买教辅,每人168元,要求退钱")


@pytest.mark.parametrize(
    "text", ["孩子没有受伤,就是受了惊吓", "没人受伤,大家放心", "昨天的事学校已经处理好了,孩子没事了,谢谢"]
)
def test_no_danger_no_alarm(stage: Stage, parent: Parent, text: str) -> None:
    assert not parent.say(text).startswith(FIRST)
    assert cases(stage) == []


def test_a_child_in_danger_is_comforted(parent: Parent) -> None:
    said = parent.say("我是一小的学生,同学天天打我,我不想活了,想跳楼")
    assert said.startswith(FIRST)
    assert "大人会来帮你" in said


def test_danger_passes_the_limit_of_messages(stage: Stage, parent: Parent) -> None:
    settle(stage, messages_per_minute=5)
    parent.tell(*(f"一小食堂第{number}次有虫" for number in range(10)))
    assert parent.say(DANGER).startswith(FIRST)


def test_the_same_message_twice_is_one_case(stage: Stage, parent: Parent) -> None:
    parent.say(DANGER, message_id="once")
    parent.say(DANGER, message_id="once")
    assert len(cases(stage)) == 1


def test_danger_in_a_group_is_not_repeated_there(stage: Stage) -> None:
    settle(stage)
    said = stage.say("P-S13-2", "我们班学生在厕所割腕了,流了好多血", group="C-B08")

    assert said.startswith(texts.GROUP_DANGER)
    assert "割腕" not in said
    (case,) = cases(stage)
    assert case.number not in said
    assert set(DUTY) <= alerted(stage)
    private = stage.told("P-S13-2")[-1]
    assert private.startswith(FIRST)
    assert case.number in private
    assert stage.failed() == []


def test_danger_told_by_a_member_in_private(stage: Stage) -> None:
    settle(stage)
    assert stage.say("P-S13-2", "我们班学生在厕所割腕了,流了好多血").startswith(FIRST)
    assert "已补充" in stage.say("P-S13-2", "在教学楼三楼")
    assert "已记" in stage.say("P-S13-2", "T08 70%")
    (case,) = cases(stage)
    assert "T08" not in words_of(stage, case)["addition"]


def test_danger_told_by_somebody_who_is_not_listed(stage: Stage) -> None:
    settle(stage)
    assert stage.say("nobody", "我们班学生在厕所割腕了,流了好多血").startswith(FIRST)
    assert len(cases(stage)) == 1
