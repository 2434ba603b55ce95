"""The process itself: one at a time on a file, and a polite end."""

from __future__ import annotations

import subprocess
import sys
import time

from bot.sandbox import Trouble
from tests.crash.conftest import STOP_SECONDS
from tests.crash.living import Town, wait_until

SENDER = "p-s13-1"
SEND = "/cgi-bin/message/send"


def test_a_second_serve_on_the_same_file_refuses_and_names_the_first(town: Town) -> None:
    town.bot.start()
    command = [sys.executable, "-m", "bot", "serve", "--config", str(town.house.file)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert second.returncode != 0
    assert town.bot.process is not None
    assert f"in use by process {town.bot.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr
    assert town.bot.stop() == 0


def test_a_term_lets_a_request_under_way_finish(town: Town) -> None:
    town.bot.start(wait_at="before the commit")
    delivery = town.people.say_to_app(SENDER, "T08 70%")
    time.sleep(0.5)

    assert town.bot.stop() == 0
    delivery.wait()
    assert [attempt.status for attempt in delivery.attempts] == [200]
    assert len(town.rows("select 1 from inbox")) == 1


def test_a_term_lets_a_call_under_way_finish(town: Town) -> None:
    fault = town.platform.faults.add(Trouble.SLOW, SEND, seconds=2, times=1)
    town.bot.start()
    town.people.say_to_app(SENDER, "T08 70%").wait()
    wait_until(lambda: fault.hits, "no call was made")

    assert town.bot.stop() == 0
    assert list(town.states().values()) == ["sent"]


def test_what_a_stop_does_not_wait_for_is_settled_by_the_next_start(town: Town) -> None:
    """A call that hangs for longer than the configured seconds is left under way."""
    fault = town.platform.faults.add(Trouble.HANG, SEND, seconds=STOP_SECONDS + 2, times=1)
    town.bot.start()
    town.people.say_to_app(SENDER, "T08 70%").wait()
    wait_until(lambda: fault.hits, "no call was made")

    assert town.bot.stop() == 0
    assert list(town.states().values()) == ["sending"]
    town.bot.start()
    town.settle()
    assert len(town.answers(SENDER)) == 1
    assert list(town.states().values()) == ["sent"]
