"""Cutting long texts."""

from __future__ import annotations

import pytest

from bot.split import split


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, [""]),
        ("短", 4, ["短"]),
        ("一行\n二行\n三行", 14, ["一行\n二行\n", "三行"]),
        ("一行\n二行\n三行", 13, ["一行\n", "二行\n三行"]),
        ("一二三四", 7, ["一二", "三四"]),
        ("ab\n", 4, ["ab\n"]),
        ("\n\n\n\n\n", 4, ["\n\n\n\n", "\n"]),
        ("a😀😀", 5, ["a😀", "😀"]),
        ("a😀😀", 4, ["a", "😀", "😀"]),
        ("ae\u0301e\u0301", 5, ["ae\u0301", "e\u0301"]),
        ("x👍🏽", 8, ["x", "👍🏽"]),
        ("一👨‍👩‍👧", 20, ["一", "👨‍👩‍👧"]),
        ("abc\r\n", 4, ["abc", "\r\n"]),
    ],
)
def test_a_text_is_cut_at_line_ends_else_between_characters(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts


def test_an_endless_cluster_is_cut_all_the_same() -> None:
    text = "e" + "\u0301" * 500

    assert "".join(split(text, 100)) == text


def test_a_limit_below_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="four bytes"):
        split("x", 3)
