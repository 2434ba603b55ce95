"""handle: received messages become records and answers, each in one transaction; never touches the network."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot import conversation, inbox, lanes, media
from bot.conversation import Dialogue
from bot.dispatch import Origin
from bot.errors import SealError, UserError, place_of
from bot.inbox import InboxRow, Received, Waiting
from bot.messages import Kind, Outgoing, Sender, Text, ToPerson
from bot.people import Directory
from bot.retry import MAX_HANDLES
from bot.router import Context, Ignore, Match, Reading
from bot.steps import alarm, identify
from bot.steps.house import House, fit_hour, tell_clerks_now
from bot.steps.trouble import is_passing

log = logging.getLogger(__name__)

SORRY = "抱歉,这条消息没有处理成功,已通知管理人员。请稍后再发一次。"
SORRY_PUBLIC = f"如有人身危险请拨打110、120、119。\n{SORRY}"
PUBLIC_FAILED = (
    "【紧急】有来自家长群众的消息没有处理成功(编号 {number}),可能有人遇险。请管理员马上用 duban failed 查看原因。"
)
# Where everything fails, the clerks are told at once, but not of every message.
_TELL_EVERY = 10
ENDED = "the process ended while this was handled"
# Counting attempts costs one commit for each batch; a process that dies makes this many be taken one at a time.
_BATCH = 50
# Where several processes handle, each takes less at a time, and puts off the end of its lease before that comes.
_SHARED_BATCH = 10
_RENEW_SECONDS = 0.5
_TRIES = 3


def handle(
    house: House,
    on_settled: Callable[[str], None],
    is_stopping: Callable[[], bool] = lambda: False,
    give_way: Callable[[], None] = lambda: None,
) -> bool:
    """Handle a batch of due messages; False if there is none. on_settled is told each uid after its commit, give_way
    is called before each message.

    Raises if the database is away: no attempt of a message is counted for that, here or as soon as it is back.
    """
    _put_back(house)
    batch = deque(_take(house))
    if not batch:
        return False
    leased = time.monotonic()
    try:
        while batch and not is_stopping():
            give_way()
            if not house.db.is_sqlite and time.monotonic() - leased > _RENEW_SECONDS:
                batch, leased = _renew(house, batch), time.monotonic()
                continue
            _handle_one(house, batch.popleft(), on_settled)
    finally:
        house.setbacks.release((waiting.id for waiting in batch), house.clock.now())
        _put_back(house)
    return True


def _take(house: House) -> list[Waiting]:
    """Count the attempts of the next messages in a short transaction of its own, before any of them is opened."""
    now = house.clock.now()
    for _ in range(_TRIES):
        with house.db.reading() as session:
            found = inbox.list_due(session, now, _BATCH if house.db.is_sqlite else _SHARED_BATCH)
        if not found:
            break
        with house.db.transaction() as session:
            begun = inbox.begin(session, found, now)
        if begun:
            return begun  # else another process was a moment earlier: it has these, and there may be more
    return []


def _renew(house: House, batch: deque[Waiting]) -> deque[Waiting]:
    """Keep what was taken for longer; what took too long may be another process's by now."""
    with house.db.transaction() as session:
        return deque(inbox.renew(session, batch, house.clock.now()))


def _put_back(house: House) -> None:
    if house.setbacks.owed:
        with house.db.transaction() as session:
            inbox.put_back(session, house.setbacks.owed)
        house.setbacks.clear()


def _handle_one(house: House, waiting: Waiting, on_settled: Callable[[str], None]) -> None:
    now = house.clock.now()
    try:
        is_settled = _give_up(house, waiting, now) if waiting.attempts > MAX_HANDLES else _try(house, waiting, now)
    except Exception as error:
        if is_passing(error):
            house.setbacks.note(waiting.id, now)
            log.warning("inbox.put_back id=%s error=%s", waiting.uid, place_of(error))
        raise
    house.setbacks.settle(waiting.id)
    if is_settled:
        on_settled(waiting.uid)


def _try(house: House, waiting: Waiting, now: datetime) -> bool:
    """Read and answer one message; False if it must wait. A fault is recorded with the row, so that the loop lives."""
    received: Received | None = None
    try:
        received = inbox.unseal(waiting, house.seal)
        with house.db.reading() as session:
            directory = house.directories.get(session)
            dialogue = conversation.find(session, house.seal, received.message.conversation, received.received_at)
            match = _read(house, session, directory, received, dialogue)
        return _answer(house, directory, received, dialogue, match, now)
    except Exception as error:
        if is_passing(error):
            raise
        _fail(house, waiting, received, now, error)
        return True


def _read(house: House, session: Session, directory: Directory, received: Received, dialogue: Dialogue | None) -> Match:
    # What "明天" means and which week a report counts for follows from when it was said, not from when it is read.
    message, now = received.message, received.received_at
    reading = Reading(
        message=message,
        sender=directory.find_sender(message.sender) if message.sender else None,
        directory=directory,
        dialogue=dialogue,
        now=now,
        session=session,
    )
    return house.router.match(reading)


def _answer(
    house: House, directory: Directory, received: Received, dialogue: Dialogue | None, match: Match, now: datetime
) -> bool:
    """Answer a message in one write transaction; False if it must wait until its sender is known.

    A UserError undoes what the route wrote: its words are then stored as the answer in a transaction of their own.
    """
    try:
        with house.db.transaction() as session:
            if identify.must_wait(session, directory, received, now):
                inbox.postpone(session, received.id, now + identify.LOOK_AGAIN, "looking up the sender")
                return False
            row = inbox.claim(session, received.id)
            if row is not None and isinstance(match.value, Ignore):
                _ignore(house, session, directory, received, match, now)
            elif row is not None:
                context = _context(house, session, directory, received, dialogue)
                if context.person is not None or received.message.door.startswith(media.PUBLIC):
                    media.put(session, house.seal, received.uid, received.message, now)
                _finish(house, context, row, match, match.route.answer(context, match.value), now)
    except UserError as error:
        with house.db.transaction() as session:
            row = inbox.claim(session, received.id)
            if row is not None:
                context = _context(house, session, directory, received, dialogue)
                _finish(house, context, row, match, [context.reply(str(error))], now)
    return True


def _ignore(
    house: House, session: Session, directory: Directory, received: Received, match: Match, now: datetime
) -> None:
    person = directory.find_sender(received.message.sender)
    if person is not None and received.message.kind is not Kind.EVENT:
        # Whoever opens the app is reached by it again; an event may tell that somebody left it.
        lanes.revive(session, person.id, received.message.door)
    inbox.finish(session, received.id, now, ignored=match.value.reason)
    house.metrics.handled(match.route.name, "ignored")


def _context(
    house: House, session: Session, directory: Directory, received: Received, dialogue: Dialogue | None
) -> Context:
    message = received.message
    return Context(
        message=message,
        uid=received.uid,
        person=directory.find_sender(message.sender) if message.sender else None,
        directory=directory,
        # Messages of a conversation are handled in order, so the dialogue is still the one that was read.
        dialogue=dialogue,
        now=received.received_at,
        session=session,
        seal=house.seal,
        weekly=house.weekly,
        complaints=house.complaints,
        public_url=house.public_url,
        person_door=house.dispatch.person_door,
        courtesy=house.courtesy,
        reach=lambda person_id: house.dispatch.can_reach(session, directory, person_id),
    )


def _finish(
    house: House, context: Context, row: InboxRow, match: Match, outgoings: list[Outgoing], now: datetime
) -> None:
    outgoings = _at_fit_hours(house, context, outgoings, now)
    house.dispatch.put(context.session, context.directory, outgoings, now, Origin(context.uid, context.message))
    inbox.finish(context.session, row.id, now)
    if match.route.is_confidential:
        row.conversation = row.uid  # else the sender's other messages would tell who it was
    house.metrics.handled(match.route.name, "handled")
    log.info(
        "inbox.handled id=%s door=%s route=%s person=%s answers=%d",
        context.uid,
        context.message.door,
        match.route.name,
        context.person.id if context.person and not match.route.is_confidential else "-",
        len(outgoings),
    )


def _at_fit_hours(house: House, context: Context, outgoings: list[Outgoing], now: datetime) -> list[Outgoing]:
    """Let what others get because of this message wait for working hours; its sender is answered at once."""
    return [
        replace(outgoing, not_before=fit_hour(house, context.directory, now, outgoing.not_before))
        if _may_wait(context, outgoing)
        else outgoing
        for outgoing in outgoings
    ]


def _may_wait(context: Context, outgoing: Outgoing) -> bool:
    if not isinstance(outgoing.to, ToPerson) or outgoing.is_urgent:
        return False
    return context.person is None or outgoing.to.person_id != context.person.id


def _fail(house: House, waiting: Waiting, received: Received | None, now: datetime, error: Exception) -> None:
    is_unreadable = received is None and isinstance(error, SealError)
    reason = "SealError: no configured key opens the body" if is_unreadable else place_of(error)
    with house.db.transaction() as session:
        alarm.hold(session)
        final = inbox.fail(session, waiting.id, house.clock.now(), reason)
        if final:
            _tell_now(house, session, waiting, house.clock.now())
        if final and received is not None:
            _apologise(house, session, received, now)
    house.metrics.handled("-", "failed" if final else "error")
    event = "inbox.unreadable" if is_unreadable else "inbox.error"
    log.error("%s id=%s attempt=%d final=%s error=%s", event, waiting.uid, waiting.attempts, final, reason)


def _give_up(house: House, waiting: Waiting, now: datetime) -> bool:
    """End a message that was begun as often as may be and never came to an end: the process ended each time."""
    with house.db.transaction() as session:
        alarm.hold(session)
        if not inbox.fail(session, waiting.id, house.clock.now(), ENDED):
            return True  # another process has ended it meanwhile
        _tell_now(house, session, waiting, now)
    house.metrics.handled("-", "failed")
    log.error("inbox.error id=%s attempt=%d final=True error=%s", waiting.uid, MAX_HANDLES, ENDED)
    try:
        # Only now that the row has ended: to open the message may be what ends the process.
        received = inbox.unseal(waiting, house.seal)
        with house.db.transaction() as session:
            _apologise(house, session, received, now)
    except Exception as error:
        log.error("inbox.no_apology id=%s error=%s", waiting.uid, place_of(error))
    return True


def _tell_now(house: House, session: Session, waiting: Waiting, now: datetime) -> None:
    """Tell the clerks at any hour that what the public wrote has failed: it may have told of somebody in danger."""
    if session.get_one(InboxRow, waiting.id).door.startswith(media.PUBLIC):
        key = f"failed-now/{now:%Y%m%d%H}{now.minute // _TELL_EVERY}"
        words = PUBLIC_FAILED.format(number=waiting.id)
        tell_clerks_now(house, session, house.directories.get(session), key, words, now)


def _apologise(house: House, session: Session, received: Received, now: datetime) -> None:
    if not received.message.sender:
        return  # a wake-up or another event of the platform itself
    is_public = received.message.door.startswith(media.PUBLIC)
    words = Text(SORRY_PUBLIC if is_public else SORRY)
    sorry = Outgoing(f"sorry/{received.uid}", Sender(), words, purpose="sorry", is_urgent=is_public)
    origin = Origin(received.uid, received.message)
    house.dispatch.put(session, house.directories.get(session), [sorry], now, origin)
