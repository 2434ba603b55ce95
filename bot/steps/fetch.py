"""fetch: bring media from the platform, and sweep what nobody needs any more."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot import allowance, conversation, handover, inbox, lanes, media, outbox, parked
from bot.errors import Failure, SendError, place_of
from bot.shared import try_lock
from bot.steps.house import House, tell_end
from bot.steps.trouble import is_passing

log = logging.getLogger(__name__)

# Longer than most fetches, shorter than the five minutes for which the platform keeps a robot's file.
_LEASE = timedelta(seconds=30)


def fetch(house: House) -> bool:
    """Fetch the media that has waited longest; False if none is due."""
    now = house.clock.now()
    with house.db.transaction() as session:
        waiting = media.next_due(session, house.seal, now, lease=timedelta(0) if house.db.is_sqlite else _LEASE)
    if waiting is None:
        return False
    try:
        content = house.download(waiting.door, waiting.attachment)
    except SendError as error:
        final = error.failure in (Failure.REJECTED, Failure.DEAD_TARGET)
        with house.db.transaction() as session:
            media.fail(session, waiting, now, str(error.failure), final=final)
        log.warning("media.error id=%s failure=%s", waiting.uid, error.failure)
        return True
    except Exception as error:  # a bug in a door must not fetch the same file for ever
        if is_passing(error):
            raise  # a door looks up its token: the file is not to blame
        with house.db.transaction() as session:
            media.fail(session, waiting, now, place_of(error), final=False)
        log.error("media.error id=%s error=%s", waiting.uid, place_of(error))
        return True
    with house.db.transaction() as session:
        media.finish(session, house.seal, waiting, content)
    log.info("media.fetched id=%s bytes=%d", waiting.uid, len(content))
    return True


def sweep(house: House) -> None:
    """Delete what nobody needs any more: kept replies, old ledger lines, expired dialogues."""
    now = house.clock.now()
    with house.db.transaction() as session:
        if not try_lock(session, "sweep"):
            return  # another process does it
        handover.sweep(session, now)
        outbox.sweep(session, now)
        lanes.sweep(session, now)
        allowance.sweep(session, now)
        for key in parked.end_expired(session, now):
            tell_end(house, session, key, now, is_sent=False)
        conversation.sweep(session, house.seal, now)
        inbox.sweep(session, now)
        media.sweep(session, now)
