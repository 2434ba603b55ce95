"""kill -9 while parents write: what they said is stored once, and what they are told arrives once."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import timedelta

import pytest

from bot.messages import Outgoing, Text, ToOutsider
from bot.sandbox import Platform, Trouble
from tests.crash.fleet import Fleet
from tests.crash.living import Town, wait_until

DOOR = "kf/parents"
SEND = "/cgi-bin/kf/send_msg"


def said(platform: Platform) -> set[str]:
    """Return the ids of everything that parents wrote."""
    with platform.lock:
        own = [entry_id for entry_id in platform.desk.message_ids if platform.entry(entry_id).sender.startswith("wm")]
        return {platform.desk.message_ids[entry_id] for entry_id in own}


def heard(town: Town | Fleet) -> Counter[str]:
    """Return the ids of what was pulled, with how often each is there."""
    return Counter(row[0] for row in town.rows("select message_id from inbox where door = 'kf/parents'"))


def told(platform: Platform, parent: str) -> Counter[str]:
    """Return what a parent was told by the tests, with how often."""
    entries = platform.entries(f"{DOOR}|{parent}", sender=DOOR)
    return Counter(entry.content for entry in entries if entry.content.startswith("结果"))


def check_all_heard(town: Town | Fleet, platform: Platform) -> None:
    """Wait until everything that was said is stored and handled; none of it may be there twice."""
    wait_until(lambda: said(platform) <= set(heard(town)), "something that a parent wrote is missing")
    town.settle()
    assert set(heard(town).values()) == {1}


@pytest.mark.parametrize(
    "point", ["claimed, before the pull", "pulled, before the store", "in the store, before the cursor"]
)
def test_what_parents_write_outlives_a_kill_at_each_step_of_a_pull(town: Town, point: str) -> None:
    for number in range(6):
        for parent in town.platform.customers:
            town.people.customers.say(parent, f"第{number}句")
    town.bot.start(die_at=point, listening=False)
    town.bot.wait_dead()
    town.bot.start()

    check_all_heard(town, town.platform)
    assert len(said(town.platform)) == 6 * len(town.platform.customers)


def test_kills_at_any_moment_lose_and_double_nothing(town: Town) -> None:
    moments = random.Random(7)
    number = 0
    for _ in range(5):
        town.bot.start()
        until = time.monotonic() + moments.uniform(0.2, 0.9)
        while time.monotonic() < until:
            for parent in town.platform.customers:
                town.people.customers.say(parent, f"第{number}句", deliveries=moments.choice((0, 1, 2)))
                number += 1
            time.sleep(0.02)
        town.bot.kill()
    town.bot.start()

    check_all_heard(town, town.platform)
    assert number > 50


def test_a_notice_is_told_once_whatever_dies_while_it_is_sent(town: Town) -> None:
    parent = next(iter(town.platform.customers))
    town.people.customers.say(parent, "家里的事")
    town.bot.start()
    check_all_heard(town, town.platform)
    town.bot.stop()
    town.put([Outgoing("t/1", ToOutsider(DOOR, parent), Text("结果一"), "notice")])
    fault = town.platform.faults.add(Trouble.SLOW, SEND, seconds=60, times=1)
    town.bot.start()
    wait_until(lambda: fault.hits, "no call was made")
    town.bot.kill()
    town.platform.faults.clear()
    town.bot.start()
    town.settle()

    assert told(town.platform, parent) == {"结果一": 1}
    assert town.states()["t/1"] == "sent"


def test_what_waits_for_a_parent_outlives_restarts_and_comes_in_order(town: Town) -> None:
    parent = next(iter(town.platform.customers))
    town.people.customers.say(parent, "家里的事")
    town.bot.start()
    check_all_heard(town, town.platform)
    town.bot.stop()
    town.bot.clock.advance(timedelta(hours=49).total_seconds())
    town.put([Outgoing(f"t/{n}", ToOutsider(DOOR, parent), Text(f"结果{n}"), "notice") for n in range(3)])
    town.bot.start()
    wait_until(lambda: [town.states()[f"t/{n}"] for n in range(3)] == ["parked"] * 3, "nothing was put aside")
    town.bot.kill()
    town.bot.start()
    town.people.customers.say(parent, "有结果了吗")
    wait_until(lambda: [town.states()[f"t/{n}"] for n in range(3)] == ["sent"] * 3, "nothing was brought back")

    assert list(told(town.platform, parent).items()) == [(f"结果{n}", 1) for n in range(3)]


def test_two_workers_of_which_one_dies_read_an_account_once(fleet: Fleet) -> None:
    platform = fleet.platform
    fleet.start("web1", "worker1", "worker2")
    for number in range(20):
        for parent in platform.customers:
            fleet.people.customers.say(parent, f"第{number}句")
        if number == 10:
            fleet.members["worker1"].kill()

    check_all_heard(fleet, platform)
    assert len(said(platform)) == 20 * len(platform.customers)
