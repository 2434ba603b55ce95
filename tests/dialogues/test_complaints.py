"""How a parent is heard: from the first word to the receipt, and what may be said afterwards."""

from __future__ import annotations

import pytest

from bot.messages import Kind
from handlers.complaints import texts_intake as texts
from handlers.complaints import texts_own as own_texts
from tests.dialogues.parent import PHONE, URL, Parent, cases, code_in, numbers_in, settle, words_of
from tests.dialogues.stage import Stage

ALL_IN_ONE = "清陵区第一小学食堂昨天中午的菜里有虫,好几次了没人管,请教育局查一查。"


@pytest.fixture
def parent(stage: Stage) -> Parent:
    """A parent who has not said anything yet."""
    settle(stage)
    return Parent(stage)


def filed(parent: Parent, text: str = ALL_IN_ONE) -> str:
    """Tell everything in one message and confirm it; returns the receipt."""
    parent.say(text)
    parent.say("同意")
    return parent.say("确认")


def test_the_welcome_tells_what_this_is(parent: Parent) -> None:
    said = parent.enter(welcome_code="W")
    for part in ("110", "120", "119", "12345", "12388", "保密", "不是匿名"):
        assert part in said


def test_the_whole_way(stage: Stage, parent: Parent) -> None:
    notice = parent.say("食堂的饭菜里老是吃出虫子,没人管")
    assert "同意" in notice
    assert texts.NOTICE_VERSION in notice
    assert "哪所学校" in parent.say("同意")
    assert "什么时候" in parent.say("一小")
    assert "怎么处理" in parent.say("昨天中午")
    back = parent.say("希望换供餐公司")
    for part in ("清陵区第一小学", "昨天中午", "虫子", "换供餐公司", "保密"):
        assert part in back
    assert cases(stage) == []
    receipt = parent.say("确认")

    (case,) = cases(stage)
    assert (case.kind, case.topic, case.unit_id, case.is_named) == ("complaint", "食堂/食品安全", "S01", False)
    assert case.notice_version == texts.NOTICE_VERSION
    assert words_of(stage, case)["happened"] == "昨天中午"
    assert "换供餐公司" in words_of(stage, case)["wish"]
    assert "虫子" in words_of(stage, case)["original"]
    assert numbers_in(receipt) == {case.number}
    assert len(code_in(receipt)) == 13
    for part in ("11月26日", "查询", "催办", "撤回", "48小时", f"{URL}/f/q"):
        assert part in receipt
    assert len(receipt.encode()) <= 2048
    assert stage.failed() == []


def test_everything_in_one_message_asks_nothing_more(stage: Stage, parent: Parent) -> None:
    parent.say(ALL_IN_ONE)
    back = parent.say("同意")
    assert "请核对" in back
    assert "清陵区第一小学" in back
    parent.say("确认")

    assert [case.unit_id for case in cases(stage)] == ["S01"]


def test_nothing_is_asked_before_the_notice_was_agreed_to(stage: Stage, parent: Parent) -> None:
    parent.say("食堂的饭菜里老是吃出虫子")
    assert "同意" in parent.say("是一小")
    assert "同意" in parent.say("昨天中午")
    assert "怎么处理" in parent.say("同意")


def test_who_does_not_agree_leaves_nothing(stage: Stage, parent: Parent) -> None:
    parent.say("食堂的饭菜里老是吃出虫子")
    assert parent.say("不同意") == texts.CANCELLED
    assert cases(stage) == []
    assert "同意" not in parent.say("确认")


def test_what_follows_the_consent_is_heard(parent: Parent) -> None:
    parent.say("食堂的饭菜里老是吃出虫子")
    assert "什么时候" in parent.say("同意,是一小的")


@pytest.mark.parametrize("how", [{"scene": "S05"}, {"scene_param": "S05"}, {"scene": "school_s05"}])
def test_a_scanned_school_is_read_back(stage: Stage, parent: Parent, how: dict[str, str]) -> None:
    name = stage.directory().units["S05"].name
    assert name in parent.enter(welcome_code="W", **how)
    parent.say("食堂的饭菜里老是吃出虫子,昨天又有,请查一查")
    assert name in parent.say("同意")
    parent.say("确认")
    assert [case.unit_id for case in cases(stage)] == ["S05"]


def test_the_scanned_school_is_not_the_one_meant(stage: Stage, parent: Parent) -> None:
    parent.enter(welcome_code="W", scene="S05")
    filed(parent)
    assert [case.unit_id for case in cases(stage)] == ["S01"]


def test_a_visit_without_a_code_is_not_answered(parent: Parent) -> None:
    assert parent.enter(scene="S05") == ""


def test_an_unclear_school_is_chosen_from_a_menu(stage: Stage, parent: Parent) -> None:
    parent.say("柳湾的学校食堂昨天饭菜有虫,请查一查")
    menu = parent.say("同意")
    names = [stage.directory().units[unit].name for unit in ("S13", "S23", "S41", "S64", "S75")]
    assert all(name in menu for name in names)
    parent.say(names[1])
    parent.say("确认")
    assert [case.unit_id for case in cases(stage)] == ["S23"]


@pytest.mark.parametrize("said", ["2", "第二个"])
def test_a_choice_by_its_number(stage: Stage, parent: Parent, said: str) -> None:
    parent.tell("柳湾的学校食堂昨天饭菜有虫,请查一查", "同意", said, "确认")
    assert [case.unit_id for case in cases(stage)] == ["S23"]


def test_not_knowing_is_fine(stage: Stage, parent: Parent) -> None:
    answers = parent.tell("食堂的饭菜里老是吃出虫子", "同意", "不清楚", "记不清了", "没有")
    assert "请核对" in answers[-1]
    assert answers[-1].count("未说明") == 3
    parent.say("确认")
    assert [case.unit_id for case in cases(stage)] == [None]


def test_a_place_that_nobody_knows_is_kept_as_said(stage: Stage, parent: Parent) -> None:
    parent.tell("有个培训班收了钱跑了,昨天关门,要求退费", "同意", "城西的阳光小饭桌", "确认")
    (case,) = cases(stage)
    assert case.unit_id is None
    assert words_of(stage, case)["place"] == "城西的阳光小饭桌"


@pytest.mark.parametrize(
    ("said", "unit"),
    [("学校是二小", "S02"), ("不是一小,是二小", "S02"), ("不对,应该是第二小学", "S02"), ("二小", "S02")],
)
def test_a_correction_at_the_read_back(stage: Stage, parent: Parent, said: str, unit: str) -> None:
    parent.tell(ALL_IN_ONE, "同意")
    back = parent.say(said)
    assert "请核对" in back
    assert stage.directory().units[unit].name in back
    parent.say("确认")
    assert [case.unit_id for case in cases(stage)] == [unit]


def test_correcting_the_time_and_the_wish(stage: Stage, parent: Parent) -> None:
    parent.tell(ALL_IN_ONE, "同意")
    assert parent.say("修改") == texts.FIX_HOW
    assert "上周五" in parent.say("时间是上周五")
    assert "退伙食费" in parent.say("诉求改成退伙食费")
    parent.say("确认")
    (case,) = cases(stage)
    assert words_of(stage, case)["happened"] == "上周五"
    assert words_of(stage, case)["wish"] == "退伙食费"


def test_being_named_is_a_wish_of_ones_own(stage: Stage, parent: Parent) -> None:
    parent.tell(ALL_IN_ONE, "同意")
    assert "姓名" in parent.say("实名")
    assert "身份:实名" in parent.say("马建军 19900001093")
    parent.say("确认")
    (case,) = cases(stage)
    assert case.is_named


def test_being_named_can_be_taken_back(stage: Stage, parent: Parent) -> None:
    parent.tell(ALL_IN_ONE, "同意", "实名", "保密", "确认")
    (case,) = cases(stage)
    assert not case.is_named


@pytest.mark.parametrize("turn", range(5))
def test_cancelling_at_every_turn(stage: Stage, parent: Parent, turn: int) -> None:
    told = ["食堂的饭菜里老是吃出虫子", "同意", "一小", "昨天中午", "请换供餐公司"]
    parent.tell(*told[: turn + 1])
    assert parent.say("取消") == texts.CANCELLED
    assert "请核对" not in parent.say("确认")
    assert cases(stage) == []


def test_confirming_twice_gives_the_same_number_and_no_second_case(stage: Stage, parent: Parent) -> None:
    first = filed(parent)
    again = parent.say("确认")
    assert numbers_in(again) == numbers_in(first)
    assert code_in(again) == ""
    assert "回执" in again
    assert len(cases(stage)) == 1


def test_the_code_is_shown_once(stage: Stage, parent: Parent) -> None:
    code = code_in(filed(parent))
    for said in ("查询", "查询码是多少", "确认", "催办", "谢谢", "撤回"):
        assert code not in parent.say(said)


def test_a_code_typed_into_the_chat_is_not_kept(stage: Stage, parent: Parent) -> None:
    code = code_in(filed(parent))
    assert URL in parent.say(code)
    assert set(words_of(stage, cases(stage)[0])) == {"original", "happened", "wish"}


def test_asking_pressing_and_thanking(stage: Stage, parent: Parent) -> None:
    number = numbers_in(filed(parent))
    assert numbers_in(parent.say("查询")) == number
    assert "已为您催办" in parent.say("催办")
    assert "已催办过" in parent.say("催办")
    assert parent.say("谢谢") == texts.THANKS
    assert PHONE in parent.say("人工")


def test_words_for_an_open_case_are_added(stage: Stage, parent: Parent) -> None:
    (number,) = numbers_in(filed(parent))
    assert parent.say("补充:上周也有一次") == own_texts.added(number)
    assert parent.say("当时班上还有两个同学看到了") == own_texts.added(number)
    words = words_of(stage, cases(stage)[0])["addition"]
    assert "上周也有一次" in words
    assert "两个同学" in words


def test_withdrawing_is_asked_once_and_left_to_the_office(stage: Stage, parent: Parent) -> None:
    (number,) = numbers_in(filed(parent))
    assert number in parent.say("撤回")
    assert own_texts.LEAVING not in parent.say("查询")
    parent.say("撤回")
    assert parent.say("确认撤回") == own_texts.withdrawn(number)
    assert own_texts.LEAVING in parent.say("查询")
    (case,) = cases(stage)
    assert case.wants_out_at is not None


def test_withdrawing_can_be_thought_better_of(stage: Stage, parent: Parent) -> None:
    filed(parent)
    parent.say("撤回")
    assert parent.say("不撤回") == own_texts.WITHDRAW_KEPT
    assert cases(stage)[0].wants_out_at is None


def test_a_second_matter_is_a_second_case(stage: Stage, parent: Parent) -> None:
    first = numbers_in(filed(parent))
    assert "补充" in parent.say("二小今天又强制买教辅,每人168元,要求退钱")
    assert "同意" in parent.say("新的投诉")
    parent.say("同意")
    second = numbers_in(parent.say("确认"))
    assert [case.unit_id for case in cases(stage)] == ["S01", "S02"]
    assert numbers_in(parent.say("查询")) == first | second


def test_of_two_cases_it_is_asked_which(stage: Stage, parent: Parent) -> None:
    filed(parent)
    parent.say("新的投诉")
    parent.tell("二小今天又强制买教辅,每人168元,要求退钱", "同意", "确认")
    first, second = cases(stage)
    assert numbers_in(parent.say("催办")) == {first.number, second.number}
    assert first.number in parent.say(first.number)
    assert [case.pressed_at is not None for case in cases(stage)] == [True, False]
    assert numbers_in(parent.say("补充:昨天又收了一次")) == {first.number, second.number}
    assert parent.say(f"补充到{second.number}") == own_texts.added(second.number)
    assert "昨天又收了一次" in words_of(stage, second)["addition"]


def test_a_question_about_the_state_is_answered_before_what_was_asked(stage: Stage, parent: Parent) -> None:
    (number,) = numbers_in(filed(parent))
    assert "新的一件" in parent.say("孩子昨天吃了又拉肚子了,老师也不管")
    assert own_texts.status([])[:4] in parent.say("请问什么时候有结果")
    assert "拉肚子" in words_of(stage, cases(stage)[0])["addition"]
    assert numbers_in(parent.say("查询")) == {number}


def test_of_others_cases_nothing_is_told(stage: Stage, parent: Parent) -> None:
    (number,) = numbers_in(filed(parent))
    other = Parent(stage, "wmAnother")
    assert other.say(number) == own_texts.NOT_YOURS
    assert other.say("查询") == own_texts.NOTHING_YET
    assert other.say("催办") == own_texts.NOTHING_OPEN
    assert other.say("撤回") == own_texts.NOTHING_OPEN


def test_two_parents_with_the_same_words_are_both_answered(stage: Stage, parent: Parent) -> None:
    filed(parent)
    other = Parent(stage, "wmAnother")
    other.say(ALL_IN_ONE)
    assert "请核对" in other.say("同意")
    assert numbers_in(other.say("确认"))
    assert len(cases(stage)) == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [("建议以后家长会开在晚上或者周末,上班的家长请不了假", "suggestion"), ("请问学区怎么划分,要带什么材料?", "query")],
)
def test_questions_and_suggestions_take_the_short_way(stage: Stage, parent: Parent, text: str, kind: str) -> None:
    offer = parent.say(text)
    assert "确认" in offer
    assert texts.NOTICE_VERSION in offer
    assert numbers_in(parent.say("确认"))
    assert [case.kind for case in cases(stage)] == [kind]


@pytest.mark.parametrize("text", ["你好", "在吗", "哈哈", "谢谢", "嗯", "周末愉快!"])
def test_small_talk_opens_nothing(stage: Stage, parent: Parent, text: str) -> None:
    assert parent.say(text)
    assert "同意" not in parent.say("确认")
    assert cases(stage) == []


def test_mere_insults_are_warned_of_once(stage: Stage, parent: Parent) -> None:
    assert parent.say("你们都是垃圾") == texts.WARNED
    assert parent.say("傻逼") == texts.STILL_ABUSE
    assert cases(stage) == []


def test_a_voice_is_asked_to_be_typed(stage: Stage, parent: Parent) -> None:
    assert parent.say("", kind=Kind.VOICE) == texts.TYPE_PLEASE
    assert stage.failed() == []


def test_a_picture_is_kept_with_the_draft_and_the_case(stage: Stage, parent: Parent) -> None:
    parent.say(ALL_IN_ONE)
    parent.say("", kind=Kind.IMAGE)
    assert "图片等:1件" in parent.say("同意")
    parent.say("确认")
    parent.say("", kind=Kind.IMAGE)
    assert "图片" in words_of(stage, cases(stage)[0])["addition"]


def test_a_picture_first(stage: Stage, parent: Parent) -> None:
    assert texts.FILE_KEPT in parent.say("", kind=Kind.IMAGE)
    assert "发生了什么" in parent.say("同意")


def test_words_taken_back_leave_the_draft(stage: Stage, parent: Parent) -> None:
    parent.say("食堂的饭菜里老是吃出虫子")
    parent.say("孩子叫赵可欣", message_id="taken")
    assert parent.recall("taken") == texts.RECALLED
    parent.tell("同意", "一小", "昨天", "请查一查", "确认")
    assert "赵可欣" not in words_of(stage, cases(stage)[0])["original"]


def test_taking_back_the_only_words_ends_the_draft(stage: Stage, parent: Parent) -> None:
    parent.say("食堂的饭菜里老是吃出虫子", message_id="taken")
    assert parent.recall("taken") == texts.RECALLED_ALL
    assert "同意" not in parent.say("确认")


def test_taking_back_words_of_a_case_asks_for_its_withdrawal(stage: Stage, parent: Parent) -> None:
    parent.say(ALL_IN_ONE, message_id="taken")
    parent.tell("同意", "确认")
    (case,) = cases(stage)
    assert parent.recall("taken") == own_texts.recalled_after(case.number)
    assert cases(stage)[0].wants_out_at is not None


def test_a_recall_of_nothing_known_is_not_answered(parent: Parent) -> None:
    assert parent.recall("whatever") == ""


def test_a_draft_dies_after_a_day_and_it_is_said(stage: Stage, parent: Parent) -> None:
    parent.tell("食堂的饭菜里老是吃出虫子", "同意", "一小")
    stage.later(hours=25)
    again = parent.say(ALL_IN_ONE)
    assert texts.EXPIRED in again
    assert "同意" in again
    assert cases(stage) == []


def test_every_turn_renews_the_day(stage: Stage, parent: Parent) -> None:
    for said in ("食堂的饭菜里老是吃出虫子", "同意", "一小", "昨天中午", "希望换供餐公司"):
        parent.say(said)
        stage.later(hours=23)
    assert numbers_in(parent.say("确认"))


def test_a_child_is_spoken_to_simply_and_is_not_sent_away(stage: Stage, parent: Parent) -> None:
    first = parent.say("我是一小的学生,同学们都不跟我玩,天天笑话我")
    assert "大人会来帮你" in first
    parent.tell("好", "昨天", "不知道")
    assert "大人会来帮你" in parent.say("确认")
    (case,) = cases(stage)
    assert case.unit_id == "S01"


def test_a_flood_is_kept_and_answered_once_a_minute(stage: Stage, parent: Parent) -> None:
    settle(stage, messages_per_minute=5)
    parent.say("食堂的饭菜里老是吃出虫子")
    answers = parent.tell(*(f"这是第{number}句,一小天天如此" for number in range(2, 12)))
    assert answers.count(texts.SLOWLY) == 1
    assert answers[-1] == ""
    stage.later(minutes=2)
    parent.tell("同意", "昨天", "请查一查", "确认")
    words = words_of(stage, cases(stage)[0])["original"]
    assert all(f"这是第{number}句" in words for number in range(2, 12))


def test_who_files_much_is_told_so_and_not_turned_away(stage: Stage, parent: Parent) -> None:
    settle(stage, new_per_day=1)
    filed(parent)
    parent.say("新的投诉")
    parent.tell("二小今天又强制买教辅,每人168元,要求退钱", "同意")
    assert "由工作人员统一处理" in parent.say("确认")
    assert len(cases(stage)) == 2
