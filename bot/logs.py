"""Structured logging: one JSON line per step, ids only; whatever looks like a secret or a person is masked."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict

from bot.errors import place_of

_SECRETS = re.compile(
    r"(?i)((?:access_token|corpsecret|secret|key|token|response_code|[?&]code)=)[^&\s\"']+"
    r"|(?<!\d)1[3-9]\d{9}(?!\d)"  # a mobile number
    r"|(?<!\d)\d{17}[\dXx](?!\d)"  # an identity number
)
# Some libraries log addresses, which carry tokens; the last one warns of every short wait.
QUIET = {
    **dict.fromkeys(("urllib3", "requests", "werkzeug", "alembic"), logging.WARNING),
    "apscheduler": logging.ERROR,
}
_FIELD = re.compile(r"(\w+)=(\S*)")


def mask(text: str) -> str:
    """Return text with the values of secret parameters, mobile and identity numbers replaced by ***."""
    return _SECRETS.sub(lambda found: f"{found.group(1) or ''}***", text)


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log record of the process to stream (default: standard error) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                _mask_all,  # before a field is cut out of the text that says what it is
                _split_fields,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _without_traceback,
                _mask_all,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    # A line that cannot be written would be told with a traceback, whose text may quote a message.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)


def _split_fields(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Turn "outbox.sent id=1 door=x" into an event name and fields."""
    head, _, tail = str(event.get("event", "")).partition(" ")
    fields = _FIELD.findall(tail)
    if fields and "=" not in head:
        event["event"] = head
        event.update({name: value for name, value in fields if name not in event})
        rest = _FIELD.sub("", tail).strip()
        if rest:
            event["note"] = rest
    return event


def _without_traceback(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace a traceback, whose text may quote a message, by the error's class and place."""
    info = event.pop("exc_info", None)
    event.pop("exception", None)
    error = info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else None
    if error is not None:
        event["error"] = place_of(error)
    return event


def _mask_all(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {name: mask(value) if isinstance(value, str) else value for name, value in event.items()}
