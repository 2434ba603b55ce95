"""Turns what is to be said into outbox rows: who is meant, by which door, in how many parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channel import Channel
from bot.db import new_uid
from bot.lanes import DeadTargetRow, revive
from bot.messages import (
    Body,
    Envelope,
    Incoming,
    Kind,
    Markdown,
    Menu,
    Outgoing,
    Sender,
    Text,
    ToChat,
    ToOutsider,
    ToPerson,
)
from bot.outbox import OutboxRow, OutboxState, seal_envelope
from bot.people import ChatRow, Directory
from bot.seal import Seal
from bot.shared import Notice, tell
from bot.split import split
from bot.urgent import unheard

# A robot's answer is first offered to the platform's own polls; after this it leaves by response_url.
POLL_GRACE = timedelta(seconds=12)
# A robot message without a response_url (somebody opened the chat) can only be answered in the HTTP response.
ANSWER_LIFE = timedelta(seconds=6)
# Who opens the chat of a public door is welcomed with a code that works this long (WeCom docs 95122: 20 s, less the
# call itself). Later a welcome is dropped: it is not worth one of the few answers that the door allows.
WELCOME_LIFE = timedelta(seconds=18)


def lane_of(seal: Seal, door: str, address: str) -> str:
    """Return the blind name of a target of a door: what limits, order and marks of the guard go by."""
    return seal.blind(f"{door}|{address}")


def unnamed_lane_of(seal: Seal, door: str, address: str) -> str:
    """Return the lane of rows about complaints: a member's ordinary ones name the member, so it is none of theirs."""
    return lane_of(seal, door, f"hidden|{address}" if door.startswith("app/") else address)


@dataclass(frozen=True, slots=True)
class Origin:
    """The received message that is being answered."""

    uid: str
    message: Incoming


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a message goes: door, the platform's address, the id of the audience; fault says why it cannot.

    is_chat: a group reads it. reader: the id at the door of who reads it, where address is no person's. code: by which
    the answer to an event leaves.
    """

    door: str
    address: str
    audience: str
    fault: str = ""
    is_chat: bool = False
    reader: str = ""
    is_hidden: bool = False  # no row may tie it to the others for the same address
    code: str = field(default="", repr=False)


class Dispatch:
    """Knows the doors. person_door carries private messages, chat_door group pushes."""

    def __init__(self, seal: Seal, channels: Mapping[str, Channel], *, person_door: str, chat_door: str) -> None:
        self._seal = seal
        self._channels = channels
        self._person_door = person_door
        self._chat_door = chat_door

    @property
    def person_door(self) -> str:
        """The label of the door by which members are written to in private, or ""."""
        return self._person_door

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
        nothing is lost silently, and where it is an alarm, the clerks are told at once. Texts longer than the door
        allows become several rows, in order.
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
        if lost := unheard(directory, (row for row in rows if row.done_at is not None)):
            self.put(session, directory, lost, now)
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
        # A code works once: what follows the first part is an ordinary answer.
        routes = [route] + [replace(route, code="")] * (len(parts) - 1)
        keys = [outgoing.key] + [f"{outgoing.key}#{number}" for number in range(2, len(parts) + 1)]
        return [
            self._row(directory, outgoing, each, key, part, now, origin)
            for each, key, part in zip(routes, keys, parts, strict=True)
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
        reader = lane_of(self._seal, route.door, route.reader) if route.reader else ""
        envelope = Envelope(
            route.address, body, _mentions(directory, body), route.code, route.is_chat, reader, outgoing.is_echo
        )
        due, expires = _times(outgoing, route, origin, now)
        return OutboxRow(
            uid=uid,
            key=key,
            door=route.door,
            lane=(unnamed_lane_of if route.is_hidden else lane_of)(self._seal, route.door, route.address),
            audience=route.audience,
            purpose=outgoing.purpose,
            inbox_uid=_cause(outgoing, origin),
            body=seal_envelope(self._seal, envelope, uid),
            state=OutboxState.FAILED if route.fault else OutboxState.WAITING,
            reason=route.fault,
            may_repeat=outgoing.may_repeat,
            is_urgent=outgoing.is_urgent,
            created_at=now,
            starts_at=due,
            due_at=due,
            expires_at=expires,
            done_at=now if route.fault else None,
        )

    def _parts(self, door: str, body: Body) -> list[Body]:
        limits = self._channels[door].byte_limits if door in self._channels else {}
        if isinstance(body, Menu) and body.type not in limits:
            body = Text(body.plain)
        limit = limits.get(body.type)
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
                return _Route(self._chat_door, chat_id, chat_id, "" if is_bound else "group not bound", is_chat=True)
            case ToOutsider() as outsider:
                return self._to_outsider(outsider)

    def _to_outsider(self, to: ToOutsider) -> _Route:
        fault = "" if to.door in self._channels else "door not configured"
        # The rows of a member's ordinary messages name the member: those about a case must not share their lane.
        is_hidden = to.door.startswith("app/")
        reader = to.address if is_hidden else ""
        return _Route(to.door, to.address, "", fault, is_chat=to.is_chat, reader=reader, is_hidden=is_hidden)

    def _to_person(self, directory: Directory, person_id: str) -> _Route:
        person = directory.people.get(person_id)
        if person is None or not self._person_door:
            return _Route(self._person_door or "app", "", person_id, "no address")
        return _Route(self._person_door, person.userid, person_id)

    def _answer(self, directory: Directory, message: Incoming) -> _Route:
        if message.door.startswith("kf/"):  # the row names nobody
            code = message.detail.get("welcome_code", "") if message.kind is Kind.ENTER else ""
            return _Route(message.door, message.sender, "", code=code)
        person = directory.find_sender(message.sender)
        audience = person.id if person else ""
        if message.door.startswith("robot/"):
            address = message.response_url or f"answer:{message.message_id}"
            reader = "" if message.chat else message.sender
            return _Route(message.door, address, audience, is_chat=bool(message.chat), reader=reader)
        return _Route(message.door, message.sender, audience, is_chat=bool(message.chat))


def _cause(outgoing: Outgoing, origin: Origin | None) -> str | None:
    """Return the message that this one follows from, unless it could tell whose case an alarm or a notice is about."""
    if origin is None or outgoing.purpose.startswith("alert.") or isinstance(outgoing.to, ToOutsider):
        return None
    return origin.uid


def _mentions(directory: Directory, body: Body) -> tuple[str, ...]:
    if not isinstance(body, Text):
        return ()
    return tuple(directory.people[person].userid for person in body.mentions if person in directory.people)


def _times(outgoing: Outgoing, route: _Route, origin: Origin | None, now: datetime) -> tuple[datetime, datetime | None]:
    due = max(now, outgoing.not_before) if outgoing.not_before else now
    if route.code and origin is not None:
        ends = min(origin.message.sent_at or now, now) + WELCOME_LIFE
        return due, min(ends, outgoing.expires_at or ends)
    if isinstance(outgoing.to, Sender) and origin is not None and route.door.startswith("robot/"):
        if not origin.message.response_url:
            return now + ANSWER_LIFE, now + ANSWER_LIFE
        return due + POLL_GRACE, outgoing.expires_at
    return due, outgoing.expires_at
