"""Whether the audit log is whole: walks the chain and names the first row that was changed, removed, put in or moved.

Nothing read here is believed: whoever wrote to the database may have stored anything, so values are compared as stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.chain import ANCHORED, GENESIS, HEAD, AuditAnchorRow, AuditHeadRow, AuditRow, Chain
from bot.seal import Seal

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """An anchor as it was copied from the log: on this day there were seq rows, the last with this digest."""

    day: date
    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: fault names the first thing that is not as it was written, empty if there is none.

    rows, digest, anchors: how far the chain was followed, and the digest there.
    """

    rows: int
    digest: str
    anchors: int
    fault: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.fault


class _Broken(Exception):
    """The walk ends here; the text is the fault."""


def verify(session: Session, seal: Seal, marks: Iterable[Mark] = ()) -> Verdict:
    """Walk the whole log in batches and compare its end with the head, its anchors with their entries and with marks.

    Run it in bot.db's reading(), so that what is appended meanwhile does not count. A log that was cut off together
    with its head and anchors, by putting an older copy back, is found by a mark only.
    """
    walk = _Walk(session, Chain(seal))
    try:
        walk.follow()
        walk.compare_head()
        walk.compare_anchors()
        for mark in marks:
            walk.compare_mark(mark)
    except _Broken as fault:
        return Verdict(walk.rows, walk.digest, walk.anchors, str(fault))
    return Verdict(walk.rows, walk.digest, walk.anchors)


class _Walk:
    """Where the walk stands: so many rows followed, the digest of the last one, so many anchors met."""

    def __init__(self, session: Session, chain: Chain) -> None:
        self._session = session
        self._chain = chain
        self.rows = 0
        self.digest = GENESIS
        self.anchors = 0

    def follow(self) -> None:
        """Follow the chain to its last row. Raises _Broken at the first row that does not fit."""
        for row in self._stored():
            wanted = self.rows + 1
            if row.seq != wanted:
                raise _Broken(f"row {wanted} was removed" if row.seq > wanted else f"row {row.seq} was put in")
            facts = (row.actor, row.act, row.subject, row.detail, row.previous)
            if row.digest != self._chain.digest(row.seq, row.at, *facts):
                raise _Broken(f"row {wanted} was changed{'' if row.previous == self.digest else ', put in or moved'}")
            if row.previous != self.digest:
                raise _Broken(f"row {wanted} does not follow row {self.rows}: one of them is of another log")
            if row.act == ANCHORED:
                self._meet_anchor(row.subject)
            self.rows, self.digest = wanted, row.digest

    def compare_head(self) -> None:
        """Compare the end with the head. Raises _Broken."""
        heads = select(AuditHeadRow.id, AuditHeadRow.count, AuditHeadRow.digest, AuditHeadRow.mac)
        found = self._session.execute(heads.order_by(AuditHeadRow.id).limit(2)).all()
        if not found and not self.rows:
            return
        if not found:
            raise _Broken("the head was removed")
        identity, count, digest, mac = found[0]
        if len(found) > 1 or identity != HEAD or mac != self._chain.head(count, digest):
            raise _Broken("the head was changed")
        if count > self.rows:
            raise _Broken(f"row {self.rows + 1} was removed, and all after it up to row {count}")
        if count < self.rows or digest != self.digest:
            raise _Broken(f"the head is an older one, of row {count}")

    def compare_anchors(self) -> None:
        """Look for anchors that no entry speaks of. Raises _Broken."""
        if self._session.scalar(select(func.count()).select_from(AuditAnchorRow)) == self.anchors:
            return
        spoken = select(AuditRow.subject).where(AuditRow.act == ANCHORED)
        known = set(self._session.scalars(spoken))
        strange = sorted(set(map(str, self._session.scalars(select(self._day())))) - known)
        raise _Broken(f"the anchor of {''.join(strange[:1])} has no entry: it was put in, or rows were removed")

    def compare_mark(self, mark: Mark) -> None:
        """Compare the log with a copy that lay elsewhere. Raises _Broken."""
        if mark.seq > self.rows:
            raise _Broken(f"row {self.rows + 1} was removed, and all after it up to row {mark.seq} of {mark.day}")
        digest = self._session.scalar(select(AuditRow.digest).where(AuditRow.seq == mark.seq)) or GENESIS
        if digest != mark.digest:
            raise _Broken(f"row {mark.seq} or one before it is not the one of {mark.day}")

    def _meet_anchor(self, day: str) -> None:
        query = select(AuditAnchorRow.seq, AuditAnchorRow.digest, AuditAnchorRow.mac).where(self._day() == day)
        found = self._session.execute(query).one_or_none()
        if found is None:
            raise _Broken(f"the anchor of {day} was removed")
        if tuple(found) != (self.rows, self.digest, self._chain.anchor(day, self.rows, self.digest)):
            raise _Broken(f"the anchor of {day} was changed")
        self.anchors += 1

    def _stored(self) -> Iterator[Any]:
        columns = (AuditRow.seq, self._at(), AuditRow.actor, AuditRow.act, AuditRow.subject, AuditRow.detail)
        query = select(*columns, AuditRow.previous, AuditRow.digest).order_by(AuditRow.seq).limit(_BATCH)
        batch = self._session.execute(query).all()
        while batch:
            yield from batch
            batch = self._session.execute(query.where(AuditRow.seq > batch[-1].seq)).all()

    def _at(self) -> ColumnElement[str]:
        """Return the instant of a row as the digests spell it, straight from what is stored."""
        return self._written(AuditRow.at, "YYYY-MM-DD HH24:MI:SS.US")

    def _day(self) -> ColumnElement[str]:
        return self._written(AuditAnchorRow.day, "YYYY-MM-DD")

    def _written(self, column: InstrumentedAttribute[Any], shape: str) -> ColumnElement[str]:
        if self._session.connection().dialect.name == "sqlite":
            return type_coerce(column, String).label(column.key)
        stored = func.timezone("UTC", column) if column is AuditRow.at else column
        # With the era: without it, 2026 before our era is written like 2026.
        return func.replace(func.to_char(stored, f"AD {shape}"), "AD ", "", type_=String).label(column.key)
