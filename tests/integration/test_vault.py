"""The vault of identities: who is who, facts, values sealed with a person's key, and what an erase leaves."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import URL

from bot.db import Base, Database
from bot.errors import SealError
from bot.seal import Seal
from bot.vault import Address, Vault, VaultRow, scrub

PARENT = Address("kf/parents", "wmPARENT0001")
OTHER = Address("kf/parents", "wmPARENT0002")
FACTS = {"name": "王小明", "phone": "13900001111"}


@pytest.fixture
def vault(seal: Seal) -> Vault:
    """The vault under test."""
    return Vault(seal)


def stored(db: Database) -> str:
    """Return every value of the vault's table as one text."""
    with db.reading() as session:
        return repr(session.execute(text("select * from vault")).all())


class TestAdmit:
    def test_the_same_address_is_the_same_person(self, db: Database, vault: Vault, now: datetime) -> None:
        with db.transaction() as session:
            assert vault.find(session, PARENT) is None
            person = vault.admit(session, PARENT, now)
            assert len(person) == 32
            assert vault.admit(session, PARENT, now) == person == vault.find(session, PARENT)
            assert vault.admit(session, OTHER, now) != person
            assert vault.admit(session, Address("app/office", PARENT.external_id), now) != person
        with db.reading() as session:
            assert vault.address_of(session, person) == PARENT

    def test_two_who_admit_at_once_get_one_person(self, db: Database, vault: Vault, now: datetime) -> None:
        barrier, people = threading.Barrier(4), []

        def admit() -> None:
            barrier.wait()
            for number in range(10):
                with db.transaction() as session:
                    people.append((number, vault.admit(session, Address("kf/parents", f"wm{number}"), now)))

        threads = [threading.Thread(target=admit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(people) == 40
        assert len(set(people)) == 10

    def test_nobody_is_named_in_the_table_or_in_an_error(self, db: Database, vault: Vault, now: datetime) -> None:
        with db.transaction() as session:
            person = vault.admit(session, PARENT, now)
            vault.learn(session, person, FACTS)
            vault.erase(session, vault.admit(session, OTHER, now), now)
            with pytest.raises(SealError) as failed:
                vault.open(session, person, b"\x02" + b"x" * 40, "row")
        for secret in (*FACTS.values(), PARENT.external_id):
            assert secret not in stored(db) + str(failed.value) + repr(PARENT)
            assert secret.encode().hex() not in stored(db)


class TestFacts:
    def test_facts_add_up_and_the_newer_holds(self, db: Database, vault: Vault, now: datetime) -> None:
        with db.transaction() as session:
            person = vault.admit(session, PARENT, now)
            assert vault.facts_of(session, person) == {}
            vault.learn(session, person, FACTS)
            vault.learn(session, person, {"phone": "13900002222", "relation": "母亲"})
        with db.reading() as session:
            assert vault.facts_of(session, person) == {"name": "王小明", "phone": "13900002222", "relation": "母亲"}

    def test_facts_of_two_at_once_are_both_kept(self, db: Database, vault: Vault, now: datetime) -> None:
        with db.transaction() as session:
            person = vault.admit(session, PARENT, now)
        barrier = threading.Barrier(4)

        def learn(name: str) -> None:
            barrier.wait()
            for number in range(5):
                with db.transaction() as session:
                    vault.learn(session, person, {f"{name}{number}": "x"})

        threads = [threading.Thread(target=learn, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        with db.reading() as session:
            assert len(vault.facts_of(session, person)) == 20


class TestValues:
    def test_a_value_opens_for_its_person_and_row_only(self, db: Database, vault: Vault, now: datetime) -> None:
        with db.transaction() as session:
            person, other = vault.admit(session, PARENT, now), vault.admit(session, OTHER, now)
            sealed = vault.close(session, person, "孩子被打".encode(), "case-1")
            assert vault.open(session, person, sealed, "case-1").decode() == "孩子被打"
            assert vault.close(session, person, b"x", "row") != vault.close(session, person, b"x", "row")
            for whose, value, row in (
                (person, sealed, "case-2"),
                (other, sealed, "case-1"),
                (person, sealed[:-1] + bytes([sealed[-1] ^ 1]), "case-1"),
                (person, b"", "case-1"),
                ("0" * 32, sealed, "case-1"),
            ):
                with pytest.raises(SealError):
                    vault.open(session, whose, value, row)

    def test_address_and_facts_are_no_values_of_a_row(
        self, db: Database, vault: Vault, seal: Seal, now: datetime
    ) -> None:
        with db.transaction() as session:
            person = vault.admit(session, PARENT, now)
            vault.learn(session, person, FACTS)
            row = session.execute(select(VaultRow.data_key, VaultRow.facts)).one()
            for bound in (person, f"facts/{person}"):
                with pytest.raises(SealError):
                    vault.open(session, person, row.facts, bound)
            with pytest.raises(SealError):
                seal.open(row.facts, person)
            with pytest.raises(SealError):
                seal.open(row.data_key, "0" * 32)


class TestErase:
    def test_nothing_of_an_erased_person_opens(self, db: Database, vault: Vault, seal: Seal, now: datetime) -> None:
        with db.transaction() as session:
            person, other = vault.admit(session, PARENT, now), vault.admit(session, OTHER, now)
            vault.learn(session, person, FACTS)
            sealed = vault.close(session, person, b"said", "case-1")
            theirs = vault.close(session, other, b"said", "case-2")
        with db.transaction() as session:
            assert vault.erase(session, person, now)
            assert not vault.erase(session, person, now)
            assert not vault.erase(session, "0" * 32, now)
        assert scrub(db)

        with db.transaction() as session:
            for attempt in (
                lambda: vault.address_of(session, person),
                lambda: vault.facts_of(session, person),
                lambda: vault.learn(session, person, FACTS),
                lambda: vault.close(session, person, b"more", "case-1"),
                lambda: vault.open(session, person, sealed, "case-1"),
            ):
                with pytest.raises(SealError):
                    attempt()
            assert vault.open(session, other, theirs, "case-2") == b"said"
            stone = session.execute(select(*VaultRow.__table__.columns).where(VaultRow.uid == person)).one()
            assert stone == (person, None, None, None, None, now, now)

    def test_whoever_writes_again_is_somebody_new(self, db: Database, vault: Vault, now: datetime) -> None:
        with db.transaction() as session:
            person = vault.admit(session, PARENT, now)
            vault.erase(session, person, now)
            assert vault.find(session, PARENT) is None
            again = vault.admit(session, PARENT, now)
            assert again != person
            assert vault.facts_of(session, again) == {}


def everything(url: URL) -> bytes:
    """Return what stands in the files of an SQLite database, byte by byte."""
    return b"".join(path.read_bytes() for path in sorted(Path(url.database or "").parent.glob("duban.db*")))


def test_no_copy_of_the_sqlite_files_made_after_an_erase_holds_the_key(
    sqlite_url: URL, seal: Seal, now: datetime, tmp_path: Path
) -> None:
    db, vault = Database(sqlite_url), Vault(seal)
    Base.metadata.create_all(db.engine)
    with db.transaction() as session:
        people = [vault.admit(session, Address("kf/parents", f"wm{number}"), now) for number in range(50)]
        for person in people:
            vault.learn(session, person, FACTS)
            vault.learn(session, person, {**FACTS, "child": "女儿在读三年级" * 80})  # leaves overflow pages
        keys = dict(session.execute(select(VaultRow.uid, VaultRow.data_key)).all())
        facts = dict(session.execute(select(VaultRow.uid, VaultRow.facts)).all())
    assert keys[people[7]] in everything(sqlite_url)

    with db.transaction() as session:
        for person in people[:25]:
            vault.erase(session, person, now)
    assert scrub(db)

    remains = everything(sqlite_url)
    for number, person in enumerate(people):
        assert (keys[person] in remains) is (number >= 25), number
        assert (facts[person][:200] in remains) is (number >= 25)
    copy = tmp_path / "copy.db"
    shutil.copy(sqlite_url.database or "", copy)
    with closing(sqlite3.connect(copy)) as opened:
        assert opened.execute("select count(data_key), count(erased_at) from vault").fetchone() == (25, 25)
    db.dispose()


def test_scrub_says_when_a_reader_is_in_the_way(db: Database, seal: Seal, now: datetime) -> None:
    with db.transaction() as session:
        Vault(seal).admit(session, PARENT, now)
    with db.reading() as session:
        assert session.scalar(select(VaultRow.uid)) is not None
        with db.transaction() as writing:
            Vault(seal).admit(writing, OTHER, now)
        assert not scrub(db)
    assert scrub(db)


def test_the_files_of_postgresql_forget_an_erased_key(postgres_url: URL, seal: Seal, now: datetime) -> None:
    db, vault = Database(postgres_url), Vault(seal)
    Base.metadata.create_all(db.engine)
    with db.transaction() as session:
        person = vault.admit(session, PARENT, now)
        key = session.scalars(select(VaultRow.data_key)).one()
    with db.transaction() as session:
        vault.erase(session, person, now)

    def table() -> bytes:
        with db.transaction() as session:
            session.execute(text("checkpoint"))
            return bytes(session.scalar(text("select pg_read_binary_file(pg_relation_filepath('vault'))")))

    assert key in table()
    assert scrub(db)
    assert key not in table()
    db.dispose()
