"""Five kills under load, with a platform that repeats what was not answered: what was answered is stored, once."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from benchmarks import ledger
from benchmarks.callbacks import generate
from benchmarks.load import Plan, Sender
from tests.crash.living import Town, wait_until

KILLS = 5


@pytest.fixture(scope="module")
def sender() -> Sender:
    """A process that sends."""
    with Sender() as ready:
        yield ready


def reporters(town: Town) -> list[str]:
    """The people whose schools have the task that is reported, so that each message is one record."""
    kinds = ("小学", "初中", "九年一贯制", "高中")
    schools = {school["id"] for school in town.house.district["schools"] if school["kind"] in kinds}
    return [person["id"] for person in town.house.district["people"] if person["unit"] in schools]


def test_five_kills_under_load_lose_and_double_nothing(town: Town, sender: Sender) -> None:
    users = [person.lower() for person in reporters(town)]
    town.bot.clock.go_to(datetime.now(UTC))  # the callbacks are made and signed by the machine's clock
    made = generate(town.house.door, 400, users=users, texts=["T08 70%"], repeats=0.2, forged=0.05)
    town.bot.start()
    plan = Plan(town.house.port, made, connections=64, rate=40, retries=3, retry_pause=1.5)
    run = sender.start(plan)
    for _ in range(KILLS):
        time.sleep(0.8)
        town.bot.kill()
        town.bot.start()
    answers = run.result().answers
    wait_until(lambda: not ledger.states(town.house.database).get("new"), "messages still wait")

    verdict = ledger.judge(town.house.database, made, answers)
    assert (verdict.lost, verdict.doubled, verdict.forged) == (0, 0, 0)
    assert verdict.acknowledged > 0
    assert verdict.states.keys() == {"handled"}
    per_message = town.rows("select count(*) from progress group by inbox_uid")
    assert len(per_message) == sum(verdict.states.values())
    assert set(per_message) == {(1,)}
    shown = [(entry.chat, entry.content) for entry in town.platform.entries(sender="app/office")]
    assert len(shown) == len(set(shown))
