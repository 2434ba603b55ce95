"""What the sample district's people are told when they ask for the ledger, and what they are not told."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import URL

from bot.db import Base, Database
from bot.messages import Kind
from bot.people import load_directory
from bot.seal import Seal
from handlers.ledger import standing
from handlers.ledger.routes import routes
from handlers.ledger.texts import LIMIT
from handlers.progress import service as progress
from handlers.progress.models import Act, ProgressRow
from tests.unit.handlers.desk import Desk, load, only

GROUP = "wrGROUP0001"
LATER = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)  # Tuesday 1 December, 10:00 in Shanghai


@pytest.fixture
def data(sample: dict[str, Any]) -> dict[str, Any]:
    """The sample district, free to change."""
    return copy.deepcopy(sample)


@pytest.fixture
def desk(sqlite_url: URL, seal: Seal, data: dict[str, Any], now: datetime) -> Iterator[Desk]:
    """The sample district on Monday 23 November 2026, and the routes of the ledger."""
    db = Database(sqlite_url)
    Base.metadata.create_all(db.engine)
    load(db, seal, data, now)
    yield Desk(db, seal, now, routes)
    db.dispose()


class TestOwnLedger:
    def test_a_principal_sees_open_tasks_the_most_urgent_first(self, desk):
        desk.report("P-S02-1", "S02", "T34", status="in_progress", percent=60)
        desk.report("P-S02-1", "S02", "T31", status="done", percent=100)

        text = only(desk.hear("p-s02-1", "我校台账"))

        lines = text.splitlines()
        assert lines[0].startswith("我校台账(11-23)在办")
        assert lines[1] == "T11 师德承诺书签订 未报 11-25止 临期"
        assert lines[2] == "T34 冬季供暖检查 60%(11-23) 11-25止 临期"
        assert "T31" not in text
        assert len(text.encode()) <= LIMIT

    def test_what_is_late_comes_first(self, desk):
        desk.now = LATER

        lines = only(desk.hear("p-s02-1", "台账")).splitlines()

        assert lines[1].endswith("11-25止 逾期")

    @pytest.mark.parametrize(("who", "name"), [("p-s58-1", "我园"), ("p-b08-1", "本股室"), ("p-s02-2", "我校")])
    def test_everybody_is_spoken_to_as_their_unit(self, desk, who, name):
        assert only(desk.hear(who, "台账")).startswith(f"{name}台账")

    def test_it_fits_one_message_and_counts_the_rest(self, desk, data, seal):
        for number in range(60):
            data["ledger"].append(
                {**data["ledger"][7], "id": f"T{100 + number}", "title": f"很长很长的任务名称第{number}号"}
            )
        load(desk.db, seal, data, desk.now)

        text = only(desk.hear("p-s02-1", "台账"))

        assert len(text.encode()) <= LIMIT
        assert "…其余" in text

    def test_tasks_that_have_not_begun_are_left_out(self, desk):
        desk.now = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)

        assert "T39" not in only(desk.hear("p-s02-1", "台账"))

    def test_nothing_open_is_said(self, desk):
        assert "目前没有在办的台账任务" in only(desk.hear("p-d1", "台账"))

    def test_the_points_that_report_through_a_school_are_counted(self, desk):
        desk.now = LATER

        own, late = only(desk.hear("p-s13-1", "台账")), only(desk.hear("p-s13-1", "台账 逾期"))
        point = only(desk.hear("p-s13-1", "台账 柳湾镇上营教学点"))

        number = point.count("未报")
        assert f"代报的柳湾镇上营教学点:在办{number}项、逾期8项" in own
        assert "代报的柳湾镇上营教学点" in late
        assert point.startswith("柳湾镇上营教学点台账")

    def test_a_task_into_an_unknown_year_has_no_light(self, desk):
        text = only(desk.hear("p-s47-1", "台账"))

        assert "T07 新城学校二期工程 未报 08-20止\n" in text or "…其余" in text
        assert "暂不判断快慢" in text

    def test_a_retracted_value_falls_back_to_the_one_before(self, desk):
        desk.report("P-S02-1", "S02", "T34", status="in_progress", percent=60)
        desk.report("P-S02-1", "S02", "T34", status="in_progress", percent=90)
        with desk.db.transaction() as session:
            last = session.query(ProgressRow).order_by(ProgressRow.id.desc()).first().id
        desk.report("P-S02-1", "S02", "T34", act=Act.RETRACTION, replaces=last)

        assert "T34 冬季供暖检查 60%(11-23)" in only(desk.hear("p-s02-1", "台账"))

    def test_a_confirmed_value_carries_the_day_of_its_confirmation(self, desk):
        before = desk.now - timedelta(days=10)
        desk.report("P-S02-1", "S02", "T34", before, status="in_progress", percent=60)
        with desk.db.transaction() as session:
            last = session.query(ProgressRow).one().id
        desk.report("P-S02-1", "S02", "T34", act=Act.UNCHANGED, replaces=last, status="in_progress", percent=60)

        assert "T34 冬季供暖检查 60%(11-23)" in only(desk.hear("p-s02-1", "台账"))

    def test_a_voice_message_asks_as_well(self, desk):
        assert only(desk.hear("p-s02-1", "看看台账。", kind=Kind.VOICE)).startswith("我校台账")

    def test_a_stranger_is_not_answered(self, desk):
        assert desk.hear("nobody", "台账") is None

    def test_a_report_is_left_to_others(self, desk):
        assert desk.hear("p-s02-1", "台账已更新,T08 70%") is None
        assert desk.hear("p-s02-1", "台账已更新") is None


class TestInAGroup:
    def test_figures_go_to_the_asker_in_private(self, desk):
        answers = desk.hear("p-s02-1", "台账", chat=GROUP)

        assert [to for to, _ in answers] == ["P-S02-1", "me"]
        assert "T11" in answers[0][1]
        assert answers[1][1] == "已私信您。"

    def test_a_refusal_shows_nothing(self, desk):
        text = only(desk.hear("p-s02-1", "台账 三小", chat=GROUP))

        assert "T" not in text


class TestOverdue:
    def test_nothing_is_late_yet(self, desk):
        assert "没有逾期" in only(desk.hear("p-s02-1", "台账 逾期"))
        assert "没有逾期" in only(desk.hear("p-b01-2", "台账 逾期"))

    def test_a_principal_sees_the_own_late_tasks_only(self, desk):
        desk.now = LATER
        desk.report("P-S03-1", "S03", "T11", status="in_progress", percent=41)

        text = only(desk.hear("p-s02-1", "台账 逾期"))

        assert "T11 师德承诺书签订 未报 11-25止 逾期4个工作日" in text
        assert "T25" not in text
        assert "41%" not in text
        assert "三小" not in text
        assert "第三小学" not in text

    def test_a_section_sees_what_it_leads_and_whom_it_looks_after(self, desk):
        desk.now = LATER
        desk.report("P-S02-1", "S02", "T31", status="done", percent=100)

        text = only(desk.hear("p-b08-1", "台账 逾期"))

        lines = {line[:3]: line for line in text.splitlines()}
        assert "85/86家" in lines["T31"]  # led: every school but the one that is done
        looked_after = sum(unit.assigned_section == "B08" for unit in desk.directory.units.values())
        assert f"{looked_after}/{looked_after}家" in lines["T11"]  # led by others: its own schools

    def test_a_clerk_and_a_leader_see_the_whole_district(self, desk):
        desk.now = LATER

        for who in ("p-b01-2", "p-l3"):
            text = only(desk.hear(who, "台账 逾期"))
            assert text.startswith("全区逾期未完成")
            assert "T11 师德承诺书签订 11-25止 86/86家:" in text
            assert len(text.encode()) <= LIMIT

    def test_a_leader_who_asks_for_the_ledger_gets_what_is_late(self, desk):
        desk.now = LATER

        assert only(desk.hear("p-l1", "台账")).startswith("全区逾期未完成")

    def test_days_late_are_left_out_where_the_calendar_ends(self, desk):
        desk.now = datetime(2027, 1, 6, 2, 0, tzinfo=UTC)

        text = only(desk.hear("p-s02-1", "台账 逾期"))

        assert "T40 目标绩效年终自评 未报 12-31止 逾期\n" in text + "\n" or "…其余" in text

    def test_nothing_is_called_late_where_the_calendar_does_not_know(self, desk, data, seal):
        data["ledger"] = [{**data["ledger"][18], "deadline": "2027-01-04"}]
        data["ambiguous_task_words"] = {}
        load(desk.db, seal, data, desk.now)
        desk.now = datetime(2027, 1, 6, 2, 0, tzinfo=UTC)

        assert "没有逾期" in only(desk.hear("p-b01-2", "台账 逾期"))
        assert "暂不判断快慢" in only(desk.hear("p-s02-1", "台账"))
        assert "逾期" not in only(desk.hear("p-s02-1", "台账 T19"))


class TestOneTask:
    def test_a_principal_sees_standard_deadline_and_the_own_value(self, desk):
        desk.report("P-S02-1", "S02", "T08", status="in_progress", percent=60)
        desk.report("P-S03-1", "S03", "T08", status="in_progress", percent=41)

        text = only(desk.hear("p-s02-1", "台账 T08"))

        assert text.startswith("T08 校舍安全维修改造\n标准:")
        assert "2026-07-06至2026-11-30(还有5个工作日)" in text
        assert "我校:60%(11-23),滞后" in text
        assert "家" not in text
        assert "41%" not in text

    @pytest.mark.parametrize("said", ["查t8", "T08标准是什么", "台账 校舍维修", "台账8号"])
    def test_it_may_be_called_by_any_of_its_names(self, desk, said):
        assert only(desk.hear("p-s02-1", said)).startswith("T08")

    def test_a_task_of_others_is_described_without_values(self, desk):
        assert "我校:不涉及这项任务" in only(desk.hear("p-s02-1", "台账 T22"))

    def test_those_who_lead_or_see_all_get_counts(self, desk):
        desk.now = LATER
        desk.report("P-S02-1", "S02", "T31", status="done", percent=100)
        desk.report("P-S03-1", "S03", "T31", status="in_progress", percent=41)

        for who in ("p-b08-2", "p-b01-2", "p-l1"):
            text = only(desk.hear(who, "台账 T31"))
            assert "应报86家:已完成1家,已报2家,未报84家,逾期85家" in text

    def test_a_section_that_only_looks_after_schools_gets_their_counts(self, desk):
        text = only(desk.hear("p-b09-1", "台账 T31"))

        mine = sum(unit.assigned_section == "B09" for unit in desk.directory.units.values())
        assert f"应报{mine}家" in text

    def test_an_unknown_code_is_said(self, desk):
        assert "台账里没有 T99" in only(desk.hear("p-s02-1", "台账 T99"))


class TestOneUnit:
    @pytest.mark.parametrize("who", ["p-b01-2", "p-l2", "p-s03-1"])
    def test_those_who_may_see_a_unit(self, desk, who):
        assert "台账(11-23)在办" in only(desk.hear(who, "台账 三小"))

    @pytest.mark.parametrize("who", ["p-s02-1", "p-s02-2", "p-s75-1", "p-d1"])
    def test_others_are_refused(self, desk, who):
        assert "只能查看本单位" in only(desk.hear(who, "台账 三小"))

    def test_a_section_sees_of_a_school_what_it_leads(self, desk):
        text = only(desk.hear("p-b08-1", "台账 三小"))

        codes = {line[:3] for line in text.splitlines() if line.startswith("T")}
        assert {"T31", "T32", "T35"} == codes

    def test_a_shared_name_is_asked_about(self, desk):
        assert "写全称" in only(desk.hear("p-b01-2", "台账 柳湾"))


def test_the_ledger_reads_the_history_as_progress_does(desk, seal):
    """Two readers of one table must agree on what stands."""
    desk.report("P-S02-1", "S02", "T08", status="in_progress", percent=60, blocker="缺料")
    desk.report("P-S02-1", "S02", "T08", act=Act.CORRECTION, status="in_progress", percent=50, replaces=1)
    desk.report("P-S03-1", "S03", "T08", status="in_progress", done=3, total=4)
    desk.report("P-S03-1", "S03", "T08", act=Act.RETRACTION, replaces=3)
    desk.report("P-S04-1", "S04", "T08", act=Act.EXTENSION)
    desk.report("P-S13-1", "S75", "T03", status="done", percent=100)

    with desk.db.reading() as session:
        here = standing.load(session)
        there = progress.current(session, seal)
        directory = load_directory(session)

    fields = ("unit", "task", "status", "percent", "percent_op", "done", "total", "at", "is_done")
    assert {("S02", "T08"), ("S75", "T03")} == set(here)
    assert directory.units["S75"].reports_via_parent
    for pair, value in there.items():
        assert [getattr(value, name) for name in fields] == [getattr(here[pair], name) for name in fields]
