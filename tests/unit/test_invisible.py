"""Which characters are refused, and how they are shown."""

from __future__ import annotations

import pytest

from bot.invisible import find_odd, visible


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("第一小学(南)", None),
        ("中心校\u3000二年级", None),  # the wide blank of Chinese text
        ("\U00031350\ue000", None),  # a character newer than Python's tables, a private one: rare names have them
        ("a\tb", "U+0009"),
        ("a\x00b", "U+0000"),
        ("a\u200bb", "U+200B"),
        ("a\u202eb", "U+202E"),
        ("a\u2028b", "U+2028"),
        ("\ufeffa", "U+FEFF"),
        ("a\ud800", "U+D800"),
    ],
)
def test_what_nobody_sees_is_odd(text: str, odd: str | None) -> None:
    assert find_odd(text) == odd


def test_breaks_may_be_allowed() -> None:
    assert find_odd("a\nb", "\n") is None
    assert find_odd("a\nb\x1b", "\n") == "U+001B"


def test_odd_signs_are_shown_as_escapes_on_one_line() -> None:
    assert visible("小\x1b[31m\n督") == "小\\u001b[31m\\u000a督"
