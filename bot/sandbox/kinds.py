"""Which kinds of values a body may hold; one with others is refused before anybody reads a field of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.entities import ApiError


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_list_of(value: Any, kind: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(kind(item) for item in value)


_FIELDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("card_type", "msgtype"), _is_text),
    **dict.fromkeys(("action_menu", "button", "main_title", "submit_button"), _is_object),
    **dict.fromkeys(
        ("action_list", "articles", "button_list", "horizontal_content_list"),
        lambda value: _is_list_of(value, _is_object),
    ),
    **dict.fromkeys(("mentioned_list", "open_userid_list", "userids"), lambda value: _is_list_of(value, _is_text)),
}


def check(body: object) -> None:
    """Raise ApiError 40058 if a field within body is of another kind than the documents say, or a text is broken."""
    for name, value in _fields("", body):
        if value is not None and name in _FIELDS and not _FIELDS[name](value):
            raise ApiError(40058, f"invalid Request Parameter: {name}")
        if isinstance(value, str) and not _is_whole(value):
            raise ApiError(40058, "invalid Request Parameter: broken text")


def _fields(name: str, value: object) -> Iterator[tuple[str, object]]:
    yield name, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield "", key
            yield from _fields(key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _fields("", item)


def _is_whole(text: str) -> bool:
    """Whether text has no half of a surrogate pair, which JSON can write and UTF-8 cannot."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)
