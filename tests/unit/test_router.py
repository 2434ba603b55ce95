"""Exactly one route takes every message; an open dialogue goes first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.conversation import Dialogue
from bot.people import Directory
from bot.router import Context, Reading, Router, Routes
from tests.fakes import make_message

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def reading(text: str, dialogue: Dialogue | None = None) -> Reading:
    directory = Directory(0, {}, {}, {})
    session: Any = None
    return Reading(make_message(text), None, directory, dialogue, NOW, session)


def make_router() -> Router:
    first, last = Routes("first"), Routes("last")

    @first.on(lambda r: r.message.text if r.message.text.startswith("a") else None)
    def starts_with_a(ctx: Context, text: str) -> list[Any]:
        return []

    @first.on(lambda r: r.message.text if r.message.text != "never mind" else None, topic="colour")
    def colour(ctx: Context, text: str) -> list[Any]:
        return []

    @last.on(lambda r: r.message.text)
    def anything(ctx: Context, text: str) -> list[Any]:
        return []

    return Router([first, last])


@pytest.mark.parametrize(
    ("text", "dialogue", "expected"),
    [
        ("abc", None, "first.starts_with_a"),
        ("red", None, "last.anything"),
        ("red", Dialogue("colour", {}), "first.colour"),
        ("abc", Dialogue("colour", {}), "first.colour"),
        ("never mind", Dialogue("colour", {}), "last.anything"),
        ("abc", Dialogue("unheard of", {}), "first.starts_with_a"),
    ],
)
def test_the_order_is_dialogue_then_list(text: str, dialogue: Dialogue | None, expected: str) -> None:
    assert expected == make_router().match(reading(text, dialogue)).route.name


def test_a_message_nobody_takes_is_a_fault_of_the_list() -> None:
    with pytest.raises(LookupError):
        Router([]).match(reading("x"))
