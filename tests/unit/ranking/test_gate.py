"""Nothing is ranked that is not on the filed list. Source: supervision reference §0, C1."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.ranking import texts
from handlers.ranking.gate import Approval, Ground, Object, Refusal, check, listed_refs
from tests.unit.ranking.cases import REF, approvals

DAY = date(2026, 11, 30)


def test_the_sample_may_rank_its_months_under_their_number() -> None:
    found = check(Object.MONTH, DAY, approvals())

    assert isinstance(found, Approval)
    assert (REF, "P-L1", date(2026, 8, 28)) == (found.ref, found.approver, found.approved_on)
    assert texts.basis(found) == "清单编号:清教清单〔2026〕3号(批准2026-08-28)"


def test_the_sample_may_not_rank_special_assessments_and_says_by_which_rule() -> None:
    found = check(Object.SPECIAL, DAY, approvals())

    assert Refusal("special_assessment", DAY, Ground.NOT_LISTED) == found
    told = texts.refusal(found)
    assert told.startswith("未列入清单,不得排名:专项考核。")
    assert "教师厅〔2025〕2号第二条:“未纳入清单的事项一律不得开展”" in told
    assert "进展照常收集和提醒" in told


@pytest.mark.parametrize(
    ("day", "changes", "ground"),
    [
        (date(2026, 8, 31), {}, Ground.NOT_VALID),
        (date(2026, 9, 1), {}, None),
        (date(2027, 8, 31), {}, None),
        (date(2027, 9, 1), {}, Ground.NOT_VALID),
        (DAY, {"approver": None}, Ground.INCOMPLETE),
        (DAY, {"approved_on": None}, Ground.INCOMPLETE),
        (DAY, {"approved_on": date(2026, 12, 1)}, Ground.INCOMPLETE),
        (DAY, {"ref": " "}, Ground.INCOMPLETE),
    ],
)
def test_a_number_must_hold_on_the_day_with_approver_and_date(day: date, changes: dict, ground: Ground | None) -> None:
    # §0 says "every ranking/assessment object MUST carry approval_ref (清单编号) + approver + date"
    listed = [replace(one, **changes) for one in approvals() if one.object == Object.MONTH]

    found = check(Object.MONTH, day, listed)

    assert ground == (found.ground if isinstance(found, Refusal) else None)


def test_a_refusal_names_the_numbers_that_do_not_do() -> None:
    told = texts.refusal(check(Object.MONTH, date(2027, 9, 1), approvals()))

    assert "清单编号清教清单〔2026〕3号在2027-09-01不在有效期内" in told


def test_an_object_of_another_name_is_refused_by_that_name() -> None:
    assert texts.refusal(check("一招鲜", DAY, approvals())).startswith("未列入清单,不得排名:一招鲜。")


def test_of_several_numbers_the_newest_counts() -> None:
    old = next(one for one in approvals() if one.object == Object.MONTH)
    new = replace(old, ref="清教清单〔2026〕9号", approved_on=date(2026, 10, 1))

    assert new == check(Object.MONTH, DAY, [new, old]) == check(Object.MONTH, DAY, [old, new])
    assert {old.ref, new.ref} == listed_refs(Object.MONTH, DAY, [old, new])


def test_a_task_filed_for_another_object_does_not_count_for_this_one() -> None:
    assert {REF} == listed_refs(Object.MONTH, DAY, approvals())
