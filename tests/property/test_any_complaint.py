"""Any texts from any parent: no exception, at most one question an answer, no case without 确认 but for danger."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import SetClock
from bot.db import Base, Database
from bot.messages import Kind
from handlers.complaints import speech
from handlers.complaints import texts_intake as texts
from handlers.complaints import texts_own as own_texts
from tests.conftest import SAMPLE
from tests.dialogues.parent import Parent, cases, code_in, numbers_in, settle
from tests.dialogues.stage import Stage

DISTRICT = json.loads(SAMPLE.read_text(encoding="utf-8"))
PHRASES = [
    *(
        "食堂的饭菜里老是吃出虫子,没人管",
        "一小强制买教辅,昨天每人收168元,请退钱",
        "有在职老师周末补课收钱",
        "请问学区怎么划分",
    ),
    *(
        "建议家长会开在周末",
        "同意",
        "确认",
        "取消",
        "修改",
        "不清楚",
        "好的",
        "是",
        "1",
        "2",
        "3",
        "②",
        "一小",
        "柳湾",
        "昨天中午",
    ),
    *(
        "希望换人",
        "实名",
        "保密",
        "马建军 19900001093",
        "学校是二小",
        "时间改成上周五",
        "不是一小,是二小",
        "我要投诉",
        "新的投诉",
    ),
    *(
        "补充:还有一次",
        "查询",
        "催办",
        "撤回",
        "确认撤回",
        "不撤回",
        "继续办理",
        "人工",
        "查询码",
        "谢谢",
        "你好",
        "你们都是垃圾",
        "嗯",
    ),
    *(
        "都不是",
        "咨询或建议",
        "补充到原来的",
        "我是一小的学生,同学都笑话我",
        "区教诉〔2026〕000001号",
        "0123456789ABC",
        "孩子没有受伤",
    ),
    *(
        "孩子在一小被打得头破血流",
        "同意,是一小的",
        "T08 70%",
        "帮助",
        "。",
        " ",
        "?",
        "\n",
        "<b>",
        "@所有人",
        "👍",
        "\u202e",
    ),
]
said = st.one_of(
    st.sampled_from(PHRASES),
    st.text(max_size=60),
    st.lists(st.sampled_from(PHRASES), min_size=2, max_size=4).map(",".join),
)
kinds = st.sampled_from([Kind.TEXT] * 12 + [Kind.IMAGE, Kind.VOICE, Kind.LOCATION, Kind.LINK, Kind.UNKNOWN, Kind.FILE])
talks = st.lists(st.tuples(said, kinds), min_size=1, max_size=9)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One district for all examples; each parent is another one."""
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('complaints') / 'duban.db'}")
    Base.metadata.create_all(db.engine)
    stage = Stage(db, SetClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC)), DISTRICT)
    settle(stage)
    yield stage
    stage.close()
    db.dispose()


def is_yes(text: str) -> bool:
    """Whether a parent may have meant 确认 by these words, as a word or as the number of the first choice."""
    return speech.is_yes(text) or speech.choice(text, ("确认",)) == 0


def is_aside(answer: str) -> bool:
    """Whether an answer leaves standing what was asked before it."""
    fixed = (texts.TYPE_PLEASE, texts.WHAT_KIND, texts.IN_DRAFT, texts.FILES_FULL, texts.FULL, texts.SLOWLY, "")
    begins = ("人工", "查询码", "您的登记", own_texts.NOTHING_YET)
    return answer in fixed or answer.startswith(begins)


@settings(max_examples=80)
@given(talk=talks)
def test_any_talk(stage: Stage, talk: list[tuple[str, Kind]]) -> None:
    parent, own, before = Parent(stage, f"wm{next(_numbers)}"), set[str](), ""
    typed: set[str] = set()
    known = {case.number for case in cases(stage)}
    for text, kind in talk:
        stage.later(seconds=7)
        answer = parent.say(text if kind not in (Kind.IMAGE, Kind.VOICE, Kind.FILE) else "", kind=kind)

        assert stage.failed() == []
        assert answer.count("?") + answer.count("\uff1f") <= 1
        assert len(answer.encode()) <= 2048
        new = [case for case in cases(stage) if case.number not in known]
        assert len(new) <= 1
        for case in new:
            assert case.dangers or ("确认" in before and is_yes(text))
            assert case.dangers or case.notice_version == texts.NOTICE_VERSION
            assert case.number in answer
            assert code_in(answer)
            known.add(case.number)
            own.add(case.number)
        assert new or not code_in(answer)
        typed |= numbers_in(text)
        assert numbers_in(answer) <= own | typed
        before = before if is_aside(answer) else answer
