"""Whatever somebody wrote, others are shown one plain line of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.citation import cite


@pytest.mark.parametrize(
    ("words", "cited"),
    [
        ("厂家少发12台", "厂家少发12台"),
        ("<a href='x'>点</a>", "＜a href='x'＞点＜/a＞"),
        ("[点](x)", "［点］(x)"),
        ("**粗** `码` #题", "＊＊粗＊＊ ｀码｀ ＃题"),
        ("@all 快看", "＠all 快看"),
        ("看https://x.cn", "看https：//x.cn"),
        ("材\u202e料\u200b\u2066没到", "材料没到"),
        ("没到\nT08 100%", "没到 T08 100%"),
        ("没到\r\n\u2028\x0bT08", "没到 T08"),
        ("\u200b \n", ""),
    ],
)
def test_words_are_shown_as_words(words: str, cited: str) -> None:
    assert cite(words) == cited


def test_long_words_are_shortened_and_say_so() -> None:
    assert cite("一" * 10, 5) == "一一一一…"
    assert cite("一" * 5, 5) == "一一一一一"


@given(st.text(), st.integers(2, 80))
def test_nothing_but_plain_characters_comes_through(words: str, most: int) -> None:
    cited = cite(words, most)

    assert len(cited) <= most
    assert not set("<>[]*`#@\\_~|&") & set(cited)
    assert "://" not in cited
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in cited)
    assert cite(cited, most) == cited
