"""handle: one received message becomes records and answers, in one transaction; never touches the network."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot import conversation, inbox, media
from bot.conversation import Dialogue
from bot.dispatch import Origin
from bot.errors import SealError, UserError
from bot.inbox import InboxRow, Received
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
    received: Received | None = None
    try:
        with house.db.reading() as session:
            received = _next_due(house, session, now)
            if received is None:
                return False
            directory = house.directories.get(session)
            dialogue = conversation.find(session, house.seal, received.message.conversation, received.received_at)
            match = _read(house, session, directory, received, dialogue)
        is_settled = _answer(house, directory, received, dialogue, match, now)
    except _UnreadableError:
        _fail_unreadable(house, now)
        return True
    except Exception as error:  # the row carries the failure; the loop must live
        if received is None:
            raise
        _fail(house, received, now, error)
        is_settled = True
    if is_settled:
        on_settled(received.uid)
    return True


class _UnreadableError(Exception):
    """No key opens the body of the next message."""


def _next_due(house: House, session: Session, now: datetime) -> Received | None:
    try:
        return inbox.next_due(session, house.seal, now)
    except SealError:
        raise _UnreadableError from None


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
                inbox.finish(session, row.id, now, ignored=match.value.reason)
                house.metrics.handled(match.route.name, "ignored")
            elif row is not None:
                context = _context(house, session, directory, received, dialogue)
                if context.person is not None:
                    media.put(session, house.seal, received.uid, received.message, now)
                _finish(house, context, row, match, match.route.answer(context, match.value), now)
    except UserError as error:
        with house.db.transaction() as session:
            row = inbox.claim(session, received.id)
            if row is not None:
                context = _context(house, session, directory, received, dialogue)
                _finish(house, context, row, match, [context.reply(str(error))], now)
    return True


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
        courtesy=house.courtesy,
    )


def _finish(
    house: House, context: Context, row: InboxRow, match: Match, outgoings: list[Outgoing], now: datetime
) -> None:
    outgoings = _at_fit_hours(house, context, outgoings, now)
    house.dispatch.put(context.session, context.directory, outgoings, now, Origin(context.uid, context.message))
    inbox.finish(context.session, row.id, now)
    house.metrics.handled(match.route.name, "handled")
    log.info(
        "inbox.handled id=%s door=%s route=%s person=%s answers=%d",
        context.uid,
        context.message.door,
        match.route.name,
        context.person.id if context.person else "-",
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


def _fail_unreadable(house: House, now: datetime) -> None:
    with house.db.transaction() as session:
        for row_id in inbox.list_unreadable(session, house.seal, now):
            inbox.fail(session, row_id, now, "SealError: no configured key opens the body")
    log.error("inbox.unreadable error=SealError")
