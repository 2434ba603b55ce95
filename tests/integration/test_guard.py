"""The last door: what may not leave stays, is seen and is spoken of without its words; marks come and go."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import event, func, insert, inspect, select, text
from sqlalchemy.orm import Session

from bot import courtesy, outbox, stuck
from bot.clock import SetClock
from bot.db import Database
from bot.dispatch import lane_of
from bot.guard import Audience, Guard, Secret, clears_nobody, common_of, protect, release
from bot.inbox import InboxRow
from bot.intake import AckWriter
from bot.intake import row_of as row_of_message
from bot.marks import GuardMarkRow, GuardOwnerRow
from bot.messages import Body, Image, Outgoing, Text, ToChat, ToOutsider, ToPerson
from bot.outbox import OutboxRow
from bot.people import Directory
from bot.replies import Replies
from bot.router import Context, Routes
from bot.seal import Seal
from bot.sections import Courtesy
from bot.steps import deliver, handle
from bot.steps.house import House
from bot.steps.judge import ALARM_REFUSED, REFUSED, WITHHELD, judging
from tests.fakes import RecordingChannel, load_small_district, make_house, make_message

NAME, PHONE = "欧阳小满", "19900001234"
STORY = "孩子上周在食堂吃完午饭以后肚子疼了整夜,班主任知道了也没有打电话"
OWNER = ToOutsider("app/office", "p-s14-1")
leaky = Routes("leaky")


@leaky.on(lambda reading: reading.message.text)
def repeat(ctx: Context, said: str) -> list[Outgoing]:
    return [ctx.reply(f"您说的是:{said}")]


def clears_principal(_session: Session, _directory: Directory, case: str, secret: Secret, person_id: str) -> bool:
    return (case, secret, person_id) == ("case-1", Secret.TEXT, "P-S13-1")


@pytest.fixture
def app() -> RecordingChannel:
    return RecordingChannel("app/office", has_aid=True)


@pytest.fixture
def push() -> RecordingChannel:
    return RecordingChannel("push")


@pytest.fixture
def robot() -> RecordingChannel:
    return RecordingChannel("robot/duban")


@pytest.fixture
def house(
    db: Database, seal: Seal, clock: SetClock, app: RecordingChannel, push: RecordingChannel, robot: RecordingChannel
) -> House:
    load_small_district(db, seal)
    with db.transaction() as session:
        lane = lane_of(seal, OWNER.door, OWNER.address)
        protect(session, seal, "case-1", lane, Secret.IDENTITY, [NAME, PHONE])
        protect(session, seal, "case-1", lane, Secret.TEXT, [STORY])
    house = make_house(db, seal, clock, [leaky], [app, push, robot])
    return replace(house, clearance=clears_principal)


def put(house: House, to: ToPerson | ToChat | ToOutsider, body: Body | str, key: str = "k") -> None:
    with house.db.transaction() as session:
        outgoing = Outgoing(key, to, Text(body) if isinstance(body, str) else body)
        house.dispatch.put(session, house.directories.get(session), [outgoing], house.clock.now())


def deliver_all(house: House) -> None:
    """Deliver until nothing is due: where all that was taken is refused, there may be more behind it."""
    while _is_due(house):
        taken = deliver.take(house, 50)
        deliver.mark(house, [deliver.send(house, each) for each in taken])


def _is_due(house: House) -> bool:
    with house.db.reading() as session:
        due = outbox.next_due_at(session)
    return due is not None and due <= house.clock.now()


def row_of(house: House, key: str = "k") -> OutboxRow:
    with house.db.reading() as session:
        return session.scalars(select(OutboxRow).where(OutboxRow.key == key)).one()


def notices(app: RecordingChannel) -> list[str]:
    return [content for _, content in app.texts if content == REFUSED]


def test_what_a_person_may_not_see_stays_and_the_clerks_are_told_once_a_day(
    house: House, app: RecordingChannel, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        put(house, ToPerson("P-S13-1"), f"反映人{NAME}", "k")
        put(house, ToPerson("P-S13-1"), "电话 199-0000-1234", "k2")
        deliver_all(house)

    row = row_of(house)
    assert (row.state, row.reason, row.body is not None) == ("failed", "guard: identity of another", True)
    assert [(address, content) for address, content in app.texts] == [("p-b01-2", REFUSED)]
    assert f"outbox.refused id={row.uid} door=app/office purpose=reply fault=identity of another" in caplog.messages
    assert not {NAME, PHONE, "p-s14-1"} & set(" ".join(caplog.messages).split())
    assert b'duban_refused_total{door="app/office",fault="identity of another"} 2.0' in house.metrics.render()
    clock.set(clock.now() + timedelta(days=1))
    put(house, ToPerson("P-S13-1"), NAME, "k3")
    deliver_all(house)
    assert len(notices(app)) == 2


def test_the_owner_is_shown_what_is_the_owners(house: House, app: RecordingChannel) -> None:
    put(house, OWNER, f"{NAME},电话{PHONE}:{STORY}")
    deliver_all(house)

    assert app.texts == [("p-s14-1", f"{NAME},电话{PHONE}:{STORY}")]


def test_who_is_cleared_for_the_words_is_not_for_the_name(house: House, app: RecordingChannel) -> None:
    put(house, ToPerson("P-S13-1"), STORY, "words")
    put(house, ToPerson("P-S13-1"), NAME, "name")
    put(house, ToPerson("P-B01-2"), STORY, "clerk")
    deliver_all(house)

    assert [row_of(house, key).state for key in ("words", "name", "clerk")] == ["sent", "failed", "failed"]
    assert row_of(house, "clerk").reason == "guard: words of another"


def test_an_alarm_that_is_stopped_is_told_at_once_at_any_hour(
    house: House, app: RecordingChannel, clock: SetClock
) -> None:
    clock.set(clock.now().replace(hour=18))  # two at night in Shanghai
    with house.db.transaction() as session:
        alarm = Outgoing("danger/1", ToPerson("P-S13-1"), Text(NAME), "alert.danger", is_urgent=True)
        house.dispatch.put(session, house.directories.get(session), [alarm], clock.now())
    deliver_all(house)

    number = row_of(house, "danger/1").id
    assert app.texts == [("p-b01-2", ALARM_REFUSED.format(number=number))]


def test_a_clearance_that_fails_itself_lets_nothing_out_and_holds_up_nobody(
    house: House, app: RecordingChannel, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_session: Session, _directory: Directory, _case: str, _secret: Secret, _person: str) -> bool:
        raise KeyError("no such role")

    house = replace(house, clearance=fails)
    put(house, ToPerson("P-S13-1"), STORY, "secret")
    put(house, ToPerson("P-S14-1"), "请更新", "other")
    deliver_all(house)

    assert [row_of(house, key).state for key in ("secret", "other")] == ["failed", "sent"]
    assert row_of(house, "secret").reason == "guard: the check failed"
    assert [line for line in caplog.messages if "outbox.judge_error" in line and "KeyError" in line]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (Text(f"通报:{STORY}"), "words of another"),
        (Text(f"请联系{NAME}"), "identity of another"),
        (Text("请联系 13912345678"), "mobile number in a group"),
        (Image(b"png"), "picture without source"),
        (Image(b"png", f"榜单 {NAME}"), "identity of another"),
    ],
)
def test_a_group_never_gets_it(house: House, push: RecordingChannel, body: Body, reason: str) -> None:
    put(house, ToChat("C-ALL"), body)
    deliver_all(house)

    assert push.parcels == []
    assert row_of(house).reason == f"guard: {reason}"


def test_a_number_of_nobody_in_particular_may_go_to_one_person(house: House, app: RecordingChannel) -> None:
    put(house, ToPerson("P-S13-1"), "请联系 13912345678")
    deliver_all(house)

    assert len(app.parcels) == 1


def test_a_robots_answer_is_read_by_its_asker_in_private_and_by_all_in_a_group(
    house: House, robot: RecordingChannel, seal: Seal, clock: SetClock
) -> None:
    with house.db.transaction() as session:
        protect(session, seal, "case-2", lane_of(seal, "robot/duban", "p-s14-1"), Secret.TEXT, [STORY])
    writer = AckWriter(house.db, house.seal, house.clock, lambda: None)
    writer.start()
    writer.accept(make_message(STORY, sender="p-s14-1", door="robot/duban"))
    writer.accept(make_message(STORY, sender="p-s14-1", door="robot/duban", chat="wr1"))
    writer.stop()
    while handle.handle(house, lambda _uid: None):
        pass
    clock.set(clock.now() + timedelta(minutes=1))
    deliver_all(house)

    assert [content for _, content in robot.texts] == [f"您说的是:{STORY}", WITHHELD]
    with house.db.reading() as session:
        states = session.scalars(
            select(OutboxRow.state).where(OutboxRow.door == "robot/duban").order_by(OutboxRow.id)
        ).all()
    assert states == ["sent", "failed", "sent"]


def test_an_answer_that_leaves_in_the_http_response_passes_the_same_door(house: House, app: RecordingChannel) -> None:
    writer = AckWriter(house.db, house.seal, house.clock, lambda: None)
    writer.start()
    replies = Replies(house.db, house.seal, house.clock, writer, house.metrics, partial(judging, house))
    bad = replies.accept(make_message(NAME, door="robot/duban", chat="wr1"))
    good = replies.accept(make_message("T08 70%", door="robot/duban", chat="wr1"))
    while handle.handle(house, lambda _uid: None):
        pass
    said = replies.take_reply(good.uid, wait=1.0)
    refused = replies.take_reply(bad.uid, wait=1.0)
    writer.stop()
    deliver_all(house)

    assert said == Text("您说的是:T08 70%")
    assert refused is None
    assert row_of(house, f"reply/{bad.uid}").reason == "guard: identity of another"
    assert len(notices(app)) == 1


def test_whoever_waits_for_a_refused_reply_is_told_without_its_words(
    house: House, app: RecordingChannel, seal: Seal, clock: SetClock
) -> None:
    with house.db.transaction() as session:
        message = make_message(STORY, sender="p-s13-1", message_id="same")
        session.execute(insert(InboxRow).values(**row_of_message(seal, message, clock.now())))
    house = replace(house, clearance=clears_nobody)
    while handle.handle(house, lambda _uid: None):
        pass
    deliver_all(house)
    deliver_all(house)

    assert [content for address, content in app.texts if address == "p-s13-1"] == [WITHHELD]


def test_sent_once_more_it_is_judged_once_more(house: House, push: RecordingChannel, clock: SetClock) -> None:
    put(house, ToChat("C-ALL"), STORY)
    deliver_all(house)
    number = row_of(house).id
    with house.db.transaction() as session:
        assert [number] == [row.id for row in stuck.list_stuck(session)]
        assert stuck.resend(session, number, clock.now())
    deliver_all(house)
    assert (row_of(house).state, push.parcels) == ("failed", [])

    with house.db.transaction() as session:
        release(session, "case-1")
        assert stuck.resend(session, number, clock.now())
    deliver_all(house)
    assert (row_of(house).state, len(push.parcels)) == ("sent", 1)


def test_what_is_joined_to_a_waiting_digest_is_judged_with_it(
    house: House, push: RecordingChannel, clock: SetClock, seal: Seal
) -> None:
    rules = courtesy.rules_of(Courtesy(group_per_day=1))
    for number, said in enumerate(("周报一", "周报二", STORY)):
        with house.db.transaction() as session:
            directory = house.directories.get(session)
            pushes = [Outgoing(f"p/{number}", ToChat("C-ALL"), Text(said), "weekly")]
            arranged = courtesy.arrange(session, seal, directory, pushes, clock.now(), rules)
            house.dispatch.put(session, directory, arranged, clock.now())
    clock.set(clock.now() + timedelta(days=1))
    deliver_all(house)

    assert [content for _, content in push.texts] == ["周报一"]
    with house.db.reading() as session:
        digest = session.scalars(select(OutboxRow).where(OutboxRow.key.startswith("digest/"))).one()
    assert digest.reason == "guard: words of another"


def test_words_that_two_cases_hold_may_be_seen_by_either_owner(house: House, seal: Seal) -> None:
    with house.db.transaction() as session:
        protect(session, seal, "case-2", "lane/father", Secret.IDENTITY, [PHONE])
    with house.db.reading() as session:
        judge = Guard(seal, clears_nobody).judge(session, house.directories.get(session))
        faults = [judge.find_fault(Audience(lane, "", False), Text(PHONE)) for lane in ("lane/father", "x")]

    assert faults == [None, "identity of another"]


def test_marking_twice_changes_nothing_and_releasing_forgets_one_case(house: House, seal: Seal) -> None:
    def count(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(GuardMarkRow)) or 0

    with house.db.transaction() as session:
        before = count(session)
        protect(
            session, seal, "case-1", lane_of(seal, OWNER.door, OWNER.address), Secret.IDENTITY, [PHONE, "欧阳 小满"]
        )
        assert before == count(session)
        protect(session, seal, "case-2", "lane", Secret.CODE, ["7KMP2QX9RTW4C"])
        release(session, "case-1")
        assert list(session.scalars(select(GuardOwnerRow.case_uid))) == ["case-2"]
        assert count(session) == 1


def test_the_marks_hold_no_word_and_no_lane(house: House, seal: Seal) -> None:
    """A lane stands beside a person's id in the outbox: in the marks it would tell whose case it is."""
    lane = lane_of(seal, OWNER.door, OWNER.address)
    with house.db.reading() as session:
        tables = [name for name in inspect(session.connection()).get_table_names() if name.startswith("guard_")]
        kept = [str(row) for name in tables for row in session.execute(text(f"select * from {name}"))]  # noqa: S608

    assert kept
    assert not [row for row in kept for word in (NAME, PHONE, lane, lane[:12], "p-s14-1") if word in row]


def test_whoever_is_in_the_directory_may_be_named(house: House, seal: Seal, app: RecordingChannel) -> None:
    with house.db.transaction() as session:
        common = common_of(house.directories.get(session), ["食堂食品安全自查"])
        words = ["白春航", "p-s14-1", "P-S14-1", "柳湾小学", "赵小满"]
        protect(session, seal, "case-3", "lane", Secret.IDENTITY, words, common=common)
        protect(session, seal, "case-3", "lane", Secret.TEXT, ["柳湾小学食堂食品安全自查"], common=common)
    put(house, ToPerson("P-S13-1"), "白春航校长(P-S14-1):柳湾小学食堂食品安全自查完成70%", "fine")
    put(house, ToPerson("P-S13-1"), "赵小满", "not")
    deliver_all(house)

    assert [row_of(house, key).state for key in ("fine", "not")] == ["sent", "failed"]


def test_the_same_words_to_many_are_looked_up_once(house: House, seal: Seal, now: datetime) -> None:
    asked: list[str] = []

    def clearance(_session: Session, _directory: Directory, _case: str, _secret: Secret, person: str) -> bool:
        asked.append(person)
        return person == "P-1"

    statements: list[str] = []
    with house.db.reading() as session:
        judge = Guard(seal, clearance).judge(session, house.directories.get(session))
        event.listen(house.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        faults = [judge.find_fault(Audience("", f"P-{number}", False), Text(NAME)) for number in range(3)]

    assert faults == ["identity of another", None, "identity of another"]
    assert asked == ["P-0", "P-1", "P-2"]
    assert len([each for each in statements if "guard_owner" in each]) == 1
