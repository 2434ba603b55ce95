"""What officers say and click about cases, through every route, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.audit import AuditRow
from bot.channel import Receipt as Sent
from bot.clock import SetClock
from bot.db import Database
from bot.errors import Failure, SendError
from bot.outbox import OutboxRow
from bot.seal import Seal
from handlers.complaints import service
from handlers.complaints import texts_office as words
from handlers.complaints.cards import Press
from handlers.complaints.models import AccessRow, CaseRow, ClockRow, EventRow, NoticeRow
from handlers.complaints.states import Role, State
from tests.unit.complaints.bench import DIRECTOR, DUTY, INTAKE, INTAKE_2, PARENT, SAID, OfficeStage, open_stage

QUESTION = "请说明是哪个年级、大约几点吃的饭"


@pytest.fixture
def stage(db: Database, seal: Seal, clock: SetClock, sample: dict[str, Any]) -> OfficeStage:
    return open_stage(db, seal, clock, sample)


def last_card(stage: OfficeStage, person: str = INTAKE) -> Any:
    return stage.cards_of(person)[-1]


def refuse(stage: OfficeStage, said: str = "不予受理 1 不属本局职责") -> None:
    stage.say(INTAKE, said)


def test_a_case_is_opened_with_everything_and_the_look_is_recorded(stage: OfficeStage) -> None:
    text = f"我是赵小满,{SAID.text}电话19900001234"
    receipt = stage.file(is_named=True, name="赵小满", phone="19900001234", text=text)
    said = stage.say(INTAKE, "办理 1")

    for part in (receipt.number, SAID.text, SAID.wish, SAID.happened, "柳湾镇中心小学", "11-26 17:30", "实名", "登记"):
        assert part in said
    # Who it is needs a grant, even where the words themselves say it.
    assert "赵小满" not in said
    assert "19900001234" not in said
    assert stage.count(AccessRow, AccessRow.person_id == INTAKE) == 1
    assert stage.count(AuditRow, AuditRow.act == "complaint.read_original", AuditRow.actor == INTAKE) == 1
    assert [button.key for button in last_card(stage).buttons] == [Press.ACCEPT, Press.ASK, Press.REFUSE]
    assert SAID.text not in repr(last_card(stage))


def test_others_see_number_and_state(stage: OfficeStage) -> None:
    receipt = stage.file(unit="B07")
    for person in (INTAKE_2, "P-B06-1"):  # of the accused unit; an auditor
        said = stage.say(person, "办理 1")
        assert receipt.number in said
        assert "已登记" in said
        assert SAID.text[:12] not in said
        assert stage.count(AuditRow, AuditRow.act == "complaint.read_refused", AuditRow.actor == person) == 1
    assert stage.count(AccessRow) == 0
    assert receipt.number not in stage.say(INTAKE_2, "投诉")
    assert "1 食堂/食品安全" in stage.say(INTAKE, "投诉")


def test_whoever_has_nothing_to_do_with_cases_is_not_heard(stage: OfficeStage) -> None:
    receipt = stage.file()
    assert receipt.number not in stage.say("P-S13-1", "办理 1")
    assert stage.count(EventRow) == 1


def test_in_a_group_nothing_is_told(stage: OfficeStage) -> None:
    stage.file()
    for text in ("办理 1", "@小督 受理 1", "投诉"):
        assert stage.say(INTAKE, text, chat="wr-c-off") == "请在与小督的私聊中办理。"
    assert stage.count(AccessRow) == 0


@pytest.mark.parametrize(
    "text", ["受理 1", "受理1", "1号受理", "受理 区教诉〔2026〕000001号", "受理2026-1", "予以受理 第1号"]
)
def test_a_case_is_taken_up_and_its_complainant_told(stage: OfficeStage, text: str) -> None:
    receipt = stage.file()
    assert "已受理" in stage.say(INTAKE, text)

    case = stage.case(receipt)
    assert (case.state, case.owner) == (State.ACCEPTED, Role.CASE)
    (notice,) = stage.parent_got()
    for part in ("受理告知", receipt.number, "食堂与卫生", "2026年11月23日", "2027年1月22日", "查询", "催办", "12345"):
        assert part in notice
    assert len(notice) <= 300
    with stage.db.reading() as session:
        row = session.scalars(select(NoticeRow)).one()
        assert (row.kind, row.via, row.delivered_at) == ("accepted", "kf", stage.clock.now())
        out = session.scalars(select(OutboxRow).where(OutboxRow.key == f"case/{row.uid}")).one()
        assert (out.audience, out.purpose) == ("", "notice")
        running = [clock.kind for clock in session.scalars(select(ClockRow).where(ClockRow.ended_at.is_(None)))]
    assert running == ["assign", "finish"]


def test_the_case_opened_last_is_meant_without_a_number(stage: OfficeStage) -> None:
    stage.file()
    second = stage.file()
    assert "请带上编号" in stage.say(INTAKE, "受理")
    stage.say(INTAKE, "办理 2")
    assert "已受理" in stage.say(INTAKE, "那件受理")
    assert stage.case(second).state == State.ACCEPTED


def test_a_step_that_is_not_allowed_changes_nothing_and_is_logged(stage: OfficeStage) -> None:
    receipt = stage.file()
    stage.say(INTAKE, "受理 1")
    before = stage.count(EventRow)
    assert "不能这样处理" in stage.say(INTAKE, "受理 1")
    assert stage.count(EventRow) == before
    assert stage.case(receipt).state == State.ACCEPTED
    assert stage.count(AuditRow, AuditRow.act == "complaint.step_refused") == 1
    assert len(stage.parent_got()) == 1


def test_a_question_goes_out_and_its_answer_comes_back(stage: OfficeStage) -> None:
    receipt = stage.file()
    stage.say(INTAKE, "办理 1")
    assert "直接回复" in stage.click(INTAKE, last_card(stage), Press.ASK)
    assert "发出补充通知" in stage.say(INTAKE, QUESTION)

    (asked,) = stage.parent_got()
    assert QUESTION in asked
    assert "2026年11月30日17:30前" in asked
    assert stage.case(receipt).state == State.NEED_INFO
    stage.later(days=2)
    told = stage.do(lambda ctx: service.add(ctx, receipt.case, "三年级,中午十二点"))
    assert {each.to.person_id for each in told} == {INTAKE, INTAKE_2}
    assert stage.case(receipt).state == State.RECEIVED
    # The limit of acceptance stood still from Monday to Wednesday: it ends two working days later.
    with stage.db.reading() as session:
        accept = session.scalars(select(ClockRow).where(ClockRow.kind == "accept")).one()
        assert accept.due_at is not None
        assert accept.due_at.isoformat() == "2026-11-30T09:30:00+00:00"


def test_a_question_can_be_called_off(stage: OfficeStage) -> None:
    receipt = stage.file()
    stage.say(INTAKE, "补充 1")
    assert "没有发出" in stage.say(INTAKE, "取消")
    assert (stage.case(receipt).state, stage.parent_got()) == (State.RECEIVED, [])


def test_only_so_many_rounds_of_questions(stage: OfficeStage) -> None:
    receipt = stage.file()
    for _ in range(2):
        stage.say(INTAKE, f"补充 1 {QUESTION}")
        stage.do(lambda ctx: service.add(ctx, receipt.case, "三年级"))
    assert "次数已用完" in stage.say(INTAKE, f"补充 1 {QUESTION}")
    assert stage.case(receipt).state == State.RECEIVED
    stage.say(INTAKE, "办理 1")
    assert Press.ASK not in [button.key for button in last_card(stage).buttons]


def test_a_refusal_is_proposed_by_one_and_signed_by_another(stage: OfficeStage) -> None:
    receipt = stage.file()
    stage.say(INTAKE, "办理 1")
    assert "选不予受理的理由" in stage.click(INTAKE, last_card(stage), Press.REFUSE)
    card = last_card(stage)
    assert "case.reason.unclear" not in [button.key for button in card.buttons]
    assert "送主任签发" in stage.click(INTAKE, card, "case.reason.remit")
    assert stage.case(receipt).state == State.RECEIVED
    assert stage.parent_got() == []

    sign = last_card(stage, DIRECTOR)
    assert {"类别", "建议", "理由"} == {name for name, _ in sign.lines}
    assert "不属本局职责" in repr(sign)
    assert not any(secret in repr(sign) for secret in (SAID.text, SAID.wish, PARENT, "S13", "柳湾"))
    assert "没有这个权限" in stage.click(INTAKE, sign, Press.SIGN)
    assert stage.case(receipt).state == State.RECEIVED
    assert "已签发" in stage.click(DIRECTOR, sign, Press.SIGN)
    case = stage.case(receipt)
    assert (case.state, case.reason) == (State.REFUSED, "remit")
    (notice,) = stage.parent_got()
    for part in (
        "不予受理告知",
        receipt.number,
        "职责范围",
        "信访工作条例",
        "12345",
        "复查",
        "30日内",
        "2026年11月23日",
    ):
        assert part in notice
    assert len(notice) <= 300
    assert "没有改动" in stage.click(DIRECTOR, sign, Press.SIGN)


def test_a_proposal_is_given_back(stage: OfficeStage) -> None:
    receipt = stage.file()
    refuse(stage)
    sign = last_card(stage, DIRECTOR)
    assert "已退回" in stage.click(DIRECTOR, sign, Press.RETURN)
    assert stage.case(receipt).reason is None
    assert any("被退回" in text for text in stage.told(INTAKE))
    assert "已失效" in stage.click(DIRECTOR, sign, Press.SIGN)
    assert stage.case(receipt).state == State.RECEIVED


def test_a_missing_name_is_no_reason_and_danger_is_never_refused(stage: OfficeStage) -> None:
    stage.file()
    assert "不署名不是" in stage.say(INTAKE, "不予受理 1 反映人没有署名")
    receipt = stage.file(dangers=("食物中毒",))
    assert "不能不予受理" in stage.say(INTAKE, "不予受理 2 不属本局职责")
    assert "不能不予受理" in stage.say(INTAKE, "不予受理 2")
    assert stage.case(receipt).reason is None
    assert stage.count(AuditRow, AuditRow.act == "complaint.step_refused") == 1


def test_new_danger_takes_a_proposed_refusal_back(stage: OfficeStage) -> None:
    receipt = stage.file()
    refuse(stage)
    stage.do(lambda ctx: service.add(ctx, receipt.case, "孩子被打伤送医了", ("人身伤害",)))
    assert "已失效" in stage.click(DIRECTOR, last_card(stage, DIRECTOR), Press.SIGN)
    assert stage.case(receipt).state == State.RECEIVED


def test_danger_is_reminded_of_until_somebody_opens_the_case(stage: OfficeStage) -> None:
    stage.file(dangers=("食物中毒",))
    stage.settle()
    assert [len(stage.told(person)) for person in (DUTY, DIRECTOR, INTAKE)] == [1, 1, 1]
    stage.later(minutes=11)
    stage.settle()
    assert len(stage.told(DUTY)) == 2
    assert "原文" in stage.say(DUTY, "办理 1")  # whoever is on duty has to act, and so reads
    stage.later(minutes=30)
    stage.settle()
    assert len([text for text in stage.told(DUTY) if "紧急·再次提醒" in text]) == 1
    assert stage.waiting("danger/") == {}


def test_who_is_on_duty_reads_nothing_without_danger(stage: OfficeStage) -> None:
    stage.file()
    assert SAID.text[:12] not in stage.say(DUTY, "办理 1")


def test_who_wants_out_is_let_go_by_the_office(stage: OfficeStage) -> None:
    receipt = stage.file()
    assert "没有要求撤回" in stage.say(INTAKE, "撤回确认 1")
    stage.do(lambda ctx: service.withdraw(ctx, receipt.case))
    assert "已撤回" in stage.say(INTAKE, "撤回确认 1")
    assert stage.case(receipt).state == State.WITHDRAWN
    assert "已按您的意愿撤回" in stage.parent_got()[-1]
    assert stage.count(ClockRow, ClockRow.ended_at.is_(None)) == 0


@pytest.mark.parametrize("change", [{"dangers": ("食物中毒",)}, {"topic": "校园欺凌"}])
def test_danger_and_minors_go_on_without_the_complainant(stage: OfficeStage, change: dict[str, Any]) -> None:
    receipt = stage.file(**change)
    stage.do(lambda ctx: service.withdraw(ctx, receipt.case))
    assert "继续办理" in stage.say(INTAKE, "撤回确认 1")
    assert stage.case(receipt).state == State.RECEIVED
    stage.say(INTAKE, "办理 1")
    keys = [button.key for button in last_card(stage).buttons]
    assert Press.GO_ON in keys
    assert Press.CONFIRM not in keys
    assert "继续办理" in stage.say(INTAKE, "继续办理 1")
    assert stage.case(receipt).wants_out_at is None
    assert "依法继续办理" in stage.parent_got()[-1]


def test_what_the_platform_holds_back_is_shown_and_told_of(stage: OfficeStage) -> None:
    receipt = stage.file()

    def dead(_parcel: object) -> Sent:
        raise SendError(Failure.DEAD_TARGET, code=95001)

    stage.kf.answer = dead
    stage.say(INTAKE, "受理 1")
    with stage.db.reading() as session:
        row = session.scalars(select(NoticeRow)).one()
        assert row.delivered_at is None
        assert row.failed_at == stage.clock.now()
    assert "未送达,请电话联系" in stage.say(INTAKE, "办理 1")
    assert stage.case(receipt).state == State.ACCEPTED


def test_the_same_click_twice_does_one_thing(stage: OfficeStage) -> None:
    stage.file()
    stage.say(INTAKE, "办理 1")
    card = last_card(stage)
    stage.click(INTAKE, card, Press.ACCEPT)
    assert "不能这样处理" in stage.click(INTAKE_2, card, Press.ACCEPT)
    assert stage.count(EventRow, EventRow.act == "T4") == 1
    assert len(stage.parent_got()) == 1


def test_a_notice_that_lacks_something_is_not_issued(stage: OfficeStage) -> None:
    receipt = stage.file()
    with stage.db.transaction() as session:
        session.get_one(CaseRow, receipt.case).category = "?"
    assert "没有发出" in stage.say(INTAKE, "受理 1")
    assert stage.case(receipt).state == State.RECEIVED
    assert stage.count(EventRow) == 1


def test_a_line_that_names_somebody_else_is_hidden_not_the_whole(stage: OfficeStage) -> None:
    stage.file(is_named=True, name="钱小禾")
    stage.file("wmParentTwo0000000000000000000002", replace(SAID, text="老师打了人。\n证人是钱小禾。"))
    said = stage.say(INTAKE, "办理 2")
    assert "老师打了人" in said
    assert "钱小禾" not in said
    assert "已隐去" in said


def test_who_changes_the_mind_is_not_let_go(stage: OfficeStage) -> None:
    receipt = stage.file()
    stage.do(lambda ctx: service.withdraw(ctx, receipt.case))
    stage.do(lambda ctx: service.stay(ctx, receipt.case))
    assert "没有要求撤回" in stage.say(INTAKE, "撤回确认 1")
    assert stage.case(receipt).state == State.RECEIVED
    assert any("不再要求撤回" in text for text in stage.told(INTAKE))
    assert stage.do(lambda ctx: service.stay(ctx, receipt.case)) == []


def test_a_question_is_not_waited_for_where_none_can_be_put(stage: OfficeStage) -> None:
    stage.file()
    stage.say(INTAKE, "受理 1")
    stage.say(INTAKE, "办理 1")
    assert "不能这样处理" in stage.say(INTAKE, "补充")
    assert stage.say(INTAKE, "受理1,2") == words.VAGUE
    assert stage.say(INTAKE, "派单 1") == words.NOT_HERE


def test_a_command_without_a_case_is_told_what_it_lacks(stage: OfficeStage) -> None:
    stage.file()
    for said in ("办理", "受理吧", "那个受理"):
        assert stage.say(INTAKE, said) == words.WHICH
