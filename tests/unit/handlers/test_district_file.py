"""Every fault of a district file is named by its path, all of them at once, and never with a secret."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import ConfigError
from handlers.district.file import parse

Data = dict[str, Any]


@pytest.fixture
def data(sample: Data) -> Data:
    """The sample district, free to change."""
    return copy.deepcopy(sample)


def faults(data: object, environ: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """Return the faults of a file."""
    with pytest.raises(ConfigError) as refused:
        parse(data, environ or {})
    return refused.value.faults


def put(*path: Any) -> Callable[[Data], None]:
    """Return a change of one cell: put("people", 12, "unit", "S99")."""

    def change(data: Data) -> None:
        place: Any = data
        for step in path[:-2]:
            place = place[step]
        place[path[-2]] = path[-1]

    return change


def drop(*path: Any) -> Callable[[Data], None]:
    """Return the removal of one cell."""

    def change(data: Data) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


ODD_NUL = "holds a control or invisible character (U+0000)"
ODD_YEAR = "must end in a year from 2000 to 2100"


def test_the_sample_has_no_fault_and_nothing_to_note(data):
    assert parse(data, {}).notes == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (drop("people"), ("people", "is missing")),
        (put("people", {}), ("people", "must be a list")),
        (put("people", 12, "x"), ("people[12]", "Input should be a valid dictionary or instance of Person")),
        (drop("people", 12, "name"), ("people[12].name", "Field required")),
        (put("people", 12, "unit", "S99"), ("people[12].unit", 'unknown unit "S99"')),
        (put("people", 13, "id", "P-L1"), ("people[13].id", '"P-L1" is already at people[0].id')),
        (
            put("people", 13, "wecom_userid", "P-L1"),
            ("people[13].wecom_userid", '"p-l1" is already at people[0].wecom_userid'),
        ),
        (
            put("people", 13, "wecom_userid", "张三"),
            ("people[13].wecom_userid", "String should match pattern '^[0-9A-Za-z][0-9A-Za-z._@-]{0,63}$'"),
        ),
        # Told to WeCom, the first addresses everybody and the second two people.
        (
            put("people", 13, "wecom_userid", "@all"),
            ("people[13].wecom_userid", "String should match pattern '^[0-9A-Za-z][0-9A-Za-z._@-]{0,63}$'"),
        ),
        (put("people", 13, "id", "a|b"), ("people[13].id", "is no WeCom user id: give wecom_userid")),
        (put("people", 13, "id", "@ALL"), ("people[13].id", "is no WeCom user id: give wecom_userid")),
        (put("people", 13, "id", "P\u200b1"), ("people[13].id", "holds a control or invisible character (U+200B)")),
        (
            put("people", 13, "name", "张\u202e三"),
            ("people[13].name", "holds a control or invisible character (U+202E)"),
        ),
        (put("people", 13, "name", "张三\n"), ("people[13].name", "holds a control or invisible character (U+000A)")),
        (put("schools", 0, "aliases", 0, "一\x00"), ("schools[0].aliases[0]", ODD_NUL)),
        (put("chats", 1, "name", "群\ufeff"), ("chats[1].name", "holds a control or invisible character (U+FEFF)")),
        (put("ledger", 7, "standard", "甲\x00"), ("ledger[7].standard", ODD_NUL)),
        (put("note", "\ud800"), ("note", "holds a control or invisible character (U+D800)")),
        (put("duty", "phone\x00", "1"), ("duty.phone\x00", ODD_NUL)),
        (put("leaders", 0, "title", "书记"), ("leaders[0].title", 'differs from the person "P-L1" in people')),
        (put("leaders", 0, "role", "clerk"), ("leaders[0].role", 'must be "leader"')),
        (put("sections", 0, "head", "P-X"), ("sections[0].head", 'unknown person "P-X"')),
        (put("sections", 0, "leader", "P-X"), ("sections[0].leader", 'unknown person "P-X"')),
        (put("sections", 1, "id", "S01"), ("schools[0].id", '"S01" is already at sections[1].id')),
        (put("schools", 0, "assigned_section", "S02"), ("schools[0].assigned_section", 'unknown section "S02"')),
        (put("schools", 0, "parent", "B01"), ("schools[0].parent", 'unknown school "B01"')),
        (put("schools", 0, "parent", "S01"), ("schools[0].parent", "must be a school that has no parent itself")),
        (put("schools", 0, "reports_via_parent", True), ("schools[0].reports_via_parent", "needs a parent")),
        (put("schools", 0, "principal_name", "某人"), ("schools[0].principal_name", 'is not the name of "P-S01-1"')),
        (put("schools", 0, "reporter", "P-X"), ("schools[0].reporter", 'unknown person "P-X"')),
        (put("ledger", 7, "lead", "B99"), ("ledger[7].lead", 'unknown section "B99"')),
        (put("ledger", 7, "lead", "S01"), ("ledger[7].lead", 'unknown section "S01"')),
        (put("ledger", 7, "id", "T01"), ("ledger[7].id", '"T01" is already at ledger[0].id')),
        (put("ledger", 7, "weight", 6), ("ledger[7].weight", "Input should be less than or equal to 5")),
        (put("ledger", 7, "weight", "3"), ("ledger[7].weight", "Input should be a valid integer")),
        (
            put("ledger", 7, "deadline", "2026-11-31"),
            ("ledger[7].deadline", "is no day of the calendar; write it like 2026-11-30"),
        ),
        (put("ledger", 7, "deadline", "9999-12-31"), ("ledger[7].deadline", "the year must be from 2000 to 2100")),
        (put("ledger", 7, "start", "0001-01-01"), ("ledger[7].start", "the year must be from 2000 to 2100")),
        (put("ledger", 3, "target", 10**30), ("ledger[3].target", "Input should be less than or equal to 1000000000")),
        (
            put("schools", 0, "students", 2**31),
            ("schools[0].students", "Input should be less than or equal to 1000000000"),
        ),
        (put("ledger", 7, "deadline", 20261130), ("ledger[7].deadline", "must be a day like 2026-11-30")),
        (put("ledger", 7, "deadline", "2026-01-01"), ("ledger[7].deadline", "lies before the start")),
        (put("ledger", 3, "target", None), ("ledger[3].target", 'is needed by the metric "count"')),
        (
            put("ledger", 7, "reporters", "everybody"),
            ("ledger[7].reporters", 'unknown scope "everybody"; use schools:, sections:, kinds: or units:'),
        ),
        (put("ledger", 7, "reporters", "kinds:小学,大学"), ("ledger[7].reporters", 'unknown kinds "大学"')),
        (put("ledger", 7, "reporters", "units:S01,S99"), ("ledger[7].reporters", 'unknown units "S99"')),
        (put("ledger", 7, "reporters", "sections:"), ("ledger[7].reporters", "names no unit")),
        (put("chats", 1, "members", "B01,B99"), ("chats[1].members", 'unknown unit or person "B99"')),
        (put("chats", 1, "members", ""), ("chats[1]", "needs members or a unit")),
        (put("chats", 1, "unit", "B99"), ("chats[1].unit", 'unknown unit "B99"')),
        (
            put("chats", 3, "name", "包校群"),
            ("chats[3].members", "whose schools? give the unit, or begin the name with the section's"),
        ),
        (put("chats", 1, "name", "领导小组群"), ("chats[2].name", '"领导小组群" is already at chats[1].name')),
        (
            put("chats", 1, "max_push_per_day", 0),
            ("chats[1].max_push_per_day", "Input should be greater than or equal to 1"),
        ),
        (put("calendar", "terms", 0, "end", "2026-08-01"), ("calendar.terms[0].end", "lies before the start")),
        (
            put("calendar", "breaks", 0, "start", "7月"),
            ("calendar.breaks[0].start", "is no day of the calendar; write it like 2026-11-30"),
        ),
        (
            put("calendar", "holidays_2026", "元旦", ["2026-01-03", "2026-01-01"]),
            ("calendar.holidays_2026.元旦", "ends before it begins"),
        ),
        (put("calendar", "holidays_next", {}), ("calendar.holidays_next", "must end in a year from 2000 to 2100")),
        (put("calendar", "holidays_0000", {}), ("calendar.holidays_0000", "must end in a year from 2000 to 2100")),
        (put("calendar", "makeup_workdays_²⁰²⁷", []), ("calendar.makeup_workdays_²⁰²⁷", ODD_YEAR)),
        (
            put("calendar", "holidays_2027", "元旦按2027-02-30起放假"),
            ("calendar.holidays_2027", "names a day that the calendar does not have"),
        ),
        (put("district", "timezone", "UTC"), ("district.timezone", "Input should be 'Asia/Shanghai'")),
        (put("approvals", 0, "approver", "P-X"), ("approvals[0].approver", 'unknown person "P-X"')),
        (put("approvals", 0, "valid_to", "2026-01-01"), ("approvals[0].valid_to", "lies before valid_from")),
        (put("case_roles", 0, "people", 1, "P-X"), ("case_roles[0].people[1]", 'unknown person "P-X"')),
        (put("duty", "people", 2, "P-X"), ("duty.people[2]", 'unknown person "P-X"')),
        (put("release", "leader", 0, "P-X"), ("release.leader[0]", 'unknown person "P-X"')),
        (put("release", "leader", 0, "P-B01-1"), ("release", '"P-B01-1" may not sign twice')),
        (put("working_groups", 0, "sections", 0, "B99"), ("working_groups[0].sections[0]", 'unknown section "B99"')),
        (put("leading_group", "office", "B99"), ("leading_group.office", 'unknown section "B99"')),
        (put("ambiguous_unit_aliases", "柳湾", 0, "S99"), ("ambiguous_unit_aliases.柳湾[0]", 'unknown unit "S99"')),
        (put("ambiguous_task_words", "自查", 0, "T99"), ("ambiguous_task_words.自查[0]", 'unknown task "T99"')),
    ],
)
def test_a_fault_is_named_by_its_path(data, change, fault):
    change(data)

    assert fault in faults(data)


def test_a_wrong_kind_or_role_says_what_is_allowed(data):
    data["schools"][0]["kind"] = "大学"
    data["people"][12]["role"] = "boss"

    assert [at for at, _ in faults(data)] == ["schools[0].kind", "people[12].role"]


def test_all_faults_are_listed_at_once_and_one_gives_rise_to_no_other(data):
    del data["schools"][0]["name"]  # S01 stays known to its people
    data["people"][12]["unit"] = "S99"
    data["ledger"][7]["weight"] = 9

    assert [at for at, _ in faults(data)] == ["schools[0].name", "ledger[7].weight", "people[12].unit"]


@pytest.mark.parametrize("wrong", [[], {"schema": "district-sample/1"}, None])
def test_another_kind_of_file_is_refused(wrong):
    assert faults(wrong) == [("schema", 'must be "district-sample/2"')]


def test_unknown_keys_are_noted_and_left_out(data):
    data["extra"] = 1
    data["people"][3]["phone"] = "13900000000"
    data["chats"][0]["webhok_key"] = "x"
    data["duty"]["phone"] = "1"
    data["calendar"]["hollidays_2026"] = {}

    assert {
        "extra: unknown, left out",
        "people[3].phone: unknown, left out",
        "chats[0].webhok_key: unknown, left out",
        "duty.phone: unknown, left out",
        "calendar.hollidays_2026: unknown, kept without effect",
    } == set(parse(data, {}).notes)
    assert "phone" not in parse(data, {}).facts["duty"]
    assert parse(data, {}).facts["duty"].keys() == {"note", "people"}


def test_a_task_off_the_filed_list_a_shared_name_and_a_missing_clerk_are_noted(data):
    data["ledger"][0]["approval_ref"] = None
    data["schools"][0]["aliases"].append("二小")
    next(person for person in data["people"] if person["role"] == "clerk")["role"] = "section_staff"

    assert list(parse(data, {}).notes) == [
        "ledger[0].approval_ref: not among the approvals, so the task may be collected but not ranked",
        '"二小" names S01, S02: the bot will ask which',
        "people: nobody is clerk, so nobody hears of trouble",
    ]


def test_a_leader_who_is_not_among_the_people_is_added(data):
    data["people"] = [person for person in data["people"] if person["id"] != "P-L2"]

    assert parse(data, {}).people["P-L2"].cells["role"] == "leader"


def test_the_bureau_is_a_unit_whether_listed_or_not(data):
    assert parse(data, {}).units["B00"].cells["kind"] == "局领导"
    data["sections"].append({"id": "B00", "name": "局机关", "kind": "局领导"})
    assert parse(data, {}).units["B00"].name == "局机关"


class TestPushKeys:
    def test_it_may_come_from_the_environment_or_a_file(self, data, tmp_path):
        (tmp_path / "key").write_text("https://example.cn/cgi-bin/webhook/send?key=from-the-file-1\n")
        data["chats"][0]["webhook_key"] = "env:KEY"
        data["chats"][1]["webhook_key"] = f"file:{tmp_path / 'key'}"

        assert parse(data, {"KEY": "from-the-env-1"}).keys == {"C-ALL": "from-the-env-1", "C-OFF": "from-the-file-1"}

    def test_its_faults_do_not_show_it(self, data):
        data["chats"][0]["webhook_key"] = "env:KEY"
        data["chats"][1]["webhook_key"] = "不是地址"
        data["chats"][2]["webhook_key"] = data["chats"][3]["webhook_key"] = "the-same-key-1"

        assert faults(data) == [
            ("chats[0].webhook_key", "the environment variable KEY is not set"),
            ("chats[1].webhook_key", "is no push address and no key"),
            ("chats[3].webhook_key", "is the push address of another group too"),
        ]

    def test_nobody_looks_at_it_where_it_is_not_wanted(self, data):
        data["chats"][0]["webhook_key"] = "env:KEY"

        assert parse(data, None).keys == {}


def test_prose_may_have_several_lines(data):
    data["ledger"][7]["standard"] = "一是甲;\n二是乙。"
    data["people"][13]["duty"] = "教学\n\t德育"

    assert parse(data, {}).tasks["T08"].cells["standard"] == "一是甲;\n二是乙。"
