"""kill -9 around a push. Groups have no aid of the platform: at most once, and what is unknown is said."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import datetime

import pytest

from bot.messages import Outgoing, Text, ToChat, ToPerson
from bot.sandbox import Trouble
from tests.crash.ahead import AheadClock
from tests.crash.living import Town, wait_until

GROUP = "C-B08"
PERSON = "P-S13-1"
PUSH = "/cgi-bin/webhook/send"
# A Thursday of the sample's autumn: the weekly supervision opens at nine.
EVE = datetime.fromisoformat("2026-11-25T15:00:00+08:00")
OPENING = datetime.fromisoformat("2026-11-26T09:00:05+08:00")


def to_group(chat: str = GROUP, *, may_repeat: bool = False) -> Outgoing:
    """A text into a group."""
    return Outgoing(f"push/{chat}", ToChat(chat), Text("【通知】请查收"), purpose="bulletin", may_repeat=may_repeat)


def test_a_push_that_was_not_taken_is_sent_once(town: Town) -> None:
    town.put([to_group()])
    town.bot.start(die_at="after handling, before delivery", listening=False)
    town.bot.wait_dead()
    town.bot.start()
    town.settle()

    assert len(town.pushes(GROUP)) == 1
    assert town.states() == {"push/C-B08": "sent"}


@pytest.mark.parametrize(("point", "shown"), [("taken, before the call", 0), ("after the answer, before the mark", 1)])
def test_a_push_with_unknown_outcome_is_shown_and_not_repeated(town: Town, point: str, shown: int) -> None:
    town.put([to_group()])
    town.bot.start(die_at=point, listening=False)
    town.bot.wait_dead()
    town.bot.start()
    town.settle()

    assert len(town.pushes(GROUP)) == shown
    assert town.states()["push/C-B08"] == "maybe"
    assert "maybe" in _failed(town)


def test_a_reminder_with_unknown_outcome_is_repeated(town: Town) -> None:
    town.put([to_group(may_repeat=True)])
    town.bot.start(die_at="after the answer, before the mark", listening=False)
    town.bot.wait_dead()
    town.bot.start()
    town.settle()

    assert len(town.pushes(GROUP)) == 2
    assert town.states() == {"push/C-B08": "sent"}


@pytest.mark.parametrize("point", ["taken, before the call", "after the answer, before the mark"])
def test_a_push_to_a_person_comes_once(town: Town, point: str) -> None:
    town.put([Outgoing("push/person", ToPerson(PERSON), Text("请更新进展"), purpose="bulletin")])
    town.bot.start(die_at=point, listening=False)
    town.bot.wait_dead()
    town.bot.start()
    town.settle()

    assert len(town.answers(PERSON.lower())) == 1
    assert town.states() == {"push/person": "sent"}


def test_a_bulletin_killed_in_the_middle_reaches_no_group_twice(town: Town) -> None:
    town.put(to_group(chat) for chat in town.platform.chats)
    fault = town.platform.faults.add(Trouble.SLOW, PUSH, seconds=60, rate=0.2)
    town.bot.start()
    wait_until(lambda: fault.hits >= 10, "too few calls are under way")
    town.bot.kill()
    town.platform.faults.clear()
    town.bot.start()
    town.settle()

    counts = Counter(len(town.pushes(chat)) for chat in town.platform.chats)
    states = Counter(state for key, state in town.states().items() if key.startswith("push/"))
    assert set(counts) <= {0, 1}
    assert states.keys() == {"sent", "maybe"}
    assert counts[0] <= states["maybe"] <= town.house.config.work.senders


def test_a_job_killed_in_the_middle_runs_once(town: Town, ahead: AheadClock) -> None:
    ahead.go_to(EVE)
    town.bot.start()
    wait_until(lambda: _ticks(town) == ["started"], "the timetable did not begin")
    town.bot.kill()
    ahead.go_to(OPENING)
    town.bot.start(die_at="in the job", listening=False)
    town.bot.wait_dead()
    assert _ticks(town) == ["started"]
    assert town.states() == {}

    town.bot.start(die_at="after the answer, before the mark", listening=False)
    town.bot.wait_dead()
    town.bot.start()
    wait_until(lambda: town.rows("select 1 from outbox where state = 'sent'"), "nothing was sent")
    town.pass_time()

    assert _ticks(town) == ["started", "done"]
    asked = Counter(entry.chat for entry in town.platform.entries(sender="app/office"))
    assert asked
    assert set(asked.values()) == {1}


def _ticks(town: Town) -> list[str]:
    return [row[0] for row in town.rows("select state from tick where job = 'weekly.open' order by due_at")]


def _failed(town: Town) -> str:
    command = [sys.executable, "-m", "bot", "failed", "--config", str(town.house.file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
