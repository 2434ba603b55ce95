"""Pulling an account: everything once and in order, whatever fails or dies in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot import inbox, pulls
from bot.clock import SetClock
from bot.db import Database, new_uid
from bot.errors import Failure, SendError
from bot.inbox import InboxRow
from bot.intake import AckWriter
from bot.messages import Incoming, Kind, Outgoing, load_incoming
from bot.pulls import EVERY, PullRow
from bot.router import Context, Routes
from bot.seal import Seal
from bot.steps import pull
from bot.steps.house import House
from tests.integration.account import ACCOUNTS, DOOR, OPEN_KFID, Account, handle_all, make_kf_house, pull_all

routes = Routes("test")


@routes.on(lambda reading: reading.message.text)
def echo(ctx: Context, said: str) -> list[Outgoing]:
    return [ctx.reply(f"收到 {said}")]


@routes.on(lambda reading: reading.message)
def nothing(ctx: Context, message: Incoming) -> list[Outgoing]:
    return []


@pytest.fixture
def account(clock: SetClock) -> Account:
    return Account(clock)


@pytest.fixture
def house(db: Database, seal: Seal, clock: SetClock, account: Account) -> House:
    return make_kf_house(db, seal, clock, account, routes)


@pytest.fixture
def writer(house: House) -> Iterator[AckWriter]:
    writer = AckWriter(house.db, house.seal, house.clock, lambda: None)
    writer.start()
    yield writer
    writer.stop()


def wake_up(number: int = 1, *, open_kfid: str = OPEN_KFID, door: str = DOOR) -> Incoming:
    detail = {"token": "ENCtok", "open_kf_id": open_kfid}
    return Incoming(door, f"sha256-{number}", Kind.EVENT, event="kf_msg_or_event", detail=detail)


def stored(house: House) -> list[InboxRow]:
    with house.db.reading() as session:
        return list(session.scalars(select(InboxRow).order_by(InboxRow.id)))


def words(house: House) -> list[str]:
    rows = [row for row in stored(house) if row.body is not None]
    return [load_incoming(house.seal.open(row.body or b"", row.uid)).text for row in rows]


def row_of(house: House) -> PullRow:
    with house.db.reading() as session:
        return session.scalars(select(PullRow)).one()


def pass_time(clock: SetClock, by: timedelta) -> datetime:
    clock.set(clock.now() + by)
    return clock.now()


def test_messages_are_stored_once_sealed_and_blind_and_the_cursor_moves(house: House, account: Account) -> None:
    account.say("张家孩子被打了", "wmParentOne")
    account.say("二", "wmParentTwo")
    pull_all(house)

    assert words(house) == ["张家孩子被打了", "二"]
    rows = stored(house)
    assert [(row.door, row.message_id, row.state) for row in rows] == [(DOOR, "m1", "new"), (DOOR, "m2", "new")]
    assert rows[0].conversation != rows[1].conversation
    assert all("wmParent" not in row.conversation and b"wmParent" not in (row.body or b"") for row in rows)
    assert row_of(house).cursor == "2.0"
    assert pull_all(house) == 0


def test_pages_are_read_on_while_there_is_more_even_if_they_are_empty(house: House, account: Account) -> None:
    account.size, account.empty = 3, 4
    for number in range(10):
        account.say(str(number))

    assert pull_all(house) == 4 + 4
    assert words(house) == [str(number) for number in range(10)]


def test_without_a_wake_up_it_is_asked_every_three_minutes(house: House, account: Account, clock: SetClock) -> None:
    pull_all(house)
    account.say("later")
    pass_time(clock, EVERY - timedelta(seconds=1))
    assert pull_all(house) == 0
    pass_time(clock, timedelta(seconds=2))
    assert pull_all(house) == 1
    assert words(house) == ["later"]
    assert [token for _, token in account.asked] == ["", ""]


def test_a_wake_up_brings_the_token_and_is_due_at_once(house: House, account: Account, writer: AckWriter) -> None:
    pull_all(house)
    account.say("hello")
    writer.accept(wake_up())
    handle_all(house)
    assert pull_all(house) == 1

    assert account.asked[-1] == ("0.0", "ENCtok")
    assert words(house) == ["hello"]
    assert b"ENCtok" not in (row_of(house).token or b"")


def test_a_storm_of_wake_ups_is_one_pull(house: House, account: Account, writer: AckWriter) -> None:
    pull_all(house)
    account.say("hello")
    for number in range(100):
        writer.accept(wake_up(number))
    handle_all(house)

    assert pull_all(house) == 1
    assert len([row for row in stored(house) if row.state == "handled"]) == 100


def test_a_wake_up_during_a_pull_causes_another(house: House, account: Account) -> None:
    def meanwhile() -> None:
        account.after = lambda: None
        account.say("while it was asked")
        with house.db.transaction() as session:
            pulls.wake(session, house.seal, OPEN_KFID, "T2", house.clock.now(), house.clock.now())

    account.say("first")
    account.after = meanwhile  # the page that is on its way does not hold it
    assert pull_all(house) == 2
    assert words(house) == ["first", "while it was asked"]


def test_a_token_is_used_for_ten_minutes_only(
    house: House, account: Account, clock: SetClock, writer: AckWriter
) -> None:
    writer.accept(wake_up())
    handle_all(house)
    pull_all(house)
    pass_time(clock, timedelta(minutes=9))
    pull_all(house)
    pass_time(clock, timedelta(minutes=4))
    pull_all(house)

    assert [token for _, token in account.asked] == ["ENCtok", "ENCtok", ""]


def test_an_old_wake_up_does_not_replace_a_younger_token(house: House, clock: SetClock) -> None:
    now = clock.now()
    with house.db.transaction() as session:
        pulls.wake(session, house.seal, OPEN_KFID, "young", now, now)
        pulls.wake(session, house.seal, OPEN_KFID, "old", now - timedelta(minutes=5), now)
        turn = pulls.claim(session, house.seal, ACCOUNTS, now, owner="x", gone=())
    assert turn is not None
    assert turn.token == "young"


def test_a_wake_up_of_another_account_is_ignored_with_a_reason_whatever_its_door(
    house: House, account: Account, writer: AckWriter
) -> None:
    pull_all(house)
    writer.accept(wake_up(1, open_kfid="wk2"))
    writer.accept(wake_up(2, door="app/office"))
    handle_all(house)

    states = {row.door: (row.state, row.reason) for row in stored(house)}
    assert states[DOOR] == ("ignored", "a wake-up of another kf account")
    assert states["app/office"] == ("handled", "")  # WeCom may send it to the app's URL
    assert pull_all(house) == 1


def test_what_was_said_before_the_account_was_ours_is_not_answered(
    house: House, account: Account, clock: SetClock
) -> None:
    account.say("vor drei Tagen", at=clock.now() - timedelta(days=2))
    account.say("eben", at=clock.now() - timedelta(minutes=2))
    pull_all(house)

    old, fresh = stored(house)
    assert (old.state, old.reason, old.body) == ("ignored", pull.STALE, None)
    assert fresh.state == "new"


def test_after_a_stop_of_days_everything_is_answered(house: House, account: Account, clock: SetClock) -> None:
    pull_all(house)
    account.say("during the stop", at=clock.now() + timedelta(hours=1))
    pass_time(clock, timedelta(days=2))
    pull.begin(house)  # the service starts again
    pull_all(house)

    assert words(house) == ["during the stop"]


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (SendError(Failure.BUSY, 95007), 3),
        (SendError(Failure.BUSY), 3),
        (SendError(Failure.LIMITED, 45009, retry_after=60), 60),
        (SendError(Failure.DOOR_DOWN, 48002), 300),
        (SendError(Failure.UNKNOWN), 3),
    ],
)
def test_an_error_waits_and_loses_nothing(
    house: House, account: Account, clock: SetClock, error: SendError, seconds: float
) -> None:
    account.say("still there")
    account.faults = [error]
    with house.db.transaction() as session:
        pulls.wake(session, house.seal, OPEN_KFID, "T", clock.now(), clock.now())

    assert pull_all(house) == 1
    row = row_of(house)
    assert row.due_at - clock.now() >= timedelta(seconds=min(seconds, 2))
    assert (row.owner, row.token, row.attempts) == (None, None, 1)
    pass_time(clock, timedelta(seconds=seconds + 1))
    assert pull_all(house) == 1
    assert words(house) == ["still there"]
    assert row_of(house).attempts == 0


def test_waits_grow_and_a_wake_up_does_not_shorten_them(house: House, account: Account, clock: SetClock) -> None:
    account.faults = [SendError(Failure.BUSY)] * 20
    waits = []
    for _ in range(12):
        pass_time(clock, timedelta(minutes=13))
        assert pull_all(house) == 1
        with house.db.transaction() as session:
            pulls.wake(session, house.seal, OPEN_KFID, "T", clock.now(), clock.now())
        waits.append((row_of(house).due_at - clock.now()).total_seconds())
        assert pull_all(house) == 0

    assert waits[0] >= 2
    assert waits[-1] >= 600
    assert max(waits) <= 750


def test_who_asked_too_often_without_a_token_is_woken_by_one(house: House, account: Account, clock: SetClock) -> None:
    account.faults = [SendError(Failure.LIMITED, 45009, retry_after=60)] * 2
    pull_all(house)
    for pages in (1, 0):
        with house.db.transaction() as session:
            pulls.wake(session, house.seal, OPEN_KFID, "T", clock.now(), clock.now())
        assert pull_all(house) == pages

    assert [token for _, token in account.asked] == ["", "T"]


def test_a_cursor_that_is_refused_is_given_up_and_nothing_is_doubled(
    house: House, account: Account, clock: SetClock
) -> None:
    account.say("before")
    pull_all(house)
    account.say("after")
    account.faults = [SendError(Failure.REJECTED, 40058)] * 3
    for _ in range(4):
        pass_time(clock, timedelta(minutes=4))
        pull_all(house)

    assert [cursor for cursor, _ in account.asked] == ["", "1.0", "1.0", "1.0", ""]
    assert words(house) == ["before", "after"]


def test_a_cursor_that_does_not_move_is_no_endless_loop(house: House, account: Account) -> None:
    account.say("one")
    honest = account.__call__
    stubborn = replace(
        house, sync=lambda door, cursor, token: replace(honest(door, cursor, token), cursor=cursor, has_more=True)
    )

    assert pull_all(stubborn) == 1
    assert words(house) == ["one"]
    assert "does not move" in row_of(house).reason


def test_the_bug_of_a_door_waits_too(house: House, account: Account) -> None:
    def broken(door: str, cursor: str, token: str) -> None:
        raise ValueError("家里的事")

    assert pull_all(replace(house, sync=broken)) == 1
    assert row_of(house).attempts == 1
    assert "家里" not in row_of(house).reason


def test_two_pullers_at_once_ask_once_and_store_once(house: House, account: Account) -> None:
    other = replace(house, owner=new_uid(), signs=_Alive())
    mine = replace(house, signs=_Alive())
    account.size = 7
    for number in range(100):
        account.say(str(number), sender=f"wm{number % 5}")
    under_way, most = [0], [0]
    guard = threading.Lock()

    def count() -> None:
        with guard:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        threading.Event().wait(0.002)
        with guard:
            under_way[0] -= 1

    account.before = count

    def work(one: House) -> None:
        while row_of(one).cursor != "100.0":
            pull.pull(one)

    threads = [threading.Thread(target=work, args=(one,)) for one in (mine, other, mine, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert words(house) == [str(number) for number in range(100)]
    assert len({row.message_id for row in stored(house)}) == 100


class _Alive:
    """Signs by which everybody lives."""

    def is_given(self, session: object) -> bool:
        return True

    def find_gone(self, session: object, owners: object) -> list[str]:
        return []


def test_another_process_has_the_account_until_its_lease_ends(house: House, account: Account, clock: SetClock) -> None:
    other = replace(house, owner=new_uid(), signs=_Alive())
    account.say("one")
    assert pull._take(house) is not None
    assert pull.pull(other) is False
    pass_time(clock, pulls.LEASE + timedelta(seconds=1))
    assert pull.pull(other) is True
    assert words(house) == ["one"]


def test_the_lease_of_a_dead_process_is_void_at_once(house: House, account: Account) -> None:
    account.say("one")
    assert pull._take(house) is not None
    reborn = replace(house, owner=new_uid())  # its signs are those of one process: everybody else is gone

    assert pull.pull(reborn) is True
    assert words(house) == ["one"]


def test_who_was_taken_for_gone_stores_nothing(house: House, account: Account) -> None:
    account.size = 1
    for text in ("one", "two"):
        account.say(text)
    turn = pull._take(house)
    assert turn is not None
    page = account(DOOR, turn.cursor, turn.token)
    other = replace(house, owner=new_uid())
    pull_all(other)
    pull._store(house, turn, page)

    assert words(house) == ["one", "two"]
    assert row_of(house).cursor == "2.0"


def test_a_death_between_the_answer_and_the_commit_is_made_good(
    house: House, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever statement of the transaction is the last, nothing of it counts."""
    account.say("one")
    for name in ("_insert", "_give_room"):
        with monkeypatch.context() as broken:
            broken.setattr(pull, name, lambda *arguments: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                pull.pull(house)
        assert stored(house) == []
        assert row_of(house).cursor == ""
    with monkeypatch.context() as broken:
        broken.setattr(pulls, "move", lambda *arguments, **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pull.pull(house)
    assert stored(house) == []
    pull_all(house)
    assert words(house) == ["one"]


def test_a_clock_that_was_set_back_does_not_stop_it(house: House, account: Account, clock: SetClock) -> None:
    pull_all(house)
    account.say("one")
    pass_time(clock, -timedelta(days=1))

    assert pull_all(house) == 1
    assert words(house) == ["one"]


def test_a_recall_and_an_entry_are_handed_on(house: House, account: Account) -> None:
    account.say("one")
    account.happen("user_recall_msg", recall_msgid="m1")
    account.happen("enter_session", scene="S03", welcome_code="W")
    pull_all(house)

    messages = [load_incoming(house.seal.open(row.body or b"", row.uid)) for row in stored(house)]
    assert [(each.kind, each.detail) for each in messages[1:]] == [
        (Kind.EVENT, {"recall_msgid": "m1"}),
        (Kind.ENTER, {"scene": "S03", "welcome_code": "W"}),
    ]
    assert {each.sender for each in messages} == {"wmA"}


def test_an_item_without_an_id_is_known_again_and_names_nobody(house: House, account: Account, clock: SetClock) -> None:
    account.happen("user_recall_msg", recall_msgid="m1")
    account.items[0].pop("msgid")
    pull_all(house)
    with house.db.transaction() as session:
        session.execute(update(PullRow).values(cursor=""))
    pass_time(clock, EVERY * 2)
    pull_all(house)

    (row,) = stored(house)
    assert not row.message_id.startswith("sha256-")


def test_a_renamed_door_keeps_its_place(house: House, account: Account) -> None:
    account.say("one")
    pull_all(house)
    renamed = replace(house, accounts={OPEN_KFID: "kf/voices"})
    pull.begin(renamed)

    assert (row_of(house).door, row_of(house).cursor) == ("kf/voices", "1.0")


def test_full_pages_are_stored_in_order(house: House, account: Account) -> None:
    for number in range(3000):
        account.say(str(number), sender=f"wm{number}")
    assert pull_all(house) == 3
    with house.db.reading() as session:
        ids = list(session.scalars(select(InboxRow.message_id).order_by(InboxRow.id)))
        assert inbox.oldest_open(session) is not None
    assert ids == [f"m{number + 1}" for number in range(3000)]
