"""Strangers learn that they are not listed, and nothing else; the clerks hear of it once a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import URL

from bot.courtesy import rules_of
from bot.db import Base, Database
from bot.messages import Kind
from bot.router import Ignore
from bot.seal import Seal
from bot.sections import Courtesy
from bot.workdays import Calendar
from handlers.strangers import rules, texts
from handlers.strangers.routes import routes
from tests.unit.handlers.desk import Desk, load


@pytest.fixture
def desk(sqlite_url: URL, seal: Seal, sample: dict, now: datetime) -> Iterator[Desk]:
    """The sample district and the routes for strangers."""
    db = Database(sqlite_url)
    Base.metadata.create_all(db.engine)
    load(db, seal, sample, now)
    yield Desk(db, seal, now, routes)
    db.dispose()


def test_a_stranger_is_told_and_the_clerks_get_a_hint(desk):
    answers = desk.hear("zhangsan", "三小的校车超载")

    assert answers[0] == ("me", texts.NOT_LISTED)
    assert [to for to, _ in answers] == ["me", "P-B01-2"]
    assert "zha***" in answers[1][1]
    assert "zhangsan" not in answers[1][1]
    assert "校车" not in answers[1][1]


def test_the_answer_names_nobody_and_nothing_of_the_district(desk):
    [(_, text), *_] = desk.hear("zhangsan", "台账")

    names = {unit.name for unit in desk.directory.units.values()} | {p.name for p in desk.directory.people.values()}
    assert not any(name in text for name in names)


def test_keys_repeat_within_a_day_only(desk):
    keys = []
    for who, days in (("zhangsan", 0), ("zhangsan", 0), ("lisi", 0), ("zhangsan", 1)):
        desk.now += timedelta(days=days)
        desk.hear(who, "你好")
        keys.append(tuple(outgoing.key for outgoing in desk.outgoings))

    assert keys[0] == keys[1]
    assert keys[0][0] != keys[2][0]  # another stranger is answered
    assert keys[0][1] == keys[2][1]  # with no second hint
    assert not set(keys[0]) & set(keys[3])
    assert "zhangsan" not in repr(keys)


def test_opening_the_chat_is_answered_without_a_hint(desk):
    assert desk.hear("zhangsan", kind=Kind.ENTER) == [("me", texts.NOT_LISTED)]


@pytest.mark.parametrize(("who", "kind"), [("", Kind.TEXT), ("zhangsan", Kind.EVENT)])
def test_what_nobody_said_is_ignored(desk, who, kind):
    assert isinstance(desk.hear(who, kind=kind), Ignore)


def test_known_people_and_the_public_are_left_to_others(desk):
    assert desk.hear("p-s13-1", "台账") is None
    assert desk.hear("wmparent", "投诉", door="kf/parents") is None


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (datetime(2026, 11, 23, 2, 0, tzinfo=UTC), datetime(2026, 11, 23, 2, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), datetime(2026, 11, 24, 0, 10, tzinfo=UTC)),
        (datetime(2027, 6, 1, 2, 0, tzinfo=UTC), datetime(2027, 6, 1, 2, 0, tzinfo=UTC)),  # nobody knows 2027
    ],
)
def test_the_hint_keeps_quiet_hours(sample, now, told):
    assert told == rules.hint_at(now, Calendar.from_district(sample["calendar"]), rules_of(Courtesy()))
