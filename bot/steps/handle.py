"""handle: one received message becomes records and answers, in one transaction; never touches the network."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot import conversation, inbox, media, outbox
from bot.dispatch import Origin
from bot.errors import SealError, UserError
from bot.inbox import Received
from bot.messages import Outgoing, Sender, Text, ToPerson
from bot.people import Directory
from bot.router import Context, Ignore, Match, Reading
from bot.steps import identify
from bot.steps.house import House, fit_hour, place_of, tell_clerks

log = logging.getLogger(__name__)

SORRY = "抱歉,这条消息没有处理成功,已通知管理人员。请稍后再发一次。"


def handle(house: House, on_settled: Callable[[str], None]) -> bool:
    """Handle the oldest due message; False if there is none. on_settled is told the uid after the commit."""
    now = house.clock.now()
    with house.db.reading() as session:
        try:
            received = inbox.next_due(session, house.seal, now)
        except SealError as error:
            received, unreadable = None, error
        else:
            if received is None:
                return False
    if received is None:
        _fail_unreadable(house, now, unreadable)
        return True
    try:
        is_settled = _handle(house, received, now)
    except Exception as error:  # the row carries the failure; the loop must live
        _fail(house, received, now, error)
        is_settled = True
    if is_settled:
        on_settled(received.uid)
    return True


def _handle(house: House, received: Received, now: datetime) -> bool:
    """Read the message without a write transaction, then answer it in one; False if its sender is looked up first."""
    with house.db.reading() as session:
        directory = house.directories.get(session)
        match = _read(house, session, directory, received)
    with house.db.transaction() as session:
        if identify.must_wait(session, directory, received, now):
            inbox.postpone(session, received.id, now + identify.LOOK_AGAIN, "looking up the sender")
            return False
        _answer(house, session, directory, received, match, now)
    return True


def _read(house: House, session: Session, directory: Directory, received: Received) -> Match:
    # What "明天" means and which week a report counts for follows from when it was said, not from when it is read.
    message, now = received.message, received.received_at
    reading = Reading(
        message=message,
        sender=directory.find_sender(message.sender) if message.sender else None,
        directory=directory,
        dialogue=conversation.find(session, house.seal, message.conversation, now),
        now=now,
        session=session,
    )
    return house.router.match(reading)


def _answer(
    house: House, session: Session, directory: Directory, received: Received, match: Match, now: datetime
) -> None:
    if not inbox.is_open(session, received.id):
        return
    if isinstance(match.value, Ignore):
        inbox.finish(session, received.id, now, ignored=match.value.reason)
        house.metrics.handled(match.route.name, "ignored")
        return
    message = received.message
    person = directory.find_sender(message.sender) if message.sender else None
    context = Context(
        message=message,
        uid=received.uid,
        person=person,
        directory=directory,
        dialogue=conversation.find(session, house.seal, message.conversation, received.received_at),
        now=received.received_at,
        session=session,
        seal=house.seal,
        weekly=house.weekly,
        courtesy=house.courtesy,
    )
    if person is not None:
        outbox.revive(session, person.id, message.door)
        media.put(session, house.seal, received.uid, message, now)
    outgoings = _at_fit_hours(house, context, _run(session, match, context), now)
    house.dispatch.put(session, directory, outgoings, now, Origin(received.uid, message))
    inbox.finish(session, received.id, now)
    house.metrics.handled(match.route.name, "handled")
    log.info(
        "inbox.handled id=%s door=%s route=%s person=%s answers=%d",
        received.uid,
        message.door,
        match.route.name,
        person.id if person else "-",
        len(outgoings),
    )


def _at_fit_hours(house: House, context: Context, outgoings: list[Outgoing], now: datetime) -> list[Outgoing]:
    """Let what others get because of this message wait for working hours; its sender is answered at once."""
    return [
        replace(outgoing, not_before=fit_hour(house, context.directory, now, outgoing.not_before))
        if isinstance(outgoing.to, ToPerson) and (context.person is None or outgoing.to.person_id != context.person.id)
        else outgoing
        for outgoing in outgoings
    ]


def _run(session: Session, match: Match, context: Context) -> list[Outgoing]:
    try:
        with session.begin_nested():
            return match.route.answer(context, match.value)
    except UserError as error:
        return [context.reply(str(error))]


def _fail(house: House, received: Received, now: datetime, error: Exception) -> None:
    where = place_of(error)
    with house.db.transaction() as session:
        final = inbox.fail(session, received.id, now, where)
        if final:
            directory = house.directories.get(session)
            sorry = Outgoing(key=f"sorry/{received.uid}", to=Sender(), body=Text(SORRY), purpose="sorry")
            house.dispatch.put(session, directory, [sorry], now, Origin(received.uid, received.message))
            notice = f"有1条消息未能处理(编号 {received.id})。请管理员用 duban failed 查看,修复后可重放。"
            tell_clerks(house, session, directory, f"failed/{received.uid}", notice, now)
    house.metrics.handled("-", "failed" if final else "error")
    log.error("inbox.error id=%s attempt=%d final=%s error=%s", received.uid, received.attempts + 1, final, where)


def _fail_unreadable(house: House, now: datetime, error: SealError) -> None:
    with house.db.transaction() as session:
        for row_id in inbox.list_unreadable(session, house.seal, now):
            inbox.fail(session, row_id, now, f"SealError: {error}")
    log.error("inbox.unreadable error=SealError")
