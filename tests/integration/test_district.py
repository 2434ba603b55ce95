"""The district file goes in cell by cell, comes out without keys, and a group is bound from inside it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from bot import lanes
from bot.db import Base, Database
from bot.errors import ConfigError
from bot.lanes import DeadTargetRow
from bot.people import ChatRow, PersonRow, RevisionRow, load_directory
from bot.seal import Seal
from handlers.district import report, service
from handlers.district.changes import Change, Kind, diff
from handlers.district.file import parse
from handlers.district.routes import Address, routes
from handlers.tasks import service as ledger
from tests.unit.handlers.desk import Desk, load, only

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
ADDRESS = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
GROUP = "wrGROUP0001"


@pytest.fixture
def data(sample: dict[str, Any]) -> dict[str, Any]:
    """The sample district, free to change."""
    return copy.deepcopy(sample)


@pytest.fixture
def local(sqlite_url: URL) -> Iterator[Database]:
    """An empty SQLite file with every table."""
    database = Database(sqlite_url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def desk(local: Database, seal: Seal, data: dict[str, Any], now: datetime) -> Desk:
    """The sample district and the routes that bind groups."""
    load(local, seal, data, now)
    return Desk(local, seal, now, routes)


def chat(data: dict[str, Any], id: str) -> dict[str, Any]:
    """Return one group of a district file."""
    return next(one for one in data["chats"] if one["id"] == id)


def read_diff(db: Database, seal: Seal, data: dict[str, Any]) -> list[Change]:
    """Return what importing a file would change."""
    with db.reading() as session:
        return diff(session, seal, parse(data, {}))


def stored_key(db: Database, seal: Seal, chat_id: str) -> str | None:
    """Return the opened push key of a group."""
    with db.reading() as session:
        sealed = session.get_one(ChatRow, chat_id).webhook_key
        return seal.open(sealed, f"chat/{chat_id}").decode() if sealed else None


class TestImport:
    def test_the_sample_becomes_a_directory_and_a_ledger(self, db, seal, data, now):
        load(db, seal, data, now)

        with db.reading() as session:
            directory = load_directory(session)
            tasks = ledger.get(session, directory).tasks
        assert (len(directory.units), len(directory.people), len(directory.chats), len(tasks)) == (101, 206, 17, 40)
        assert directory.units["B00"].kind == "局领导"
        assert directory.people["P-S13-1"].userid == "p-s13-1"
        assert data["calendar"] == directory.facts["calendar"]
        assert {"S47", "B06"} == tasks["T07"].applies_to

    def test_a_second_import_changes_nothing(self, db, seal, data, now):
        chat(data, "C-B08")["webhook_key"] = KEY
        first = load(db, seal, data, now)

        second = load(db, seal, data, now)

        assert {Kind.ADDED} == {change.kind for change in first if change.field != "webhook_key"}
        assert second == []
        assert report.render(second) == ["Nothing would change."]

    def test_only_an_import_that_changes_something_bumps_the_revision(self, local, seal, data, now):
        numbers = []
        for _ in range(2):
            load(local, seal, data, now)
            with local.reading() as session:
                numbers.append(session.scalar(select(RevisionRow.number)))

        assert numbers == [1, 1]

    def test_a_change_is_shown_cell_by_cell(self, local, seal, data, now):
        load(local, seal, data, now)
        data["schools"][0]["students"] = 1300
        data["schools"][0]["aliases"] = ["一小"]
        data["ledger"][7]["deadline"] = "2026-12-05"
        data["calendar"]["terms"][0]["end"] = "2027-01-23"
        data["people"].append({"id": "P-X", "name": "新人", "title": "教师", "unit": "S01", "role": "reporter"})

        changes = {(c.what, c.id, c.field): (c.kind, c.old, c.new) for c in read_diff(local, seal, data)}

        assert {
            ("unit", "S01", "students"): (Kind.CHANGED, 1286, 1300),
            ("unit", "S01", "aliases"): (Kind.CHANGED, ["一小", "第一小学", "区一小"], ["一小"]),
            ("task", "T08", "deadline"): (Kind.CHANGED, date(2026, 11, 30), date(2026, 12, 5)),
            ("fact", "calendar", "terms[0].end"): (Kind.CHANGED, "2027-01-22", "2027-01-23"),
            ("person", "P-X", ""): (Kind.ADDED, None, None),
        } == changes

    def test_parts_that_come_and_go_are_shown(self, local, seal, data, now):
        load(local, seal, data, now)
        data["terms"] = []
        del data["duty"]

        changes = load(local, seal, data, now)

        assert {("terms", Kind.ADDED), ("duty", Kind.REMOVED)} == {(change.id, change.kind) for change in changes}
        assert read_diff(local, seal, data) == []

    def test_the_changes_are_made(self, db, seal, data, now):
        load(db, seal, data, now)
        data["schools"][0] |= {"students": 1300, "assigned_section": "B05"}

        load(db, seal, data, now)

        assert read_diff(db, seal, data) == []

    def test_user_ids_may_change_hands(self, db, seal, data, now):
        load(db, seal, data, now)
        first, second = data["people"][5:7]
        first["wecom_userid"], second["wecom_userid"] = second["id"], first["id"]

        load(db, seal, data, now)

        with db.reading() as session:
            assert second["id"].lower() == session.get_one(PersonRow, first["id"]).userid

    def test_somebody_new_may_take_the_user_id_of_somebody_gone(self, db, seal, data, now):
        load(db, seal, data, now)
        gone = next(person for person in data["people"] if person["id"] == "P-S13-2")
        data["people"].remove(gone)
        data["people"].append({**gone, "id": "P-S13-9", "wecom_userid": "P-S13-2"})
        next(school for school in data["schools"] if school["id"] == "S13")["reporter"] = "P-S13-9"

        load(db, seal, data, now)

        with db.reading() as session:
            assert load_directory(session).find_sender("p-s13-2").id == "P-S13-9"

    def test_a_unit_goes_with_all_that_named_it(self, db, seal, data, now):
        load(db, seal, data, now)
        data["schools"] = [school for school in data["schools"] if school["id"] != "S86"]
        data["people"] = [person for person in data["people"] if person["unit"] != "S86"]
        for ids in data["ambiguous_unit_aliases"].values():
            ids[:] = [id for id in ids if id != "S86"]

        changes = load(db, seal, data, now)

        assert {"S86", "P-S86-1", "P-S86-2"} == {change.id for change in changes if change.kind is Kind.REMOVED}

    def test_what_has_a_history_leaves_the_list_and_can_come_back(self, db, seal, data, now):
        load(db, seal, data, now)
        Desk(db, seal, now).report("P-S13-1", "S13", "T08", status="in_progress", percent=60)
        shorter = copy.deepcopy(data)
        del shorter["ledger"][7]
        shorter["ambiguous_task_words"] = {}
        successor = next(person for person in shorter["people"] if person["id"] == "P-S13-1")
        successor |= {"id": "P-S13-9", "name": "新校长", "wecom_userid": "p-s13-1"}
        shorter["schools"][12] |= {"principal": "P-S13-9", "principal_name": "新校长"}

        changes = load(db, seal, shorter, now)
        with db.reading() as session:
            directory = load_directory(session)
            assert "P-S13-1" not in directory.people
            assert directory.people["P-S13-9"].userid == "p-s13-1"
            assert "T08" not in ledger.load(session, directory).tasks
        assert "- task T08 校舍安全维修改造 (its history is kept)" in report.render(changes)
        assert load(db, seal, shorter, now) == []

        back = load(db, seal, data, now)
        assert "~ task T08 校舍安全维修改造 (listed again)" in report.render(back)
        with db.reading() as session:
            assert load_directory(session).people["P-S13-1"].userid == "p-s13-1"

    def test_a_changed_recipient_is_tried_anew(self, local, seal, data, now):
        load(local, seal, data, now)
        with local.transaction() as session:
            for audience in ("P-S13-1", "P-S14-1", "C-B08"):
                lanes.mark_dead(session, audience, "app/office", 81013, now)
        next(person for person in data["people"] if person["id"] == "P-S13-1")["wecom_userid"] = "jiang"
        chat(data, "C-B08")["webhook_key"] = KEY

        load(local, seal, data, now)

        with local.reading() as session:
            assert list(session.scalars(select(DeadTargetRow.audience))) == ["P-S14-1"]

    def test_the_export_is_a_file_that_changes_nothing(self, db, seal, data, now):
        chat(data, "C-B08").update(webhook_key=KEY, robot_chatid=GROUP)
        data["people"][3]["wecom_userid"] = "zhang.san"
        load(db, seal, data, now)

        with db.reading() as session:
            exported = json.loads(json.dumps(service.export(session)))

        assert read_diff(db, seal, exported) == []
        assert KEY not in json.dumps(exported)
        chat(data, "C-B08").pop("webhook_key")
        for name in ("leaders", "sections", "schools", "people", "ledger", "chats"):
            by_id = {one["id"]: one for one in exported.pop(name)}
            assert {one["id"]: by_id[one["id"]] | one for one in data.pop(name)} == by_id, name
        assert data == exported


class TestPushKeys:
    def test_a_key_is_nowhere_in_the_clear(self, local, seal, data, now, tmp_path):
        chat(data, "C-B08")["webhook_key"] = ADDRESS
        changes = load(local, seal, data, now)

        shown = "\n".join(report.render(changes, most=10_000)) + repr(changes) + repr(parse(data, {}))
        on_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
        assert KEY not in shown
        assert KEY.encode() not in on_disk
        assert stored_key(local, seal, "C-B08") == KEY

    def test_a_diff_says_set_and_changed(self, local, seal, data, now):
        chat(data, "C-B08")["webhook_key"] = KEY
        assert [c.new for c in read_diff(local, seal, data) if c.field == "webhook_key"] == ["(set)"]
        load(local, seal, data, now)
        chat(data, "C-B08")["webhook_key"] = KEY.replace("6", "7")

        lines = report.render(read_diff(local, seal, data))

        assert lines == ["1 changes: 1 changed", "~ chat C-B08 安全管理股包校群: webhook_key (changed)"]

    def test_what_the_file_leaves_out_stays(self, local, seal, data, now):
        chat(data, "C-B08").update(webhook_key=KEY, robot_chatid=GROUP)
        load(local, seal, data, now)
        for name in ("webhook_key", "robot_chatid"):
            del chat(data, "C-B08")[name]

        changes = load(local, seal, data, now)

        assert changes == []
        assert stored_key(local, seal, "C-B08") == KEY

    def test_a_key_of_a_lost_vault_is_sealed_anew(self, local, seal, data, now):
        chat(data, "C-B08")["webhook_key"] = KEY
        load(local, Seal([b"o" * 32], b"i" * 32), data, now)

        load(local, seal, data, now)

        assert stored_key(local, seal, "C-B08") == KEY

    def test_a_robot_chat_that_another_group_keeps_is_refused(self, local, seal, data, now):
        chat(data, "C-B08")["robot_chatid"] = GROUP
        load(local, seal, data, now)
        del chat(data, "C-B08")["robot_chatid"]
        chat(data, "C-B09")["robot_chatid"] = GROUP

        with pytest.raises(ConfigError, match="chat C-B09: is the robot chat of C-B08"):
            load(local, seal, data, now)

    def test_robot_chats_may_change_hands(self, db, seal, data, now):
        chat(data, "C-B08")["robot_chatid"], chat(data, "C-B09")["robot_chatid"] = "one", "two"
        load(db, seal, data, now)
        chat(data, "C-B08")["robot_chatid"], chat(data, "C-B09")["robot_chatid"] = "two", "one"

        load(db, seal, data, now)

        with db.reading() as session:
            assert load_directory(session).find_robot_chat("two").id == "C-B08"


class TestReport:
    def test_a_long_list_is_cut(self):
        changes = [Change(Kind.ADDED, "person", f"P-{number}", "某人") for number in range(1000)]

        lines = report.render(changes, most=100)

        assert len(lines) == 102
        assert lines[0] == "1000 changes: 1000 added"
        assert lines[-1] == "…and 900 more"

    def test_a_long_cell_is_cut(self):
        [_, line] = report.render([Change(Kind.CHANGED, "task", "T01", "核对", "standard", None, "很" * 99)])

        assert f"~ task T01 核对: standard – → {'很' * 59}…" == line


class TestBinding:
    def test_a_section_head_binds_the_own_group_and_gives_its_address(self, desk, local, seal, tmp_path):
        answers = desk.hear("p-b08-1", "绑定本群 安全股", chat=GROUP)
        assert [to for to, _ in answers] == ["me", "P-B08-1"]
        assert "本群是“安全管理股包校群”" in answers[0][1]
        assert "推送地址" in answers[1][1]

        answers = desk.hear("p-b08-1", ADDRESS)

        assert [to for to, _ in answers] == ["C-B08", "me"]
        assert desk.outgoings[0].purpose == "bind.test"
        assert KEY not in repr(answers)
        assert stored_key(local, seal, "C-B08") == KEY
        found = desk.directory.find_robot_chat(GROUP)
        assert (found.id, found.is_bound) == ("C-B08", True)
        assert KEY.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())

    @pytest.mark.parametrize("pasted", [KEY, f" {KEY}\n", f"地址:{ADDRESS}。", "demo-C-B08-0123456789abcdef01234567"])
    def test_an_address_or_a_bare_key_is_taken_from_whom_was_asked(self, desk, local, seal, pasted):
        desk.hear("p-b08-1", "绑定本群 安全股", chat=GROUP)

        desk.hear("p-b08-1", pasted)

        assert stored_key(local, seal, "C-B08") in (KEY, "demo-C-B08-0123456789abcdef01234567")

    def test_a_bare_key_that_nobody_asked_for_is_left_to_others(self, desk):
        assert desk.hear("p-b08-1", KEY) is None

    def test_an_address_that_nobody_asked_for_is_not_kept(self, desk, local, seal):
        assert "没有保存" in only(desk.hear("p-b08-1", ADDRESS))
        assert stored_key(local, seal, "C-B08") is None

    def test_a_request_lapses(self, desk, local, seal):
        desk.hear("p-b08-1", "绑定本群 安全股", chat=GROUP)
        desk.now += timedelta(hours=25)

        assert "没有保存" in only(desk.hear("p-b08-1", ADDRESS))

    def test_an_address_in_a_group_is_warned_of_and_not_kept(self, desk, local, seal):
        desk.hear("p-b08-1", "绑定本群 安全股", chat=GROUP)

        assert "不要发在群里" in only(desk.hear("p-b08-1", ADDRESS, chat=GROUP))
        assert stored_key(local, seal, "C-B08") is None

    def test_an_address_is_refused_from_whom_the_group_is_no_longer(self, desk, local, seal, data):
        desk.hear("p-b08-1", "绑定本群 安全股", chat=GROUP)
        next(person for person in data["people"] if person["id"] == "P-B08-1")["role"] = "section_staff"
        load(local, seal, data, desk.now)

        assert "抱歉" in only(desk.hear("p-b08-1", ADDRESS))
        assert stored_key(local, seal, "C-B08") is None

    def test_a_pasted_address_does_not_show_in_a_log(self):
        assert KEY not in repr(Address(KEY, "C-B08"))

    def test_strangers_are_left_to_others(self, desk):
        assert desk.hear("nobody", "绑定本群 安全股", chat=GROUP) is None
        assert desk.hear("nobody", ADDRESS) is None

    def test_a_clerk_binds_any_group(self, desk):
        answers = desk.hear("p-b01-2", "绑定本群 领导小组群", chat=GROUP)

        assert "领导小组群" in answers[0][1]

    @pytest.mark.parametrize(
        ("who", "said"),
        [
            ("p-s13-1", "绑定本群 安全股"),  # a principal
            ("p-b08-2", "绑定本群 安全股"),  # section staff
            ("p-l1", "绑定本群 安全股"),  # a leader
            ("p-b08-1", "绑定本群 体卫艺股"),  # the head of another section
            ("p-b08-1", "绑定本群 领导小组群"),
        ],
    )
    def test_others_are_refused_politely(self, desk, who, said):
        assert "抱歉" in only(desk.hear(who, said, chat=GROUP))
        assert desk.directory.find_robot_chat(GROUP) is None

    def test_several_groups_are_asked_about(self, desk):
        text = only(desk.hear("p-b01-2", "绑定本群 教育", chat=GROUP))

        assert "“基础教育股包校群”" in text
        assert "“学前教育股包校群”" in text
        assert desk.directory.find_robot_chat(GROUP) is None

    def test_a_slip_of_the_pen_is_offered_and_not_bound(self, desk):
        assert "是“体卫艺股包校群”吗" in only(desk.hear("p-b01-2", "绑定本群 体卫义股包校群", chat=GROUP))
        assert desk.directory.find_robot_chat(GROUP) is None

    @pytest.mark.parametrize(("said", "told"), [("绑定本群", "请写上群名"), ("绑定本群 完全没有的名字", "没有找到")])
    def test_an_empty_or_unknown_name_is_asked_for(self, desk, said, told):
        assert told in only(desk.hear("p-b01-2", said, chat=GROUP))

    def test_it_must_be_said_in_the_group(self, desk):
        assert "在要绑定的群里" in only(desk.hear("p-b01-2", "绑定本群 人事股包校群"))

    def test_a_group_that_becomes_another_leaves_nothing_behind(self, desk, local, seal):
        desk.hear("p-b01-2", "绑定本群 人事股包校群", chat=GROUP)
        desk.hear("p-b01-2", ADDRESS)

        text = desk.hear("p-b01-2", "绑定本群 安全股", chat=GROUP)[0][1]

        assert "“人事股包校群”已解除" in text
        assert stored_key(local, seal, "C-B02") is None
        assert desk.directory.find_robot_chat(GROUP).id == "C-B08"

    def test_a_group_that_moves_asks_for_its_new_address(self, desk, local, seal):
        desk.hear("p-b01-2", "绑定本群 人事股包校群", chat=GROUP)
        desk.hear("p-b01-2", ADDRESS)

        answers = desk.hear("p-b01-2", "绑定本群 人事股包校群", chat="wrOTHER")

        assert "还差推送地址" in answers[0][1]
        assert stored_key(local, seal, "C-B02") is None

    def test_binding_again_keeps_the_address(self, desk, local, seal):
        desk.hear("p-b01-2", "绑定本群 人事股包校群", chat=GROUP)
        desk.hear("p-b01-2", ADDRESS)

        answers = desk.hear("p-b01-2", "绑定本群", chat=GROUP)

        assert "绑定完成" in answers[0][1]
        assert stored_key(local, seal, "C-B02") == KEY

    def test_a_dead_group_is_tried_anew_with_its_new_address(self, desk, local, now):
        with local.transaction() as session:
            lanes.mark_dead(session, "C-B08", "push", 93000, now)
        desk.hear("p-b08-1", "绑定本群 安全股", chat=GROUP)

        desk.hear("p-b08-1", ADDRESS)

        with local.reading() as session:
            assert session.get(DeadTargetRow, ("C-B08", "push")) is None
