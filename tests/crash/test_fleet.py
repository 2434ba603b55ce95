"""Many processes on one PostgreSQL: whatever dies, nothing is lost or done twice, and the others go on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.callbacks import FORGED, generate
from benchmarks.load import Plan, Sender
from bot.messages import Outgoing, Text, ToPerson
from bot.sandbox import Trouble
from tests.crash.ahead import AheadClock
from tests.crash.fleet import Fleet
from tests.crash.living import wait_until
from tests.crash.test_load import reporters

SENDER = "p-s13-1"
PERSON = "P-S13-1"
SEND = "/cgi-bin/message/send"
EVE = datetime.fromisoformat("2026-11-25T10:00:00+08:00")
OPENING = datetime.fromisoformat("2026-11-26T09:00:10+08:00")
CALLBACKS = 240
TALKERS = 16  # few, so that several messages of a conversation wait at once; none says more than 30 in a minute


@pytest.fixture(scope="module")
def senders() -> Iterator[tuple[Sender, Sender]]:
    """Two processes that send, as a balancer shares callbacks between two web servers."""
    with Sender() as first, Sender() as second:
        yield first, second


def kill_each(fleet: Fleet, _program: Any) -> None:
    """kill -9 every process of the fleet, one after the other; each is started again."""
    for name in ("worker1", "web1", "scheduler1", "worker2", "web2", "scheduler2"):
        time.sleep(0.4)
        fleet[name].kill()
        fleet[name].start()


def restart_postgres(fleet: Fleet, program: Any) -> None:
    """Stop PostgreSQL in the middle, with everybody connected, and start it again."""
    if program is None:
        pytest.skip("the server of DUBAN_TEST_POSTGRES is not ours to restart")
    time.sleep(2)
    program.stop()
    time.sleep(1)
    program.ensure_postgres_running()


def cut_everybody(fleet: Fleet, _program: Any) -> None:
    """Cut every connection, twice."""
    for _ in range(2):
        time.sleep(1.5)
        assert fleet.cut("true") > 0


@pytest.mark.parametrize("trouble", [kill_each, restart_postgres, cut_everybody])
def test_trouble_under_load_loses_and_doubles_nothing(
    fleet: Fleet,
    senders: tuple[Sender, Sender],
    trouble: Callable[[Fleet, Any], None],
    postgres_program: Any,
    measured: Callable[[str, object], None],
) -> None:
    fleet.clock.go_to(datetime.now(UTC))  # the callbacks are made and signed by the machine's clock
    users = [person.lower() for person in reporters(fleet)[:TALKERS]]
    made = generate(fleet.house.door, CALLBACKS, users=users, texts=["T08 70%"], repeats=0.2, forged=0.05)
    shares = made[::2], made[1::2]
    fleet.start()
    runs = [
        sender.start(Plan(fleet[web].port, share, connections=16, rate=20, retries=6, retry_pause=1.0))
        for sender, web, share in zip(senders, ("web1", "web2"), shares, strict=True)
    ]
    trouble(fleet, postgres_program)
    answers = [answer for run in runs for answer in run.result().answers]
    wait_until(lambda: not fleet.rows("select 1 from inbox where state = 'new'"), "messages still wait")

    pairs = list(zip([*shares[0], *shares[1]], answers, strict=True))
    taken = {callback.message_id for callback, answer in pairs if callback.kind != FORGED and answer.status == 200}
    rows = fleet.rows("select message_id, state, uid, attempts from inbox")
    assert taken
    assert taken <= {row[0] for row in rows}
    assert Counter(row[0] for row in rows).most_common(1)[0][1] == 1
    assert {row[1] for row in rows} == {"handled"}
    records = Counter(row[0] for row in fleet.rows("select inbox_uid from progress"))
    assert records == Counter(row[2] for row in rows)
    assert_in_order(fleet)
    fleet.settle()
    shown = [(entry.chat, entry.content) for entry in fleet.platform.entries(sender="app/office")]
    assert len(shown) == len(set(shown)) == len(rows)
    measured("messages", len(rows))


def assert_in_order(fleet: Fleet) -> None:
    """No message of a conversation was handled before an older one.

    Two that two web servers store at the same moment have no order: only what came a second apart is looked at.
    """
    order: dict[str, list[datetime]] = {}
    query = "select i.conversation, i.received_at from inbox i join progress p on p.inbox_uid = i.uid order by p.id"
    for conversation, at in fleet.rows(query):
        order.setdefault(conversation, []).append(at)
    late = [max(times[:n]) - times[n] for times in order.values() for n in range(1, len(times))]
    assert max(len(times) for times in order.values()) > 5
    assert max(late) < timedelta(seconds=1)


def test_what_a_killed_worker_had_taken_is_taken_up(fleet: Fleet, measured: Callable[[str, object], None]) -> None:
    fleet.start("web1", "worker2")
    fleet["worker2"].pause()
    fleet["worker1"].start(die_at="after the 200, before handling")
    fleet.people.say_to_app(SENDER, "T08 70%").wait()
    fleet["worker1"].wait_dead()
    died = time.monotonic()
    fleet["worker2"].go_on()
    wait_until(lambda: fleet.rows("select 1 from inbox where state = 'handled'"), "nobody took it up")
    seconds = round(time.monotonic() - died, 2)
    fleet.settle()

    measured("takeover_seconds", seconds)
    assert fleet.rows("select task_id, percent from progress") == [("T08", 70.0)]
    assert len(fleet.answers(SENDER)) == 1


def test_what_a_killed_worker_was_sending_is_settled_by_another(
    fleet: Fleet, measured: Callable[[str, object], None]
) -> None:
    fleet.put([Outgoing("push/person", ToPerson(PERSON), Text("请更新进展"), purpose="bulletin")])
    fault = fleet.platform.faults.add(Trouble.HANG, SEND, seconds=60, times=1)
    fleet.start("worker1")
    wait_until(lambda: fault.hits, "no call was made")
    fleet.start("worker2")
    fleet["worker1"].kill()
    died = time.monotonic()
    fleet.platform.faults.clear()
    wait_until(lambda: "outbox.orphan" in fleet["worker2"].whole_log(), "nobody looked")
    seconds = round(time.monotonic() - died, 2)
    fleet.settle()

    measured("orphan_seconds", seconds)
    assert len(fleet.answers(SENDER)) == 1
    assert fleet.rows("select state from outbox") == [("sent",)]


def test_a_cut_sign_of_life_is_taken_again_and_nobody_is_taken_for_dead(fleet: Fleet) -> None:
    fleet.put([Outgoing("push/person", ToPerson(PERSON), Text("请更新进展"), purpose="bulletin")])
    fault = fleet.platform.faults.add(Trouble.SLOW, SEND, seconds=6, times=1)
    fleet.start("worker1", "worker2")
    wait_until(lambda: fault.hits, "no call was made")
    signs = "state = 'idle' and pid in (select pid from pg_locks where locktype = 'advisory')"
    assert fleet.cut(signs) == 2
    fleet.put([Outgoing("push/other", ToPerson("P-S14-1"), Text("请更新进展"), purpose="bulletin")])
    fleet.settle()

    owners = [line.split('"owner": "')[1][:32] for line in fleet.said().splitlines() if "presence.given" in line]
    assert len(owners) == 4
    assert set(Counter(owners).values()) == {2}
    assert "outbox.orphan" not in fleet.said()
    assert len(fleet.answers(SENDER)) == len(fleet.answers("p-s14-1")) == 1


def test_two_timetables_do_each_tick_once_though_one_dies_in_it(fleet: Fleet, ahead: AheadClock) -> None:
    ahead.go_to(EVE)
    fleet.start("scheduler1", "scheduler2")
    wait_until(lambda: ticks(fleet), "the timetable did not begin")
    fleet["scheduler1"].kill()
    fleet["scheduler2"].kill()
    ahead.go_to(OPENING)
    fleet["scheduler1"].start(listening=False, die_at="in the job")
    fleet["scheduler2"].start(listening=False, wait_at="in the job")
    fleet.start("worker1")
    wait_until(lambda: "done" in ticks(fleet), "the job did not run")
    wait_until(lambda: fleet.rows("select 1 from outbox where state = 'sent'"), "nothing was sent")

    assert ticks(fleet).count("done") == 1
    keys = Counter(row[0] for row in fleet.rows("select audience from outbox where purpose = 'weekly.open'"))
    assert keys
    assert set(keys.values()) == {1}


def ticks(fleet: Fleet) -> list[str]:
    """Return what became of the due times of the opening."""
    return [row[0] for row in fleet.rows("select state from tick where job = 'weekly.open' order by due_at")]


def test_an_answer_made_elsewhere_is_told_to_the_web_server_that_waits(fleet: Fleet) -> None:
    fleet.start("web1", "worker1")
    delivery = fleet.people.say_in_group("C-B08", SENDER, "@小督 T08 70%")
    delivery.wait()
    fleet.platform.wait_entry("C-B08", sender="robot/duban", containing="T08")
    fleet.settle()

    assert len(fleet.platform.entries("C-B08", sender="robot/duban")) == 1


def test_a_term_ends_each_role_politely(fleet: Fleet) -> None:
    fault = fleet.platform.faults.add(Trouble.SLOW, SEND, seconds=2, times=1)
    fleet.start("web1", "worker1", "scheduler1")
    fleet.people.say_to_app(SENDER, "T08 70%").wait()
    wait_until(lambda: fault.hits, "no call was made")

    assert [fleet[name].stop() for name in ("worker1", "web1", "scheduler1")] == [0, 0, 0]
    assert fleet.rows("select state from outbox") == [("sent",)]
