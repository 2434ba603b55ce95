"""The errors of the house, by who can act on them.

BotError
├── UserError      the sender can act: becomes a polite reply, nothing is written
├── ConfigError    the operator can act: the start stops with every fault listed
├── RequestError   an HTTP caller sent something we do not accept: 4xx without detail
├── SendError      time can act, or nobody: the retry table decides
└── SealError      a sealed body cannot be opened: wrong key, or the row was changed

Everything else is a bug: logged once with ids, the row is marked failed.
No message of these classes may hold a secret, a person's name or the text of a message.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import StrEnum


class BotError(Exception):
    """Root of every error this project raises on purpose."""


class UserError(BotError):
    """The sender asked for something that cannot be done; the text is the polite Chinese reply."""


class ConfigError(BotError):
    """The configuration is wrong; faults lists (dotted key, what is wrong), never a value."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{key}: {fault}" for key, fault in faults))


class RequestError(BotError):
    """An inbound HTTP request is refused. status is 400..499; reason is for the log, never for the caller."""

    def __init__(self, reason: str, status: int = 400) -> None:
        self.reason = reason
        self.status = status
        super().__init__(reason)


class SealError(BotError):
    """A sealed value cannot be opened with any configured key, or belongs to another row."""


class Failure(StrEnum):
    """What a failed send means for the row, the target and the door."""

    BUSY = "busy"  # passing trouble: try again soon
    LIMITED = "limited"  # the platform's frequency limit: pause the door's lane, keep the queue
    REJECTED = "rejected"  # this message can never be sent
    DEAD_TARGET = "dead_target"  # this recipient can never be reached: mark it, tell the clerk once
    SPENT = "spent"  # the platform allows no more until the other side writes: keep the message until then
    DOOR_DOWN = "door_down"  # credentials or network permission: stop the door, tell the operator
    UNKNOWN = "unknown"  # nobody knows whether it was delivered (time-out, lost answer)
    DELIVERED = "delivered"  # the platform says it already has this message: treat as sent


@dataclass
class SendError(BotError):
    """A send did not succeed. code is the platform's errcode (None: no answer), hint is safe to log."""

    failure: Failure
    code: int | None = None
    hint: str = ""
    retry_after: float | None = None

    def __post_init__(self) -> None:
        super().__init__(f"{self.failure} code={self.code} {self.hint}".strip())


def place_of(error: BaseException) -> str:
    """Return the class of an error and where it was raised; never its text, which may quote a message."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    at = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}" if last else "?"
    return f"{type(error).__name__} at {at}"
