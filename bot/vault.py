"""Who somebody is, kept apart from what they said: a data key per person, wrapped; erasing the key erases the person.

Looked up by a blind index with another key (design 1.10). No other table may hold what is in here.
A value sealed with a data key: version (1 byte) | nonce (12) | ciphertext and tag.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db import Base, Database, new_uid
from bot.errors import SealError
from bot.seal import Seal
from bot.shared import insert_missing

# Differs from the Seal's, so that neither takes the other's values for its own.
_VERSION = b"\x02"
_HEAD = 1 + 12
_PATIENCE = 2  # seconds that scrub waits for readers
_LOCK_NOT_AVAILABLE = "55P03"  # https://www.postgresql.org/docs/current/errcodes-appendix.html (read 2026-11)
_DIRECTLY = {"synchronize_session": False}  # no row of this table is ever loaded as an object


class VaultRow(Base):
    """One person. Erased: every secret column is empty, the row stays, so that its id keeps a meaning.

    address_index is blind; data_key is sealed by the Seal for uid; address and facts are sealed with the data key.
    """

    __tablename__ = "vault"
    uid: Mapped[str] = mapped_column(primary_key=True)
    address_index: Mapped[str | None] = mapped_column(unique=True)
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    address: Mapped[bytes | None] = mapped_column(LargeBinary)
    facts: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person writes from: a door's label and the platform's id there."""

    door: str
    external_id: str = field(repr=False)


class Vault:
    """The identities. Every method works in the caller's transaction; cheap to make: Vault(seal).

    Every method that needs a person's data key raises SealError for somebody who is unknown or erased.
    """

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def admit(self, session: Session, address: Address, now: datetime) -> str:
        """Return the vault id (32 hex digits) of whoever writes from address, made if new; safe in two processes."""
        found = self.find(session, address)
        while found is None:  # once more only if the one who was there is erased between the two looks
            uid, key = new_uid(), os.urandom(32)
            place = _text_of([address.door, address.external_id])
            made = insert_missing(
                session,
                VaultRow,
                uid=uid,
                address_index=self._index(address),
                data_key=self._seal.close(key, uid),
                address=_close(key, place, f"address/{uid}"),
                created_at=now,
            )
            found = uid if made else self.find(session, address)
        return found

    def find(self, session: Session, address: Address) -> str | None:
        """Return the vault id of whoever writes from address, or None."""
        return session.scalar(select(VaultRow.uid).where(VaultRow.address_index == self._index(address)))

    def address_of(self, session: Session, person: str) -> Address:
        """Return where to write to. Raises SealError once the person is erased."""
        row = session.execute(select(VaultRow.data_key, VaultRow.address).where(VaultRow.uid == person)).one_or_none()
        key = self._data_key(person, row and row.data_key)
        return Address(*json.loads(_open(key, (row and row.address) or b"", f"address/{person}")))

    def learn(self, session: Session, person: str, facts: Mapping[str, str]) -> None:
        """Remember facts about a person ("name", "phone", "relation", "child" …) beside those known."""
        query = select(VaultRow.data_key, VaultRow.facts).where(VaultRow.uid == person)
        row = session.execute(query.with_for_update()).one_or_none()
        key = self._data_key(person, row and row.data_key)
        known = self._facts(key, person, row and row.facts)
        sealed = _close(key, _text_of({**known, **facts}), f"facts/{person}")
        session.execute(
            update(VaultRow).where(VaultRow.uid == person).values(facts=sealed), execution_options=_DIRECTLY
        )

    def facts_of(self, session: Session, person: str) -> dict[str, str]:
        """Return the facts known. The caller has checked the grant and logs the read."""
        row = session.execute(select(VaultRow.data_key, VaultRow.facts).where(VaultRow.uid == person)).one_or_none()
        return self._facts(self._data_key(person, row and row.data_key), person, row and row.facts)

    def close(self, session: Session, person: str, plain: bytes, bound_to: str) -> bytes:
        """Return plain sealed with the person's data key for the row bound_to: it goes when the person is erased."""
        return _close(self._key_of(session, person), plain, f"value/{bound_to}")

    def open(self, session: Session, person: str, sealed: bytes, bound_to: str) -> bytes:
        """Return what close sealed. Raises SealError if the person is erased or the value was changed."""
        return _open(self._key_of(session, person), sealed, f"value/{bound_to}")

    def erase(self, session: Session, person: str, now: datetime) -> bool:
        """Destroy a person's data key, address and facts for ever; False if that was done before.

        Call `scrub` after the commit: what was there may stand in the files of the database until then.
        """
        gone = {"address_index": None, "data_key": None, "address": None, "facts": None}
        erased = update(VaultRow).where(VaultRow.uid == person, VaultRow.erased_at.is_(None))
        done = session.execute(
            erased.values(**gone, erased_at=now).returning(VaultRow.uid), execution_options=_DIRECTLY
        )
        return done.first() is not None

    def _index(self, address: Address) -> str:
        # A door's label holds no bar, so that no two addresses give one text.
        return self._seal.blind(f"vault/{address.door}|{address.external_id}")

    def _key_of(self, session: Session, person: str) -> bytes:
        return self._data_key(person, session.scalar(select(VaultRow.data_key).where(VaultRow.uid == person)))

    def _data_key(self, person: str, wrapped: bytes | None) -> bytes:
        if wrapped is None:
            raise SealError("this person is not in the vault, or was erased")
        return self._seal.open(wrapped, person)

    def _facts(self, key: bytes, person: str, sealed: bytes | None) -> dict[str, str]:
        return {} if sealed is None else dict(json.loads(_open(key, sealed, f"facts/{person}")))


def scrub(db: Database) -> bool:
    """Overwrite what erased persons left in the files of the database; call it after the commit of an erase.

    Both databases leave copies of rows behind when they move them, so the small table is written anew: SQLite zeroes
    what it gives up (secure_delete), then empties its -wal file. It reaches neither the archived log of a server nor
    backups made before. False: somebody reads or writes just now; call it again later.
    """
    return _scrub_sqlite(db) if db.is_sqlite else _scrub_postgres(db)


def _scrub_sqlite(db: Database) -> bool:
    table, copy = VaultRow.__tablename__, f"{VaultRow.__tablename__}_again"
    with db.transaction() as session:
        session.execute(text(f"create table {copy} as select * from {table} order by rowid"))  # noqa: S608 - our names
        # Without a condition: whole pages are given up, and no foreign key may lead here (see the tests).
        session.execute(text(f"delete from {table}"))  # noqa: S608
        session.execute(text(f"insert into {table} select * from {copy}"))  # noqa: S608
        session.execute(text(f"drop table {copy}"))
    with closing(sqlite3.connect(db.url.database or "", timeout=_PATIENCE, isolation_level=None)) as connection:
        busy, _, _ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        return not busy


def _scrub_postgres(db: Database) -> bool:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"set lock_timeout = '{_PATIENCE}s'"))
        try:
            connection.execute(text(f"vacuum full {VaultRow.__tablename__}"))
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            return False
        finally:
            connection.execute(text("reset lock_timeout"))
    return True


def _text_of(value: object) -> bytes:
    return json.dumps(value).encode()


def _close(key: bytes, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(12)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def _open(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    if sealed[:1] != _VERSION or len(sealed) < _HEAD + 16:
        raise SealError("this value is not sealed with a person's key")
    try:
        return AESGCM(key).decrypt(sealed[1:_HEAD], sealed[_HEAD:], bound_to.encode())
    except InvalidTag:
        raise SealError("the value was changed or belongs to another row or person") from None
