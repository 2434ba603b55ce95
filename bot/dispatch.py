"""Turns what is to be said into outbox rows: who is meant, by which door, in how many parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channel import Channel
from bot.db import new_uid
from bot.messages import Body, Envelope, Incoming, Markdown, Outgoing, Sender, Text, ToChat, ToPerson
from bot.outbox import DeadTargetRow, OutboxRow, OutboxState, revive, seal_envelope
from bot.people import ChatRow, Directory
from bot.seal import Seal
from bot.shared import Notice, tell
from bot.split import split

# A robot's answer is first offered to the platform's own polls; after this it leaves by response_url.
POLL_GRACE = timedelta(seconds=12)
# A robot message without a response_url (somebody opened the chat) can only be answered in the HTTP response.
ANSWER_LIFE = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class Origin:
    """The received message that is being answered."""

    uid: str
    message: Incoming


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a message goes: door, the platform's address, the id of the audience; fault says why it cannot."""

    door: str
    address: str
    audience: str
    fault: str = ""


class Dispatch:
    """Knows the doors. person_door carries private messages, chat_door group pushes."""

    def __init__(self, seal: Seal, channels: Mapping[str, Channel], *, person_door: str, chat_door: str) -> None:
        self._seal = seal
        self._channels = channels
        self._person_door = person_door
        self._chat_door = chat_door

    def put(
        self,
        session: Session,
        directory: Directory,
        outgoings: Iterable[Outgoing],
        now: datetime,
        origin: Origin | None = None,
    ) -> list[OutboxRow]:
        """Store each message once per key and return the new rows.

        A recipient without an address, or known to be unreachable, gives a row that ends as failed with the reason:
        nothing is lost silently. Texts longer than the door allows become several rows, in order.
        """
        rows: list[OutboxRow] = []
        for outgoing in outgoings:
            if session.scalar(select(OutboxRow.id).where(OutboxRow.key == outgoing.key)) is not None:
                continue
            rows += self._rows(session, directory, outgoing, now, origin)
        session.add_all(rows)
        session.flush()
        if rows:
            tell(session.connection(), Notice.OUTBOX)
        return rows

    def can_reach(self, session: Session, directory: Directory, person_id: str) -> bool:
        """Whether a private message to a person would leave, as far as is known before it is sent."""
        route = self._to_person(directory, person_id)
        return not route.fault and session.get(DeadTargetRow, (person_id, route.door)) is None

    def _rows(
        self, session: Session, directory: Directory, outgoing: Outgoing, now: datetime, origin: Origin | None
    ) -> list[OutboxRow]:
        route = self._route(session, directory, outgoing, origin)
        if not route.fault and route.audience:
            dead = session.get(DeadTargetRow, (route.audience, route.door))
            if dead is not None and isinstance(outgoing.to, Sender):
                revive(session, route.audience, route.door)  # who writes to us by a door is reached by it
            elif dead is not None:
                route = replace(route, fault="unreachable")
        parts = self._parts(route.door, outgoing.body)
        keys = [outgoing.key] + [f"{outgoing.key}#{number}" for number in range(2, len(parts) + 1)]
        return [
            self._row(directory, outgoing, route, key, part, now, origin) for key, part in zip(keys, parts, strict=True)
        ]

    def _row(
        self,
        directory: Directory,
        outgoing: Outgoing,
        route: _Route,
        key: str,
        body: Body,
        now: datetime,
        origin: Origin | None,
    ) -> OutboxRow:
        uid = new_uid()
        envelope = Envelope(route.address, body, _mentions(directory, body))
        due, expires = _times(outgoing, route, origin, now)
        return OutboxRow(
            uid=uid,
            key=key,
            door=route.door,
            lane=self._seal.blind(f"{route.door}|{route.address}"),
            audience=route.audience,
            purpose=outgoing.purpose,
            inbox_uid=origin.uid if origin else None,
            body=seal_envelope(self._seal, envelope, uid),
            state=OutboxState.FAILED if route.fault else OutboxState.WAITING,
            reason=route.fault,
            may_repeat=outgoing.may_repeat,
            created_at=now,
            starts_at=due,
            due_at=due,
            expires_at=expires,
            done_at=now if route.fault else None,
        )

    def _parts(self, door: str, body: Body) -> list[Body]:
        limit = self._channels[door].byte_limits.get(body.type) if door in self._channels else None
        if limit is None or not isinstance(body, Text | Markdown):
            return [body]
        return [replace(body, content=part) for part in split(body.content, limit)] or [body]

    def _route(self, session: Session, directory: Directory, outgoing: Outgoing, origin: Origin | None) -> _Route:
        match outgoing.to:
            case Sender():
                if origin is None:
                    raise ValueError("only an answer has a sender to go to")
                return self._answer(directory, origin.message)
            case ToPerson(person_id):
                return self._to_person(directory, person_id)
            case ToChat(chat_id):
                # Asked of the row: a group that is bound in this very transaction is not in the snapshot yet.
                is_bound = session.scalar(select(ChatRow.webhook_key.is_not(None)).where(ChatRow.id == chat_id))
                return _Route(self._chat_door, chat_id, chat_id, "" if is_bound else "group not bound")

    def _to_person(self, directory: Directory, person_id: str) -> _Route:
        person = directory.people.get(person_id)
        if person is None or not self._person_door:
            return _Route(self._person_door or "app", "", person_id, "no address")
        return _Route(self._person_door, person.userid, person_id)

    def _answer(self, directory: Directory, message: Incoming) -> _Route:
        person = directory.find_sender(message.sender)
        audience = person.id if person else ""
        if message.door.startswith("robot/"):
            return _Route(message.door, message.response_url or f"answer:{message.message_id}", audience)
        return _Route(message.door, message.sender, audience)


def _mentions(directory: Directory, body: Body) -> tuple[str, ...]:
    if not isinstance(body, Text):
        return ()
    return tuple(directory.people[person].userid for person in body.mentions if person in directory.people)


def _times(outgoing: Outgoing, route: _Route, origin: Origin | None, now: datetime) -> tuple[datetime, datetime | None]:
    due = max(now, outgoing.not_before) if outgoing.not_before else now
    if isinstance(outgoing.to, Sender) and origin is not None and route.door.startswith("robot/"):
        if not origin.message.response_url:
            return now + ANSWER_LIFE, now + ANSWER_LIFE
        return due + POLL_GRACE, outgoing.expires_at
    return due, outgoing.expires_at
