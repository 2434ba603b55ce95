"""Every text fits one message; cards have ids that the platform takes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.weekly import cards, texts
from handlers.weekly.texts import Counts, Part

AT = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
CLOSE = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)


def test_a_line_of_the_prompt() -> None:
    line = texts.line(1, "T08 校舍安全维修改造", "", texts.last("60%", AT), date(2026, 11, 30), is_overdue=False)

    assert line == "① T08 校舍安全维修改造 上次60%(11-19) 11-30到期"


def test_a_line_for_another_unit_past_its_deadline() -> None:
    line = texts.line(2, "T03 控辍保学排查", "上营教学点", texts.last(None, None), date(2026, 11, 27), is_overdue=True)

    assert line == "② T03 控辍保学排查 上营教学点 尚未报过 已于11-27到期"


def test_a_prompt_says_how_and_until_when() -> None:
    prompt = texts.prompt("张校长", ["① T08 …"], CLOSE)

    assert prompt == ("张校长好,本周1项请更新(直接回复即可):\n① T08 …\n11-27 12:00前回复,没有变化回“无变化”。")


def test_a_group_prompt_ends_with_whom_to_answer() -> None:
    lines = [texts.group_line("T08 校舍维修", date(2026, 11, 30), 6, 2)] * 10
    prompt = texts.group_prompt("11-23至11-29", lines, 8)

    assert prompt.splitlines()[1] == "T08 校舍维修 11-30到期 已报2/应报6"
    assert prompt.splitlines()[-2:] == ["…其余2项", "回复请@小督"]


def test_a_long_obstacle_is_shortened_and_a_missing_one_said() -> None:
    assert texts.blocker("T08", "三小", "雨" * 50, is_overdue=True) == f"【逾期】T08 三小:{'雨' * 39}…"
    assert texts.blocker("T08", "三小", "", is_overdue=False) == "T08 三小:受阻(原因未说明)"


def test_many_silent_schools_are_counted() -> None:
    names = [f"第{number}小学" for number in range(1, 15)]

    assert texts.silent(names).endswith("、第12小学等14家")
    assert texts.silent([]) == "包校已全部报送"


def test_coverage_is_a_share_of_what_was_expected() -> None:
    said = texts.coverage("11-23至11-29", Counts(3, 2, 10, 7, 4, 1), 2)

    assert "应报3家10项,已报2家7项,有变化4项,卡点1项" in said
    assert "覆盖70%" in said
    assert "另有2家没有可提醒的人" in said


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1, max_size=90), max_size=40)


@given(first=LINES, second=LINES, most=st.integers(0, 30))
def test_whatever_is_said_fits_one_message_and_what_is_left_out_is_counted(
    first: list[str], second: list[str], most: int
) -> None:
    text = texts.fit("题", [Part("甲", first, most), Part("乙", second)], "末")

    assert len(text.encode()) <= texts.LIMIT
    left = [int(number) for number in re.findall(r"^…其余(\d+)项$", text, re.MULTILINE)]
    assert all(0 < number <= 40 for number in left)
    assert text.startswith("题")
    assert text.endswith("末")


def test_parts_share_the_room() -> None:
    text = texts.fit("题", [Part("甲", ["字" * 60] * 20), Part("乙", ["红" * 20] * 4)])

    assert text.count("红" * 20) == 4
    assert "…其余" in text.split("乙")[0]


@pytest.mark.parametrize("person", ["P-S13-2", "p-s13-1", "张三", "a.b@c", "x" * 40])
def test_a_card_has_an_id_that_the_platform_takes(person: str) -> None:
    card = cards.card_id("2026W48", person)

    assert re.fullmatch(r"[0-9A-Za-z_\-@]{1,128}", card)
    assert cards.week_of(card) == "2026W48"


def test_two_people_have_two_cards() -> None:
    assert len({cards.card_id("2026W48", person) for person in ("a.b", "a-b", "a_b", "a@2e@b")}) == 4


@pytest.mark.parametrize("card", ["", "weekly-", "weekly-2026W48-", "case-2026W48-P", "weekly-2026-P"])
def test_another_card_is_none_of_ours(card: str) -> None:
    assert cards.week_of(card) is None
