"""Logs: one JSON line per step, ids only."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs
from tests.fakes import logs_kept


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The process's log, put back as it was afterwards."""
    text = io.StringIO()
    with logs_kept():
        logs.configure(text)
        yield text


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_fields_of_a_step_become_fields_of_the_line(stream: io.StringIO) -> None:
    logging.getLogger("bot.x").info("outbox.sent id=%s door=%s", "u1", "push")

    assert {"event": "outbox.sent", "id": "u1", "door": "push", "level": "info"}.items() <= lines(stream)[0].items()


@pytest.mark.parametrize(
    "secret",
    [
        "https://x/cgi-bin/gettoken?corpid=ww1&corpsecret=S3CRETS3CRET",
        "POST /webhook/send?key=S3CRETS3CRET",
        "access_token=S3CRETS3CRET",
        "call 13812345678 now",
        "id 11010519900307123X",
    ],
)
def test_secrets_and_numbers_of_people_are_masked(stream: io.StringIO, secret: str) -> None:
    logging.getLogger("x").warning("something %s", secret)

    text = stream.getvalue()
    assert "***" in text
    assert not any(planted in text for planted in ("S3CRET", "13812345678", "11010519900307123X"))


def test_an_exception_is_logged_by_class_and_place_only(stream: io.StringIO) -> None:
    try:
        raise ValueError("张三 家住")
    except ValueError:
        logging.getLogger("x").exception("job.failed")

    assert "张三" not in stream.getvalue()
    assert lines(stream)[0]["error"].startswith("ValueError at test_logs.py")


def test_a_log_that_cannot_be_written_tells_nobody_the_message(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    stream.close()
    try:
        raise ValueError("张三 13900000000")
    except ValueError:
        logging.getLogger("bot.x").exception("inbox.error")

    assert capsys.readouterr().err == ""
