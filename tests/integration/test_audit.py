"""The audit log: one chain, whoever appends; every change is found and named."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from bot import audit
from bot.audit import Mark, Verdict
from bot.chain import GENESIS
from bot.db import Base, Database
from bot.errors import SealError
from bot.logs import mask
from bot.schema import migrate
from bot.seal import Seal

DAY = date(2026, 11, 23)


def note(db: Database, seal: Seal, now: datetime, count: int = 1, act: str = "complaint.read_original") -> None:
    """Append entries, each in a transaction of its own."""
    for number in range(count):
        with db.transaction() as session:
            detail = {"role": "clerk", "number": str(number)}
            audit.note(session, seal, actor="P-B01-2", act=act, subject=f"case{number}", now=now, detail=detail)


def proved(db: Database, seal: Seal, *marks: Mark) -> Verdict:
    """Return what the verification finds."""
    with db.reading() as session:
        return audit.verify(session, seal, marks)


def forge(db: Database, *statements: str) -> None:
    """Do what somebody does who has the database, but not the keys: first of all, away with the triggers."""
    with db.transaction() as session:
        for table in ("audit", "audit_anchor"):
            for name in ("keeps", "stays"):
                of = "" if db.is_sqlite else f" on {table}"
                session.execute(text(f"drop trigger if exists {table}_{name}{of}"))
        for statement in statements:
            session.execute(text(statement))


def anchor(db: Database, seal: Seal, now: datetime, day: date = DAY) -> Mark:
    """Anchor a day and return it as an operator copies it from the log."""
    with db.transaction() as session:
        line = audit.anchor(session, seal, day, now)
    fields = dict(part.split("=") for part in line.split()[1:])
    return Mark(date.fromisoformat(fields["day"]), int(fields["seq"]), fields["digest"].replace("-", ""))


class TestNote:
    def test_entries_form_a_chain_that_is_whole(self, db: Database, seal: Seal, now: datetime) -> None:
        assert proved(db, seal) == Verdict(0, GENESIS, 0)
        note(db, seal, now, 3)
        verdict = proved(db, seal)

        assert (verdict.rows, verdict.is_whole) == (3, True)
        assert verdict.digest != GENESIS

    def test_an_entry_goes_with_the_transaction_that_is_undone(self, db: Database, seal: Seal, now: datetime) -> None:
        note(db, seal, now)
        with db.reading() as session:  # always undone
            audit.note(session, seal, actor="bot", act="case.filed", subject="x", now=now)
        note(db, seal, now)

        assert proved(db, seal).rows == 2

    def test_several_entries_of_one_transaction(self, db: Database, seal: Seal, now: datetime) -> None:
        with db.transaction() as session:
            for number in range(3):
                audit.note(session, seal, actor="bot", act="case.filed", subject=str(number), now=now)
        assert proved(db, seal) == Verdict(3, proved(db, seal).digest, 0)

    def test_threads_form_one_chain(self, db: Database, seal: Seal, now: datetime) -> None:
        threads = [threading.Thread(target=note, args=(db, seal, now, 15)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (proved(db, seal).rows, proved(db, seal).fault) == (60, "")

    def test_the_first_two_entries_at_once_form_one_chain(self, db: Database, seal: Seal, now: datetime) -> None:
        if db.is_sqlite:
            pytest.skip("one writer at a time")
        others = []

        def overtake(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            if not others and statement.startswith("SELECT audit.seq"):
                others.append(statement)
                note(db, seal, now)  # commits the head and the first entry between our two looks

        event.listen(db.engine, "before_cursor_execute", overtake)
        note(db, seal, now)

        assert others
        assert (proved(db, seal).rows, proved(db, seal).fault) == (2, "")

    def test_times_of_any_zone_and_to_the_microsecond(self, db: Database, seal: Seal, now: datetime) -> None:
        note(db, seal, now + timedelta(microseconds=1))
        note(db, seal, datetime.fromisoformat("2026-11-23T10:00:00.1+08:00"))
        assert proved(db, seal).is_whole

    def test_reads_of_a_subject_are_listed(self, db: Database, seal: Seal, now: datetime) -> None:
        note(db, seal, now, 2)
        note(db, seal, now + timedelta(hours=1), 2, act="complaint.read_identity")
        note(db, seal, now, 2, act="complaint.accepted")
        with db.reading() as session:
            reads = audit.list_reads(session, "case1")

        assert [(entry.act, entry.actor, entry.at) for entry in reads] == [
            ("complaint.read_original", "P-B01-2", now),
            ("complaint.read_identity", "P-B01-2", now + timedelta(hours=1)),
        ]
        assert reads[0].detail == {"role": "clerk", "number": "1"}

    def test_nothing_is_appended_to_a_head_that_is_not_ours(self, db: Database, seal: Seal, now: datetime) -> None:
        note(db, seal, now, 2)
        forge(db, "update audit_head set count = 1")
        with pytest.raises(SealError):
            note(db, seal, now)
        forge(db, "delete from audit_head")
        with pytest.raises(SealError):
            note(db, seal, now)


def _append_elsewhere(url: str, now: datetime) -> None:
    db = Database(url)
    note(db, Seal([b"k" * 32], b"i" * 32), now, 25)
    db.dispose()


def test_processes_form_one_chain(db: Database, seal: Seal, now: datetime) -> None:
    url = db.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_append_elsewhere, args=(url, now)) for _ in range(2)]
    for other in others:
        other.start()
    note(db, seal, now, 25)
    for other in others:
        other.join(60)

    assert [other.exitcode for other in others] == [0, 0]
    assert (proved(db, seal).rows, proved(db, seal).fault) == (75, "")


CHANGES = {
    "row 3 was changed": ["update audit set actor = 'P-X' where seq = 3"],
    "row 1 was changed": ["update audit set subject = 'caseX'"],
    "row 2 was changed": ["update audit set detail = '{}' where seq = 2"],
    "row 4 was changed, put in or moved": ["update audit set previous = digest where seq = 4"],
    "row 5 was changed": ["update audit set digest = 'x' where seq = 5"],
    "row 1 was removed": ["delete from audit where seq = 1"],
    "row 3 was removed": ["delete from audit where seq in (3, 4)"],
    "row 5 was removed, and all after it up to row 6": ["delete from audit where seq >= 5"],
    "row 1 was removed, and all after it up to row 6": ["delete from audit"],
    "row 3 was changed, put in or moved": [
        "delete from audit where seq = 3",
        "update audit set seq = 3 where seq = 4",
        "update audit set seq = 4 where seq = 5",
        "update audit set seq = 5 where seq = 6",
    ],
    "row 2 was changed, put in or moved": [
        "update audit set seq = 99 where seq = 2",
        "update audit set seq = 2 where seq = 3",
        "update audit set seq = 3 where seq = 99",
    ],
    "row 7 was changed": [
        "insert into audit select 7, at, actor, act, subject, detail, "
        "(select digest from audit where seq = 6), digest from audit where seq = 1",
    ],
    "row 0 was put in": [
        "insert into audit select 0, at, actor, act, subject, detail, previous, digest from audit where seq = 1"
    ],
    "the head was removed": ["delete from audit_head"],
    "the head was changed": ["update audit_head set count = 5"],
}


@pytest.mark.parametrize("fault", CHANGES)
def test_the_first_row_that_is_not_as_it_was_written_is_named(
    db: Database, seal: Seal, now: datetime, fault: str
) -> None:
    note(db, seal, now, 6)
    forge(db, *CHANGES[fault])

    assert proved(db, seal).fault == fault
    assert not proved(db, seal).is_whole


def test_a_changed_instant_is_found_however_it_is_spelled(db: Database, seal: Seal, now: datetime) -> None:
    note(db, seal, now, 2)
    spellings = (
        ["2026-11-23 02:00:00", "2026-11-23T02:00:00.000000", "2026-11-23 02:00:00.000000Z", "soon"]
        if db.is_sqlite
        else ["2026-11-23 02:00:00.000001+00", "2026-11-23 02:00+08", "infinity", "2026-11-23 02:00:00+00 BC"]
    )
    for spelling in spellings:
        forge(db, f"update audit set at = '{spelling}' where seq = 2")  # noqa: S608
        assert proved(db, seal).fault == "row 2 was changed", spelling


def test_digests_made_without_the_key_do_not_mend_the_chain(db: Database, seal: Seal, now: datetime) -> None:
    note(db, seal, now, 4)
    forge(db, "update audit set actor = 'P-X' where seq = 2")
    # Whoever has the program, too, makes every digest and the head anew, with a key of his own.
    thief = Seal([b"t" * 32], b"t" * 32)
    with db.reading() as session:
        rows = [tuple(row) for row in session.execute(text("select actor, act, subject from audit order by seq"))]
    forge(db, "delete from audit", "delete from audit_head")
    for actor, act, subject in rows:
        with db.transaction() as session:
            audit.note(session, thief, actor=actor, act=act, subject=subject, now=now)

    assert proved(db, thief).is_whole
    assert proved(db, seal).fault == "row 1 was changed"


def test_a_tail_cut_off_with_an_older_head_put_back_is_found_by_the_anchor(
    db: Database, seal: Seal, now: datetime
) -> None:
    note(db, seal, now, 2)
    with db.reading() as session:
        count, digest, mac = session.execute(text("select count, digest, mac from audit_head")).one()
    note(db, seal, now, 2)
    mark = anchor(db, seal, now)
    back = f"update audit_head set count = {count}, digest = '{digest}', mac = '{mac}'"  # noqa: S608
    forge(db, back)
    assert proved(db, seal).fault == "the head is an older one, of row 2"
    forge(db, "delete from audit where seq > 2")
    assert proved(db, seal).fault == f"the anchor of {DAY} has no entry: it was put in, or rows were removed"
    forge(db, "delete from audit_anchor")
    # All that the database knows is now as it was: only what lay elsewhere tells.
    assert proved(db, seal).is_whole
    assert proved(db, seal, mark).fault == f"row 3 was removed, and all after it up to row 4 of {DAY}"


class TestAnchor:
    def test_a_day_is_anchored_once_and_its_line_holds_ids_only(self, db: Database, seal: Seal, now: datetime) -> None:
        note(db, seal, now, 2)
        with db.transaction() as session:
            line = audit.anchor(session, seal, DAY, now)
        digest = proved(db, seal).digest
        note(db, seal, now)
        with db.transaction() as session:
            assert audit.anchor(session, seal, DAY, now + timedelta(hours=1)) == line
        mark = anchor(db, seal, now, DAY + timedelta(days=1))

        assert line.startswith("audit.anchor day=2026-11-23 seq=2 digest=")
        assert mask(line) == line
        assert digest[:8] not in line
        assert mark.seq == 4
        assert (proved(db, seal).rows, proved(db, seal).anchors, proved(db, seal).fault) == (5, 2, "")

    def test_an_empty_log_can_be_anchored(self, db: Database, seal: Seal, now: datetime) -> None:
        mark = anchor(db, seal, now)
        assert mark == Mark(DAY, 0, GENESIS)
        assert proved(db, seal, mark).is_whole

    def test_copies_that_lay_elsewhere_are_compared(self, db: Database, seal: Seal, now: datetime) -> None:
        note(db, seal, now, 3)
        mark = anchor(db, seal, now)
        note(db, seal, now, 3)

        assert proved(db, seal, mark).is_whole
        for other, fault in (
            (Mark(DAY, 3, "f" * 64), f"row 3 or one before it is not the one of {DAY}"),
            (Mark(DAY, 2, mark.digest), f"row 2 or one before it is not the one of {DAY}"),
            (Mark(DAY, 9, mark.digest), f"row 8 was removed, and all after it up to row 9 of {DAY}"),
        ):
            assert proved(db, seal, mark, other).fault == fault

    @pytest.mark.parametrize(
        ("statement", "fault"),
        [
            ("delete from audit_anchor where day = '2026-11-24'", "the anchor of 2026-11-24 was removed"),
            ("update audit_anchor set seq = 1 where day = '2026-11-23'", "the anchor of 2026-11-23 was changed"),
            ("update audit_anchor set mac = 'x' where day = '2026-11-23'", "the anchor of 2026-11-23 was changed"),
            ("update audit_anchor set day = '2026-11-20'", "the anchor of 2026-11-23 was removed"),
            (
                "insert into audit_anchor select '2026-11-19', seq, digest, mac from audit_anchor",
                "the anchor of 2026-11-19 has no entry: it was put in, or rows were removed",
            ),
        ],
    )
    def test_a_changed_anchor_is_found(
        self, db: Database, seal: Seal, now: datetime, statement: str, fault: str
    ) -> None:
        note(db, seal, now, 2)
        anchor(db, seal, now)
        if "2026-11-24" in statement:
            anchor(db, seal, now, date(2026, 11, 24))
        forge(db, statement if db.is_sqlite else statement.replace("select '2026-11-19'", "select date '2026-11-19'"))
        assert proved(db, seal).fault == fault


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def made(request: pytest.FixtureRequest) -> Iterator[Callable[[bool], Database]]:
    """Makes a database as an operator's is (migrated), or as the tests' are (from the models)."""
    url: URL = request.getfixturevalue(request.param)
    db = Database(url)

    def make(migrated: bool) -> Database:
        migrate(db) if migrated else Base.metadata.create_all(db.engine)
        return db

    yield make
    db.dispose()


@pytest.mark.parametrize("migrated", [True, False])
def test_the_database_itself_refuses_to_rewrite_the_log(
    made: Callable[[bool], Database], migrated: bool, seal: Seal, now: datetime
) -> None:
    db = made(migrated)
    note(db, seal, now, 3)
    anchor(db, seal, now)
    statements = [
        f"{change} {table}"
        for table in ("audit", "audit_anchor")
        for change in ("delete from", *(() if db.is_sqlite else ("truncate",)))
    ]
    statements += ["update audit set actor = 'P-X' where seq = 2", "update audit_anchor set seq = 1"]
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"), db.transaction() as session:
            session.execute(text(statement))
    assert (proved(db, seal).rows, proved(db, seal).fault) == (4, "")


def test_a_long_log_is_walked_in_batches(db: Database, seal: Seal, now: datetime) -> None:
    with db.transaction() as session:
        append = partial(audit.note, session, seal, actor="bot", act="case.filed", subject="x", now=now)
        for _ in range(2001):
            append()
    assert proved(db, seal).rows == 2001
    forge(db, "update audit set act = 'y' where seq = 1001")
    assert proved(db, seal).fault == "row 1001 was changed"
