"""Ordered routes: a message goes to exactly one of them.

A route has two halves. `read` turns the message into values, or None when it is not for this route; it may look but
not write, and runs outside any write transaction. `answer` decides, writes and returns what to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.conversation import Dialogue
from bot.courtesy import Rules, rules_of
from bot.messages import Body, Incoming, Outgoing, Sender, Text, ToPerson
from bot.people import Directory, Person
from bot.seal import Seal
from bot.sections import Complaints, Courtesy, Weekly

_EVENT_NAME = re.compile(r"[a-z_]{1,40}")


def _reaches_anybody(_person_id: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Reading:
    """What a route may look at: the message, who sent it, the open dialogue; session is read-only."""

    message: Incoming
    sender: Person | None
    directory: Directory
    dialogue: Dialogue | None
    now: datetime
    session: Session


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer may use. Its session is the transaction that also stores the answer.

    person_door: the label of the door by which members are written to in private, or "".
    """

    message: Incoming
    uid: str
    person: Person | None
    directory: Directory
    dialogue: Dialogue | None
    now: datetime
    session: Session
    seal: Seal
    weekly: Weekly = field(default_factory=Weekly)
    complaints: Complaints = field(default_factory=Complaints)
    public_url: str = ""
    person_door: str = ""
    courtesy: Rules = field(default_factory=lambda: rules_of(Courtesy()))
    reach: Callable[[str], bool] = _reaches_anybody

    @property
    def sender(self) -> Person:
        """The person who wrote; only for routes that read no stranger's message."""
        if self.person is None:
            raise LookupError("this route was given a stranger's message")
        return self.person

    @property
    def in_group(self) -> bool:
        """Whether others see the answer."""
        return bool(self.message.chat)

    def reply(self, content: str) -> Outgoing:
        """Answer where the message came from."""
        return self.answer(Text(content))

    def answer(self, body: Body, purpose: str = "reply") -> Outgoing:
        """Answer where the message came from, with any body. One such answer a message."""
        return Outgoing(key=f"reply/{self.uid}", to=Sender(), body=body, purpose=purpose)

    def can_tell(self, person_id: str) -> bool:
        """Whether tell would get through to a person, as far as is known. Ask before saying that it did."""
        return self.reach(person_id)

    def tell(self, person_id: str, content: str, purpose: str = "notice") -> Outgoing:
        """Write to a person in private because of this message."""
        return Outgoing(key=f"tell/{self.uid}/{person_id}", to=ToPerson(person_id), body=Text(content), purpose=purpose)


@dataclass(frozen=True, slots=True)
class Ignore:
    """What a route reads when a message needs no answer; reason is kept with the row."""

    reason: str


def ignore_event(message: Incoming) -> Ignore:
    """Return why an event needs no answer. A name that has not the shape of one is not repeated in the row."""
    return Ignore(f"event {message.event if _EVENT_NAME.fullmatch(message.event) else 'unknown'}")


Reader = Callable[[Reading], Any | None]
Answerer = Callable[[Context, Any], list[Outgoing]]


@dataclass(frozen=True, slots=True)
class Route:
    """One thing a user may say. topic: this route continues the dialogue of that name.

    is_confidential: no log line may tie who wrote to what the message was about.
    """

    name: str
    read: Reader
    answer: Answerer
    topic: str = ""
    is_confidential: bool = False


class Routes:
    """The routes of one subject, in the order they are tried."""

    def __init__(self, subject: str, *, is_confidential: bool = False) -> None:
        self.subject = subject
        self.is_confidential = is_confidential
        self.routes: list[Route] = []

    def on(self, read: Reader, *, help: str = "", topic: str = "") -> Callable[[Answerer], Answerer]:
        """Register the decorated function as the answer to what read recognises."""

        def register(answer: Answerer) -> Answerer:
            name = f"{self.subject}.{getattr(answer, '__name__', 'answer')}"
            self.routes.append(Route(name, read, answer, topic, self.is_confidential))
            return answer

        return register


@dataclass(frozen=True, slots=True)
class Match:
    """The route that takes a message and what it read."""

    route: Route
    value: Any


class Router:
    """All routes; the last one takes everything, so that every message finds exactly one."""

    def __init__(self, subjects: Iterable[Routes]) -> None:
        self.routes: list[Route] = [route for subject in subjects for route in subject.routes]
        self._continuing: Mapping[str, list[Route]] = {
            topic: [route for route in self.routes if route.topic == topic]
            for topic in {route.topic for route in self.routes if route.topic}
        }

    def match(self, reading: Reading) -> Match:
        """Return the one route that takes the message: an open dialogue's first, then in order.

        Raises LookupError if no route takes it, which the list of subjects must rule out.
        """
        continuing = self._continuing.get(reading.dialogue.topic, []) if reading.dialogue else []
        for route in [*continuing, *(route for route in self.routes if not route.topic)]:
            value = route.read(reading)
            if value is not None:
                return Match(route, value)
        raise LookupError("no route takes this message")
