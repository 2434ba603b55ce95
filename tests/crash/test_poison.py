"""A message that ends the process whenever it is read: it ends as failed, and nobody else does."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from bot.messages import Incoming, Kind
from bot.retry import MAX_HANDLES
from bot.steps.handle import ENDED, SORRY
from tests.crash.ahead import AheadClock
from tests.crash.living import Town, wait_until

POISON = "T08 13%"
SENDER = "p-s13-1"


def said(sender: str, text: str, number: int) -> Incoming:
    """A message to the app."""
    return Incoming("app/office", f"m{number}", Kind.TEXT, sender, text=text)


def neighbours(town: Town) -> list[str]:
    """Five people of other schools who report for T08 as well."""
    people = [one for one in town.house.district["people"] if one["role"] == "principal" and one["unit"] != "S13"]
    return [str(one["id"]).lower() for one in people[:5]]


def die(town: Town, ahead: AheadClock) -> None:
    """Start the bot on what waits, and see it die."""
    ahead.advance(90)
    town.bot.start(poison=POISON, listening=False)
    town.bot.wait_dead()


def command(town: Town, *line: str) -> str:
    """Run a command of the bot and return what it says."""
    whole = [sys.executable, "-m", "bot", *line, "--config", str(town.house.file)]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=True).stdout


def states(town: Town) -> dict[str, tuple[str, int]]:
    """Return state and attempts of every message, by its id."""
    rows = town.rows("select message_id, state, attempts from inbox order by id")
    return {row[0]: (row[1], row[2]) for row in rows}


def test_a_poisonous_message_ends_as_failed_and_the_others_get_through(town: Town, ahead: AheadClock) -> None:
    others = neighbours(town)
    texts = [*((other, "T08 70%") for other in others[:2]), (SENDER, POISON), *((one, "T08 71%") for one in others[2:])]
    town.receive(said(sender, text, number) for number, (sender, text) in enumerate(texts))
    seen = []
    for _ in range(MAX_HANDLES):
        die(town, ahead)
        seen.append(states(town))
    ahead.advance(90)
    town.bot.start(poison=POISON)  # it lives: what has ended five of them is not opened to be read any more
    town.settle()

    assert [each["m2"] for each in seen] == [("new", count) for count in range(1, MAX_HANDLES + 1)]
    assert {state for name, (state, _) in seen[2].items() if name != "m2"} == {"handled"}
    handled = {f"m{number}": ("handled", attempts) for number, attempts in enumerate((0, 0, 1, 1, 1, 1))}
    assert states(town) == handled | {"m2": ("failed", MAX_HANDLES)}  # three neighbours had one attempt cut short
    assert sorted(percent for _, percent in town.records()) == [70.0, 70.0, 71.0, 71.0, 71.0]
    wait_until(lambda: town.answers(SENDER), "the sender was not told")
    assert [SORRY in answer.content for answer in town.answers(SENDER)] == [True]
    assert all(len(town.answers(other)) == 1 for other in others)

    number = town.rows("select id from inbox where state = 'failed'")[0][0]
    assert f"inbox {number} " in command(town, "failed")
    assert ENDED in command(town, "failed")


def test_it_can_be_replayed_once_the_fault_is_mended(town: Town, ahead: AheadClock) -> None:
    town.receive([said(SENDER, POISON, 1)])
    for _ in range(MAX_HANDLES):
        die(town, ahead)
    ahead.advance(90)
    town.bot.start(poison=POISON)
    town.settle()
    assert states(town) == {"m1": ("failed", MAX_HANDLES)}
    town.bot.stop()
    ahead.go_to(datetime.now(UTC) + timedelta(minutes=1))  # the command reads the machine's clock
    town.bot.start()
    assert "waits again" in command(town, "replay", "inbox", "--all")
    town.settle()

    assert town.records() == [("T08", 13.0)]
    assert states(town) == {"m1": ("handled", 0)}


def test_the_clerk_hears_of_it_in_one_notice(town: Town, ahead: AheadClock) -> None:
    """Asked of the rows: in working hours the notice leaves within a minute of the death that was one too many."""
    town.receive([said(SENDER, POISON, 1)])
    for _ in range(MAX_HANDLES):
        die(town, ahead)
    ahead.advance(90)
    town.bot.start()
    town.settle()
    town.bot.stop()
    town.bot.start()  # the look at what failed comes at the start, then once a minute
    wait_until(lambda: town.rows("select 1 from outbox where key like 'failed/%'"), "the clerk was not told")
    clerks = [one for one in town.house.district["people"] if one["role"] == "clerk"]

    assert len(town.rows("select 1 from outbox where key like 'failed/%'")) == len(clerks)
