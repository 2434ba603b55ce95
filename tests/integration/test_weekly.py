"""A week of supervision on the sample district: who is asked, what a click does, what is summed up for whom."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import URL

from bot.messages import Card, ToChat
from bot.people import ChatRow, Role, bump_revision
from bot.seal import Seal
from bot.sections import Weekly
from bot.ticks import Tick
from handlers.weekly import pushes
from handlers.weekly.models import AskRow, RoundRow
from handlers.weekly.service import Line, list_asked
from scheduler.models import TickState
from tests.unit.weekly.house import WeeklyHouse, load_sample, local, open_sample, tasks_in, text_to, to_chats, to_people

OPEN, NUDGE, CLOSE = "2026-11-26T09:00", "2026-11-27T10:00", "2026-11-27T12:00"
SUMMARY, LEADER = "2026-11-27T15:00", "2026-11-30T08:30"
LAST_WEEK = "2026-11-19T10:00"

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def week(sqlite_url: URL, seal: Seal, sample) -> Iterator[WeeklyHouse]:
    """The sample district; nobody has reported anything yet."""
    house = open_sample(sqlite_url, seal, sample)
    yield house
    house.db.dispose()


@pytest.fixture
def altered(week: WeeklyHouse, seal: Seal, sample) -> Callable[[Change], WeeklyHouse]:
    """Make the house of a district that differs from the sample."""

    def make(change: Change) -> WeeklyHouse:
        data = copy.deepcopy(sample)
        change(data)
        load_sample(week.db, seal, data, local("2026-11-01T10:00"))
        return week

    return make


def test_every_school_and_section_is_asked_once_in_private(week: WeeklyHouse) -> None:
    asked = to_people(week.run("weekly.open", OPEN))
    directory = week.directory
    schools = [unit for unit in directory.units.values() if unit.is_school and not unit.reports_via_parent]
    sections = [unit for unit in directory.units.values() if unit.kind == "股室"]

    reporters = {directory.list_people(unit=unit.id, role=Role.REPORTER)[0].id for unit in schools}
    assert reporters | {unit.head for unit in sections} == set(asked)


def test_a_prompt_has_at_most_five_coded_lines_and_fits(week: WeeklyHouse) -> None:
    for message in to_people(week.run("weekly.open", OPEN)).values():
        content = message.body.content
        assert 1 <= len(tasks_in(content)) <= 5
        assert len(content.encode()) <= 2048
        assert content.splitlines()[0].endswith("项请更新(直接回复即可):")
        assert content.endswith("11-27 12:00前回复,没有变化回“无变化”。")
        assert (message.may_repeat, message.expires_at) == (True, local(CLOSE))


def test_a_prompt_shows_the_last_value(week: WeeklyHouse) -> None:
    week.report(LAST_WEEK, "S01", "T31", percent=60.0)
    text = text_to(week.run("weekly.open", OPEN), "P-S01-2")

    assert "T31 校园消防安全排查 上次60%(11-19) 11-26到期" in text


def test_a_teaching_point_is_asked_through_its_parent_by_name(week: WeeklyHouse) -> None:
    asked = to_people(week.run("weekly.open", OPEN))

    assert "柳湾镇上营教学点" in asked["P-S13-2"].body.content
    assert not {"P-S75-1", "P-S75-2"} & set(asked)


def test_a_school_without_a_reporter_is_asked_through_its_principal(altered) -> None:
    def change(data: dict[str, Any]) -> None:
        data["people"] = [person for person in data["people"] if person["id"] != "P-S01-2"]
        next(school for school in data["schools"] if school["id"] == "S01")["reporter"] = None

    asked = to_people(altered(change).run("weekly.open", OPEN))

    assert "P-S01-1" in asked


def test_what_is_done_or_does_not_apply_is_not_asked(week: WeeklyHouse) -> None:
    week.report(LAST_WEEK, "S01", "T31", status="done", percent=100.0)
    week.report(LAST_WEEK, "S01", "T32", status="not_applicable")
    text = text_to(week.run("weekly.open", OPEN), "P-S01-2")

    assert tasks_in(text) == ["T34", "T11", "T03", "T13", "T39"]


def test_what_was_reported_in_this_period_is_not_asked(week: WeeklyHouse) -> None:
    week.report("2026-11-20T12:00", "S01", "T31", percent=60.0)
    week.report("2026-11-20T11:59", "S01", "T11", percent=60.0)
    text = text_to(week.run("weekly.open", OPEN), "P-S01-2")

    assert "T11 师德承诺书签订 上次60%(11-20)" in text
    assert "T31" not in text


def test_a_fresh_value_gives_its_place_to_what_presses(week: WeeklyHouse) -> None:
    """The head of B06 has tasks due in December; what was said last week is left alone, what is old is asked."""
    week.report(LAST_WEEK, "B06", "T06", percent=30.0)
    week.report("2026-11-10T10:00", "B06", "T07", percent=30.0)
    for task in ("T15", "T36", "T37", "T39", "T30"):
        week.report(LAST_WEEK, "B06", task, status="done")
    text = text_to(week.run("weekly.open", OPEN), "P-B06-1")

    assert tasks_in(text) == ["T28", "T40", "T07"]


def test_who_has_nothing_to_report_hears_nothing(week: WeeklyHouse) -> None:
    for task in week.ledger.for_unit("B14"):
        week.report(LAST_WEEK, "B14", task.id, status="done")

    assert "P-B14-1" not in to_people(week.run("weekly.open", OPEN))


def test_where_nobody_has_anything_to_report_nothing_is_said(altered) -> None:
    def change(data: dict[str, Any]) -> None:
        for task in data["ledger"]:
            task.update(start="2026-12-25", deadline="2026-12-31")

    house = altered(change)

    assert house.run("weekly.open", OPEN) == []
    assert house.run("weekly.nudge", NUDGE) == []
    assert house.run("weekly.summary", SUMMARY) == []
    assert house.run("weekly.leader", LEADER) == []


def test_a_monthly_task_is_not_asked_weekly(altered) -> None:
    def change(data: dict[str, Any]) -> None:
        next(task for task in data["ledger"] if task["id"] == "T31")["cadence"] = "monthly"

    messages = altered(change).run("weekly.open", OPEN)

    assert not any("T31" in message.body.content for message in messages)


def test_a_group_hears_tasks_and_numbers_and_no_name(week: WeeklyHouse) -> None:
    for unit in ("S01", "S05", "S13"):
        week.report("2026-11-25T10:00", unit, "T31", percent=50.0)
    groups = to_chats(week.run("weekly.open", OPEN))

    assert {f"C-B{number:02d}" for number in range(1, 15)} | {"C-ALL"} == set(groups)
    for content in groups.values():
        assert not [name for name in week.names if name in content]
        assert content.endswith("回复请@小督")
        assert len(content.encode()) <= 2048
    assert re.search(r"^T31 校园消防安全排查 11-26到期 已报3/应报\d+$", groups["C-ALL"], re.MULTILINE)


def test_a_number_over_fewer_than_three_units_is_not_given(week: WeeklyHouse) -> None:
    """T07 concerns one school and its section, and even its title names the school."""
    groups = to_chats(week.run("weekly.open", OPEN))

    assert not any("T07" in content for content in groups.values())
    for content in groups.values():
        assert all(int(number) >= 3 for number in re.findall(r"应报(\d+)", content))


def test_a_group_without_an_address_is_not_spoken_to(week: WeeklyHouse) -> None:
    with week.db.transaction() as session:
        session.get_one(ChatRow, "C-B04").webhook_key = None
        bump_revision(session)
    groups = to_chats(week.run("weekly.open", OPEN))

    assert "C-B04" not in groups
    assert "C-B05" in groups


def test_on_exam_days_only_sections_are_asked(altered) -> None:
    exams = {"id": "考试", "start": "2026-11-26", "end": "2026-11-27"}
    house = altered(lambda data: data["calendar"]["exam_quiet"].append(exams))
    messages = house.run("weekly.open", OPEN)

    assert to_chats(messages) == {}
    assert all(house.directory.people[person].unit.startswith("B") for person in to_people(messages))
    assert {unit.head for unit in house.directory.units.values() if unit.kind == "股室"} == set(to_people(messages))


def test_an_exam_on_the_closing_day_silences_the_reminder_of_schools(altered) -> None:
    exams = {"id": "考试", "start": "2026-11-27", "end": "2026-11-27"}
    house = altered(lambda data: data["calendar"]["exam_quiet"].append(exams))
    house.run("weekly.open", OPEN)
    reminded = to_people(house.run("weekly.nudge", NUDGE))

    assert reminded
    assert all(house.directory.people[person].unit.startswith("B") for person in reminded)


def on_break(data: dict[str, Any]) -> None:
    data["calendar"]["breaks"].append({"id": "试", "start": "2026-11-23", "end": "2026-12-06"})
    next(task for task in data["ledger"] if task["id"] == "T31")["runs_in_break"] = True
    next(task for task in data["ledger"] if task["id"] == "T15")["runs_in_break"] = True


def test_in_a_break_principals_are_asked_once_about_what_runs_then(altered) -> None:
    house = altered(on_break)
    messages = house.run("weekly.open", OPEN)
    asked = to_people(messages)

    assert to_chats(messages) == {}
    assert {"T15", "T31"} == {task for one in asked.values() for task in tasks_in(one.body.content)}
    assert {Role.PRINCIPAL, Role.SECTION_HEAD} == {house.directory.people[person].role for person in asked}
    reminded = to_people(house.run("weekly.nudge", NUDGE))
    assert {Role.SECTION_HEAD} == {house.directory.people[person].role for person in reminded}
    assert to_chats(house.run("weekly.summary", SUMMARY)) == {}


def test_only_those_from_whom_nothing_came_are_reminded(week: WeeklyHouse) -> None:
    asked = to_people(week.run("weekly.open", OPEN))
    week.report("2026-11-26T15:00", "S13", "T31", percent=70.0)
    week.report("2026-11-26T15:00", "S14", "T05", percent=70.0)  # not among what S14 was asked
    messages = week.run("weekly.nudge", NUDGE)

    assert set(asked) - {"P-S13-2"} == set(to_people(messages))
    assert to_chats(messages) == {}


def test_a_reminder_is_a_card_with_last_values_and_three_buttons(week: WeeklyHouse) -> None:
    week.report(LAST_WEEK, "S01", "T31", percent=60.0)
    week.run("weekly.open", OPEN)
    message = to_people(week.run("weekly.nudge", NUDGE))["P-S01-2"]

    assert isinstance(message.body, Card)
    assert message.body.task_id == "weekly-2026W48-P-S01-2"
    assert ("T31", "校园消防安全排查 上次60%(11-19)") in message.body.lines
    assert [button.text for button in message.body.buttons] == ["无变化", "有更新", "遇到困难"]
    assert 1 <= len(message.body.lines) <= 5
    assert message.expires_at == local(CLOSE)


def test_who_never_reported_is_not_offered_no_change(week: WeeklyHouse) -> None:
    week.run("weekly.open", OPEN)
    message = to_people(week.run("weekly.nudge", NUDGE))["P-S01-2"]

    assert [button.text for button in message.body.buttons] == ["有更新", "遇到困难"]


def test_the_reminder_asks_by_itself_where_the_prompt_was_missed(week: WeeklyHouse) -> None:
    reminded = to_people(week.run("weekly.nudge", NUDGE))

    assert len(reminded) == 88
    assert list_lines(week, "P-S13-2", "2026-11-27T10:30") != []


def test_a_repeated_run_asks_about_the_same_lines(week: WeeklyHouse) -> None:
    rehearsed = week.runner.run_job("weekly.open", local(OPEN), local("2026-11-24T09:00"), dry_run=True)
    with week.db.reading() as session:
        assert list(session.scalars(select(RoundRow.week))) == []
    real = week.run("weekly.open", OPEN)
    again = week.runner.run_job("weekly.open", local(OPEN), local(OPEN), dry_run=True)

    assert bodies(real) == bodies(rehearsed.messages) == bodies(again.messages)


def bodies(messages) -> dict[str, str]:
    return {message.key: message.body.content for message in messages}


def list_lines(week: WeeklyHouse, person: str, at: str) -> list[Line]:
    directory = week.directory
    with week.db.reading() as session:
        return list_asked(session, week.seal, directory, week.ledger, directory.people[person], local(at))


def pairs(lines: list[Line]) -> list[tuple[str, str]]:
    return [(line.unit, line.task) for line in lines]


def test_the_asked_lines_are_those_of_the_prompt(week: WeeklyHouse) -> None:
    text = text_to(week.run("weekly.open", OPEN), "P-S13-2")
    lines = list_lines(week, "P-S13-2", "2026-11-26T10:00")

    assert tasks_in(text) == [line.task for line in lines]
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]


def test_what_was_reported_is_no_longer_asked_even_at_the_same_instant(week: WeeklyHouse) -> None:
    week.run("weekly.open", OPEN)
    week.report("2026-11-26T10:00", "S13", "T31", percent=70.0)

    assert ("S13", "T31") not in pairs(list_lines(week, "P-S13-2", "2026-11-26T10:00"))


def test_a_principal_speaks_for_what_the_reporter_was_asked(week: WeeklyHouse) -> None:
    week.run("weekly.open", OPEN)

    assert list_lines(week, "P-S13-2", "2026-11-26T10:00") == list_lines(week, "P-S13-1", "2026-11-26T10:00")


def test_a_teaching_point_speaks_for_itself_only(week: WeeklyHouse) -> None:
    week.run("weekly.open", OPEN)

    assert {"S75"} == {line.unit for line in list_lines(week, "P-S75-2", "2026-11-26T10:00")}


def test_before_the_prompt_it_is_what_has_a_value(week: WeeklyHouse) -> None:
    week.report("2026-11-12T10:00", "S13", "T08", percent=60.0)
    week.report("2026-11-12T10:00", "S13", "T11", status="done", percent=100.0)

    assert pairs(list_lines(week, "P-S13-2", "2026-11-25T10:00")) == [("S13", "T08")]


def test_who_was_left_alone_may_still_say_that_nothing_changed(week: WeeklyHouse) -> None:
    for task in week.ledger.for_unit("B14"):
        week.report(LAST_WEEK, "B14", task.id, status="done" if task.id != "T28" else "in_progress", percent=50.0)
    week.run("weekly.open", OPEN)

    assert pairs(list_lines(week, "P-B14-1", "2026-11-26T10:00")) == [("B14", "T28")]


def test_a_year_without_a_calendar_does_not_silence_people(week: WeeklyHouse) -> None:
    week.report("2026-11-12T10:00", "S13", "T08", percent=60.0)

    assert pairs(list_lines(week, "P-S13-2", "2027-03-03T10:00")) == [("S13", "T08")]


def test_december_tells_the_clerks_that_next_year_has_no_calendar(week: WeeklyHouse) -> None:
    messages = week.run("calendar.warning", "2026-12-01T09:00")

    assert {"P-B01-2"} == set(to_people(messages))
    assert "2027年的放假安排还没有导入" in text_to(messages, "P-B01-2")


def test_a_noticed_year_needs_no_warning(altered) -> None:
    noticed = {"元旦": ["2027-01-01", "2027-01-03"]}
    house = altered(lambda data: data["calendar"].update(holidays_2027=noticed))

    assert house.run("calendar.warning", "2026-12-01T09:00") == []


def test_a_week_of_unknown_days_is_told_to_the_clerks_once_and_nothing_is_sent(week: WeeklyHouse) -> None:
    week.runner.run_due(local("2026-12-27T12:00"))
    for day in range(7):
        week.runner.run_due(local("2026-12-28T09:00") + timedelta(days=day))

    rows = week.stored()
    assert {"weekly.leader", "calendar.warning", "alert.calendar"} == {row.purpose for row, _ in rows}
    alerts = [(row.audience, body.content) for row, body in rows if row.purpose == "alert.calendar"]
    assert [audience for audience, _ in alerts] == ["P-B01-2"]
    assert "12-28至01-03的放假安排尚未发布" in alerts[0][1]


def test_an_unknown_due_time_run_by_hand_says_so(week: WeeklyHouse) -> None:
    at = local("2027-03-03T10:00")

    assert week.runner.run_job("weekly.open", at, at, dry_run=True).state == TickState.UNKNOWN


def test_no_figure_is_asked_twice_in_a_period(week: WeeklyHouse) -> None:
    week.run("weekly.open", OPEN)
    with week.db.reading() as session:
        asked = [(row.unit_id, row.task_id) for row in session.scalars(select(AskRow))]

    assert len(asked) == len(set(asked)) > 300


def test_a_run_stays_at_few_statements_whatever_the_number_of_people(week: WeeklyHouse) -> None:
    """What a push reads does not grow with the district; what arrange and put read is bot's."""
    seen: list[str] = []
    event.listen(week.db.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    with week.db.reading() as session:
        tick = Tick("weekly.open", local(OPEN), session, week.seal, week.directory, Weekly())
        before = len(seen)
        pushes.open_week(tick)
        assert len(seen) - before <= 8


def test_no_number_is_shown_over_fewer_units_than_the_district_allows(week: WeeklyHouse) -> None:
    shown = []
    for smallest in (3, 50):
        with week.db.reading() as session:
            tick = Tick("weekly.open", local(OPEN), session, week.seal, week.directory, Weekly(smallest_group=smallest))
            shown.append({each.to.chat_id for each in pushes.open_week(tick) if isinstance(each.to, ToChat)})
    assert shown[1] < shown[0]
