"""What a lane may still get where the platform allows answers only: so many after what the other side last said.

The platform counts for itself and has the last word; this count spares it calls that it would refuse, and makes the
messages for which there is no room wait as rows (bot.outbox, 待联系). Whoever looks at or changes a count holds the
lane's lock (bot.lanes.lock_of), so that no message is put aside while somebody brings all of them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import lanes
from bot.channel import Allowance
from bot.db import Base

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_KEPT = timedelta(days=30)
# From the ledger's note of a call until the platform counts it; its times are whole seconds, too.
_ON_ITS_WAY = timedelta(seconds=2)


class AllowanceRow(Base):
    """How much of its allowance a lane has used. since: when its other side last said something, UTC."""

    __tablename__ = "allowance"
    lane: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    used: Mapped[int] = mapped_column(default=0)


def renew(
    session: Session, spoken: Mapping[str, datetime], rooms: Mapping[str, Allowance] = MappingProxyType({})
) -> None:
    """Begin the allowance of lanes anew: by lane, when the other side said something. What is older changes nothing.

    What has left since then, before we heard of it, counts for the new one; so does what was on its way. rooms: what
    the lanes may get. One message is tried whatever was counted: our clock and the platform's may differ by more than
    a talk lasts, and then everything before seems to have left since; the platform has the last word.
    """
    if not spoken:
        return
    insert: Any = _INSERTS[session.connection().dialect.name](AllowanceRow)
    newer = insert.on_conflict_do_update(
        index_elements=["lane"],
        set_={"since": insert.excluded.since, "used": insert.excluded.used},
        where=AllowanceRow.since < insert.excluded.since,
    )
    left = lanes.count_sends(session, {lane: at - _ON_ITS_WAY for lane, at in spoken.items()})
    most = {lane: room.count - 1 for lane, room in rooms.items()}
    rows = [
        {"lane": lane, "since": at, "used": min(left[lane], most.get(lane, left[lane]))} for lane, at in spoken.items()
    ]
    session.connection().execute(newer, rows)


def use(session: Session, lane: str, allowance: Allowance, now: datetime) -> bool:
    """Take one message of the lane's allowance; False if there is none left."""
    query = (
        update(AllowanceRow)
        .where(
            AllowanceRow.lane == lane,
            AllowanceRow.used < allowance.count,
            AllowanceRow.since > now - timedelta(seconds=allowance.seconds),
        )
        .values(used=AllowanceRow.used + 1)
        .execution_options(synchronize_session=False)
    )
    return session.connection().execute(query).rowcount > 0


def give_back(session: Session, lane: str, since: datetime | None) -> None:
    """Give back one message that surely did not arrive, unless the other side has spoken after since."""
    query = update(AllowanceRow).where(AllowanceRow.lane == lane, AllowanceRow.used > 0, AllowanceRow.since == since)
    session.connection().execute(query.values(used=AllowanceRow.used - 1))


def exhaust(session: Session, lane: str, allowance: Allowance, since: datetime | None) -> bool:
    """Note that the platform allows no more; False if the other side has spoken after since, so that one may try."""
    if find_since(session, lane) != since:
        return False
    session.connection().execute(update(AllowanceRow).where(AllowanceRow.lane == lane).values(used=allowance.count))
    return True


def find_since(session: Session, lane: str) -> datetime | None:
    """Return when the other side of a lane last said something; None if that is not known."""
    return session.scalar(select(AllowanceRow.since).where(AllowanceRow.lane == lane))


def sweep(session: Session, now: datetime) -> None:
    """Delete the counts of lanes that have long been silent: without one a lane has no allowance either."""
    session.execute(delete(AllowanceRow).where(AllowanceRow.since < now - _KEPT))
