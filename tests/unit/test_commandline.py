"""Errors of the command line: one line each, the class and place of what nobody foresaw, never its text."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click
import pytest

from bot.commandline import make_lenient, parse_time, plain_errors, read_lines
from bot.errors import BotError, ConfigError
from bot.files import load_json
from bot.workdays import SHANGHAI


def told(capsys: pytest.CaptureFixture[str], act: Callable[[], object]) -> list[str]:
    with pytest.raises(SystemExit) as left:
        plain_errors(act)()
    assert left.value.code == 2
    return capsys.readouterr().err.splitlines()


def fail(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (ConfigError([("a.b", "is wrong"), ("c", "too")]), ["duban: a.b: is wrong", "duban: c: too"]),
        (ConfigError([("a\x1b[31m\nb", "is wrong")]), ["duban: a\\u001b[31m\\u000ab: is wrong"]),
        (BotError("no job 'x'"), ["duban: no job 'x'"]),
        (PermissionError(13, "Permission denied", "out.json"), ["duban: out.json: Permission denied"]),
        (OSError("no code"), ["duban: OSError"]),
    ],
)
def test_what_somebody_can_act_on_is_told(
    capsys: pytest.CaptureFixture[str], error: Exception, lines: list[str]
) -> None:
    assert told(capsys, fail(error)) == lines


@pytest.mark.parametrize("error", [ValueError("张三"), RecursionError("secret"), MemoryError(), KeyError("token")])
def test_whatever_else_is_told_by_class_and_place_only(capsys: pytest.CaptureFixture[str], error: Exception) -> None:
    (line,) = told(capsys, fail(error))

    assert line.startswith(f"duban: {type(error).__name__} at ")
    assert not any(word in line for word in ("张三", "secret", "token"))


def test_the_place_is_the_last_one_of_our_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = told(capsys, lambda: load_json(3))  # type: ignore[arg-type]

    assert line.startswith("duban: TypeError at bot.files:")


def test_what_click_says_itself_is_left_to_click() -> None:
    with pytest.raises(click.UsageError):
        plain_errors(fail(click.UsageError("x")))()


def test_a_terminal_of_another_character_set_shows_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="gbk")
    monkeypatch.setattr(sys, "stdout", stream)
    make_lenient()
    stream.write("✓ 小督")
    stream.flush()

    assert raw.getvalue() == b"\\u2713 " + "小督".encode("gbk")


class TestLines:
    def test_objects_are_read_with_their_times(self) -> None:
        (first, second) = read_lines([b'\xef\xbb\xbf{"text": "a", "id": 1}\n', b" \n", b'{"text": "b", "now": null}'])

        assert (first, second) == ({"text": "a", "id": 1, "now": None}, {"text": "b", "now": None})

    @pytest.mark.parametrize(
        ("line", "fault"),
        [
            (b"\xff", "line 2: is no UTF-8 text"),
            (b"[" * 100_000, "line 2: not valid JSON: nested too deeply"),
            (b"3" * 5000, "line 2: not valid JSON: a number"),
            (b"[]", "line 2: needs an object with a text"),
            (b'{"text": 3}', "line 2: needs an object with a text"),
            (b'{"text": "x", "quote": 3}', "line 2: quote is a text or null"),
            (b'{"text": "x", "now": 20261126}', "line 2: now is an ISO time or null"),
            (b'{"text": "x", "now": "0001-01-01T00:00"}', "line 2: now: the year must be from 2000 to 2100"),
        ],
    )
    def test_a_bad_line_is_named(self, line: bytes, fault: str) -> None:
        with pytest.raises(ConfigError) as refused:
            list(read_lines([b'{"text": "fine"}', line]))

        assert str(refused.value).startswith(fault)


class TestTimes:
    def test_a_time_without_zone_is_local(self) -> None:
        assert parse_time("2026-11-26T09:00", "x") == datetime(2026, 11, 26, 9, 0, tzinfo=SHANGHAI)
        assert parse_time("2026-11-26T01:00Z", "x") == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)

    @pytest.mark.parametrize("text", ["", "yesterday", "9999-12-31", "0001-01-01T00:00+14:00", "1999-12-31T23:59"])
    def test_others_are_refused(self, text: str) -> None:
        with pytest.raises(ConfigError, match=r"^--due: "):
            parse_time(text, "--due")
