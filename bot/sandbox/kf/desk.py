"""What the platform keeps per kf account: items to pull, sessions with their limits, codes, links and used msgids.

Nothing here locks: the platform holds its lock around every call. Every function is told the time.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from bot.sandbox.entities import Json, KfAccount
from bot.sandbox.kf.log import Log
from bot.sandbox.limits import Window

SESSION_LIFE = timedelta(hours=48)
MOST_ANSWERS = 5
UNTOKENED_PER_MINUTE = 10  # "a strict rate limit" without token; how strict is not documented


class ServiceState(IntEnum):
    """Where a session stands (doc 94669)."""

    UNTREATED = 0
    ASSISTANT = 1
    POOL = 2
    HUMAN = 3
    ENDED = 4  # or not begun: the customer opened the chat and has not written yet


@dataclass
class Session:
    """What counts between one customer and one account. sent counts answers since the customer's last message."""

    state: ServiceState = ServiceState.ENDED
    servicer: str = ""
    heard_at: datetime | None = None
    sent: int = 0
    welcomed_at: datetime | None = None
    scene: str = ""
    scene_param: str = ""

    def is_fresh(self, now: datetime) -> bool:
        """Whether the customer wrote within the last 48 hours."""
        return self.heard_at is not None and now - self.heard_at < SESSION_LIFE

    def may_be_welcomed(self, now: datetime) -> bool:
        """Whether entering gives a welcome code: no welcome and no message in the past 48 hours."""
        was_welcomed = self.welcomed_at is not None and now - self.welcomed_at < SESSION_LIFE
        return not was_welcomed and not self.is_fresh(now)


@dataclass(frozen=True, slots=True)
class Code:
    """What an event code stands for. in_state: usable only while the session is there; None for a welcome."""

    account: str
    customer: str
    expires_at: datetime
    in_state: ServiceState | None = None
    allows_menu: bool = True


@dataclass
class Desk:
    """The state of all accounts. listeners are told when an account has something new to pull."""

    listeners: list[Callable[[KfAccount], object]] = field(default_factory=list)
    untokened: Window = field(default_factory=lambda: Window(UNTOKENED_PER_MINUTE))
    codes: dict[str, Code] = field(default_factory=dict)
    links: dict[str, tuple[str, str]] = field(default_factory=dict)  # enc_scene -> (account, scene)
    used: defaultdict[str, dict[str, Json]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # account -> msgid -> body
    message_ids: dict[str, str] = field(default_factory=dict)  # entry -> msgid
    _logs: dict[str, Log] = field(default_factory=dict)
    _sessions: dict[tuple[str, str], Session] = field(default_factory=dict)

    def log(self, account: KfAccount) -> Log:
        """Return the account's items."""
        return self._logs.setdefault(account.name, Log())

    def session(self, account: KfAccount, customer: str, now: datetime) -> Session:
        """Return where the customer stands with the account; a session ends by itself after 48 hours."""
        session = self._sessions.setdefault((account.name, customer), Session())
        if session.state is not ServiceState.ENDED and not session.is_fresh(now):
            session.state, session.servicer = ServiceState.ENDED, ""
        return session

    def has_met(self, account: KfAccount, customer: str) -> bool:
        """Whether the customer ever opened a chat with the account."""
        return (account.name, customer) in self._sessions

    def hear(self, account: KfAccount, customer: str, now: datetime) -> Session:
        """Count a message of the customer: five answers are allowed anew, and an ended session begins again."""
        session = self.session(account, customer, now)
        if session.state is ServiceState.ENDED:
            session.state, session.servicer = ServiceState.UNTREATED, ""
        session.heard_at, session.sent = now, 0
        return session

    def issue_code(
        self, account: KfAccount, customer: str, life: timedelta, now: datetime, in_state: ServiceState | None = None
    ) -> str:
        """Return a code for one message on an event (doc 95122)."""
        code = secrets.token_urlsafe(24)
        allows_menu = in_state in (None, ServiceState.ENDED)
        self.codes[code] = Code(account.name, customer, now + life, in_state, allows_menu)
        return code

    def tell(self, account: KfAccount, item: Json, now: datetime) -> None:
        """Put an item into the account's log."""
        self.log(account).add(item, now)

    def wake(self, account: KfAccount) -> None:
        """Call the bot, if anybody plays the platform's part of calling."""
        for listener in list(self.listeners):
            listener(account)
