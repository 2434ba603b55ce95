"""What still lies in the boxes of somebody who is erased: messages that wait, or that failed, in and out.

A row tells by a blind lane or conversation for whom it is; where it cannot, its sealed body is opened and compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from bot import guard, marks
from bot.dispatch import lane_of, unnamed_lane_of
from bot.errors import SealError
from bot.fingerprint import Hasher
from bot.inbox import InboxRow, InboxState
from bot.messages import Envelope, load_envelope, load_incoming
from bot.outbox import OutboxRow, OutboxState
from bot.seal import Seal
from bot.vault import Address

ERASED = "erased"
_PUBLIC = "kf/"
# The cases whose secrets a stuck message shows, by row id.
Stuck = Mapping[int, frozenset[str]]
_STUCK = (OutboxState.FAILED, OutboxState.MAYBE)


@dataclass(frozen=True, slots=True)
class Held:
    """Rows with a body that tells something of a person, by row id."""

    outbox: tuple[int, ...]
    inbox: tuple[int, ...]


def conversation_of(address: Address) -> str:
    """Return the private conversation at an address (bot.messages.Incoming.conversation)."""
    return f"{address.door}||{address.external_id}"


def read_stuck(session: Session, seal: Seal) -> Stuck:
    """Return whose secrets the messages show that failed or are doubtful; some 5 ms a message, so once for many."""
    hasher = marks.hasher_of(seal)
    rows = session.scalars(select(OutboxRow).where(OutboxRow.state.in_(_STUCK), OutboxRow.body.is_not(None)))
    return {row.id: _cases_shown(session, hasher, envelope) for row, envelope in _opened(seal, rows)}


def find(session: Session, seal: Seal, address: Address, cases: Collection[str], stuck: Stuck) -> Held:
    """Return what the boxes hold for an address, and what failed to leave with secrets of cases, for whomever it was.

    A message that is just being handled is left to its handling: its body goes with it.
    """
    wanted = frozenset(cases)
    out = {row for row, shown in stuck.items() if shown & wanted}.union(_find_out(session, seal, address))
    return Held(tuple(sorted(out)), tuple(sorted(_find_in(session, seal, address))))


def forget(session: Session, seal: Seal, address: Address, held: Held, now: datetime) -> None:
    """Delete the bodies, end what waits, and cut what ties ended rows to the address. In the caller's transaction."""
    waits = OutboxRow.state.in_((OutboxState.WAITING, OutboxState.PARKED))
    ended = {"state": OutboxState.EXPIRED, "done_at": now, "body": None, "reason": ERASED}
    session.execute(update(OutboxRow).where(OutboxRow.id.in_(held.outbox), waits).values(**ended))
    session.execute(update(OutboxRow).where(OutboxRow.id.in_(held.outbox)).values(body=None))
    # A lane is blind, but whoever holds the keys and knows an id could ask which rows were for it.
    is_over = OutboxRow.state.not_in((OutboxState.WAITING, OutboxState.PARKED, OutboxState.SENDING))
    session.execute(update(OutboxRow).where(_is_for(seal, address), is_over).values(lane=OutboxRow.uid))
    ignored = {"state": InboxState.IGNORED, "handled_at": now, "body": None, "reason": ERASED}
    session.execute(update(InboxRow).where(InboxRow.id.in_(held.inbox)).values(**ignored, conversation=InboxRow.uid))


def _is_for(seal: Seal, address: Address) -> ColumnElement[bool]:
    """Rows for an address that name nobody: those of a member's work name the member, and stay."""
    lanes = {make(seal, address.door, address.external_id) for make in (lane_of, unnamed_lane_of)}
    return and_(OutboxRow.lane.in_(lanes), OutboxRow.audience == "")


def _find_out(session: Session, seal: Seal, address: Address) -> Iterator[int]:
    has_body = OutboxRow.body.is_not(None)
    yield from session.scalars(select(OutboxRow.id).where(_is_for(seal, address), has_body))
    by_robot = and_(OutboxRow.door.startswith("robot/"), OutboxRow.audience == "")
    for row, envelope in _opened(seal, session.scalars(select(OutboxRow).where(by_robot, has_body))):
        if envelope.reader and envelope.reader == lane_of(seal, row.door, address.external_id):
            yield row.id


def _cases_shown(session: Session, hasher: Hasher, envelope: Envelope) -> frozenset[str]:
    found = marks.find(session, hasher, guard.shown(envelope.body))
    return frozenset(case for each in found for case, _ in each.holders)


def _opened(seal: Seal, rows: Iterable[OutboxRow]) -> Iterator[tuple[OutboxRow, Envelope]]:
    for row in rows:
        try:
            yield row, load_envelope(seal.open(row.body or b"", row.uid))
        except SealError:
            continue


def _find_in(session: Session, seal: Seal, address: Address) -> Iterator[int]:
    is_public = address.door.startswith(_PUBLIC)
    if is_public:  # a member's next message may be a report: it is handled in a moment, and its body goes then
        yield from session.scalars(select(InboxRow.id).where(_is_new(seal, address)).with_for_update(skip_locked=True))
    failed = select(InboxRow).where(InboxRow.state == InboxState.FAILED, InboxRow.body.is_not(None))
    for row in session.scalars(failed):
        is_door = row.door == address.door if is_public else not row.door.startswith(_PUBLIC)
        if is_door and _sender_of(seal, row) == address.external_id:
            yield row.id


def has_new(session: Session, seal: Seal, address: Address) -> bool:
    """Whether a message from an address waits to be handled."""
    return session.scalar(select(InboxRow.id).where(_is_new(seal, address)).limit(1)) is not None


def _is_new(seal: Seal, address: Address) -> ColumnElement[bool]:
    return and_(InboxRow.state == InboxState.NEW, InboxRow.conversation == seal.blind(conversation_of(address)))


def _sender_of(seal: Seal, row: InboxRow) -> str:
    try:
        return load_incoming(seal.open(row.body or b"", row.uid)).sender
    except SealError:
        return ""
