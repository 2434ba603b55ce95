"""Whatever anybody types, reading it never fails, points into the text, and takes time in proportion to its length."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.complaints.language import (
    TOPICS,
    Kind,
    facts_of,
    find_dangers,
    find_times,
    group,
    is_complaint_in_group,
    redact,
    to_contract,
    understand,
)
from tests.unit.complaints.language.scoring import rows, schools

LEXICON = schools()
PHRASES = (
    "被打",
    "流血",
    "孩子",
    "三个人",
    "不给就打",
    "自",
    "杀",
    "zs",
    "演练",
    "去年",
    "万一",
    "已经处理好了",
    "气死我了",
    "投诉",
    "请问",
    "建议",
    "谢谢",
    "已办结",
    "食堂",
    "有虫",
    "老师",
    "家长",
    "一小",
    "周六上午",
    "9月18日",
    "到",
    "叫张伟",
    "电话",
    "19900001034",
    "身份证990101201103152042",
    "锦绣苑3栋2单元501室",
    "微信abc_12345",
    "云A12345",
    "a@b.cn",
    "，",
    "。",
    "？",
    "!",
    "·",
    "ＡＢ",
    "１２",
)
texts = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PHRASES), max_size=16).map("".join))
LONG = (
    "打",
    "被打",
    "孩子叫张伟,",
    "1",
    "1-",
    "19900001034",
    "一小",
    "不给就打",
    "去年",
    "a1-",
    "住锦绣苑3栋2单元501室",
    "火",
)
# Twice the text may take so many times as long: far less than four, which a quadratic pattern would take.
_NEAR_LINEAR = 3.2


@settings(max_examples=150, deadline=None)
@given(texts)
def test_any_text_is_understood_soundly(text: str) -> None:
    found = understand(text, LEXICON)
    redacted = redact(text)

    assert 0 <= found.confidence <= 1
    assert (found.topic in TOPICS) == (found.kind is Kind.COMPLAINT)
    for danger in found.dangers:
        assert 0 <= danger.start < danger.end <= len(text)
        assert 0 < danger.confidence <= 1
    for span in find_times(text):
        assert text[span.start : span.end] == span.words
    for ref in found.school_refs:
        assert 0 <= ref.start < ref.end <= len(text)
        assert ref.names
    assert to_contract(found, redacted)["kind"] == found.kind
    assert isinstance(is_complaint_in_group(text), bool)


@settings(max_examples=150, deadline=None)
@given(texts)
def test_only_what_is_told_is_replaced(text: str) -> None:
    redacted = redact(text)
    rebuilt, at = "", 0
    for one in redacted.replaced:
        assert one.start >= at
        rebuilt += text[at : one.start] + f"[{one.type}]"
        at = one.end
    assert redacted.text == rebuilt + text[at:]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([row["text"] for row in rows("danger.jsonl") if row["danger"]]), st.data())
def test_blanks_and_invisible_signs_hide_no_danger(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    sign = data.draw(st.sampled_from([" ", "\u200b", "·", "*"]))

    assert find_dangers(text[:at] + sign + text[at:])


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, max_size=8))
def test_grouping_numbers_every_text_from_one_on(many: list[str]) -> None:
    numbers = group([facts_of(text, understand(text, LEXICON), LEXICON) for text in many])

    assert len(numbers) == len(many)
    assert sorted(set(numbers)) == list(range(1, len(set(numbers)) + 1))


@pytest.mark.parametrize("piece", LONG)
def test_twice_the_text_takes_about_twice_the_time(piece: str) -> None:
    def spent(length: int) -> float:
        text = piece * (length // len(piece))
        best = 9.0
        for _ in range(3):
            before = time.process_time()
            understand(text, LEXICON)
            redact(text)
            is_complaint_in_group(text)
            best = min(best, time.process_time() - before)
        return best

    assert spent(8000) <= _NEAR_LINEAR * max(spent(4000), 0.02)
