"""The seam between what is to be said and how a platform carries it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.messages import Body, Envelope, Incoming

# How long a callback waits for its message to be stored: the platform hangs up after 5 seconds and calls again
# (WeCom docs 90930).
STORE_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Limit:
    """At most count sends to one lane within seconds."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most count sends to one lane within seconds after each time that its other side said something."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what an account has received, oldest first, and where the next begins.

    An empty page may be followed by others: only has_more tells.
    """

    messages: tuple[Incoming, ...]
    cursor: str
    has_more: bool


# Takes an account's door, the cursor of its last page and the token of a wake-up (either may be empty); raises
# SendError.
Sync = Callable[[str, str, str], Page]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One outbox row on its way: uid is unique for ever, attempt counts from 1."""

    uid: str
    envelope: Envelope
    purpose: str
    attempt: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform answered to a successful send (its message id, a card's response code)."""

    provider_id: str = ""


class Channel(Protocol):
    """One door by which messages leave.

    has_aid: the platform itself drops a repeat of the same parcel, so an unknown outcome may be sent again
    within aid_seconds of the first attempt. limits hold per lane; so does allowance, where the door answers only
    (None: it may write unasked): a message beyond it waits until the other side speaks. byte_limits gives, by body
    type ("text", "markdown"), how many UTF-8 bytes one message may hold: longer bodies are split into several rows
    before; a "menu" that is not named there becomes a text.
    """

    @property
    def name(self) -> str:
        """The name of this door in rows and logs."""
        ...

    @property
    def has_aid(self) -> bool:
        """Whether the platform drops repeats."""
        ...

    @property
    def aid_seconds(self) -> float:
        """How long it does."""
        ...

    @property
    def limits(self) -> Sequence[Limit]:
        """What one lane may get."""
        ...

    @property
    def allowance(self) -> Allowance | None:
        """What one lane may get in answer."""
        ...

    @property
    def pauses_whole(self) -> bool:
        """Whether the platform's frequency limit is one of the whole door, and not of the lane that met it."""
        ...

    @property
    def byte_limits(self) -> Mapping[str, int]:
        """Bytes of one message, by body type."""
        ...

    def send(self, parcel: Parcel, now: datetime) -> Receipt:
        """Make one call to the platform. Raises SendError; never retries by itself, never sleeps."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message is durably stored under uid; is_new is False for a repeat."""

    uid: str
    is_new: bool


class Intake(Protocol):
    """What a webhook needs of the house."""

    def submit(self, message: Incoming) -> Future[Accepted]:
        """Have message stored once: the result is there after the commit, an exception if the database is gone."""
        ...

    def accept(self, message: Incoming) -> Accepted:
        """Store message once and return after the commit. Thread-safe; raises only if the database is gone."""
        ...

    def take_reply(self, uid: str, *, wait: float) -> Body | None:
        """Return the reply to message uid, waiting up to wait seconds for it, or None.

        A reply that is returned counts as sent: the caller puts it into the HTTP answer. Asking again returns
        the same reply for ten minutes, so a repeated poll or a repeated callback gets the same words.
        """
        ...

    def is_settled(self, uid: str) -> bool:
        """Whether message uid is unknown, or handled and nothing (more) will be said in answer."""
        ...
