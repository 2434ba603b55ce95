"""What the closed week tells section heads, groups, clerks and leaders."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from bot.seal import Seal
from handlers.weekly.models import AskRow
from tests.unit.weekly.house import WeeklyHouse, local, open_sample, text_to, to_chats

OPEN, NUDGE, CLOSE = "2026-11-26T09:00", "2026-11-27T10:00", "2026-11-27T12:00"
SUMMARY, LEADER = "2026-11-27T15:00", "2026-11-30T08:30"
LAST_WEEK = "2026-11-19T10:00"


@pytest.fixture
def week(sqlite_url: URL, seal: Seal, sample) -> Iterator[WeeklyHouse]:
    """The sample district; nobody has reported anything yet."""
    house = open_sample(sqlite_url, seal, sample)
    yield house
    house.db.dispose()


@pytest.fixture
def mine(week: WeeklyHouse) -> list[str]:
    """Three schools that B04 looks after, S01 first, each with a reporter who is asked about T31."""
    week.report(LAST_WEEK, "S01", "T31", percent=40.0)
    week.report(LAST_WEEK, "S01", "T11", percent=90.0)
    week.run("weekly.open", OPEN)
    units = week.directory.units
    with week.db.reading() as session:
        asked = session.scalars(select(AskRow.unit_id).where(AskRow.task_id == "T31").order_by(AskRow.unit_id))
        return [unit for unit in asked if units[unit].assigned_section == "B04"][:3]


@pytest.fixture
def closed(week: WeeklyHouse, mine: list[str]) -> WeeklyHouse:
    """Two of them report, one of them a blocker; the third one only after the close."""
    week.report("2026-11-26T15:00", mine[0], "T31", percent=70.0)
    week.report("2026-11-26T15:00", mine[0], "T11", percent=90.0)
    week.report("2026-11-26T15:00", mine[1], "T31", status="blocked", blocker="配电室改造等电力部门批复")
    week.report("2026-11-27T12:00", mine[2], "T31", percent=100.0)
    week.run("weekly.nudge", NUDGE)
    week.run("weekly.close", CLOSE)
    return week


def test_the_close_says_nothing(week: WeeklyHouse) -> None:
    week.run("weekly.open", OPEN)

    assert week.run("weekly.close", CLOSE) == []


def test_a_group_hears_that_the_week_is_summed_up_and_no_name(closed: WeeklyHouse) -> None:
    groups = to_chats(closed.run("weekly.summary", SUMMARY))

    for content in groups.values():
        assert not [name for name in closed.names if name in content]
        assert "本周已汇总,未报单位已单独提醒。" in content
    assert re.search(r"应报7家\d+项,已报2家3项,有变化2项,卡点1项。", groups["C-B04"])


def test_a_repeated_figure_is_no_change(closed: WeeklyHouse) -> None:
    """S01 said 90 % of T11 again: reported, not changed."""
    text = text_to(closed.run("weekly.summary", SUMMARY), "P-B02-1")

    assert re.search(r"T11 师德承诺书签订 已报1/应报\d+ 有变化0 卡点0", text)


def test_the_lead_sections_head_reads_the_blocker_first_and_in_the_reporters_words(closed: WeeklyHouse) -> None:
    text = text_to(closed.run("weekly.summary", SUMMARY), "P-B08-1")

    lines = text.splitlines()
    assert lines[0] == "【周督导小结】11-23至11-29 安全管理股"
    assert lines[1] == "需要协调的卡点1项:"
    assert "配电室改造等电力部门批复" in lines[2]
    assert any(re.fullmatch(r"T31 校园消防安全排查 已报2/应报\d+ 有变化2 卡点1", line) for line in lines)


def test_the_head_of_the_assigned_section_learns_in_private_which_schools_were_silent(
    closed: WeeklyHouse, mine: list[str]
) -> None:
    directory = closed.directory
    text = text_to(closed.run("weekly.summary", SUMMARY), "P-B04-1")

    silent = text.splitlines()[-1]
    assert silent.startswith("包校未报:")
    assert directory.units[mine[2]].name in silent, "what came after the close counts for the next week"
    assert directory.units[mine[1]].name not in silent


def test_the_clerks_read_how_complete_the_week_is(closed: WeeklyHouse) -> None:
    text = text_to(closed.run("weekly.summary", SUMMARY), "P-B01-2")

    assert re.search(r"应报\d+家\d+项,已报2家3项,有变化2项,卡点1项。报送覆盖\d%", text)
    assert not [person.name for person in closed.directory.people.values() if person.name in text]


def test_a_week_that_was_not_held_is_not_summed_up(week: WeeklyHouse) -> None:
    assert week.run("weekly.summary", SUMMARY) == []


def test_a_leader_reads_blockers_then_reds_then_numbers_of_the_own_portfolio(closed: WeeklyHouse) -> None:
    messages = closed.run("weekly.leader", LEADER)
    text = text_to(messages, "P-L4")

    lines = text.splitlines()
    assert lines[0] == "【分管工作周报】11-23至11-29"
    assert lines[1] == "需要协调的卡点1项:"
    assert lines[2].startswith("【逾期】T31 校园消防安全排查 ")
    assert lines[3] == "逾期未完成2项:"
    assert {"T31", "T32"} == {line[:3] for line in lines[4:6]}
    assert re.match(r"应报\d+家\d+项,已报\d+家\d+项,有变化\d+项,卡点1项。", lines[-1])
    assert "T11" not in text


def test_the_head_of_the_leading_group_reads_about_everything(closed: WeeklyHouse) -> None:
    text = text_to(closed.run("weekly.leader", LEADER), "P-L1")

    assert {"T31", "T11", "T34"} <= set(re.findall(r"^(?:【逾期】)?(T\d\d) ", text, re.MULTILINE))
    assert len(text.encode()) <= 2048


def test_a_digest_sees_what_came_after_the_close_and_counts_it_for_the_next_week(closed: WeeklyHouse) -> None:
    before = text_to(closed.run("weekly.leader", LEADER), "P-L4")
    numbers = before.splitlines()[-1]
    closed.report("2026-11-30T08:00", "S02", "T31", status="blocked", blocker="厂家未到货")
    again = closed.runner.run_job("weekly.leader", local("2026-11-30T08:31"), local(LEADER), dry_run=True)
    after = text_to(again.messages, "P-L4")

    assert "厂家未到货" in after
    assert numbers.split("卡点")[0] == after.splitlines()[-1].split("卡点")[0]


def test_many_blockers_are_cut_and_counted(week: WeeklyHouse) -> None:
    for unit in sorted(week.ledger.tasks["T31"].applies_to)[:40]:
        week.report(LAST_WEEK, unit, "T31", status="blocked", blocker="等待消防验收" * 8)
    text = text_to(week.run("weekly.leader", LEADER), "P-L4")

    assert "需要协调的卡点40项:" in text
    assert "…其余30项" in text
    assert len(text.encode()) <= 2048
