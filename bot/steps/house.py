"""What every step works with, and the two things they all say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import media, urgent
from bot.channel import Allowance, Channel, Limit, Page, Sync
from bot.clock import Clock
from bot.courtesy import Rules, next_allowed, rules_of
from bot.db import Database
from bot.dispatch import Dispatch
from bot.guard import Clearance, Guard, clears_nobody
from bot.messages import Outgoing, Text, ToPerson
from bot.metrics import Metrics
from bot.outbox import OutboxRow
from bot.people import Directory, DirectoryCache
from bot.presence import Alone, Signs
from bot.router import Router
from bot.seal import Seal
from bot.sections import Complaints, Courtesy, Weekly
from bot.shared import lock
from bot.steps.trouble import Setbacks
from bot.workdays import UnknownDayError

log = logging.getLogger(__name__)

# Takes a session, the message's key, whether it was sent (False: it ended otherwise), and when.
OnEnd = Callable[[Session, str, bool, datetime], None]


def _pulls_nothing(_door: str, _cursor: str, _token: str) -> Page:
    raise LookupError("no account is pulled here")


@dataclass(frozen=True)
class House:
    """Everything the steps work with; made once by bot.bootstrap."""

    db: Database
    seal: Seal
    clock: Clock
    directories: DirectoryCache
    router: Router
    dispatch: Dispatch
    channels: Mapping[str, Channel]
    metrics: Metrics
    download: media.Download
    identify: Callable[[Sequence[str]], Mapping[str, str]]
    owner: str
    weekly: Weekly = field(default_factory=Weekly)
    complaints: Complaints = field(default_factory=Complaints)
    public_url: str = ""
    courtesy: Rules = field(default_factory=lambda: rules_of(Courtesy()))
    setbacks: Setbacks = field(default_factory=Setbacks)
    signs: Signs = field(default_factory=Alone)
    # Who wants to know what became of messages whose key begins so; called in the transaction that records it.
    on_end: Mapping[str, OnEnd] = field(default_factory=dict)
    # Who of the directory may be shown a secret of a case.
    clearance: Clearance = clears_nobody
    # The accounts whose messages are pulled: the platform's id -> door; sync makes one call.
    accounts: Mapping[str, str] = field(default_factory=dict)
    sync: Sync = _pulls_nothing

    @property
    def guard(self) -> Guard:
        """The last check of whatever leaves."""
        return Guard(self.seal, self.clearance)

    @property
    def limits(self) -> dict[str, Sequence[Limit]]:
        """The limits of each door."""
        return {name: channel.limits for name, channel in self.channels.items()}

    @property
    def allowances(self) -> dict[str, Allowance]:
        """The allowance of each door that answers only."""
        return {name: room for name, channel in self.channels.items() if (room := channel.allowance) is not None}


def tell_end(house: House, session: Session, key: str, now: datetime, *, is_sent: bool) -> None:
    """Tell whoever put the message of this key that it was sent, or that it never will be; of an alarm the clerks, too.

    What the guard has refused is told by bot.steps.judge.
    """
    for prefix, tell in house.on_end.items():
        if key.startswith(prefix):
            tell(session, key, is_sent, now)
    if not is_sent:
        of_alarm = (OutboxRow.key == key, OutboxRow.purpose == urgent.DANGER)
        rows = session.scalars(select(OutboxRow).where(*of_alarm, ~OutboxRow.reason.startswith("guard:"))).all()
        if rows:
            directory = house.directories.get(session)
            house.dispatch.put(session, directory, urgent.unheard(directory, rows), now)


def fit_hour(house: House, directory: Directory, now: datetime, wanted: datetime | None = None) -> datetime | None:
    """Return when somebody who did not ask may be written to: None for at once, else the next working morning.

    Where no calendar tells whether today is a working day, at once.
    """
    try:
        allowed = next_allowed(max(now, wanted or now), directory.calendar, house.courtesy)
    except UnknownDayError:
        return wanted
    return allowed if allowed > now else None


def tell_clerks(house: House, session: Session, directory: Directory, key: str, content: str, now: datetime) -> None:
    """Write to every clerk in private, once per key, in working hours."""
    at = fit_hour(house, directory, now)
    lock(session, "notices")  # two processes may have the same to tell
    outgoings = [
        Outgoing(f"{key}/{clerk.id}", ToPerson(clerk.id), Text(content), "alert.office", not_before=at)
        for clerk in directory.list_clerks()
    ]
    house.dispatch.put(session, directory, outgoings, now)


def tell_clerks_now(house: House, session: Session, directory: Directory, key: str, words: str, now: datetime) -> None:
    """Write to every clerk in private, once per key, at any hour: somebody may be in danger."""
    lock(session, "notices")  # as tell_clerks does
    house.dispatch.put(session, directory, urgent.to_clerks(directory, key, words), now)
