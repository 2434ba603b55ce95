"""Schools by any of their names, and the words that say when."""

from __future__ import annotations

import pytest

from handlers.complaints.language import SchoolLexicon, find_schools, find_times, understand
from handlers.progress.language import Lexicon
from tests.unit.complaints.language.scoring import rows, schools

LEXICON = schools()
AREA = "云州市清河区"


def named(text: str) -> list[tuple[str, ...]]:
    return [ref.names for ref in find_schools(text, LEXICON)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("清河四小不收材料", ["第四小学"]),
        ("云州市清河区第四小学不收", ["第四小学"]),
        ("育才离我家300米，却划到东湖小学", ["东湖小学"]),
        ("清河育才划到东湖小学", ["育才小学", "东湖小学"]),
        ("二中高二", ["第二中学"]),
        ("初二中午没饭吃", []),
        ("上周五一小食堂里有虫", ["第一小学"]),
        ("下周三二中考试吗", ["第二中学"]),
        ("10月8号一小停电", ["第一小学"]),
        ("五一小长假怎么放", []),
        ("十一小长假", []),
        ("周一小学部开会", []),
        ("上周五一小雨没停", []),
        ("这周一小朋友都没来", []),
        ("实中初三", ["实验中学"]),
        ("落实中央精神", []),
    ],
)
def test_schools_are_found_by_their_names(text: str, names: list[str]) -> None:
    assert named(text) == [(AREA + name,) for name in names]


@pytest.mark.parametrize("text", ["一小和二小都强制买教辅", "一小、二小都强制买教辅", "一小二小都强制买教辅"])
def test_each_school_of_several_is_read(text: str) -> None:
    assert understand(text, LEXICON).schools == (AREA + "第一小学", AREA + "第二小学")


@pytest.mark.parametrize(
    ("text", "schools"),
    [
        ("二小那边没这事", ()),
        ("二小那边没这事，一小强制买教辅", (AREA + "第一小学",)),
        ("一小强制买教辅，二小倒是没有这种情况", (AREA + "第一小学",)),
        ("二小没有这个教辅的收据", (AREA + "第二小学",)),
        ("难道二小没这事吗", (AREA + "第二小学",)),
    ],
)
def test_a_school_that_is_cleared_is_not_complained_of(text: str, schools: tuple[str, ...]) -> None:
    assert understand(text, LEXICON).schools == schools


def test_a_shared_short_name_gives_all_candidates() -> None:
    lexicon = SchoolLexicon.of([("甲区实验小学", ["实验"]), ("甲区实验中学", ["实验", "实中"])])
    (ref,) = find_schools("举报实验，强制买教辅", lexicon)

    assert ref.names == ("甲区实验小学", "甲区实验中学")
    assert not ref.is_sure


def test_the_lexicon_of_units_and_the_district_file_agree() -> None:
    district = {
        "sections": [],
        "schools": [
            {"id": "S1", "name": "甲区第一小学", "aliases": ["一小"], "kind": "小学"},
            {"id": "S2", "name": "甲区育才小学", "aliases": [], "kind": "小学"},
            {"id": "S3", "name": "甲区育才中学", "aliases": [], "kind": "初中"},
        ],
        "ambiguous_unit_aliases": {"育才": ["S2", "S3"]},
    }
    units = SchoolLexicon.from_units(Lexicon.from_district(district))

    assert units == SchoolLexicon.from_file(district)
    assert units.names_of["育才"] == ("甲区育才小学", "甲区育才中学")


def test_the_labelled_schools_are_found() -> None:
    wrong = [
        row["id"]
        for row in rows("complaint-examples.jsonl")
        if list(dict.fromkeys(ref.names[0] for ref in find_schools(row["text"], LEXICON))) != row["schools"]
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("上周五一小食堂里有虫", ["上周五"]),
        ("昨天中午菜里有虫", ["昨天中午"]),
        ("9月18日在厕所被打，今年第二次", ["9月18日", "今年"]),
        ("从上周一到今天打了三十次", ["从上周一到今天"]),
        ("３月５日下午3点半", ["３月５日下午3点半"]),
        ("开学到现在没修", ["开学到现在"]),
        ("住四组18号", []),
        ("菜里有虫", []),
    ],
)
def test_the_words_that_say_when_are_found(text: str, times: list[str]) -> None:
    found = find_times(text)

    assert [span.words for span in found] == times
    assert [text[span.start : span.end] for span in found] == times


def test_most_labelled_times_are_found() -> None:
    labelled = rows("complaint-examples.jsonl")
    wanted = [(row["text"], word) for row in labelled for word in row["times"]]
    found = sum(word in {span.words for span in find_times(text)} for text, word in wanted)

    assert found / len(wanted) >= 0.9
