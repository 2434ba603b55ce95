"""Who did what to which case or secret: an append-only log whose rows are chained, so that a change shows.

Ids only: no name, text or platform id of a complainant is ever an entry's content.
Daily anchors are copied into the log, so that a copy lies outside the database. How it is proved: bot.proof.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.chain import ANCHORED, GENESIS, HEAD, AuditAnchorRow, AuditHeadRow, AuditRow, Chain, canonical, spelled
from bot.errors import SealError
from bot.proof import Mark, Verdict, verify
from bot.seal import Seal
from bot.shared import insert_missing

__all__ = ["Entry", "Mark", "Verdict", "anchor", "list_reads", "note", "verify"]

_READ = ".read_"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is shown to people. at is an aware instant in UTC."""

    seq: int
    at: datetime
    actor: str
    act: str
    subject: str
    detail: Mapping[str, str]


def note(
    session: Session,
    seal: Seal,
    *,
    actor: str,
    act: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, str] | None = None,
) -> None:
    """Append one entry in the caller's transaction; entries of several processes form one chain.

    actor is a person id of the directory, "complainant", "bot" or "operator"; act is a dotted name
    ("complaint.read_original"); subject the uid of what it was done to; detail short values without content.
    From here to the end of the transaction no other process can append: note late, and lock nothing afterwards.
    Raises SealError if the head was changed by somebody without the keys: nothing is appended to a broken chain.
    """
    chain = Chain(seal)
    _append(session, chain, _locked_head(session, chain), now, (actor, act, subject, detail or {}))


def anchor(session: Session, seal: Seal, day: date, now: datetime) -> str:
    """Anchor a day where the chain stands now, once; return the line for the log, which lies outside the database.

    For a nightly job; a second call for the same day returns the same line. Raises SealError as note does.
    """
    chain = Chain(seal)
    head = _locked_head(session, chain)
    found = session.get(AuditAnchorRow, day)
    if found is None:
        count, digest = head
        found = AuditAnchorRow(day=day, seq=count, digest=digest, mac=chain.anchor(day.isoformat(), count, digest))
        session.add(found)
        session.flush()
        _append(session, chain, head, now, ("bot", ANCHORED, day.isoformat(), {}))
    # In groups: a run of eleven digits would be masked in the log as a telephone number.
    groups = "-".join(found.digest[start : start + 8] for start in range(0, len(found.digest), 8))
    return f"{ANCHORED} day={day.isoformat()} seq={found.seq} digest={groups}"


def list_reads(session: Session, subject: str) -> list[Entry]:
    """Return who has read what is secret of a subject (acts like "complaint.read_original"), oldest first."""
    query = (
        select(AuditRow)
        .where(AuditRow.subject == subject, AuditRow.act.contains(_READ, autoescape=True))
        .order_by(AuditRow.seq)
    )
    return [
        Entry(row.seq, row.at, row.actor, row.act, row.subject, json.loads(row.detail))
        for row in session.scalars(query)
    ]


def _locked_head(session: Session, chain: Chain) -> tuple[int, str]:
    """Return count and digest of the end of the chain; it stays locked until the transaction ends."""
    query = select(AuditHeadRow.count, AuditHeadRow.digest, AuditHeadRow.mac).where(AuditHeadRow.id == HEAD)
    head = session.execute(query.with_for_update()).one_or_none()
    if head is None:
        if session.scalar(select(AuditRow.seq).limit(1)) is None:
            insert_missing(session, AuditHeadRow, id=HEAD, count=0, digest=GENESIS, mac=chain.head(0, GENESIS))
        # Also where there are entries: another process may have made the first one, and the head, since we looked.
        head = session.execute(query.with_for_update()).one_or_none()
    count, digest, mac = head or (0, GENESIS, "")
    if not hmac.compare_digest(mac.encode(), chain.head(count, digest).encode()):
        raise SealError("the head of the audit log is not ours: run duban audit verify")
    return count, digest


def _append(
    session: Session, chain: Chain, head: tuple[int, str], now: datetime, entry: tuple[str, str, str, Mapping[str, str]]
) -> None:
    (count, previous), (actor, act, subject, detail) = head, entry
    seq, said = count + 1, canonical(detail).decode()
    digest = chain.digest(seq, spelled(now), actor, act, subject, said, previous)
    new = {"seq": seq, "at": now, "actor": actor, "act": act, "subject": subject, "detail": said}
    session.execute(insert(AuditRow).values(**new, previous=previous, digest=digest))
    moved = update(AuditHeadRow).where(AuditHeadRow.id == HEAD)
    session.execute(
        moved.values(count=seq, digest=digest, mac=chain.head(seq, digest)),
        execution_options={"synchronize_session": False},
    )
