"""Bare signs, windows and the shingles that stand for a text."""

from __future__ import annotations

import json
from random import Random

import pytest

from bot.fingerprint import (
    ANCHORS,
    SHINGLE,
    SHORTEST_COPY,
    Common,
    Hasher,
    anchor_size,
    bare,
    is_telling_line,
    is_telling_word,
    winnow,
)
from tests.conftest import DATA

HASHER = Hasher(b"k" * 16)
STORY = "我家孩子上周在食堂吃完午饭以后肚子疼了一整夜,班主任知道了也没有打电话告诉我们家长"


def chosen(text: str, common: Common | None = None) -> set[int]:
    signs = bare(text)
    return winnow(signs, HASHER.windows(signs, SHINGLE), common or Common())


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("王 小\u200b明", "王小明"),
        ("王·小-明。", "王小明"),
        ("ＺｈａｎｇＳａｎ", "zhangsan"),
        ("１３８ 0013-8000", "13800138000"),
        ("幺三八零〇壹叁捌零零零", "13800138000"),
        ("①㈠⑴", "111"),
        ("٣", "3"),
        ("ﬁ", "fi"),
        ("a\u0301\ufe0f\u3164b", "áb"),
        ("\ud800王", "王"),
        ("🙂 \n\t", ""),
        ("\ue000䶮", "\ue000䶮"),  # private and rare signs are in names
    ],
)
def test_what_is_compared_are_the_signs_that_carry_a_text(text: str, signs: str) -> None:
    assert bare(text) == signs


def test_digests_of_windows_are_in_order_and_need_the_key() -> None:
    windows = HASHER.windows("王小明王小", 2)

    assert len(windows) == 4
    assert windows[0] == windows[3]
    assert windows != Hasher(b"j" * 16).windows("王小明王小", 2)
    assert HASHER.windows("王", 2) == []
    assert HASHER.whole("王小", b"line") != windows[0]


def test_any_copied_run_of_the_guaranteed_length_shares_a_shingle() -> None:
    signs, marks = bare(STORY), chosen(STORY)

    for start in range(len(signs) - SHORTEST_COPY + 1):
        run = signs[start : start + SHORTEST_COPY]
        assert marks & set(HASHER.windows(f"据反映{run}请核实", SHINGLE)), run


def test_only_some_of_the_shingles_are_kept() -> None:
    text = "".join(Random(1).choices([chr(code) for code in range(0x4E10, 0x9FA5)], k=3000))

    assert 0.4 < len(chosen(text)) / len(bare(text)) < 0.6  # winnowing's expected density is 2 / (RUN + 1)


def test_what_everybody_says_is_not_kept() -> None:
    common = Common(["柳湾镇中心小学", "食堂食品安全自查"], ["您的反映已经登记,我们会尽快办理。"])

    assert chosen("柳湾镇中心小学食堂食品安全自查2026年12月31日", common) == set()
    assert chosen("您的反映已经登记,我们会尽快办理。", common) == set()
    assert chosen("柳湾镇中心小学的张老师上课打我家孩子", common) != set()


@pytest.mark.parametrize(
    ("word", "tells"),
    [
        ("王伟", True),
        ("王", False),
        ("li", False),
        ("zhangsan", True),
        ("32班", False),
        ("12345", False),
        ("664422", True),
        ("云A12345", True),
        ("蒋明琴", False),  # of the directory, below
        ("", False),
    ],
)
def test_a_word_must_be_able_to_name_somebody(word: str, tells: bool) -> None:
    assert tells == is_telling_word(bare(word), Common(["蒋明琴"]))


@pytest.mark.parametrize(
    ("line", "tells"),
    [("老师打人", True), ("收到", False), ("我要投诉", False), ("70% 30%", False), ("柳湾小学好", False)],
)
def test_a_short_line_must_tell_something(line: str, tells: bool) -> None:
    assert tells == is_telling_line(bare(line), Common(["柳湾小学"], ["1. 我要投诉\n2. 我要咨询", "我要投诉"]))


def test_a_word_is_looked_up_by_as_many_of_its_last_signs_as_possible() -> None:
    assert [anchor_size(length) for length in (2, 3, 4, 9, 10, 40)] == [2, 2, 4, 4, 10, 10]
    assert SHINGLE in ANCHORS


def test_the_reports_of_schools_share_nothing_with_the_complaints_of_parents() -> None:
    """Two shingles of strangers who write about the same matters are practically never the same."""
    rows = [json.loads(line) for line in (DATA / "complaint-examples.jsonl").read_text("utf-8").splitlines()]
    marks = {mark for row in rows if row["intent"] == "complaint" for mark in chosen(row["text"])}
    reports = [
        json.loads(line)["text"]
        for file in sorted(DATA.glob("progress-*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]

    stopped = [text for text in reports if marks & set(HASHER.windows(bare(text), SHINGLE))]

    assert len(marks) > 1000
    assert len(reports) > 300
    assert stopped == []
