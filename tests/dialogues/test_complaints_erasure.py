"""Whoever asks for it, or complained long ago, is erased: what is left can be opened by nobody and tells nothing."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot import audit, guard, inbox, media
from bot.conversation import DialogueRow
from bot.errors import Failure, SendError
from bot.guard import Common, Secret
from bot.inbox import InboxRow
from bot.media import MediaRow
from bot.messages import Kind, Outgoing, Text, ToChat
from bot.metrics import Metrics
from bot.outbox import OutboxRow, OutboxState
from bot.steps import fetch
from bot.vault import scrub
from bot.workdays import SHANGHAI
from handlers.complaints import erasure, lookup, reading
from handlers.complaints.erasure import KeptError, Trace
from handlers.complaints.models import CaseRow, NoticeRow
from handlers.complaints.work import Work, lock_case
from scheduler.runner import Run, Runner
from tests.dialogues.parent import Parent, cases, code_in, settle, words_of
from tests.dialogues.stage import Stage, make_config
from tests.unit.complaints.bench import INTAKE

NAME, PHONE, WORDS = "上官婉儿", "13912345678", "每次都要交八百元不交就坐最后一排"
STORY = f"清陵区第一小学三年级老师有偿补课,{WORDS},请教育局查一查。"
SECRETS = (NAME, PHONE, WORDS, "wmErasable", "PIXELS")
MARKS = guard.marks


@pytest.fixture
def parent(stage: Stage) -> Parent:
    settle(stage)
    return Parent(stage, "wmErasable0000000001")


def tell(parent: Parent) -> str:
    """File a named case with a picture; returns the receipt."""
    parent.say(STORY)
    parent.say("", kind=Kind.IMAGE)
    parent.tell("同意", "昨天", "希望退费", "实名", f"{NAME} {PHONE}")
    for _ in range(3):
        if code_in(receipt := parent.say("确认")):
            return receipt
    raise AssertionError(receipt)


def withdraw(stage: Stage, parent: Parent, serial: int = 1) -> None:
    """Let a case end as withdrawn."""
    parent.tell("撤回", "撤回")
    assert "已撤回" in stage.say(INTAKE, f"撤回确认 {serial}")


def fetch_all(stage: Stage) -> None:
    def download(_door: str, _attachment: object) -> bytes:
        return b"PIXELS of a picture"

    object.__setattr__(stage.house, "download", download)
    while fetch.fetch(stage.house):
        pass


def spent(_parcel: object) -> None:
    raise SendError(Failure.SPENT, code=95001)


def erase(stage: Stage, case: CaseRow, **how: str) -> Trace | None:
    with stage.db.transaction() as session:
        found = erasure.erase(session, stage.seal, case.person, stage.clock.now(), erasure.OPERATOR, **how)
    assert scrub(stage.db)
    return found


def look(stage: Stage, case: CaseRow) -> Trace | None:
    with stage.db.reading() as session:
        return erasure.look(session, stage.seal, case.person)


def openable(stage: Stage) -> str:
    """Return all that the keys of the installation still open, in every box."""
    found: list[bytes] = []
    with stage.db.reading() as session:
        for row, column in ((OutboxRow, "body"), (InboxRow, "body"), (MediaRow, "content"), (MediaRow, "source")):
            pairs = [(getattr(each, column), each.uid) for each in session.scalars(select(row))]
            found += [stage.seal.open(value, uid) for value, uid in pairs if value is not None]
        found += [stage.seal.open(each.data, each.conversation) for each in session.scalars(select(DialogueRow))]
    texts = [each.decode(errors="replace") for each in found]
    return "\n".join([*texts, *(json.dumps(json.loads(each), ensure_ascii=False) for each in texts if each[:1] == "{")])


def live(stage: Stage, parent: Parent) -> tuple[CaseRow, str]:
    """File, add a picture, withdraw; a notice is parked, a push refused, a message fails, a new draft is open."""
    code = code_in(tell(parent))
    parent.say("", kind=Kind.IMAGE)
    fetch_all(stage)
    stage.kf.answer = spent
    withdraw(stage, parent)
    parent.say("三小门口乱停车,堵了半个月没人管,请处理")
    parent.say("", kind=Kind.IMAGE)
    with stage.db.transaction() as session:
        chat = sorted(stage.directory().chats)[0]
        told = Outgoing("leak/1", ToChat(chat), Text(f"转发:{WORDS}"))
        stage.house.dispatch.put(session, stage.directory(), [told], stage.clock.now())
    stage.work()
    stage.store(parent.message(f"我是{NAME},电话{PHONE},{WORDS}"))
    with stage.db.transaction() as session:
        row = session.scalars(select(InboxRow).where(InboxRow.state == "new")).one()
        row.attempts = 99
        assert inbox.fail(session, row.id, stage.clock.now(), "boom")
    (case,) = cases(stage)
    return case, code


def test_nothing_that_can_be_opened_is_left(stage: Stage, parent: Parent) -> None:
    case, code = live(stage, parent)
    held = openable(stage)
    assert all(secret in held for secret in SECRETS)
    there = look(stage, case)
    assert there is not None
    assert (there.cases, there.open, there.held) == ((case.number,), (), ())
    assert (there.media, there.inbox, there.dialogues) == (3, 1, 1)
    assert there.outbox >= 2
    assert there.texts >= 5

    assert erase(stage, case) == there
    assert erase(stage, case) is None
    assert look(stage, case) is None

    left = openable(stage)
    assert [secret for secret in SECRETS if secret in left] == []
    with stage.db.reading() as session:
        assert session.scalars(select(MediaRow)).all() == []
        assert session.scalars(select(MARKS.GuardMarkRow)).all() == []
        assert session.scalars(select(DialogueRow)).all() == []
        states = dict(session.execute(select(OutboxRow.key, OutboxRow.state).where(OutboxRow.reason == "erased")).all())
        assert set(states.values()) == {OutboxState.EXPIRED}
        verdict = audit.verify(session, stage.seal)
        assert verdict.is_whole, verdict.fault
        entry = session.scalars(select(audit.AuditRow).where(audit.AuditRow.act == "person.erased")).one()
        assert (entry.actor, entry.subject, json.loads(entry.detail)["media"]) == ("operator", case.person, "3")
    stage.kf.answer = None
    sent = len(stage.kf.parcels)
    parent.say("你好")  # nothing that was parked comes after it
    assert len(stage.kf.parcels) == sent + 1
    after(stage, case, code)


def after(stage: Stage, case: CaseRow, code: str) -> None:
    """The case keeps number, state and dates, for the office and for whoever has the code."""
    (kept,) = cases(stage)
    assert (kept.number, kept.state, kept.received_at) == (case.number, "withdrawn", case.received_at)
    with stage.db.transaction() as session:
        work = Work(session, stage.seal, stage.directory(), stage.house.complaints, stage.clock.now())
        seen = lookup.find(work, case.number, code)
        assert isinstance(seen, lookup.Seen)
        assert (seen.state, seen.notices) == ("withdrawn", [])
        row = lock_case(session, case.uid)
        assert row is not None
        assert reading.open_case(work, row, INTAKE).words == []
        assert session.scalars(select(NoticeRow.told_at)).all() != [None]


def test_no_row_ties_the_address_to_the_case_any_more(stage: Stage, parent: Parent) -> None:
    case, _ = live(stage, parent)
    lane = guard_lane(stage, parent)
    with stage.db.reading() as session:
        assert session.scalars(select(OutboxRow.id).where(OutboxRow.lane == lane)).all()
    erase(stage, case)
    with stage.db.reading() as session:
        assert not session.scalars(select(OutboxRow.id).where(OutboxRow.lane == lane)).all()


def guard_lane(stage: Stage, parent: Parent) -> str:
    return stage.seal.blind(f"kf/parents|{parent.id}")


def test_another_persons_things_stay(stage: Stage, parent: Parent) -> None:
    other = Parent(stage, "wmOther")
    tell(parent)
    other.say("清陵区第二小学食堂昨天中午的菜里有虫,好几次了没人管,请教育局查一查。")
    other.say("", kind=Kind.IMAGE)
    other.tell("同意", "希望整改")
    other.say("确认")
    fetch_all(stage)
    first, second = cases(stage)
    other.say("", kind=Kind.IMAGE)
    erase(stage, first, reason="2026-申请-7")

    assert "菜里有虫" in words_of(stage, second)["original"]
    with stage.db.reading() as session:
        assert len(session.scalars(select(MediaRow)).all()) == 2
        assert session.scalar(select(MARKS.GuardOwnerRow.case_uid).where(MARKS.GuardOwnerRow.case_uid == second.uid))
    assert "已登记" in other.say("查询") or second.number in other.say("查询")


def test_a_members_work_stays(stage: Stage) -> None:
    settle(stage)
    member = "P-S13-1"
    for said in ("我要投诉", "我们学校校长挪用食堂伙食费,每个月都让老师签假单,已经两年了", "同意"):
        stage.say(member, said)
    for said in ("不清楚", "九月", "希望查处", "确认", "确认"):
        stage.say(member, said)
    (case,) = cases(stage)
    stage.say(member, "T01 完成80%")
    with stage.db.reading() as session:
        before = session.execute(select(OutboxRow.id, OutboxRow.lane).where(OutboxRow.audience == member)).all()
        hidden = stage.seal.blind(f"app/office|hidden|{member.lower()}")
        assert session.scalars(select(OutboxRow.id).where(OutboxRow.lane == hidden)).all()
    assert before
    records = len(stage.records())
    erase(stage, case, reason="2026-申请-8")

    with stage.db.reading() as session:
        assert session.execute(select(OutboxRow.id, OutboxRow.lane).where(OutboxRow.audience == member)).all() == before
        assert not session.scalars(select(OutboxRow.id).where(OutboxRow.lane == hidden)).all()
    assert len(stage.records()) == records > 0
    assert "没有" in stage.say(member, "我的投诉")


def test_an_open_case_is_erased_with_a_reason_only(stage: Stage, parent: Parent) -> None:
    tell(parent)
    (case,) = cases(stage)
    for reason in ("", f"{NAME}本人要求", f"来电{PHONE}", "x" * 81):
        with pytest.raises(KeptError) as raised:
            erase(stage, case, reason=reason)
        assert NAME not in str(raised.value)
        assert PHONE not in str(raised.value)
    assert WORDS in words_of(stage, case)["original"]
    assert erase(stage, case, reason="2026-申请-7") is not None
    # The office can still work on it, and nobody is written to.
    sent = len(stage.kf.parcels)
    assert "已受理" in stage.say(INTAKE, "受理 1")
    assert len(stage.kf.parcels) == sent


def test_a_case_that_is_held_by_law_stays_until_it_is_let_go(stage: Stage, parent: Parent) -> None:
    tell(parent)
    withdraw(stage, parent)
    (case,) = cases(stage)

    def do(act: object, event: str) -> bool:
        with stage.db.transaction() as session:
            work = Work(session, stage.seal, stage.directory(), stage.house.complaints, stage.clock.now())
            row = lock_case(session, case.uid)
            return act(work, row, event)  # type: ignore[operator]

    assert not do(erasure.let_go, "e0")
    assert do(erasure.hold, "e1")
    assert not do(erasure.hold, "e2")
    with pytest.raises(KeptError, match=case.number):
        erase(stage, case)
    years = stage.clock.now() + timedelta(days=800)
    with stage.db.reading() as session:
        assert erasure.list_due(session, years) == []
    assert do(erasure.let_go, "e3")
    with stage.db.reading() as session:
        assert erasure.list_due(session, years) == [case.person]
    assert erase(stage, case) is not None


def nightly(stage: Stage, at: datetime, *, dry_run: bool = False) -> Run:
    """Run the job at a due time."""
    runner = Runner(
        db=stage.db,
        seal=stage.seal,
        directories=stage.house.directories,
        dispatch=stage.house.dispatch,
        config=make_config(),
        metrics=Metrics(),
    )
    return runner.run_job("complaints.erase", at, at, dry_run=dry_run)


def night(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:20").replace(tzinfo=SHANGHAI).astimezone(UTC)


def test_two_years_after_the_end_the_night_erases(
    stage: Stage, parent: Parent, caplog: pytest.LogCaptureFixture
) -> None:
    other = Parent(stage, "wmStillOpen")
    tell(parent)
    withdraw(stage, parent)  # on 2026-11-23
    first = cases(stage)[0]
    stage.later(days=40)
    other.say("清陵区第二小学食堂昨天中午的菜里有虫,好几次了没人管,请教育局查一查。")
    other.tell("同意", "希望整改")
    other.say("确认")
    assert nightly(stage, night("2028-11-23"), dry_run=True).notes[0].startswith("0 persons")

    dry = nightly(stage, night("2028-11-24"), dry_run=True)
    assert dry.notes == ("1 persons would be erased, at most 40 of them in one night",)
    assert look(stage, first) is not None
    with caplog.at_level("INFO"):
        assert nightly(stage, night("2028-11-24")).is_new
    assert look(stage, first) is None
    assert "erasure.expired persons=1 left=0 failed=0" in caplog.text
    assert "erasure.scrubbed done=True" in caplog.text
    assert not nightly(stage, night("2028-11-24")).is_new
    assert nightly(stage, night("2028-11-25"), dry_run=True).notes[0].startswith("0 persons")
    assert WORDS not in openable(stage)
    # One case is young and open: it stays whole, however long that takes.
    assert nightly(stage, night("2036-01-01"), dry_run=True).notes[0].startswith("0 persons")
    assert "菜里有虫" in words_of(stage, cases(stage)[1])["original"]


def test_a_younger_case_or_a_new_word_keeps_the_old_one(stage: Stage, parent: Parent) -> None:
    tell(parent)
    withdraw(stage, parent)
    stage.later(days=300)
    tell(parent)
    with stage.db.reading() as session:
        assert erasure.list_due(session, stage.clock.now() + timedelta(days=700)) == []
    withdraw(stage, parent, 1)
    due = stage.clock.now() + timedelta(days=732)
    stage.at(due - timedelta(hours=1))
    parent.say("清陵区第三小学收了校服钱不给校服,已经一个学期了")
    nightly(stage, due)
    assert look(stage, cases(stage)[0]) is not None
    nightly(stage, due + timedelta(days=2))
    assert look(stage, cases(stage)[0]) is None


def test_who_files_anew_meanwhile_is_kept(stage: Stage, parent: Parent) -> None:
    """Two processes: an answer that registers, and an erase that waits for it."""
    if stage.db.is_sqlite:
        pytest.skip("one writer at a time")
    tell(parent)
    withdraw(stage, parent)
    first = cases(stage)[0]
    parent.say(STORY.replace("第一", "第二"))
    parent.tell("同意", "昨天", "希望退费")
    raised: list[BaseException] = []

    def run() -> None:
        try:
            erase(stage, first)
        except KeptError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    real = erasure.lock_talk

    def slow(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]

    with stage.db.transaction() as session:
        slow(session, stage.seal, f"kf/parents||{parent.id}")
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        row = session.get_one(CaseRow, first.uid)
        session.expunge(row)
        copy = {column.key: getattr(row, column.key) for column in CaseRow.__mapper__.columns}
        copy |= {"uid": "f" * 32, "serial": 99, "number": "n99", "origin": "o99", "state": "received"}
        session.add(CaseRow(**copy))
    thread.join(10)
    assert [str(error) for error in raised] == ["open, or held by law: n99"]
    assert WORDS in words_of(stage, first)["original"]


def test_a_mark_shared_with_another_case_stays_that_ones(stage: Stage, parent: Parent) -> None:
    tell(parent)
    (case,) = cases(stage)
    with stage.db.transaction() as session:
        guard.protect(session, stage.seal, "a" * 32, "lane", Secret.IDENTITY, [NAME], common=Common())
    erase(stage, case, reason="2026-申请-7")
    with stage.db.reading() as session:
        found = MARKS.find(session, MARKS.hasher_of(stage.seal), [f"你好{NAME}"])
    assert [{case for case, _ in each.holders} for each in found] == [{"a" * 32}]


class TestMediaOfWordsTakenBack:
    """取消 and a recall say that it is deleted: so are the pictures."""

    def count(self, stage: Stage) -> int:
        with stage.db.reading() as session:
            return len(session.scalars(select(MediaRow)).all())

    def test_a_draft_that_is_called_off(self, stage: Stage, parent: Parent) -> None:
        parent.say(STORY)
        parent.say("", kind=Kind.IMAGE)
        fetch_all(stage)
        parent.say("", kind=Kind.IMAGE)
        assert self.count(stage) == 2
        assert "已删除" in parent.say("取消")
        assert self.count(stage) == 0
        fetch_all(stage)
        assert "PIXELS" not in openable(stage)

    def test_a_picture_that_is_recalled(self, stage: Stage, parent: Parent) -> None:
        parent.say(STORY)
        parent.say("", kind=Kind.IMAGE, message_id="one")
        parent.say("", kind=Kind.IMAGE, message_id="two")
        assert "已删除" in parent.recall("one")
        assert self.count(stage) == 1
        parent.tell("同意", "昨天", "希望退费")
        assert code_in(parent.say("确认"))
        parent.recall("two")  # registered: the office decides, it stays
        assert self.count(stage) == 1

    def test_a_picture_that_waited_to_be_added(self, stage: Stage, parent: Parent) -> None:
        tell(parent)
        tell_second(parent)
        parent.say("", kind=Kind.IMAGE, message_id="third")
        assert self.count(stage) == 2
        assert "已删除" in parent.recall("third")
        assert self.count(stage) == 1

    def test_a_draft_that_nobody_confirms(self, stage: Stage, parent: Parent) -> None:
        parent.say(STORY)
        parent.say("", kind=Kind.IMAGE)
        fetch_all(stage)
        stage.later(hours=23)
        fetch.sweep(stage.house)
        assert self.count(stage) == 1
        stage.later(hours=2)
        fetch.sweep(stage.house)
        assert self.count(stage) == 0

    def test_a_draft_that_died_before_the_sweep(self, stage: Stage, parent: Parent) -> None:
        parent.say(STORY)
        parent.say("", kind=Kind.IMAGE)
        stage.later(hours=25)
        assert "已删除" in parent.say("你好")
        assert self.count(stage) == 0

    def test_what_was_registered_outlives_its_dialogue(self, stage: Stage, parent: Parent) -> None:
        tell(parent)
        stage.later(hours=30)
        fetch.sweep(stage.house)
        assert self.count(stage) == 1

    def test_dropped_while_it_is_fetched(self, stage: Stage, parent: Parent) -> None:
        parent.say(STORY)
        parent.say("", kind=Kind.IMAGE)
        with stage.db.transaction() as session:
            waiting = media.next_due(session, stage.seal, stage.clock.now())
        assert waiting is not None
        parent.say("取消")
        with stage.db.transaction() as session:
            media.finish(session, stage.seal, waiting, b"PIXELS")
        with stage.db.transaction() as session:
            media.fail(session, waiting, stage.clock.now(), "busy", final=False)
        assert self.count(stage) == 0


def tell_second(parent: Parent) -> None:
    parent.say("我要投诉")
    parent.say("清陵区第二小学食堂昨天中午的菜里有虫,好几次了没人管,请教育局查一查。")
    parent.tell("同意", "希望整改", "确认")
    assert len(cases(parent.stage)) == 2


def test_pictures_sent_later_are_linked_to_the_case(stage: Stage, parent: Parent) -> None:
    tell(parent)
    assert "已补充到" in parent.say("", kind=Kind.IMAGE)
    said = stage.say(INTAKE, "办理 1")
    assert said.count("附件:1件") == 2
    (case,) = cases(stage)
    uids = words_of(stage, case)["files"].split("\n")
    with stage.db.reading() as session:
        assert sorted(uids) == sorted(session.scalars(select(MediaRow.inbox_uid)).all())
