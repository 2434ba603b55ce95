"""Whoever is accused handles nothing: office, leaders, sections, people by name; no alert, list, card or click."""

from __future__ import annotations

import pytest

from bot.messages import Card
from handlers.complaints.models import CaseRow
from handlers.complaints.roles import desk_of, granted, in_conflict, is_staff, list_duty
from handlers.complaints.states import Role
from handlers.complaints.texts_office import NOTHING, STALE
from tests.dialogues.parent import Parent, cases, settle
from tests.dialogues.stage import Stage
from tests.unit.complaints.bench import DIRECTOR, DUTY, INTAKE, INTAKE_2

OFFICE, LEADERS = "B01", "B00"
SAID = [
    ("举报区教育局作风整顿办公室的黎秀鹏收了购物卡", OFFICE),
    ("举报作风办的黎干事收了购物卡", OFFICE),
    ("举报黎秀鹏收了第一小学的购物卡", OFFICE),
    ("举报整改办的人收了购物卡", OFFICE),
    ("举报你们办公室的人收了购物卡", OFFICE),
    ("举报贵局的人收了购物卡", OFFICE),
    ("举报你们局的人收了购物卡", OFFICE),
    ("举报教育局办公室的人收了购物卡", OFFICE),
    ("举报党政办的人收了购物卡", OFFICE),
    ("举报督导室的人收了购物卡", "B07"),
    ("举报教育局基教科的人收了购物卡", "B03"),
    ("举报教育局局长收了购物卡", LEADERS),
    ("举报分管副局长收了购物卡", LEADERS),
    ("举报侯福萍局长收了第一小学的购物卡", LEADERS),
    ("举报侯局长收了购物卡", LEADERS),
]


def file(stage: Stage, said: str) -> CaseRow:
    settle(stage)
    parent = Parent(stage)
    for text in (f"我要{said}", "同意"):
        answer = parent.say(text)
    for _ in range(5):
        if cases(stage):
            break
        answer = parent.say("确认" if "请核对" in answer else "不清楚")
    (case,) = cases(stage)
    return case


def staff(stage: Stage) -> set[str]:
    directory = stage.directory()
    return {person for person in directory.people if is_staff(directory, person)}


@pytest.mark.parametrize(("said", "unit"), SAID)
def test_the_accused_learn_nothing_and_do_nothing(stage: Stage, said: str, unit: str) -> None:
    case = file(stage, said)
    directory = stage.directory()
    assert case.unit_id == unit
    desk = desk_of(directory, case.unit_id, None, case.excluded)
    acting = {*desk.list(*Role), *desk.duty}
    kept_out = in_conflict(directory, unit) | set(case.excluded)
    assert desk.list(Role.INTAKE)
    assert not acting & kept_out
    owners = granted(directory)[Role(case.owner)]
    assert set(desk.list(Role.INTAKE)) == set(owners) - kept_out

    assert {person for person in staff(stage) if stage.told(person)} == set(desk.list(Role.INTAKE))
    for person in sorted(kept_out & staff(stage)):
        assert stage.say(person, "待办") == NOTHING
        assert "购物卡" not in stage.say(person, "办理 1")
        assert not [one for one in stage.app.parcels if isinstance(one.envelope.body, Card)]
        assert stage.click(person, f"case-{case.uid}-ab", "case.accept").endswith(STALE)
        stage.say(person, "不予受理 1 不属本局职责")
    (after,) = cases(stage)
    assert (after.state, after.proposal) == (case.state, None)


def test_one_named_beside_a_school_is_out_and_the_others_go_on(stage: Stage) -> None:
    case = file(stage, "投诉第一小学乱收费,我找过黎秀鹏,请教育局查处")
    assert (case.unit_id, case.excluded, case.owner) == ("S01", [INTAKE], Role.INTAKE)
    assert stage.told(INTAKE) == []
    assert len(stage.told(INTAKE_2)) == 1


def test_all_of_the_intake_named_leaves_it_to_the_director_and_another_signs(stage: Stage) -> None:
    case = file(stage, "投诉第一小学乱收费,我找过黎秀鹏,我也找过韩志涛")
    assert (case.unit_id, case.owner) == ("S01", Role.DIRECTOR)
    assert stage.told(DIRECTOR)
    desk = desk_of(stage.directory(), case.unit_id, None, case.excluded)
    assert set(desk.list(Role.DIRECTOR)) == {DIRECTOR, "P-L1", "P-L5"}


@pytest.mark.parametrize("asked", ["请教育局局长查处", "希望督导室调查", "向作风办反映"])
def test_who_is_only_asked_is_not_accused(stage: Stage, asked: str) -> None:
    case = file(stage, f"投诉第一小学乱收费,{asked}")
    assert (case.unit_id, case.excluded, case.owner) == ("S01", [], Role.INTAKE)


def test_words_added_later_take_the_case_away(stage: Stage) -> None:
    settle(stage)
    parent = Parent(stage)
    parent.tell("举报有人收了家长的购物卡,每学期都有", "同意", "不清楚", "不清楚", "不清楚", "确认")
    (case,) = cases(stage)
    assert (case.unit_id, case.owner) == (None, Role.INTAKE)
    before = len(stage.told(INTAKE))
    parent.tell(f"补充 {case.number} 就是作风整顿办公室的黎秀鹏收的")
    (case,) = cases(stage)
    assert (case.unit_id, case.owner) == (OFFICE, Role.LEADER)
    assert INTAKE in case.excluded
    assert len(stage.told(INTAKE)) == before
    assert stage.say(INTAKE, "待办") == NOTHING


def test_danger_is_not_told_to_the_accused(stage: Stage) -> None:
    settle(stage)
    parent = Parent(stage)
    parent.say("第一小学食堂吃坏了肚子,十几个孩子都在医院吐,找过黎秀鹏,也找过郭春琴")
    (case,) = cases(stage)
    assert case.dangers
    assert case.excluded == [DIRECTOR, INTAKE]
    duty = list_duty(stage.directory())
    assert {person for person in duty if stage.told(person)} == set(duty) - {DIRECTOR}
    parent.say("孔凤岩不管,孩子现在昏迷了")
    told = len(stage.told(DUTY))
    stage.later(minutes=31)
    stage.work()
    assert len(stage.told(DUTY)) == told
    assert stage.told(INTAKE) == stage.told(DIRECTOR) == []


def test_a_forged_click_learns_no_number(stage: Stage) -> None:
    case = file(stage, "投诉第一小学乱收费")
    for person in ("P-S13-1", "P-S01-1", "P-B03-1"):
        answer = stage.click(person, f"case-{case.uid}-ab", "case.accept")
        assert answer.endswith(STALE)
        assert case.number not in answer


def test_an_officer_who_writes_in_own_name_from_outside_has_no_part_in_it(stage: Stage) -> None:
    settle(stage)
    parent = Parent(stage)
    parent.tell("第一小学乱收费,昨天又收了,请查一查", "同意", "实名", "韩志涛", "确认", "确认")
    (case,) = cases(stage)
    assert case.is_named
    assert case.excluded == []
    assert stage.told(INTAKE_2) == []
    assert stage.say(INTAKE_2, "待办") == NOTHING
