"""Every sealed value comes under the newest key, whatever else happens meanwhile; none is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import LargeBinary, select, update

import bot.bootstrap  # noqa: F401 - every table is known
from bot import conversation, media, rotation
from bot.bootstrap.columns import EVERY
from bot.channels.wecom.tokens import Token
from bot.conversation import Dialogue
from bot.db import Base, Database, new_uid
from bot.errors import SealError
from bot.intake import AckWriter
from bot.media import MediaRow
from bot.messages import Attachment, Kind
from bot.people import ChatRow
from bot.pulls import PullRow
from bot.rotation import CORE, count_keys, rotate
from bot.seal import Seal
from bot.sealed import Apart, Sealed
from bot.tokens import TokenTable
from bot.vault import Address, Vault, VaultRow
from handlers import SEALED
from tests.dialogues.stage import Stage
from tests.fakes import make_message, make_push

OLD, NEW, INDEX = b"k" * 32, b"n" * 32, b"k" * 32
BEFORE, BOTH, AFTER = Seal([OLD], INDEX), Seal([NEW, OLD], INDEX), Seal([NEW], INDEX)
DATA_KEY = Sealed(VaultRow, "data_key")


def admit(db: Database, seal: Seal, now: datetime, people: int) -> list[str]:
    """Store some people in the vault; return their ids."""
    with db.transaction() as session:
        vault = Vault(seal)
        return [vault.admit(session, Address("kf/parents", f"wm{number}"), now) for number in range(people)]


def opens(db: Database, seal: Seal, column: Sealed) -> list[bool]:
    """Return for every value of a column whether it opens."""
    needs = [getattr(column.row, name) for name in column.needs]
    value = getattr(column.row, column.column)
    with db.reading() as session:
        rows = session.execute(select(value, *needs).where(value.is_not(None))).all()
    return [
        is_open(seal, row[0], column.bound_to.format(**dict(zip(column.needs, row[1:], strict=True)))) for row in rows
    ]


def is_open(seal: Seal, sealed: bytes, bound_to: str) -> bool:
    """Whether a value opens."""
    try:
        seal.open(sealed, bound_to)
    except SealError:
        return False
    return True


def test_every_binary_column_is_known_to_the_rotation() -> None:
    declared = [column.name for column in (*CORE, *SEALED)]
    binary = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert sorted(declared) == sorted(binary)
    assert all(column.why for column in (*CORE, *SEALED) if isinstance(column, Apart))


def test_no_table_leads_to_the_vault_by_a_foreign_key() -> None:
    assert [
        str(key)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == VaultRow.__tablename__
    ] == []


def fill(db: Database, clock, sample, now: datetime) -> None:
    """Let every sealed column of every table hold something, written by the rooms themselves with the old key."""
    stage = Stage(db, clock, sample)
    stage.say("P-S13-2", "T08 60%，存在问题：器材未到货")
    with db.transaction() as session:
        conversation.open_dialogue(session, BEFORE, "p-s13-1", Dialogue("progress.which_task", {"said": "60%"}), now)
        picture = make_message("")
        picture = type(picture)(
            **{
                **{name: getattr(picture, name) for name in picture.__slots__},
                "kind": Kind.IMAGE,
                "attachments": (Attachment(Kind.IMAGE, "media-1", "https://example.cn/1", "jpg"),),
            }
        )
        media.put(session, BEFORE, new_uid(), picture, now)
        media.put(session, BEFORE, new_uid(), picture, now)
        directory = stage.house.directories.get(session)
        stage.house.dispatch.put(session, directory, [make_push("P-S13-2")], now)
        waiting = media.next_due(session, BEFORE, now)
        media.finish(session, BEFORE, waiting, b"picture" * 1000)
    TokenTable(db, BEFORE).write("office", Token("token", now + timedelta(hours=1)))
    for person in admit(db, BEFORE, now, 3)[:2]:
        with db.transaction() as session:
            Vault(BEFORE).learn(session, person, {"name": "王小明"})
    writer = AckWriter(db, BEFORE, clock, lambda: None)
    writer.start()
    writer.accept(make_message("T08 70%"))
    writer.stop()
    with db.transaction() as session:
        session.add(
            PullRow(
                open_kfid="wk1", door="kf/parents", token=BEFORE.close(b"t", "pull/wk1"), due_at=now, started_at=now
            )
        )
    stage.close()


def test_after_a_rotation_everything_opens_without_the_old_key(db: Database, clock, sample, now: datetime) -> None:
    fill(db, clock, sample, now)
    with db.reading() as session:
        before = count_keys(session, EVERY)
    counts = list(rotate(db, BOTH, EVERY))

    assert [count.column for count in counts if not count.renewed] == []
    assert {count.unopened + count.passed_over for count in counts} == {0}
    for column in EVERY:
        assert set(opens(db, AFTER, column)) == {True}, column.name
        assert set(opens(db, BEFORE, column)) == {False}, column.name
    with db.reading() as session:
        assert count_keys(session, EVERY) == {AFTER.key_ids[0]: before[BEFORE.key_ids[0]]}
        people = session.scalars(select(VaultRow.uid).where(VaultRow.facts.is_not(None))).all()
        assert [Vault(AFTER).facts_of(session, person) for person in people] == [{"name": "王小明"}] * 2
    assert TokenTable(db, AFTER).read("office").value == "token"
    assert {count.renewed for count in rotate(db, BOTH, EVERY)} == {0}


def test_many_rows_and_large_ones_go_in_portions(db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_BYTES", 1000)
    admit(db, BEFORE, now, 250)
    with db.transaction() as session:
        session.add_all(
            MediaRow(uid=f"u{size}", inbox_uid="i", number=size, door="d", kind="image", received_at=now, due_at=now,
                     content=BEFORE.close(b"x" * size, f"u{size}"))
            for size in (0, 400, 900, 5000, 10)
        )  # fmt: skip
    rests = []
    counts = list(rotate(db, BOTH, (DATA_KEY, Sealed(MediaRow, "content")), rest=lambda: rests.append(1)))

    assert [count.renewed for count in counts] == [250, 5]
    assert len(rests) > 20
    assert all(opens(db, AFTER, DATA_KEY) + opens(db, AFTER, Sealed(MediaRow, "content")))


def test_a_dry_run_writes_nothing_and_opens_everything(db: Database, now: datetime) -> None:
    admit(db, BEFORE, now, 3)
    admit(db, BOTH, now, 4)  # one more, under the newest key
    with db.transaction() as session:
        for person, key in session.execute(select(VaultRow.uid, VaultRow.data_key)).all():
            if BOTH.is_current(key):
                broken = BOTH.close(b"x", "another row")
                session.execute(update(VaultRow).where(VaultRow.uid == person).values(data_key=broken))
        before = session.execute(select(VaultRow.uid, VaultRow.data_key).order_by(VaultRow.uid)).all()
    (count,) = rotate(db, BOTH, [DATA_KEY], dry_run=True)

    assert (count.renewed, count.unopened, count.passed_over) == (3, 1, 0)
    with db.reading() as session:
        assert session.execute(select(VaultRow.uid, VaultRow.data_key).order_by(VaultRow.uid)).all() == before


def test_what_no_key_opens_is_counted_and_left_as_it_is(db: Database, now: datetime) -> None:
    admit(db, BEFORE, now, 2)
    admit(db, Seal([b"f" * 32], INDEX), now, 4)
    (count,) = rotate(db, BOTH, [DATA_KEY])
    assert (count.renewed, count.unopened) == (2, 2)
    with db.reading() as session:
        assert sorted(count_keys(session, [DATA_KEY]).values()) == [2, 2]


class TestMeanwhile:
    """What the service does between the reading of a value and its replacement holds."""

    @pytest.fixture
    def between(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
        """Takes what happens after the first batch was read and sealed, before it is written."""

        def do(act: Callable[[], None]) -> None:
            store, acts = rotation._store, [act]

            def stored(*given: object) -> None:
                if acts:
                    acts.pop()()
                store(*given)

            monkeypatch.setattr(rotation, "_store", stored)

        return do

    def test_an_erased_person_stays_erased(self, db: Database, now: datetime, between) -> None:
        people = admit(db, BEFORE, now, 3)

        def erase() -> None:
            with db.transaction() as session:
                Vault(BOTH).erase(session, people[1], now)

        between(erase)
        (count,) = rotate(db, BOTH, [DATA_KEY])
        assert (count.renewed, count.unopened, count.passed_over) == (2, 0, 0)
        with db.reading() as session:
            assert session.scalar(select(VaultRow.data_key).where(VaultRow.uid == people[1])) is None

    def test_a_value_written_with_the_old_key_is_found_by_the_next_pass(
        self, db: Database, now: datetime, between
    ) -> None:
        with db.transaction() as session:
            session.add(ChatRow(id="C-1", name="群", members="", webhook_key=BEFORE.close(b"old", "chat/C-1")))

        def write() -> None:
            with db.transaction() as session:
                session.execute(update(ChatRow).values(webhook_key=BEFORE.close(b"new", "chat/C-1")))

        between(write)
        (count,) = rotate(db, BOTH, [Sealed(ChatRow, "webhook_key", "chat/{id}")])
        with db.reading() as session:
            assert AFTER.open(session.scalars(select(ChatRow.webhook_key)).one(), "chat/C-1") == b"new"
        assert (count.renewed, count.passed_over) == (1, 0)

    def test_the_service_goes_on_writing(self, db: Database, now: datetime) -> None:
        people = admit(db, BEFORE, now, 120)
        stop, errors = threading.Event(), []

        def serve() -> None:
            number = 0
            while not stop.wait(0.002):
                number += 1
                try:
                    with db.transaction() as session:
                        for person in reversed(people[number % 7 :: 7]):
                            Vault(BOTH).learn(session, person, {"name": str(number)})
                        Vault(BOTH).admit(session, Address("app/office", f"p{number}"), now)
                except Exception as error:
                    errors.append(error)

        service = threading.Thread(target=serve)
        service.start()
        (count,) = rotate(db, BOTH, [DATA_KEY])
        (rest,) = rotate(db, BOTH, [DATA_KEY])
        stop.set()
        service.join()

        assert errors == []
        assert count.renewed + rest.renewed == 120
        assert all(opens(db, AFTER, DATA_KEY))

    def test_a_row_that_somebody_holds_is_passed_over(self, postgres_url, now: datetime) -> None:
        db = Database(postgres_url)
        Base.metadata.create_all(db.engine)
        people = admit(db, BEFORE, now, 5)
        with db.transaction() as session:
            session.execute(select(VaultRow.uid).where(VaultRow.uid == people[2]).with_for_update())
            (count,) = rotate(db, BOTH, [DATA_KEY])
        assert (count.renewed, count.passed_over) == (4, 1)
        (count,) = rotate(db, BOTH, [DATA_KEY])
        assert (count.renewed, count.passed_over) == (1, 0)
        db.dispose()
