"""The tables of the audit log and the keyed digests that chain its rows (ADR 0017); bot.audit is how it is used.

Each row's digest is an HMAC-SHA256 over the row and the digest before it; the key is derived from the index key, so
that nobody can mend the chain who has the database alone. A head, keyed too, says how many rows there are.
"""

from __future__ import annotations

import hmac
import json
from datetime import UTC, date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.appendonly import protect
from bot.db import Base
from bot.seal import Seal

GENESIS = "0" * 64  # stands before the first row
ANCHORED = "audit.anchor"  # the act of the entry that says that a day was anchored
HEAD = 1  # the id of the one head row


class AuditRow(Base):
    """One entry. seq counts from 1 without gaps; detail is canonical JSON text; previous is the digest before."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    detail: Mapped[str]
    previous: Mapped[str]
    digest: Mapped[str]


class AuditHeadRow(Base):
    """The end of the chain: the one row that whoever appends locks. mac proves count and digest."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    digest: Mapped[str]
    mac: Mapped[str]


class AuditAnchorRow(Base):
    """Where the chain stood when a day (Shanghai) was anchored: after seq rows, with this digest."""

    __tablename__ = "audit_anchor"
    day: Mapped[date] = mapped_column(primary_key=True)
    seq: Mapped[int]
    digest: Mapped[str]
    mac: Mapped[str]


protect(AuditRow)
protect(AuditAnchorRow)


class Chain:
    """Makes the keyed digests; cheap to make: Chain(seal)."""

    def __init__(self, seal: Seal) -> None:
        self._key = seal.derive("audit chain")

    def digest(self, seq: object, at: object, *rest: object) -> str:
        """Return the digest of a row: seq, at (an instant), actor, act, subject, detail, previous."""
        return self._mac("entry", seq, at, *rest)

    def head(self, count: object, digest: object) -> str:
        """Return the mac of a head."""
        return self._mac("head", count, digest)

    def anchor(self, day: object, seq: object, digest: object) -> str:
        """Return the mac of an anchor."""
        return self._mac("anchor", day, seq, digest)

    def _mac(self, *parts: object) -> str:
        return hmac.new(self._key, canonical(parts), "sha256").hexdigest()


def spelled(at: datetime) -> str:
    """Return an aware instant as the digests spell it: in UTC, to the microsecond, as SQLite stores it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def canonical(value: object) -> bytes:
    """Return JSON that is equal for equal values. What is no JSON, as only a forger stores it, is spelled somehow."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr).encode()
