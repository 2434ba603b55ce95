"""Notices say what they have to, or are not issued; every text is short and plain."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from bot.sections import Complaints
from handlers.complaints import texts, texts_pages
from handlers.complaints.lookup import SHOWN_ACTS
from handlers.complaints.refusals import GROUNDS, next_path
from handlers.complaints.states import Reason, Refusal, State

NUMBER = "区教诉〔2026〕000123号"
DAY = date(2026, 11, 23)
SETTINGS = Complaints(phone="0731-1234567")
ACCEPTED = texts.Accepted(NUMBER, DAY, "食堂与卫生", SETTINGS.office, date(2027, 1, 22))
ASKED = texts.Asked(NUMBER, "请说明年级", 5, DAY)
GROUND = GROUNDS[Reason.REMIT]
REFUSED = texts.Refused(NUMBER, DAY, GROUND.plain, GROUND.basis, next_path(Reason.REMIT, SETTINGS), SETTINGS.office)


@pytest.mark.parametrize(
    ("say", "said", "optional"),
    [(texts.accepted, ACCEPTED, ()), (texts.asked, ASKED, ("until",)), (texts.refused, REFUSED, ())],
)
def test_a_missing_field_stops_the_issue(say: Any, said: Any, optional: tuple[str, ...]) -> None:
    whole = say(said)
    assert len(whole) <= texts.LONGEST
    for field in fields(said):
        value = getattr(said, field.name)
        lacking = replace(said, **{field.name: None if isinstance(value, date) else type(value)()})
        if field.name in optional:
            assert say(lacking)
            continue
        with pytest.raises(texts.MissingField) as error:
            say(lacking)
        assert field.name in str(error.value)
        assert NUMBER not in str(error.value)


def test_every_refusal_fits_one_screen() -> None:
    for reason, ground in GROUNDS.items():
        path = next_path(reason, SETTINGS)
        said = texts.refused(replace(REFUSED, plain=ground.plain, basis=ground.basis, path=path))
        assert len(said) <= texts.LONGEST
        assert all(part in said for part in (ground.plain, ground.basis, path, "复查"))


def test_an_unknown_day_is_told_as_a_number_of_days() -> None:
    assert "5个工作日内" in texts.asked(replace(ASKED, until=None))


def test_every_state_has_a_word_and_outsiders_learn_nothing_of_units() -> None:
    assert set(texts.STATES) == set(State)
    assert len(set(texts.STATES.values())) == len(State)
    shown = {texts.public_state(state.value) for state in State}
    assert not shown & {"待签收", "派单异议", "已发整改通知", "退回重办", "待审核"}
    assert {state for state in State if texts.public_state(state) == texts.STATES[state]} - {State.DRAFT} <= set(
        texts_pages.MEANINGS
    )
    assert set(SHOWN_ACTS) == set(texts_pages.EVENTS)


def test_every_refusal_of_a_step_has_words() -> None:
    for why in Refusal:
        said = texts.refusal(why, State.RECEIVED.value)
        assert said.endswith("。")
        assert "{" not in said


@pytest.mark.parametrize("number", ["区教诉〔2026〕000123号", "区教诉〔2026〕123456号", "区教诉〔2026〕000001号"])
def test_a_short_number_is_what_one_types(number: str) -> None:
    assert texts.short(number) == str(int(number[-7:-1]))
