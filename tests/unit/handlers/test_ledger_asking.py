"""Users learn no syntax: many ways to ask, and no report is taken for a question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handlers.ledger.asking import AskOne, AskOverdue, AskOwn, ask, is_code, same_code

EXAMPLES = Path(__file__).parents[2] / "data" / "progress-examples.jsonl"


@pytest.mark.parametrize(
    "text",
    [
        "台账",
        "台帐",
        "@小督 台账",
        "我校台账",
        "台账 我校",
        "台账\u3000我园",
        "我园台账",
        "看看台账",
        "小督\uff0c帮我看一下我们学校的台账吧",
        "请问我校台账情况\uff1f",
        "总台账",
        "我们学校还有哪些任务",
        "还差哪些没报",
        "还有什么没报的\uff1f",
        "哪些没报",
        "有哪些任务要报",
        "本周要报哪些",
        "这周还要报什么材料",
        "我校目前还有几项没完成",
        "我的任务",
        "任务清单",
    ],
)
def test_the_own_ledger_is_asked_for(text):
    assert AskOwn() == ask(text)


@pytest.mark.parametrize(
    "text",
    [
        "台账 逾期",
        "逾期台账",
        "台账超期",
        "哪些逾期了",
        "我校有没有逾期的",
        "有逾期的吗\uff1f",
        "全区逾期情况",
        "哪些学校逾期了",
    ],
)
def test_what_is_late_is_asked_for(text):
    assert AskOverdue() == ask(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("台账 T08", "t08"),
        ("台账\uff34\uff10\uff18", "t08"),
        ("T8台账", "t8"),
        ("台账8号", "8号"),
        ("查T08", "t08"),
        ("T08标准是什么\uff1f", "t08"),
        ("t08什么时候截止", "t08"),
        ("台账 校舍维修", "校舍维修"),
        ("三小的台账", "三小"),
    ],
)
def test_one_task_or_unit_is_asked_for(text, name):
    assert AskOne(name) == ask(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T08 70%",
        "8号到七成了,其他无变化",
        "我校还有2项没报",
        "我们没有逾期",
        "T08逾期了",
        "资助台账完成80%",
        "还差两个班",
    ],
)
def test_a_report_is_no_question(text):
    assert ask(text) is None


def test_no_labelled_report_is_taken_for_a_question():
    rows = [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]
    reports = [
        row["text"] for row in rows if row.get("expect", {}).get("intent") in ("report", "correction", "extension")
    ]

    assert reports
    assert [text for text in reports if isinstance(ask(text), AskOwn | AskOverdue)] == []


@pytest.mark.parametrize("name", ["t08", "t8", "08", "8", "8号", "第8项"[1:]])
def test_a_code_is_known_in_its_everyday_forms(name):
    assert same_code(name, "T08")


@pytest.mark.parametrize("name", ["t80", "b08", "七号", "t08a", "18"])
def test_another_code_is_not(name):
    assert not same_code(name, "T08")


def test_the_form_of_a_code_is_recognised():
    assert [is_code(name) for name in ("t99", "99", "二小")] == [True, False, False]
