"""Any single change of any stored field of the audit log is found, and the first row that it touches is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot import audit
from bot.db import Base, Database
from bot.seal import Seal

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ROWS = 8
TEXTS = ("actor", "act", "subject", "detail", "previous", "digest")
SEAL = Seal([b"k" * 32], b"i" * 32)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A log of eight entries, of which two say that a day was anchored, without the triggers."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('audit') / 'duban.db'}")
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        for number in range(3):
            for act in ("complaint.filed", "complaint.read_original"):
                at = NOW + timedelta(minutes=number)
                audit.note(session, SEAL, actor="P-1", act=act, subject=f"{number:032x}", now=at, detail={"n": "1"})
            if number:
                audit.anchor(session, SEAL, date(2026, 11, 22 + number), NOW)
        for table in ("audit", "audit_anchor"):
            for name in ("keeps", "stays"):
                session.execute(text(f"drop trigger {table}_{name}"))
    yield database
    database.dispose()


def found(db: Database, statement: str, **values: object) -> str:
    """Return the fault after a statement, which is undone."""
    with db.reading() as session:
        assert audit.verify(session, SEAL).is_whole
        changed = session.execute(text(statement), values).rowcount
        return audit.verify(session, SEAL).fault if changed else "nothing changed"


@given(
    seq=st.integers(1, ROWS),
    column=st.sampled_from((*TEXTS, "at")),
    value=st.text() | st.binary() | st.integers(-(2**63), 2**63 - 1),
)
def test_a_changed_field_of_a_row(db: Database, seq: int, column: str, value: object) -> None:
    if isinstance(value, str):
        value = value.encode("utf-8", "ignore").decode().replace("\0", "")
    fault = found(
        db,
        f"update audit set {column} = :value where seq = :seq and {column} is not :value",  # noqa: S608
        value=value,
        seq=seq,
    )
    assert fault.startswith(f"row {seq} was changed") or fault == "nothing changed"


@given(
    seq=st.integers(1, ROWS),
    column=st.sampled_from(TEXTS),
    place=st.integers(0, 200),
    letter=st.characters(min_codepoint=33, max_codepoint=126),
)
def test_one_letter_of_a_row(db: Database, seq: int, column: str, place: int, letter: str) -> None:
    changed = f"substr({column}, 1, :place) || :letter || substr({column}, :place + 2)"
    fault = found(
        db,
        f"update audit set {column} = {changed} where seq = :seq and {column} is not {changed}",  # noqa: S608
        seq=seq,
        place=place,
        letter=letter,
    )
    assert fault.startswith(f"row {seq} was changed") or fault == "nothing changed"


@given(seq=st.integers(1, ROWS), other=st.integers(-5, 3 * ROWS))
def test_a_row_that_is_moved(db: Database, seq: int, other: int) -> None:
    if 1 <= other <= ROWS:
        return  # taken
    fault = found(db, "update audit set seq = :other where seq = :seq", seq=seq, other=other)
    assert fault.startswith(f"row {other} was put in" if other < 1 else f"row {seq} was ")


@given(
    column=st.sampled_from(("seq", "digest", "mac", "day")),
    value=st.integers(-(2**63), 2**63 - 1) | st.text("0123456789abcdef-", max_size=64),
)
def test_a_changed_field_of_an_anchor(db: Database, column: str, value: object) -> None:
    first = "rowid = (select min(rowid) from audit_anchor)"
    fault = found(
        db,
        f"update audit_anchor set {column} = :value where {first} and {column} is not :value",  # noqa: S608
        value=value,
    )
    assert fault.startswith("the anchor of 2026-11-23 was ") or fault == "nothing changed"


@given(column=st.sampled_from(("id", "count", "digest", "mac")), value=st.integers(-(2**63), 2**63 - 1))
def test_a_changed_field_of_the_head(db: Database, column: str, value: int) -> None:
    fault = found(
        db,
        f"update audit_head set {column} = :value where {column} is not :value",  # noqa: S608
        value=value,
    )
    assert fault in ("the head was changed", "nothing changed")
