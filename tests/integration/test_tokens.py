"""Access tokens in the database: sealed, leased to one refresher."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.channels.wecom.tokens import Token
from bot.db import Database
from bot.seal import Seal
from bot.tokens import TokenRow, TokenTable


def test_a_token_is_read_back_and_sealed(db: Database, seal: Seal, now: datetime) -> None:
    table = TokenTable(db, seal)
    table.write("ww1:1", Token("SECRET-TOKEN", now))

    assert Token("SECRET-TOKEN", now) == table.read("ww1:1")
    with db.reading() as session:
        stored = session.scalars(select(TokenRow.value)).one()
    assert stored is not None
    assert b"SECRET-TOKEN" not in stored


def test_only_the_refused_token_is_forgotten(db: Database, seal: Seal, now: datetime) -> None:
    table = TokenTable(db, seal)
    table.write("a", Token("new", now))
    table.clear("a", "old")
    assert table.read("a") is not None

    table.clear("a", "new")
    assert table.read("a") is None


def test_a_token_that_no_key_opens_counts_as_none(db: Database, seal: Seal, now: datetime) -> None:
    TokenTable(db, seal).write("a", Token("x", now))

    assert TokenTable(db, Seal([b"z" * 32], b"i" * 32)).read("a") is None


def test_one_of_many_gets_the_lease(db: Database, seal: Seal, now: datetime) -> None:
    table = TokenTable(db, seal)
    table.lease("a", now, 20)
    table.release("a")
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda _: table.lease("a", now, 20), range(8)))

    assert sum(won) == 1
    assert not table.lease("a", now + timedelta(seconds=19), 20)
    assert table.lease("a", now + timedelta(seconds=21), 20)
    table.release("a")
    assert table.lease("a", now, 20)
