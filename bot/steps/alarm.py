"""alarm: tell the clerks that messages could not be handled, at most once an hour and with how many."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import inbox
from bot.db import new_uid
from bot.outbox import OutboxRow
from bot.shared import lock
from bot.steps.house import House, fit_hour, tell_clerks

_EVERY = timedelta(hours=1)
_AHEAD = timedelta(minutes=5)
_KEY = "failed/"


def tell_failed(house: House) -> bool:
    """Put one notice to each clerk about all messages that failed since the last one; False if there is nothing to say.

    Told only while clerks may be written to: what fails at night is counted in one notice of the morning.
    """
    now = house.clock.now()
    with house.db.reading() as session:
        if not inbox.has_failed(session) or _is_recent(_last_told(session, now), now):
            return False
        directory = house.directories.get(session)
    if fit_hour(house, directory, now) is not None:
        return False
    with house.db.transaction() as session:
        hold(session)  # of two processes that look at once, the second finds the notice of the first
        now = house.clock.now()
        since = _last_told(session, now)
        if _is_recent(since, now):
            return False
        fresh, every = inbox.count_failed(session, since=since), inbox.count_failed(session)
        if fresh:
            tell_clerks(house, session, directory, f"{_KEY}{new_uid()}", notice(fresh, every), now)
    return fresh > 0


def hold(session: Session) -> None:
    """Keep failures and notices apart until the transaction ends: read the time of either after this.

    Else a failure that is not committed yet would be older than a notice that does not count it, and never be told.
    """
    lock(session, "alarm")


def notice(fresh: int, every: int) -> str:
    """Return the words: how many failed since the last notice, how many wait for a person in all."""
    in_all = f"(连同以前的共{every}条)" if every > fresh else ""
    return f"有{fresh}条消息没有处理成功{in_all}。请管理员用 duban failed 查看原因,修复后用 duban replay 重放。"


def _is_recent(told: datetime | None, now: datetime) -> bool:
    return told is not None and now - told < _EVERY


def _last_told(session: Session, now: datetime) -> datetime | None:
    """Return when the clerks were last told; what a clock set back leaves in the future does not count.

    A little of the future does: the clock of another process may be ahead.
    """
    told = func.max(OutboxRow.created_at)
    return session.scalar(select(told).where(OutboxRow.key.startswith(_KEY), OutboxRow.created_at <= now + _AHEAD))
