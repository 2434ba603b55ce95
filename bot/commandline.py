"""What the commands share: every error as one clear line, JSON lines and times as an operator types them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.breakdown import explain
from bot.errors import BotError, ConfigError
from bot.files import parse_json
from bot.invisible import visible
from bot.workdays import SHANGHAI

CONFIG = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=lambda: os.environ.get("DUBAN_CONFIG", "config.toml"),
    help="settings (default: config.toml here, or DUBAN_CONFIG)",
)
P = ParamSpec("P")
T = TypeVar("T")

_OURS = ("__main__", "bot", "handlers", "scheduler")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def plain_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Turn every error into one clear line each and exit code 2. A line of an unforeseen one names its place only."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:  # whoever read our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None
        except Exception as error:
            for line in _lines(error):
                click.echo(f"duban: {visible(line)}", err=True)
        raise SystemExit(2)

    return wrapped


def make_lenient() -> None:
    """Let a terminal of another character set show what it can, instead of failing at the first ✓."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def read_lines(stream: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the objects of JSON lines with a text, "now" as a time or None. Raises ConfigError naming the line."""
    for number, raw in enumerate(stream, start=1):
        at = f"line {number}"
        try:
            line = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ConfigError([(at, "is no UTF-8 text")]) from None
        if line.strip():
            yield _message(parse_json(line, at), at)


def _message(value: object, at: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise ConfigError([(at, "needs an object with a text")])
    if not isinstance(value.get("quote"), str | None):
        raise ConfigError([(at, "quote is a text or null")])
    now = value.get("now")
    if not isinstance(now, str | None):
        raise ConfigError([(at, "now is an ISO time or null")])
    return {**value, "now": None if now is None else parse_time(now, f"{at}: now")}


def parse_time(text: str, at: str) -> datetime:
    """Return an ISO time, in Shanghai's zone if it names none. Raises ConfigError naming the place `at`."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError([(at, "not an ISO time, e.g. 2026-11-26T09:00")]) from None
    if not _FIRST_YEAR <= parsed.year <= _LAST_YEAR:
        raise ConfigError([(at, f"the year must be from {_FIRST_YEAR} to {_LAST_YEAR}")])
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=SHANGHAI)


def _lines(error: Exception) -> list[str]:
    match error:
        case ConfigError():
            return [f"{key}: {fault}" for key, fault in error.faults]
        case BotError():
            return [str(error)]
        case OSError():
            named = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
            return [f"{named}{error.strerror or type(error).__name__}"]
        case SQLAlchemyError():
            return [f"database.url: {'; '.join(explain(error))}"]
        case _:
            return [f"{type(error).__name__} at {_place(error)}: a fault of the program, please report it"]


def _place(error: Exception) -> str:
    """Return module:line of our own code where error passed last, else where it was raised; never its text."""
    frames = [(trace.tb_frame.f_globals.get("__name__", "?"), trace.tb_lineno) for trace in _traces(error)]
    ours = [frame for frame in frames if frame[0].partition(".")[0] in _OURS and frame[0] != __name__]
    return "{}:{}".format(*(ours or frames or [("?", 0)])[-1])


def _traces(error: Exception) -> Iterator[TracebackType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next
