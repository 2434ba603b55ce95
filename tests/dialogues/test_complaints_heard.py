"""An alarm is heard by somebody: without roles, without an address, behind other messages, and when it fails itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import lanes
from bot.channel import Allowance, Parcel, Receipt
from bot.clock import SetClock
from bot.db import Database
from bot.errors import Failure, SendError
from bot.outbox import OutboxRow
from bot.steps import handle
from bot.steps.handle import PUBLIC_FAILED, SORRY, SORRY_PUBLIC
from bot.steps.pull import _give_room
from bot.urgent import DANGER as ALARM
from handlers.complaints import danger
from handlers.complaints.texts_alerts import NOBODY_IN_CHARGE
from tests.dialogues.parent import Parent, settle
from tests.dialogues.stage import Stage
from tests.dialogues.test_complaints_danger import DANGER, DUTY, FIRST, TOLD

CLERK = "p-b01-2"
ROOM = Allowance(5, 48 * 3600)


def told(stage: Stage, address: str) -> list[str]:
    """Return what the app wrote to somebody."""
    return [text for to, text in stage.app.texts if to == address]


def at_night(stage: Stage) -> None:
    """Make it eleven in the evening in Shanghai."""
    settle(stage)
    stage.at(stage.clock.now().replace(hour=15))


def rejecting(stage: Stage, monkeypatch: pytest.MonkeyPatch, failure: Failure) -> None:
    """Let the platform take no alarm."""
    send = stage.app.send

    def refuse(parcel: Parcel, now: datetime) -> Receipt:
        if parcel.purpose == ALARM:
            raise SendError(failure, code=60020, hint="not this one")
        return send(parcel, now)

    monkeypatch.setattr(stage.app, "send", refuse)


def states(stage: Stage, purpose: str) -> list[str]:
    """Return where the messages of a purpose stand."""
    with stage.db.reading() as session:
        return list(session.scalars(select(OutboxRow.state).where(OutboxRow.purpose == purpose)))


@pytest.mark.parametrize("missing", [("case_roles",), ("duty",), ("case_roles", "duty")])
def test_without_roles_or_duty_the_clerks_hear_of_danger(
    db: Database, clock: SetClock, sample: dict[str, Any], missing: tuple[str, ...]
) -> None:
    stage = Stage(db, clock, {key: value for key, value in sample.items() if key not in missing})
    at_night(stage)
    assert Parent(stage).say(DANGER).startswith(FIRST)
    stage.close()

    said = told(stage, CLERK)
    assert [text for text in said if "紧急" in text and ("case_roles" in missing) <= (NOBODY_IN_CHARGE in text)]


def test_without_roles_the_clerks_hear_of_a_complaint(db: Database, clock: SetClock, sample: dict[str, Any]) -> None:
    stage = Stage(db, clock, {key: value for key, value in sample.items() if key not in ("case_roles", "duty")})
    settle(stage)
    Parent(stage).tell(*TOLD, "确认")
    stage.close()

    assert [text for text in told(stage, CLERK) if text.startswith("新到") and NOBODY_IN_CHARGE in text]


def test_without_clerks_the_heads_of_sections_hear_of_danger(
    db: Database, clock: SetClock, sample: dict[str, Any]
) -> None:
    district = {key: value for key, value in sample.items() if key not in ("case_roles", "duty")}
    district["people"] = [
        {**person, "role": "section_staff"} if person["role"] == "clerk" else person for person in district["people"]
    ]
    stage = Stage(db, clock, district)
    settle(stage)
    Parent(stage).say(DANGER)
    stage.close()

    heads = {one.userid for one in stage.directory().people.values() if one.role == "section_head"}
    alerted = {to for to, text in stage.app.texts if "紧急" in text}
    assert alerted
    assert alerted <= heads


def test_an_alarm_for_somebody_out_of_reach_is_told_the_clerks_at_night(stage: Stage) -> None:
    at_night(stage)
    with stage.db.transaction() as session:
        lanes.mark_dead(session, "P-L4", "app/office", 60111, stage.clock.now())
    Parent(stage).say(DANGER)

    name = stage.directory().people["P-L4"].name
    assert len([text for text in told(stage, CLERK) if f"“{name}”" in text and "没有送到" in text]) == 1
    assert told(stage, DUTY[0])
    assert states(stage, ALARM).count("failed") == 3  # it and its two reminders, told once


@pytest.mark.parametrize("failure", [Failure.REJECTED, Failure.DEAD_TARGET])
def test_an_alarm_that_the_platform_refuses_is_told_the_clerks_at_night(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, failure: Failure
) -> None:
    at_night(stage)
    rejecting(stage, monkeypatch, failure)
    Parent(stage).say(DANGER)

    failed = states(stage, ALARM).count("failed")
    assert failed >= len(DUTY)
    is_clerk_lost = failure is Failure.DEAD_TARGET  # one of those alarmed was the clerk
    assert len([text for text in told(stage, CLERK) if "没有送到" in text]) == failed - is_clerk_lost


def test_an_alarm_of_unknown_outcome_is_told_the_clerks_at_night(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    at_night(stage)
    rejecting(stage, monkeypatch, Failure.UNKNOWN)
    Parent(stage).say(DANGER)
    for _ in range(40):
        stage.later(minutes=11)
        stage.work()

    assert set(states(stage, ALARM)) == {"maybe"}
    assert [text for text in told(stage, CLERK) if "没有送到" in text]


def test_an_alarm_that_has_expired_is_told_the_clerks(stage: Stage) -> None:
    at_night(stage)
    stage.store(Parent(stage).message(DANGER))
    assert handle.handle(stage.house, lambda uid: None)
    with stage.db.transaction() as session:
        mine = (OutboxRow.purpose == ALARM, OutboxRow.audience == "P-L4")
        session.execute(update(OutboxRow).where(*mine).values(expires_at=stage.clock.now()))
    stage.work()

    assert [text for text in told(stage, CLERK) if "没有送到" in text]


def test_of_six_lines_that_come_at_once_the_one_about_danger_is_answered_first(stage: Stage) -> None:
    settle(stage)
    parent = Parent(stage)
    stage.kf.allowance = ROOM
    messages = [parent.message(text) for text in ("在吗", "有人吗", "你好", "老师", "在不在", DANGER)]
    for message in messages:
        stage.store(message)
    with stage.db.transaction() as session:
        _give_room(stage.house, session, messages, stage.clock.now())
    stage.work()

    assert stage.kf.texts[0][1].startswith(FIRST)
    assert len(stage.kf.texts) <= ROOM.count


def test_an_alarm_does_not_stand_behind_what_is_tried_again_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(stage)
    send = stage.app.send

    def busy(parcel: Parcel, now: datetime) -> Receipt:
        if parcel.purpose == "alert.office":
            raise SendError(Failure.BUSY, hint="unreached")
        return send(parcel, now)

    monkeypatch.setattr(stage.app, "send", busy)
    Parent(stage, "wmA").tell(*TOLD, "确认")
    for _ in range(3):
        stage.later(minutes=12)
        stage.work()
    assert "waiting" in states(stage, "alert.office")
    Parent(stage, "wmB").say(DANGER)

    assert [text for text in told(stage, CLERK) if "紧急" in text]


@pytest.mark.parametrize("door", ["kf", "app"])
def test_an_alarm_turn_that_fails_itself_gives_the_numbers_and_is_told_at_night(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    def fails(*_: Any) -> str:
        raise ZeroDivisionError

    at_night(stage)
    monkeypatch.setattr(danger, "_register", fails)
    if door == "kf":
        Parent(stage).say(DANGER)
    else:
        stage.say("p-s13-1", DANGER)
    for _ in range(8):
        stage.later(minutes=1)
        stage.work()

    head = PUBLIC_FAILED.split("(")[0]
    if door == "kf":
        assert [text for _, text in stage.kf.texts] == [SORRY_PUBLIC]
        assert len([text for text in told(stage, CLERK) if text.startswith(head)]) == 1
    else:
        assert SORRY in told(stage, "p-s13-1")
        assert not told(stage, CLERK)


@pytest.mark.parametrize("said", ["受理1", "请补充1 什么时候的事"])
def test_who_decides_without_opening_is_not_reminded_of_the_danger(stage: Stage, said: str) -> None:
    settle(stage)
    Parent(stage).say(DANGER)
    stage.say(CLERK, said)
    stage.later(minutes=31)
    stage.work()

    assert not [text for _, text in stage.app.texts if "再次提醒" in text]
