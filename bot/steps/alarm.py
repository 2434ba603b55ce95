"""alarm: tell the clerks that messages could not be handled, at most once an hour and with how many."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import inbox
from bot.outbox import OutboxRow
from bot.steps.house import House, fit_hour, tell_clerks

_EVERY = timedelta(hours=1)
_KEY = "failed/"


def tell_failed(house: House) -> bool:
    """Put one notice to each clerk about all messages that failed since the last one; False if there is nothing to say.

    Told only while clerks may be written to: what fails at night is counted in one notice of the morning.
    """
    now = house.clock.now()
    with house.db.reading() as session:
        if not inbox.has_failed(session):
            return False
        last = _last_told(session)
        directory = house.directories.get(session)
    since = min(last, now - _EVERY) if last is not None and last > now else last  # told before the clock was set back
    if (since is not None and now - since < _EVERY) or fit_hour(house, directory, now) is not None:
        return False
    with house.db.transaction() as session:
        fresh, every = inbox.count_failed(session, since=since), inbox.count_failed(session)
        if fresh:
            # The key follows from the notice before: two processes that look at once tell it once.
            key = f"{_KEY}{last:%Y%m%dT%H%M%S.%f}" if last else f"{_KEY}first"
            tell_clerks(house, session, directory, key, notice(fresh, every), house.clock.now())
    return fresh > 0


def notice(fresh: int, every: int) -> str:
    """Return the words: how many failed since the last notice, how many wait for a person in all."""
    in_all = f"(连同以前的共{every}条)" if every > fresh else ""
    return f"有{fresh}条消息没有处理成功{in_all}。请管理员用 duban failed 查看原因,修复后用 duban replay 重放。"


def _last_told(session: Session) -> datetime | None:
    return session.scalar(select(func.max(OutboxRow.created_at)).where(OutboxRow.key.startswith(_KEY)))
