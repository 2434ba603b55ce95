"""One message changes one case: what was to be added is added, and the other request is asked for again."""

from __future__ import annotations

import pytest

from handlers.complaints import texts_own as own_texts
from tests.dialogues.parent import Parent, cases, settle, words_of
from tests.dialogues.stage import Stage

FIRST = ("食堂的饭菜里老是吃出虫子,没人管", "同意", "一小", "昨天中午", "希望换供餐公司", "确认")
SECOND = "一小有老师上课打学生耳光,我要投诉"


@pytest.mark.parametrize("said", ["催办", "不撤回了"])
def test_what_waits_is_added_and_nothing_else_is_changed(stage: Stage, said: str) -> None:
    settle(stage)
    parent = Parent(stage)
    parent.tell(*FIRST)
    assert "补充" in parent.say(SECOND)
    answer = parent.say(said)
    (case,) = cases(stage)
    assert SECOND in words_of(stage, case)["addition"]
    assert own_texts.SAY_AGAIN in answer
    assert case.pressed_at is None
    if said == "催办":
        assert "已为您催办" in parent.say(said)
