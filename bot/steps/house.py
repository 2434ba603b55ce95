"""What every step works with, and the two things they all say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from bot import media
from bot.channel import Channel, Limit
from bot.clock import Clock
from bot.config import Courtesy, Weekly
from bot.courtesy import Rules, next_allowed, rules_of
from bot.db import Database
from bot.dispatch import Dispatch
from bot.messages import Outgoing, Text, ToPerson
from bot.metrics import Metrics
from bot.people import Directory, DirectoryCache
from bot.presence import Alone, Signs
from bot.router import Router
from bot.seal import Seal
from bot.shared import lock
from bot.steps.trouble import Setbacks
from bot.workdays import UnknownDayError

log = logging.getLogger(__name__)


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
    courtesy: Rules = field(default_factory=lambda: rules_of(Courtesy()))
    setbacks: Setbacks = field(default_factory=Setbacks)
    signs: Signs = field(default_factory=Alone)

    @property
    def limits(self) -> dict[str, Sequence[Limit]]:
        """The limits of each door."""
        return {name: channel.limits for name, channel in self.channels.items()}


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
