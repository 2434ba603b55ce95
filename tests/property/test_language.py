"""Whatever anybody types, reading it never fails and never claims what cannot be."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.progress.language import Sender, Status, Understanding, to_contract, understand
from tests.unit.language.scoring import Reader

READER = Reader.of_sample()
PHRASES = (
    "完成",
    "已",
    "还没",
    "正在",
    "八成",
    "60%",
    "100%",
    "3/4",
    "12项",
    "9项",
    "下周三",
    "还剩50%",
    "还差3户",
    "下周三",
    "月底前",
    "第",
    "T08",
    "①",
    "1.",
    "不是",
    "应为",
    "延期到",
    "更正",
    "作废",
    "请",
    "都",
    "无变化",
    "不涉及",
    "卡住了",
    "✅",
    "👌",
)
WORDS = [
    *READER.lexicon.unit_names.ids,
    *READER.lexicon.task_names.ids,
    *READER.lexicon.ambiguous_words,
    *PHRASES,
    *",。;:?\n ()、",
]
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14).map("".join))
senders = st.builds(
    Sender,
    st.sampled_from([None, "nobody", *READER.lexicon.unit_by_id]),
    st.sampled_from([None, "leader", "section_staff", "principal", "reporter"]),
)
moments = st.integers(0, 900).map(lambda days: datetime(2026, 1, 1, 4, tzinfo=UTC) + timedelta(days=days))


def read(text: str, sender: Sender, now: datetime, quote: str | None) -> Understanding:
    return understand(text, sender=sender, now=now, quote=quote, lexicon=READER.lexicon, calendar=READER.calendar)


@settings(max_examples=200, deadline=None)
@given(texts, senders, moments, st.one_of(st.none(), texts))
def test_any_text_from_anybody_is_understood_soundly(
    text: str, sender: Sender, now: datetime, quote: str | None
) -> None:
    understood = read(text, sender, now, quote)

    for item in understood.items:
        assert item.unit is None or item.task is None or READER.lexicon.applies(item.task, item.unit)
        assert item.percent is None or 0 <= item.percent <= 100
        assert item.status is not Status.DONE or item.percent == 100
        assert item.status is Status.DONE or item.percent != 100 or item.percent_op in {"~", "<"}
        assert not item.conflicting or (item.percent, item.done, item.total) == (None, None, None)
        assert item.blocker is None or item.blocker in text
        assert item.done is None or item.total is None or item.done <= item.total
    assert not (understood.ask and understood.confidence >= 0.9)
    assert to_contract(understood)["ask"] == sorted(understood.ask)


@settings(max_examples=50, deadline=None)
@given(texts, senders, moments)
def test_reading_twice_gives_the_same(text: str, sender: Sender, now: datetime) -> None:
    assert read(text, sender, now, None) == read(text, sender, now, None)
