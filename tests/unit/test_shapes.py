"""Numbers that no group may see. All numbers are made up (area code 990101, phone block 1990000)."""

from __future__ import annotations

import json

import pytest

from bot.shapes import find_number, is_identity, passes_luhn
from tests.conftest import DATA


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("电话19900001234", "mobile number"),
        ("1 9 9 0 0 0 0 1 2 3 4", "mobile number"),
        ("199-0000-1234", "mobile number"),
        ("+86 199 0000 1234", "mobile number"),
        ("8619900001234", "mobile number"),
        ("１９９００００１２３４", "mobile number"),
        ("一九九零〇〇〇一二三四", "mobile number"),
        ("幺玖玖零零零零壹贰叁肆", "mobile number"),
        ("199\u200b0000\u20601234", "mobile number"),
        ("第3 19900001234 5", "mobile number"),
        ("①⑨⑨⓪⓪⓪⓪①②③④", "mobile number"),
        ("29900001234", None),
        ("12900001234", None),
        ("1990000123", None),
        ("199000012345", None),
        ("2026-11-23 13:45", None),
        ("区教诉〔2026〕000123号", None),
        ("身份证990101201503070011", "identity number"),
        ("990101 20150307 0011", "identity number"),
        ("2026 990101 20150307 0011", "identity number"),
        ("990101201503070012", None),
        ("4000000000000002", "bank card number"),
        ("4000 0000 0000 0002 123", "bank card number"),
        ("4000000000000001", None),
        ("完成率96.3%、87.1%、90.3%、88.2%、91.5%", None),
        ("", None),
    ],
)
def test_such_numbers_are_found_in_any_spelling(text: str, kind: str | None) -> None:
    assert kind == find_number(["无", text])


def test_check_signs() -> None:
    assert is_identity("11010519491231002X")  # the example of GB 11643-1999
    assert not is_identity("110105194912310021")
    assert passes_luhn("79927398713")  # the textbook example of the Luhn formula
    assert not passes_luhn("79927398710")


def test_reports_with_figures_hold_none() -> None:
    texts = [
        json.loads(line)["text"]
        for file in sorted(DATA.glob("progress-*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]

    assert [text for text in texts if find_number([text])] == []
