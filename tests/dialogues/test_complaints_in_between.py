"""What people ask and say in between, and answers that tell something else than was asked."""

from __future__ import annotations

import pytest

from handlers.complaints import texts_intake as texts
from handlers.complaints import texts_own as own_texts
from tests.dialogues.parent import Parent, cases, settle, words_of
from tests.dialogues.stage import Stage

OPENING = "一小乱收费,没有收据"
FILED = ("一小食堂昨天吃出虫子,要求查一查", "同意", "确认")


@pytest.fixture
def parent(stage: Stage) -> Parent:
    """A parent who has not said anything yet."""
    settle(stage)
    return Parent(stage)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("什么意思?", own_texts.WHY_SLOT),
        ("你们会告诉学校吗?", own_texts.SECRECY),
        ("我孩子会不会被报复", own_texts.SECRECY),
        ("你是机器人吗", "机器人小督"),
        ("多久能办好", "60日"),
        ("催办", texts.PRESS_LATER),
        ("查询", texts.UNSENT),
    ],
)
def test_a_question_is_answered_and_ours_is_asked_again(stage: Stage, parent: Parent, asked: str, answer: str) -> None:
    parent.tell(OPENING, "同意")
    said = parent.say(asked)
    assert answer in said
    assert said.endswith(texts.ask(texts.Slot.WHEN, is_child=False))
    back = parent.tell("上个月", "退费")[-1]
    assert "时间:上个月" in back
    assert "希望:退费" in back
    parent.say("确认")
    (case,) = cases(stage)
    assert words_of(stage, case)["happened"] == "上个月"


def test_what_is_agreed_to_is_explained(parent: Parent) -> None:
    parent.say(OPENING)
    assert own_texts.WHY_CONSENT in parent.say("同意什么?")
    assert "什么时候" in parent.say("同意")


def test_a_question_at_the_read_back_changes_nothing(parent: Parent) -> None:
    back = parent.tell(*FILED[:2])[-1]
    assert "会不会" not in parent.say("会不会告诉老师是我说的")
    assert own_texts.SECRECY in parent.say("会保密吗")
    assert parent.say("不清楚") == back


def test_an_answer_that_tells_another_thing_is_not_taken_for_what_was_asked(parent: Parent) -> None:
    parent.tell(OPENING, "同意", "两个月了")
    back = parent.say("上个月")
    assert "希望:未说明" in back
    assert "时间:上个月" in back


def test_a_wish_is_no_school(parent: Parent) -> None:
    parent.tell("老师上周收礼", "同意")
    assert "单位:未说明" in parent.say("希望查一查")


@pytest.mark.parametrize(
    ("wrong", "asked", "right", "shown"),
    [
        ("学校不对", texts.Slot.UNIT, "二小", "单位:清陵区第二小学"),
        ("时间错了", texts.Slot.WHEN, "上上周", "时间:上上周"),
    ],
)
def test_what_is_wrong_is_asked_for(parent: Parent, wrong: str, asked: texts.Slot, right: str, shown: str) -> None:
    parent.tell(*FILED[:2], "修改")
    assert parent.say(wrong) == texts.ask(asked, is_child=False)
    assert shown in parent.say(right)


def test_the_read_back_does_not_tell_that_another_said_the_same(stage: Stage, parent: Parent) -> None:
    first = parent.tell(*FILED[:2])[-1]
    parent.tell(*FILED[2:])
    other = Parent(stage, "wmOther")
    assert other.tell(*FILED[:2])[-1] == first
    assert "登记" in other.tell(*FILED[2:])[-1]


@pytest.mark.parametrize(
    "text",
    [
        "处理得咋样了",
        "你们查了没有",
        "我上次说的那个事呢",
        "我那个食堂的事怎么样了",
        "进展如何",
        "请问办好了没有",
        "1号怎么样了",
    ],
)
def test_the_state_is_asked_in_many_ways(stage: Stage, parent: Parent, text: str) -> None:
    parent.tell(*FILED)
    said = parent.say(text)
    assert cases(stage)[0].number in said
    assert "会告诉您是否受理" in said
    assert len(said) <= 300


@pytest.mark.parametrize("text", ["咋还没动静", "怎么没人理我", "你们到底管不管", "急死了", "能不能快点啊"])
def test_impatience_presses(stage: Stage, parent: Parent, text: str) -> None:
    parent.tell(*FILED)
    assert parent.say(text) == own_texts.pressed(cases(stage)[0].number)


@pytest.mark.parametrize("text", ["我不投诉了", "不想投诉了,学校已经解决了"])
def test_giving_up_asks_whether_to_withdraw(stage: Stage, parent: Parent, text: str) -> None:
    parent.tell(*FILED)
    assert parent.say(text) == own_texts.withdraw_sure(cases(stage)[0].number).plain


def test_words_that_wait_are_placed_by_a_word(stage: Stage, parent: Parent) -> None:
    parent.tell(*FILED)
    assert parent.say("补充") == own_texts.ADD_WHAT
    parent.say("二小老师上周收礼,没人管")
    assert parent.say("是昨天的事") == own_texts.add_or_new([cases(stage)[0].number], is_again=True).plain
    assert parent.say("补充") == own_texts.added(cases(stage)[0].number)
    parent.say("二小老师上周收礼,没人管")
    assert "同意" in parent.say("新的")


def test_the_mother_tongue_is_understood(stage: Stage, parent: Parent) -> None:
    parent.tell("俺娃在一小念书,老师把俺娃罚站一上午", "中", "前儿个", "给个说法", "要得")
    (case,) = cases(stage)
    assert words_of(stage, case)["happened"] == "前儿个"
    assert words_of(stage, case)["wish"] == "给个说法"


def test_name_and_phone_are_no_part_of_the_wish(parent: Parent) -> None:
    parent.say("一小食堂上周三吃出虫子,希望换一家供餐公司,我叫王小明,电话19900001093")
    assert "希望:希望换一家供餐公司\n" in parent.say("同意")
