"""What is wrong with a database is told in words, without its path, address or statement."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError, TimeoutError

from bot.breakdown import explain
from bot.db import Database


def trouble_with(path: Path, statement: str = "select 1") -> str:
    db = Database(make_url(f"sqlite:///{path}"))
    try:
        with pytest.raises(SQLAlchemyError) as caught, db.transaction() as session:
            session.connection().exec_driver_sql(statement)
    finally:
        db.dispose()
    said = "; ".join(explain(caught.value))
    assert str(path) not in said
    assert "select" not in said
    return said


def test_a_file_that_is_none_of_sqlite(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no database at all" * 100)

    assert "no SQLite database" in trouble_with(tmp_path / "x")


def test_a_path_that_is_no_file(tmp_path: Path) -> None:
    assert "cannot be opened" in trouble_with(tmp_path)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    assert "not those of its schema" in trouble_with(tmp_path / "x", "select * from nothing")


@pytest.mark.parametrize(
    ("code", "said"),
    [(sqlite3.SQLITE_BUSY, "busy"), (sqlite3.SQLITE_READONLY_DIRECTORY, "write"), (sqlite3.SQLITE_FULL, "full")],
)
def test_other_troubles_by_their_codes(code: int, said: str) -> None:
    origin = sqlite3.OperationalError("secret")
    origin.sqlite_errorcode = code

    assert said in "; ".join(explain(OperationalError("select", {}, origin)))


def test_a_server_that_does_not_answer_and_what_has_no_name() -> None:
    away = explain(OperationalError("select", {}, Exception("password=x")))

    assert "cannot be reached" in away[0]
    assert explain(TimeoutError("x"))[0] == "TimeoutError"
