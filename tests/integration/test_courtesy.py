"""When unasked messages may arrive: quiet hours, working days, caps and the digest."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from bot.clock import SetClock
from bot.courtesy import Rules, arrange, next_allowed
from bot.db import Database
from bot.messages import Card, Outgoing, Text, ToChat, ToPerson, load_envelope
from bot.outbox import OutboxRow
from bot.people import FactRow, bump_revision
from bot.seal import Seal
from bot.steps.house import House
from bot.workdays import SHANGHAI, Calendar, UnknownDayError
from tests.fakes import RecordingChannel, load_small_district, make_house, make_push

RULES = Rules(time(18), time(8), person_per_day=2, group_per_day=2, person_per_week=5)


@pytest.fixture
def calendar(sample) -> Calendar:
    return Calendar.from_district(sample["calendar"])


@pytest.fixture
def house(db: Database, seal: Seal, clock: SetClock, sample) -> House:
    load_small_district(db, seal)
    with db.transaction() as session:
        session.add(FactRow(name="calendar", value=sample["calendar"]))
        bump_revision(session)
    return make_house(db, seal, clock, [], [RecordingChannel("app/office"), RecordingChannel("push")])


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:00"),
        ("2026-11-23T07:00", "2026-11-23T08:10"),
        ("2026-11-23T18:00", "2026-11-24T08:10"),
        ("2026-11-28T10:00", "2026-11-30T08:10"),
        ("2026-10-01T10:00", "2026-10-08T08:10"),
        ("2026-10-10T10:00", "2026-10-10T10:00"),
    ],
)
def test_quiet_hours_and_days_off_wait_for_the_next_morning(calendar: Calendar, now: str, expected: str) -> None:
    assert local(expected) == next_allowed(local(now).astimezone(UTC), calendar, RULES)


def test_a_year_without_notice_is_no_guess(calendar: Calendar) -> None:
    with pytest.raises(UnknownDayError):
        next_allowed(local("2027-03-03T10:00"), calendar, RULES)


def arranged(house: House, *outgoings: Outgoing) -> list[Outgoing]:
    with house.db.transaction() as session:
        directory = house.directories.get(session)
        planned = arrange(session, house.seal, directory, list(outgoings), house.clock.now(), RULES)
        house.dispatch.put(session, directory, planned, house.clock.now())
        return planned


def contents(house: House) -> list[tuple[str, str]]:
    with house.db.reading() as session:
        found = []
        for row in session.scalars(select(OutboxRow).order_by(OutboxRow.due_at, OutboxRow.id)):
            body = load_envelope(house.seal.open(row.body or b"", row.uid)).body
            found.append((f"{row.due_at.astimezone(SHANGHAI):%a %H:%M}", getattr(body, "content", "card")))
        return found


def test_the_third_message_of_a_day_waits_and_the_next_ones_join_it(house: House) -> None:
    arranged(house, *(make_push(text=str(number)) for number in range(4)))

    assert contents(house) == [("Mon 10:00", "0"), ("Mon 10:00", "1"), ("Tue 08:10", "2\n\n3")]


def test_a_later_message_joins_the_digest_that_already_waits(house: House) -> None:
    arranged(house, *(make_push(text=str(number)) for number in range(3)))
    arranged(house, make_push(text="3"))

    assert contents(house)[-1] == ("Tue 08:10", "2\n\n3")


def test_nobody_gets_more_than_five_a_week(house: House, clock: SetClock) -> None:
    for day in range(4):
        arranged(house, make_push(text=f"{day}a"), make_push(text=f"{day}b"))
        clock.set(clock.now() + timedelta(days=1))
    with house.db.reading() as session:
        dues = [row.due_at.astimezone(SHANGHAI).isocalendar().week for row in session.scalars(select(OutboxRow))]

    assert dues.count(48) == 5


def test_a_group_has_a_cap_of_its_own(house: House) -> None:
    pushes = [
        Outgoing(key=f"g{number}", to=ToChat("C-ALL"), body=Text(str(number)), purpose="x") for number in range(3)
    ]
    arranged(house, *pushes)

    assert [when for when, _ in contents(house)] == ["Mon 10:00", "Mon 10:00", "Tue 08:10"]


def test_a_card_over_the_cap_waits_as_it_is(house: House) -> None:
    card = Outgoing(key="c", to=ToPerson("P-S13-1"), body=Card("t1", "督导"), purpose="weekly.nudge")
    planned = arranged(house, make_push(), make_push(), card)

    assert ("c", local("2026-11-24T08:10")) == (planned[2].key, planned[2].not_before)


def test_an_alert_comes_at_any_hour_only_if_it_is_urgent(house: House, clock: SetClock) -> None:
    clock.set(local("2026-11-28T23:00").astimezone(UTC))
    alert = Outgoing(key="a", to=ToPerson("P-B01-2"), body=Text("!"), purpose="alert.office")

    urgent = replace(alert, is_urgent=True)
    assert [urgent] == arranged(house, urgent)
    assert [replace(alert, not_before=local("2026-11-30T08:10"))] == arranged(house, alert)
