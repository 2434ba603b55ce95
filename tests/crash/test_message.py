"""kill -9 at each step of a message's life: nothing is lost, nothing is recorded twice, the answer comes once."""

from __future__ import annotations

import pytest

from bot.sandbox import Trouble
from tests.crash.living import Town, wait_until

SENDER = "p-s13-1"
GROUP = "C-B08"
SEND = "/cgi-bin/message/send"


@pytest.mark.parametrize(
    "point",
    [
        "before the commit",
        "after the commit, before the 200",
        "after the 200, before handling",
        "while handling",
        "after handling, before delivery",
        "taken, before the call",
        "after the answer, before the mark",
    ],
)
def test_a_message_outlives_a_kill(town: Town, point: str) -> None:
    late = 0.3 if point == "after the 200, before handling" else 0.0
    town.bot.start(die_at=point, kill_after=late)
    delivery = town.people.say_to_app(SENDER, "T08 70%")
    town.bot.wait_dead()
    town.bot.start()
    delivery.wait()
    town.settle()

    assert delivery.is_acknowledged
    assert town.records() == [("T08", 70.0)]
    assert ["T08" in answer.content for answer in town.answers(SENDER)] == [True]


@pytest.mark.parametrize("point", ["before the commit", "after the commit, before the 200", "while handling"])
def test_a_message_to_the_robot_outlives_a_kill(town: Town, point: str) -> None:
    town.bot.start(die_at=point)
    delivery = town.people.say_in_group(GROUP, SENDER, "@小督 T08 70%")
    town.bot.wait_dead()
    town.bot.start()
    delivery.wait()
    town.platform.wait_entry(GROUP, sender="robot/duban", containing="T08")
    town.settle()

    assert town.records() == [("T08", 70.0)]
    assert len(town.platform.entries(GROUP, sender="robot/duban")) == 1


@pytest.mark.parametrize(("trouble", "calls"), [(Trouble.SLOW, 2), (Trouble.HANG, 2)])
def test_a_kill_while_the_call_is_under_way_doubles_nothing(town: Town, trouble: Trouble, calls: int) -> None:
    """SLOW: the platform has shown the answer already; HANG: it has not, and only the repeat brings it."""
    fault = town.platform.faults.add(trouble, SEND, seconds=60, times=1)
    town.bot.start()
    town.people.say_to_app(SENDER, "T08 70%").wait()
    wait_until(lambda: fault.hits, "no call was made")
    town.bot.kill()
    town.platform.faults.clear()
    town.bot.start()
    town.settle()

    assert town.records() == [("T08", 70.0)]
    assert len(town.answers(SENDER)) == 1
    assert list(town.states().values()) == ["sent"]
    wait_until(lambda: _count(town) == calls, f"the platform did not see {calls} calls")


def test_three_deliveries_at_once_are_one_record_and_one_answer(town: Town) -> None:
    town.bot.start()
    town.people.say_to_app(SENDER, "T08 70%", deliveries=3, at_once=True).wait()
    town.settle()

    assert town.records() == [("T08", 70.0)]
    assert len(town.answers(SENDER)) == 1


def test_a_repeat_after_a_restart_is_known(town: Town) -> None:
    town.bot.start(wait_at="after the commit, before the 200")
    delivery = town.people.say_to_app(SENDER, "T08 70%", deliveries=2)
    wait_until(lambda: town.rows("select 1 from inbox"), "nothing was stored")
    town.bot.kill()
    town.bot.start()
    delivery.wait()
    town.settle()

    assert town.records() == [("T08", 70.0)]
    assert len(town.answers(SENDER)) == 1


def _count(town: Town) -> int:
    return town.platform.count_calls(SEND) + town.platform.count_calls(SEND, None)
