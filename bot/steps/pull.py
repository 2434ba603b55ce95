"""pull: bring what the accounts have received, one page a turn, without a transaction while the platform is asked."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot import allowance, lanes, parked, pulls
from bot.channel import Allowance, Page
from bot.dispatch import lane_of
from bot.errors import Failure, SendError, place_of
from bot.inbox import InboxRow, InboxState
from bot.intake import row_of
from bot.messages import Incoming, Kind
from bot.pulls import Turn
from bot.shared import Notice, lock, tell
from bot.steps.house import House, tell_end
from bot.steps.trouble import is_passing

log = logging.getLogger(__name__)

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
# Messages from before the first start are others' to answer; not those of the minutes in which this was set up.
_GRACE = timedelta(minutes=10)
# How much comes back at once where a door allows any number.
_ROOM = 1000
STALE = "said before this account was ours"
_SEND_FAIL = "msg_send_fail"
# fail_type of msg_send_fail (WeCom docs 94670, read 2026-11).
_FAILS = {
    "1": "the account was deleted",
    "2": "the app is closed",
    "4": "over 48 hours",
    "5": "the session is closed",
    "6": "over five messages",
    "8": "the company is not verified",
    "10": "the user refuses",
    "11": "nobody is logged in",
    "12": "a forbidden type",
    "13": "blocked for safety",
}
_NO_ROOM = ("4", "6")


def begin(house: House) -> None:
    """Have a row for each account; what was said before the first of these days is not answered."""
    if house.accounts:
        with house.db.transaction() as session:
            pulls.ensure(session, house.accounts, house.clock.now())


def pull(house: House) -> bool:
    """Pull the page that has waited longest; False if none is due. Raises if the database is away."""
    turn = _take(house)
    if turn is None:
        return False
    try:
        page = house.sync(turn.door, turn.cursor, turn.token)
    except SendError as error:
        _fail(house, turn, error)
        return True
    except Exception as error:  # a bug in a door must not ask the same again and again
        if is_passing(error):
            raise  # the door looks up its token
        log.error("pull.error door=%s error=%s", turn.door, place_of(error))
        _fail(house, turn, SendError(Failure.UNKNOWN, hint=place_of(error)))
        return True
    _store(house, turn, page)
    return True


def _take(house: House) -> Turn | None:
    now = house.clock.now()
    with house.db.reading() as session:
        if not house.accounts or not pulls.is_due(session, house.accounts, now):
            return None
        owners = pulls.list_owners(session, house.accounts) - {house.owner}
    with house.db.transaction() as session:
        gone = house.signs.find_gone(session, owners) if owners else []
        return pulls.claim(session, house.seal, house.accounts, now, owner=house.owner, gone=gone)


def _store(house: House, turn: Turn, page: Page) -> None:
    """Store a page and move the cursor, in one transaction; what is there already stays as it is."""
    now = house.clock.now()
    rows = [_row(house, turn, message, now) for message in page.messages]
    by_uid = {row["uid"]: message for row, message in zip(rows, page.messages, strict=True)}
    with house.db.transaction() as session:
        held = pulls.hold(session, turn, house.owner)
        if held is None:
            log.warning("pull.late door=%s", turn.door)  # others took us for gone, and have read this
            return
        new = _insert(session, rows)
        fresh = [message for uid, message in by_uid.items() if uid in new]
        _give_room(house, session, fresh, now)
        for message in fresh:
            if message.event == _SEND_FAIL:
                _refuse_late(house, session, message, now)
        pulls.move(held, turn, page.cursor, has_more=page.has_more, now=now)
        if new:
            tell(session.connection(), Notice.INBOX)
    log.info("pull.done door=%s items=%d new=%d more=%s", turn.door, len(rows), len(new), page.has_more)


def _row(house: House, turn: Turn, message: Incoming, now: datetime) -> dict[str, Any]:
    row = {**row_of(house.seal, message, now), "handled_at": None}
    if message.message_id.startswith("sha256-"):
        row["message_id"] = house.seal.blind(message.message_id)  # made from what it says, and from whom
    if message.event == _SEND_FAIL:
        row |= {"state": InboxState.IGNORED, "reason": f"event {_SEND_FAIL}", "body": None, "handled_at": now}
    elif message.sent_at is not None and message.sent_at < turn.started_at - _GRACE:
        row |= {"state": InboxState.IGNORED, "reason": STALE, "body": None, "handled_at": now}
    return row


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> set[str]:
    """Insert the rows that are not there yet, in order, and return their uids."""
    if not rows:
        return set()
    insert: Any = _INSERTS[session.connection().dialect.name](InboxRow)
    missing = insert.on_conflict_do_nothing(index_elements=["door", "message_id"]).returning(InboxRow.uid)
    return set(session.connection().execute(missing, rows).scalars())


def _give_room(house: House, session: Session, fresh: Sequence[Incoming], now: datetime) -> None:
    """Begin the allowance of everybody who wrote anew, and bring back what was put aside for them."""
    spoken: dict[str, datetime] = {}
    room: dict[str, int] = {}
    rooms: dict[str, Allowance] = {}
    for message in fresh:
        if message.kind not in (Kind.EVENT, Kind.ENTER) and message.sender:
            lane = lane_of(house.seal, message.door, message.sender)
            at = min(message.sent_at or now, now)
            spoken[lane] = max(at, spoken.get(lane, at))
            allowed = house.allowances.get(message.door)
            room[lane] = allowed.count - 1 if allowed else _ROOM  # the answer to what was just said always has room
            if message.door in house.allowances:
                rooms[lane] = house.allowances[message.door]
    for lane in sorted(spoken):
        lock(session, lanes.lock_of(lane))
    allowance.renew(session, spoken, rooms)
    back = parked.bring_back(session, room, now)
    if back:
        tell(session.connection(), Notice.OUTBOX)
        log.info("pull.brought_back messages=%d", back)


def _refuse_late(house: House, session: Session, message: Incoming, now: datetime) -> None:
    """End a message of ours that the platform took and then could not deliver; whoever put it still has the words."""
    kind = message.detail.get("fail_type", "")
    reason = f"{_SEND_FAIL}: {_FAILS.get(kind, 'unknown')}"
    code = int(kind) if kind.isascii() and kind.isdigit() and len(kind) < 9 else None
    row = parked.refuse_late(session, message.detail.get("fail_msgid", ""), now, code=code, reason=reason)
    if row is None:
        return
    channel = house.channels.get(row.door)
    if kind in _NO_ROOM and channel is not None and channel.allowance is not None:
        lock(session, lanes.lock_of(row.lane))
        since = allowance.find_since(session, row.lane)
        if since is None or row.first_at is None or since <= row.first_at:
            allowance.exhaust(session, row.lane, channel.allowance, since)
    tell_end(house, session, row.key, now, is_sent=False)
    house.metrics.sent(row.door, row.purpose, "undelivered", 0.0)
    log.warning("outbox.undelivered id=%s door=%s purpose=%s fail_type=%s", row.uid, row.door, row.purpose, code)


def _fail(house: House, turn: Turn, error: SendError) -> None:
    now = house.clock.now()
    rests = {Failure.LIMITED: 60, Failure.DOOR_DOWN: 300}
    seconds = error.retry_after or rests.get(error.failure)
    with house.db.transaction() as session:
        row = pulls.hold(session, turn, house.owner)
        if row is None:
            return
        was_lost = pulls.fail(
            row,
            now,
            f"{error.failure} {error.hint}",
            wait=timedelta(seconds=seconds) if seconds else None,
            is_refused=error.failure is Failure.REJECTED,
        )
    log.warning("pull.failed door=%s failure=%s code=%s", turn.door, error.failure, error.code)
    if was_lost:
        log.error("pull.cursor_refused door=%s: reading again from three days back", turn.door)
