"""What a message wants and what it is about, on labelled rows and in pairs that differ in one word."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.complaints.language import Kind, SchoolLexicon, is_complaint_in_group, understand
from handlers.complaints.language.topics import LIMITS, TOPICS, code_of, limit_of
from tests.unit.complaints.language.scoring import halves, rows, schools

LEXICON: SchoolLexicon = schools()
EXAMPLES = rows("complaint-examples.jsonl")


def kinds_right(labelled: list[dict[str, Any]]) -> float:
    return sum(understand(row["text"], LEXICON).kind == row["intent"] for row in labelled) / len(labelled)


def topics_right(labelled: list[dict[str, Any]]) -> float:
    told = [row for row in labelled if row["intent"] == "complaint"]
    return sum(understand(row["text"], LEXICON).topic == row["category"] for row in told) / len(told)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("请问课后服务费一个月多少钱？", Kind.QUERY),
        ("课后服务费没有公示就收三百，不交就不让进教室", Kind.COMPLAINT),
        ("建议把校服改成自愿购买", Kind.SUGGESTION),
        ("建议……不是建议了，是投诉！学校强制买校服", Kind.COMPLAINT),
        ("校服退费已办结，共退112人", Kind.PROGRESS),
        ("谢谢老师，校服的钱已经退了", Kind.CHATTER),
        ("举报一下，这雪景美得犯规", Kind.CHATTER),
        ("举报一下，三小老师在家补课收钱", Kind.COMPLAINT),
        ("我上次投诉的事到哪一步了", Kind.QUERY),
        ("这算不算有偿补课？周六在老师家上课一次120", Kind.COMPLAINT),
        ("收到", Kind.CHATTER),
        ("", Kind.CHATTER),
    ],
)
def test_the_kind_follows_what_is_wanted(text: str, kind: Kind) -> None:
    assert understand(text, LEXICON).kind is kind


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("老师罚学生蹲起两百个，腿都肿了", "体罚或变相体罚"),
        ("高年级同学逼他交保护费", "校园欺凌"),
        ("食堂菜里有虫", "食堂/食品安全"),
        ("校车超员一倍，太危险", "校车/安全"),
        ("老师周末在家补课，一节课收120元", "有偿补课"),
        ("班级强制买教辅168元一套", "乱收费/教辅"),
        ("寄宿生生活补助一分钱没发", "教育扶贫资助"),
        ("学区把我们小区划出去了", "招生择校"),
        ("班主任在班上骂学生猪脑子", "师德师风"),
        ("教育局电话永远没人接，踢皮球", "作风/推诿/慢作为"),
        ("每天作业写到十一点，孩子睡眠不够", "其他"),
    ],
)
def test_each_topic_is_known_by_its_words(text: str, topic: str) -> None:
    assert understand(f"投诉：{text}", LEXICON).topic == topic


def test_a_school_called_sun_is_no_sunshine() -> None:
    text = "金太阳幼儿园的老师让孩子站走廊"

    assert understand(text, LEXICON).schools == ("云州市清河区金太阳幼儿园",)
    assert "太阳" not in LEXICON.mask(text)


def test_only_a_complaint_has_a_topic() -> None:
    for row in EXAMPLES:
        found = understand(row["text"], LEXICON)
        assert (found.topic in TOPICS) == (found.kind is Kind.COMPLAINT)


def test_both_halves_of_the_examples_are_read() -> None:
    tuned, other = halves(EXAMPLES)

    assert kinds_right(tuned) >= 0.97
    assert topics_right(tuned) >= 0.95
    assert kinds_right(other) >= 0.97
    assert topics_right(other) >= 0.95


@pytest.mark.parametrize(
    ("name", "kinds", "topics"),
    [
        ("complaint-blind.jsonl", 0.97, 0.9),
        ("complaint-blind-2.jsonl", 0.93, 0.85),
        # Scored once before anybody tuned on it; only how a case is asked after was mended since.
        ("complaint-heldout.jsonl", 0.79, 0.5),
    ],
)
def test_free_wording_keeps_its_level(name: str, kinds: float, topics: float) -> None:
    assert kinds_right(rows(name)) >= kinds
    assert topics_right(rows(name)) >= topics


def test_thanks_are_told_from_a_bare_receipt() -> None:
    assert understand("问题处理好了，谢谢你们", LEXICON).tone == "thanks"
    assert understand("收到，谢谢", LEXICON).tone == ""
    wrong = [row["id"] for row in EXAMPLES if (understand(row["text"], LEXICON).tone or None) != row["tone"]]
    assert len(wrong) <= 1


@pytest.mark.parametrize("name", ["examples", "heldout", "heldout-2", "heldout-3"])
def test_nothing_that_staff_report_is_a_complaint_in_a_group(name: str) -> None:
    labelled = rows(f"progress-{name}.jsonl")
    taken = {row["text"] for row in labelled if is_complaint_in_group(row["text"])}

    assert taken - {row["text"] for row in labelled if row["expect"]["intent"] == "complaint"} == set()


def test_the_complaints_among_the_reports_are_found() -> None:
    names = ("examples", "heldout", "heldout-2", "heldout-3")
    told = [row for name in names for row in rows(f"progress-{name}.jsonl") if row["expect"]["intent"] == "complaint"]

    assert [row["text"] for row in told if not is_complaint_in_group(row["text"])] == []


@pytest.mark.parametrize(
    "name",
    ["complaint-examples.jsonl", "complaint-blind.jsonl", "complaint-blind-2.jsonl", "complaint-heldout.jsonl"],
)
def test_no_progress_and_no_chatter_opens_a_case_in_a_group(name: str) -> None:
    harmless = [row["text"] for row in rows(name) if row["intent"] != "complaint"]

    assert [text for text in harmless if is_complaint_in_group(text)] == []


def test_topics_lead_to_codes_with_limits() -> None:
    assert [code_of(topic) for topic in TOPICS] == ["B", "F", "G", "F", "C", "D", "N", "E", "B", "A", "M"]
    assert (limit_of("A"), limit_of("N"), limit_of("F"), limit_of("L"), limit_of("?")) == (5, 15, 5, None, None)
    assert {code_of(topic) for topic in TOPICS} <= set(LIMITS)
