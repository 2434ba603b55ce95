"""A click on the reminder card is recorded once, for its own person, in its own week."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import URL

from bot.clock import SetClock
from bot.intake import AckWriter
from bot.messages import CardUpdate, Click, Incoming, Kind, Outgoing, Text
from bot.router import Context, Routes
from bot.seal import Seal
from bot.steps import deliver, handle
from bot.steps.house import House
from handlers.progress import service as progress
from handlers.progress.models import Act, ProgressRow
from handlers.weekly import texts
from handlers.weekly.cards import Choice, card_id
from handlers.weekly.routes import routes
from tests.fakes import RecordingChannel, make_house
from tests.unit.weekly.house import WeeklyHouse, local, open_sample, tasks_in, text_to

OPEN, NUDGE = "2026-11-26T09:00", "2026-11-27T10:00"
LAST_WEEK = "2026-11-19T10:00"

_numbers = itertools.count(1)


@pytest.fixture
def week(sqlite_url: URL, seal: Seal, sample) -> Iterator[WeeklyHouse]:
    """The sample district; nobody has reported anything yet."""
    house = open_sample(sqlite_url, seal, sample)
    yield house
    house.db.dispose()


@pytest.fixture
def app() -> RecordingChannel:
    return RecordingChannel("app/office", has_aid=True)


fallback = Routes("fallback")


@fallback.on(lambda reading: reading.message)
def unread(ctx: Context, message: Incoming) -> list[Outgoing]:
    return [ctx.reply("?")]


@pytest.fixture
def house(week: WeeklyHouse, clock: SetClock, app: RecordingChannel) -> House:
    """The reminder is out; S13 has values for all it was asked but T11."""
    for task in ("T31", "T34", "T32", "T03", "T13", "T16", "T39"):
        if "S13" in week.ledger.tasks[task].applies_to:
            week.report(LAST_WEEK, "S13", task, percent=60.0, blocker="外墙停工" if task == "T34" else None)
    for task in week.ledger.for_unit("S75"):
        week.report(LAST_WEEK, "S75", task.id, status="done")
    week.run("weekly.open", OPEN)
    week.run("weekly.nudge", NUDGE)
    made = make_house(week.db, week.seal, clock, [routes, fallback], [app, RecordingChannel("push")])
    with week.db.transaction() as session:
        session.execute(text("update outbox set state = 'sent'"))  # the prompts and cards have arrived
    return made


def carry_out(house: House) -> None:
    while handle.handle(house, lambda uid: None):
        pass
    while taken := deliver.take(house, 50):
        deliver.mark(house, [deliver.send(house, each) for each in taken])


def click(house: House, key: str, at: str, *, sender: str = "p-s13-2", card: str = "", message_id: str = "") -> None:
    """Let somebody click, and carry everything out."""
    house.clock.set(local(at))
    writer = AckWriter(house.db, house.seal, house.clock, lambda: None)
    writer.start()
    writer.accept(
        Incoming(
            door="app/office",
            message_id=message_id or f"click-{next(_numbers)}",
            kind=Kind.CLICK,
            sender=sender,
            click=Click(card or card_id("2026W48", "P-S13-2"), key, "button_interaction", response_code="code-1"),
        )
    )
    writer.stop()
    carry_out(house)


def answers(app: RecordingChannel, userid: str = "p-s13-2") -> list[Any]:
    sent = [one.envelope for one in app.parcels if one.envelope.address == userid]
    return [envelope.body for envelope in sent if isinstance(envelope.body, CardUpdate | Text)]


def statements(week: WeeklyHouse, act: Act = Act.UNCHANGED) -> list[ProgressRow]:
    with week.db.reading() as session:
        return list(session.scalars(select(ProgressRow).where(ProgressRow.act == act).order_by(ProgressRow.id)))


def test_no_change_confirms_every_line_that_has_a_value(week: WeeklyHouse, house: House, app: RecordingChannel) -> None:
    click(house, Choice.UNCHANGED, "2026-11-27T10:30")

    (update,) = [body for body in answers(app) if isinstance(body, CardUpdate)]
    assert (update.task_id, update.response_code) == ("weekly-2026W48-P-S13-2", "code-1")
    assert update.title == "您选了“无变化”"
    assert update.subtitle == "已记:4项无变化(T34、T31、T32、T03)。T11 还没报过数,请直接回复进展。"
    rows = statements(week)
    assert [row.task_id for row in rows] == ["T34", "T31", "T32", "T03"]
    assert [row.percent for row in rows] == [60.0] * 4
    with week.db.reading() as session:
        value = progress.current(session, week.seal, units=["S13"])["S13", "T34"]
    assert ("外墙停工", local("2026-11-27T10:30")) == (value.blocker, value.at)
    assert local(LAST_WEEK) == value.stated_at


def test_a_second_click_gets_the_same_answer_and_records_nothing(
    week: WeeklyHouse, house: House, app: RecordingChannel
) -> None:
    click(house, Choice.UNCHANGED, "2026-11-27T10:30", message_id="same")
    click(house, Choice.UNCHANGED, "2026-11-27T10:30", message_id="same")
    click(house, Choice.UNCHANGED, "2026-11-27T10:31")
    click(house, Choice.UPDATE, "2026-11-27T10:32")

    updates = [body for body in answers(app) if isinstance(body, CardUpdate)]
    assert len(updates) == 3
    assert len({(update.title, update.subtitle) for update in updates}) == 1
    assert len(statements(week)) == 4


def test_what_was_reported_meanwhile_is_not_recorded_again(
    week: WeeklyHouse, house: House, app: RecordingChannel
) -> None:
    week.report("2026-11-27T10:20", "S13", "T31", percent=80.0)
    click(house, Choice.UNCHANGED, "2026-11-27T10:30")

    (update,) = [body for body in answers(app) if isinstance(body, CardUpdate)]
    assert "已记:3项无变化(T34、T32、T03)。T31 本周已报过,不再重复登记。" in update.subtitle
    with week.db.reading() as session:
        assert progress.current(session, week.seal, units=["S13"])["S13", "T31"].percent == 80.0


@pytest.mark.parametrize(
    ("choice", "hint"), [(Choice.UPDATE, "一句话就行,例如:T11 70%"), (Choice.STUCK, "卡在哪,例如:T11 外墙停工,等天晴")]
)
def test_the_other_buttons_say_how_to_go_on(
    week: WeeklyHouse, house: House, app: RecordingChannel, choice: str, hint: str
) -> None:
    click(house, choice, "2026-11-27T10:30")
    click(house, choice, "2026-11-27T10:31")

    updates = [body for body in answers(app) if isinstance(body, CardUpdate)]
    told = [body for body in answers(app) if isinstance(body, Text)]
    assert len(updates) == 2
    assert all(hint in update.subtitle for update in updates)
    assert len(told) == 1
    assert hint in told[0].content
    assert statements(week) == []


@pytest.mark.parametrize("sender", ["p-s14-2", "p-s13-1", "nobody"])
def test_somebody_elses_click_is_refused_politely(
    week: WeeklyHouse, house: House, app: RecordingChannel, sender: str
) -> None:
    click(house, Choice.UNCHANGED, "2026-11-27T10:30", sender=sender)

    assert [Text(texts.NOT_YOURS)] == [body for body in answers(app, sender) if isinstance(body, Text)]
    assert statements(week) == []


def test_a_click_after_the_close_counts_for_the_next_week(
    week: WeeklyHouse, house: House, app: RecordingChannel
) -> None:
    click(house, Choice.UNCHANGED, "2026-11-27T12:00")

    (update,) = [body for body in answers(app) if isinstance(body, CardUpdate)]
    assert "本周已截止,计入下一周。" in update.subtitle
    lines = text_to(week.run("weekly.open", "2026-12-03T09:00"), "P-S13-2")
    assert not {"T34", "T31", "T32", "T03"} & set(tasks_in(lines))


def test_a_card_is_stale_once_the_next_week_has_asked(week: WeeklyHouse, house: House, app: RecordingChannel) -> None:
    week.run("weekly.open", "2026-12-03T09:00")
    click(house, Choice.UNCHANGED, "2026-12-03T10:00")

    (update,) = [body for body in answers(app) if isinstance(body, CardUpdate)]
    assert update.title == texts.STALE
    assert statements(week) == []


def test_a_card_that_was_never_sent_records_nothing(week: WeeklyHouse, house: House, app: RecordingChannel) -> None:
    click(house, Choice.UNCHANGED, "2026-11-27T10:30", card="weekly-2026W40-P-S13-2")

    (update,) = [body for body in answers(app) if isinstance(body, CardUpdate)]
    assert update.title == texts.STALE
    assert statements(week) == []


def test_other_cards_and_keys_are_not_ours(week: WeeklyHouse, house: House, app: RecordingChannel) -> None:
    click(house, Choice.UNCHANGED, "2026-11-27T10:30", card="case-2026W48-P-S13-2")
    click(house, "weekly.other", "2026-11-27T10:30")

    assert [Text("?"), Text("?")] == answers(app)
