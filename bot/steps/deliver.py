"""deliver: take rows, send them without any transaction, mark what became of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import allowance, lanes, outbox, stuck, underway
from bot.channel import Channel, Parcel, Receipt
from bot.errors import Failure, SendError, place_of
from bot.outbox import Taken
from bot.people import Directory
from bot.retry import Decision, Fate, after_send, after_unknown
from bot.shared import lock
from bot.steps.house import House, tell_clerks, tell_end
from bot.steps.judge import judging
from bot.steps.trouble import is_passing

log = logging.getLogger(__name__)


def take(house: House, most: int) -> list[Taken]:
    """Mark up to most due messages as being sent by this process and return them."""
    now = house.clock.now()
    with house.db.transaction() as session:
        if not house.signs.is_given(session):
            log.warning("presence.missing owner=%s", house.owner)
            return []  # others would take what is under way for lost
        return outbox.claim(
            session,
            house.seal,
            now,
            guard=judging(house, session, now),
            owner=house.owner,
            limits=house.limits,
            most=most,
            allowances=house.allowances,
            on_end=lambda key: tell_end(house, session, key, now, is_sent=False),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one send; seconds is how long the call took."""

    taken: Taken
    result: Receipt | SendError
    seconds: float


def send(house: House, taken: Taken) -> Outcome:
    """Make the network call for one taken row; never raises."""
    parcel = Parcel(taken.uid, taken.envelope, taken.purpose, taken.attempt, taken.first_at)
    started = time.monotonic()
    try:
        channel = house.channels.get(taken.door)
        if channel is None:
            raise SendError(Failure.DOOR_DOWN, hint="door not configured")
        result: Receipt | SendError = channel.send(parcel, house.clock.now())
    except SendError as error:
        result = error
    except Exception as error:  # a bug in a door must not lose the row; nobody knows how far it came
        if is_passing(error):
            # Doors look up keys and tokens before they call: nothing arrived, and no person has to look.
            return Outcome(taken, SendError(Failure.BUSY, hint="the database is away"), time.monotonic() - started)
        log.error("outbox.error id=%s error=%s", taken.uid, place_of(error))
        result = SendError(Failure.UNKNOWN, hint=place_of(error))
    return Outcome(taken, result, time.monotonic() - started)


def mark(house: House, outcomes: Sequence[Outcome]) -> None:
    """Record what became of sends, all in one transaction."""
    now = house.clock.now()
    with house.db.transaction() as session:
        for outcome in outcomes:
            try:
                with session.begin_nested():
                    _mark_one(house, session, outcome, now)
            except Exception as error:  # a bug in what follows a send must not hold up the others
                if is_passing(error):
                    raise  # all of them are marked later
                log.error("outbox.mark_error id=%s error=%s", outcome.taken.uid, place_of(error))
                fate = Decision(Fate.SENT if isinstance(outcome.result, Receipt) else Fate.MAYBE)
                outbox.settle(session, outcome.taken.id, fate, now, code=None, reason=place_of(error))


def _mark_sent(house: House, session: Session, taken: Taken, seconds: float, now: datetime) -> None:
    if not outbox.finish(session, taken.id, now):
        log.warning("outbox.late id=%s door=%s", taken.uid, taken.door)  # the platform has taken its word back
        return
    tell_end(house, session, taken.key, now, is_sent=True)
    if taken.audience:
        lanes.revive(session, taken.audience, taken.door)
    house.metrics.sent(taken.door, taken.purpose, "sent", seconds)
    log.info("outbox.sent id=%s door=%s purpose=%s attempt=%d", taken.uid, taken.door, taken.purpose, taken.attempt)


def _mark_one(house: House, session: Session, outcome: Outcome, now: datetime) -> None:
    taken, result = outcome.taken, outcome.result
    if isinstance(result, Receipt):
        _mark_sent(house, session, taken, outcome.seconds, now)
        return
    if result.failure is Failure.SPENT:
        lock(session, lanes.lock_of(taken.lane))  # whoever brings back what is put aside there waits, or is done
    if not underway.is_under_way(session, taken.id, house.owner):
        log.warning("outbox.late id=%s door=%s", taken.uid, taken.door)  # others took us for gone, and have decided
        return
    channel = house.channels.get(taken.door)
    decision = _decide(session, taken, result, channel, now)
    outbox.settle(
        session,
        taken.id,
        decision,
        now,
        code=result.code,
        reason=f"{result.failure} {result.hint}"[:200],
        is_definite=result.failure is not Failure.UNKNOWN,
    )
    if decision.fate not in (Fate.AGAIN, Fate.PARKED):
        tell_end(house, session, taken.key, now, is_sent=decision.fate is Fate.SENT)
    _follow_up(house, session, taken, result, decision, now)
    house.metrics.sent(taken.door, taken.purpose, decision.fate, outcome.seconds)
    log.warning(
        "outbox.%s id=%s door=%s purpose=%s attempt=%d failure=%s code=%s",
        decision.fate,
        taken.uid,
        taken.door,
        taken.purpose,
        taken.attempt,
        result.failure,
        result.code,
    )


def _decide(session: Session, taken: Taken, error: SendError, channel: Channel | None, now: datetime) -> Decision:
    """Return what becomes of the row, with what it has used of its lane's allowance put right."""
    decision = after_send(
        error,
        attempts=taken.attempt,
        now=now,
        first_at=taken.first_at,
        aid_seconds=channel.aid_seconds if channel and channel.has_aid else 0,
        may_repeat=taken.may_repeat,
    )
    room = channel.allowance if channel else None
    if room is None:
        return decision
    if taken.envelope.code:  # what answers an event is of no use later
        return Decision(Fate.FAILED) if decision.fate is Fate.PARKED else decision
    if decision.fate is Fate.PARKED:
        if not allowance.exhaust(session, taken.lane, room, taken.since):
            return Decision(Fate.AGAIN, now, counts=False)  # the other side has spoken since this was taken
    elif error.failure not in (Failure.UNKNOWN, Failure.DELIVERED):
        allowance.give_back(session, taken.lane, taken.since)
    return decision


def _follow_up(
    house: House, session: Session, taken: Taken, error: SendError, decision: Decision, now: datetime
) -> None:
    if error.failure is Failure.LIMITED:
        channel = house.channels.get(taken.door)
        whole = channel is not None and channel.pauses_whole
        until = now + timedelta(seconds=error.retry_after or 60)
        lanes.pause(session, taken.door if whole else taken.lane, until, "platform limit")
    elif error.failure is Failure.DOOR_DOWN:
        lanes.pause(session, taken.door, now + timedelta(seconds=error.retry_after or 300), error.hint[:200])
    elif error.failure is Failure.DEAD_TARGET and taken.audience:
        if lanes.mark_dead(session, taken.audience, taken.door, error.code, now):
            _tell_dead(house, session, taken, now)
    elif taken.envelope.code and decision.fate in (Fate.FAILED, Fate.MAYBE):
        stuck.dismiss(session, taken.id)  # a welcome that came too late is no matter for people
    elif decision.fate is Fate.MAYBE:
        _tell_maybe(house, session, taken.id, taken.uid, taken.audience, now)
    elif decision.fate is Fate.FAILED:
        directory = house.directories.get(session)
        notice = "有消息没有发出去。请管理员用 duban failed 查看原因,处理后用 duban replay 重发。"
        tell_clerks(house, session, directory, f"unsent/{now:%Y%m%d}", notice, now)


def _tell_maybe(house: House, session: Session, row_id: int, uid: str, audience: str, now: datetime) -> None:
    directory = house.directories.get(session)
    notice = f"发给“{_name(directory, audience)}”的一条消息结果不明,可能已发(编号 {row_id})。为免重复未再发。"
    tell_clerks(house, session, directory, f"maybe/{uid}", notice, now)


def _tell_dead(house: House, session: Session, taken: Taken, now: datetime) -> None:
    directory = house.directories.get(session)
    name = _name(directory, taken.audience)
    notice = f"小督联系不上“{name}”(群推送地址失效,或成员不在应用可见范围)。请核对后重新绑定或导入。"
    tell_clerks(house, session, directory, f"dead/{taken.audience}/{taken.door}/{now:%Y%m%d}", notice, now)


def _name(directory: Directory, audience: str) -> str:
    if audience in directory.chats:
        return directory.chats[audience].name
    return directory.people[audience].name if audience in directory.people else "收件人"


def recover(house: House) -> int:
    """Settle rows that processes now gone were sending; returns how many. Their outcome is unknown."""
    now = house.clock.now()
    with house.db.reading() as session:
        owners = underway.list_owners(session) - {house.owner}
    if not owners:
        return 0
    with house.db.transaction() as session:
        rows = underway.list_orphans(session, house.signs.find_gone(session, owners))
        for row in rows:
            channel = house.channels.get(row.door)
            decision = after_unknown(
                attempts=row.attempts,
                now=now,
                first_at=row.first_at or now,
                aid_seconds=channel.aid_seconds if channel and channel.has_aid else 0,
                may_repeat=row.may_repeat,
            )
            outbox.settle(session, row.id, decision, now, code=None, reason="the sending process ended")
            if decision.fate is not Fate.AGAIN:
                tell_end(house, session, row.key, now, is_sent=False)
            if decision.fate is Fate.MAYBE:
                _tell_maybe(house, session, row.id, row.uid, row.audience, now)
            house.metrics.sent(row.door, row.purpose, f"orphan-{decision.fate}", 0.0)
            log.warning("outbox.orphan id=%s door=%s fate=%s", row.uid, row.door, decision.fate)
    return len(rows)
