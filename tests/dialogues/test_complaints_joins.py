"""Whoever has the database and not its keys cannot join a member who complained to the case, nor stop messages."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.messages import Outgoing, Text, ToChat, ToPerson
from tests.dialogues.parent import Parent, cases, code_in, settle
from tests.dialogues.stage import Stage
from tests.unit.complaints.bench import INTAKE

MEMBER = "P-S13-1"
TOLD = ("我们学校校长挪用食堂伙食费,每个月都让老师签假单,已经两年了", "同意", "希望查处", "确认", "确认")
JOINS = {
    "the answer given when the case was registered": """
        select p.audience from complaint_case c
        join outbox r on r.created_at = c.received_at and r.audience = ''
        join outbox p on p.lane = r.lane and p.audience <> ''""",
    "the lane of a notice": """
        select p.audience from complaint_case c join complaint_notice n on n.case_uid = c.uid
        join outbox r on r.key = 'case/' || n.uid join outbox p on p.lane = r.lane and p.audience <> ''""",
    "the dialogue and what else was said": """
        select g.person_id from dialogue d join inbox i on i.conversation = d.conversation
        join progress g on g.inbox_uid = i.uid""",
    "the conversation of the message that filed": """
        select o.audience from complaint_case c join inbox i on i.received_at = c.received_at
        join inbox j on j.conversation = i.conversation join outbox o on o.inbox_uid = j.uid and o.audience <> ''""",
    "the row before the alert": """
        select p.audience from complaint_case c join outbox a on a.key like 'office/' || c.uid || '/new/%'
        join outbox r on r.id = a.id - 1 and r.audience = '' join outbox p on p.lane = r.lane and p.audience <> ''""",
}


def found(stage: Stage, query: str) -> list[str]:
    with stage.db.reading() as session:
        return [str(row[0]) for row in session.execute(text(query))]


def test_no_join_leads_from_a_case_to_the_member_who_filed_it(stage: Stage) -> None:
    settle(stage)
    stage.say(MEMBER, "T01 食堂自查完成80%")
    stage.later(minutes=5)
    for said in ("我要投诉", *TOLD):
        stage.say(MEMBER, said)
    with stage.db.transaction() as session:
        push = Outgoing("weekly/x", ToPerson(MEMBER), Text("请更新"))
        stage.house.dispatch.put(session, stage.directory(), [push], stage.clock.now())
    stage.work()
    stage.later(minutes=77)
    assert "受理" in stage.say(INTAKE, "受理 1")
    stage.say(MEMBER, "T01 食堂自查完成90%")

    assert len(cases(stage)) == 1
    assert MEMBER in found(stage, "select audience from outbox")
    assert {name: found(stage, query) for name, query in JOINS.items()} == {name: [] for name in JOINS}


@pytest.mark.parametrize("name", ["区教", "危险", "回复", "本周", "紧急", "督导", "请回复"])
def test_a_word_given_for_a_name_stops_nobody(stage: Stage, name: str) -> None:
    settle(stage)
    liar = Parent(stage, "wmLiar")
    liar.tell("清陵区第一小学食堂昨天中午的菜里有虫,好几次了没人管,请教育局查一查。", "同意", "实名", name)
    assert code_in(liar.say("确认"))

    child = Parent(stage, "wmChild")
    assert "110" in child.say("我不想活了,想从楼上跳下去")
    with stage.db.transaction() as session:
        push = Outgoing("bulletin/1", ToChat("C-ALL"), Text("本周督导事项,请各学校今天回复,注意防范危险。"))
        stage.house.dispatch.put(session, stage.directory(), [push], stage.clock.now())
    stage.work()
    assert found(stage, "select reason from outbox where reason like 'guard%'") == []
    assert len(stage.push.texts) == 1
