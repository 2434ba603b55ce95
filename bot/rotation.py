"""Seals anew, with the newest key, what older keys sealed: in small batches, while the service runs, any time again.

A value is replaced only where it still is what was read (compare and set), so that a rotation neither undoes what the
service writes nor brings back what was erased. Killed at any point it has lost nothing; the next run goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, false, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.conversation import DialogueRow
from bot.db import Database
from bot.errors import SealError
from bot.inbox import InboxRow
from bot.media import MediaRow
from bot.outbox import OutboxRow
from bot.people import ChatRow
from bot.pulls import PullRow
from bot.seal import Seal
from bot.sealed import Apart, Sealed, of_person
from bot.tokens import TokenRow
from bot.vault import VaultRow

# The columns of bot/; the subjects list theirs in handlers.SEALED.
CORE: tuple[Sealed | Apart, ...] = (
    Sealed(InboxRow, "body"),
    Sealed(OutboxRow, "body"),
    Sealed(DialogueRow, "data", "{conversation}"),
    Sealed(MediaRow, "source"),
    Sealed(MediaRow, "content"),
    Sealed(ChatRow, "webhook_key", "chat/{id}"),
    Sealed(TokenRow, "value", "token/{app}"),
    Sealed(PullRow, "token", "pull/{open_kfid}"),
    Sealed(VaultRow, "data_key"),
    *of_person(VaultRow, "address", "facts"),
)
_ROWS = 100
_BYTES = 4 * 1024 * 1024  # a batch of pictures is bounded by this
_PASSES = 3  # the service may write with an older key, or change a row, while the first one runs
_HEAD = 5  # version and key id


@dataclass(slots=True)
class Count:
    """What became of a column: sealed anew (or to be), changed by others meanwhile, opened by no key."""

    column: str
    renewed: int = 0
    passed_over: int = 0
    unopened: int = 0


def only_sealed(columns: Iterable[Sealed | Apart]) -> list[Sealed]:
    """Return those that the Seal closes."""
    return [column for column in columns if isinstance(column, Sealed)]


def rotate(
    db: Database,
    seal: Seal,
    columns: Iterable[Sealed],
    *,
    dry_run: bool = False,
    rest: Callable[[], None] = lambda: None,
) -> Iterator[Count]:
    """Seal anew what is not under the newest key; yield a count for each column.

    dry_run: write nothing, but open every value, those under the newest key too. rest is called between batches, so
    that a service of the same SQLite file gets its turn.
    """
    for column in columns:
        count = Count(column.name)
        for _ in range(1 if dry_run else _PASSES):
            count.passed_over = count.unopened = 0
            for keys in _batches(db, column, b"" if dry_run else seal.head):
                changes = _sealed_anew(db, seal, column, keys, count)
                if dry_run:
                    count.renewed += sum(not seal.is_current(old) for _, old, _ in changes)
                else:
                    _store(db, column, changes, count)
                rest()
            if not count.passed_over:
                break
        yield count


def count_keys(session: Session, columns: Iterable[Sealed]) -> Counter[str]:
    """Return how many values each key seals, by key id (8 hex digits)."""
    found: Counter[str] = Counter()
    for column in columns:
        head = _head(column)
        counts = select(head, func.count()).where(_value(column).is_not(None)).group_by(head)
        for start, number in session.execute(counts):
            found[bytes(start)[1:].hex()] += number
    return found


def _batches(db: Database, column: Sealed, but: bytes) -> Iterator[list[Sequence[Any]]]:
    """Yield the primary keys of rows whose value begins otherwise than `but`, in portions, each row once."""
    primary, value = _primary(column), _value(column)
    chosen = select(*primary, func.length(value)).where(value.is_not(None), _head(column) != but)
    query = chosen.order_by(*primary).limit(_ROWS)
    with db.reading() as session:
        rows = session.execute(query).all()
    while rows:
        yield from _portions(rows)
        with db.reading() as session:
            rows = session.execute(query.where(_after(primary, rows[-1][:-1]))).all()


def _portions(rows: Sequence[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    """Split rows (primary key …, size) so that the values of a portion may be held in memory."""
    keys: list[Sequence[Any]] = []
    total = 0
    for row in rows:
        if keys and total + row[-1] > _BYTES:
            yield keys
            keys, total = [], 0
        keys.append(row[:-1])
        total += row[-1]
    yield keys


def _sealed_anew(
    db: Database, seal: Seal, column: Sealed, keys: Sequence[Sequence[Any]], count: Count
) -> list[tuple[Sequence[Any], bytes, bytes]]:
    """Return (primary key, value as stored, value sealed anew) of some rows; counts those that no key opens."""
    with db.reading() as session:
        rows = session.execute(_chosen(column, keys)).all()
    changes: list[tuple[Sequence[Any], bytes, bytes]] = []
    for row in rows:
        size = len(keys[0])
        key, old, needed = row[:size], row[size], row[size + 1 :]
        bound = column.bound_to.format(**dict(zip(column.needs, needed, strict=True)))
        try:
            changes.append((key, old, seal.close(seal.open(old, bound), bound)))
        except SealError:
            count.unopened += 1
    return changes


def _store(db: Database, column: Sealed, changes: Sequence[tuple[Sequence[Any], bytes, bytes]], count: Count) -> None:
    """Replace values that still are what was read. Never waits for a row: whoever holds it may wait for ours."""
    primary, value = _primary(column), _value(column)
    if not changes:
        return
    with db.transaction() as session:
        wanted = select(*primary).where(or_(*(_is(primary, key) for key, _, _ in changes)))
        free = {tuple(row) for row in session.execute(wanted.with_for_update(skip_locked=True))}
        for key, old, new in changes:
            change = update(column.row).where(_is(primary, key), value == old).values({column.column: new})
            once = change.returning(*primary).execution_options(synchronize_session=False)
            done = tuple(key) in free and session.execute(once).first() is not None
            count.renewed += done
            count.passed_over += not done


def _chosen(column: Sealed, keys: Sequence[Sequence[Any]]) -> Select[Any]:
    primary, value = _primary(column), _value(column)
    needed = [getattr(column.row, name) for name in column.needs]
    return select(*primary, value, *needed).where(value.is_not(None), or_(*(_is(primary, key) for key in keys)))


def _head(column: Sealed) -> ColumnElement[bytes]:
    return func.substr(_value(column), 1, _HEAD, type_=LargeBinary)


def _value(column: Sealed) -> InstrumentedAttribute[Any]:
    value: InstrumentedAttribute[Any] = getattr(column.row, column.column)
    return value


def _primary(column: Sealed) -> list[InstrumentedAttribute[Any]]:
    return [getattr(column.row, part.key) for part in column.row.__table__.primary_key]


def _is(primary: Sequence[InstrumentedAttribute[Any]], key: Sequence[Any]) -> ColumnElement[bool]:
    return and_(*(part == wanted for part, wanted in zip(primary, key, strict=True)))


def _after(primary: Sequence[InstrumentedAttribute[Any]], key: Sequence[Any]) -> ColumnElement[bool]:
    """Return whether a row comes after key in the order of the primary key."""
    later: ColumnElement[bool] = false()
    for part, seen in reversed(list(zip(primary, key, strict=True))):
        later = or_(part > seen, and_(part == seen, later))
    return later
