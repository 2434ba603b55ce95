"""Who is who: units, people, groups, and the one snapshot of them that a message is read with.

The tables are written by the district import and by binding a group; everybody else reads a Directory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy import JSON, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db import Base
from bot.shared import upsert
from bot.workdays import Calendar

T = TypeVar("T")
R = TypeVar("R", "UnitRow", "PersonRow")


class Role(StrEnum):
    """What a person is in the district (supervision reference §1)."""

    LEADER = "leader"
    CLERK = "clerk"
    SECTION_HEAD = "section_head"
    SECTION_STAFF = "section_staff"
    PRINCIPAL = "principal"
    REPORTER = "reporter"
    DISCIPLINE = "discipline"


class UnitRow(Base):
    """A section (股室) or a school. left: no longer listed, kept for its history; nobody reads it any more."""

    __tablename__ = "unit"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(JSON)
    parent: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    assigned_section: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    leader: Mapped[str | None]
    head: Mapped[str | None]
    peer_group: Mapped[str | None]
    reports_via_parent: Mapped[bool] = mapped_column(default=False)
    left: Mapped[bool] = mapped_column(default=False)


class PersonRow(Base):
    """A person who may be addressed. userid is the WeCom member id, lower case."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    title: Mapped[str]
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str]
    userid: Mapped[str] = mapped_column(unique=True)
    left: Mapped[bool] = mapped_column(default=False)


class ChatRow(Base):
    """A group. members is a rule or a unit; the push address is sealed and never exported."""

    __tablename__ = "chat"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    members: Mapped[str] = mapped_column(default="")
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    robot_chat: Mapped[str | None] = mapped_column(unique=True)
    webhook_key: Mapped[bytes | None]
    max_push_per_day: Mapped[int | None]


class FactRow(Base):
    """A named piece of the district file that is read as a whole (calendar, duty list, release chain …)."""

    __tablename__ = "district_fact"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class RevisionRow(Base):
    """One counter that goes up whenever a snapshot must be read anew."""

    __tablename__ = "revision"
    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


class OpenUserRow(Base):
    """An encrypted member id that a robot delivers when its creator is no super admin, and who is behind it.

    open_userid is lower case as all ids here; spelled is as delivered, which the platform's mapping call needs.
    userid stays empty while it is not known.
    """

    __tablename__ = "open_user"
    open_userid: Mapped[str] = mapped_column(primary_key=True)
    spelled: Mapped[str]
    userid: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Unit:
    """One section or school; kind is 股室, 局领导, 小学, 初中, 九年一贯制, 高中, 职教中心, 幼儿园 or 教学点."""

    id: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    assigned_section: str | None = None
    leader: str | None = None
    head: str | None = None
    peer_group: str | None = None
    reports_via_parent: bool = False

    @property
    def is_school(self) -> bool:
        """Whether this is a school or kindergarten rather than a part of the bureau."""
        return self.kind not in ("股室", "局领导")


@dataclass(frozen=True, slots=True)
class Person:
    """One person."""

    id: str
    name: str
    title: str
    unit: str
    role: Role
    userid: str

    @property
    def greeting(self) -> str:
        """How the bot addresses the person: family name and title (张校长)."""
        return f"{self.name[:1]}{self.title}" if len(self.title) <= 3 else self.name


@dataclass(frozen=True, slots=True)
class Chat:
    """One group. is_bound says whether the bot has its push address."""

    id: str
    name: str
    members: str
    unit: str | None
    robot_chat: str | None
    is_bound: bool
    max_push_per_day: int | None = None


@dataclass(frozen=True)
class Directory:
    """A consistent snapshot of everybody. Look-ups return None for the unknown."""

    revision: int
    units: Mapping[str, Unit]
    people: Mapping[str, Person]
    chats: Mapping[str, Chat]
    facts: Mapping[str, Any] = field(default_factory=dict)
    open_users: Mapping[str, str] = field(default_factory=dict)
    _memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def memo(self, name: str, make: Callable[[], T]) -> T:
        """Return what a subject derived from this snapshot under name, making it the first time.

        It lives as long as the snapshot: whatever it was read from must bump the directory's revision when it changes.
        """
        if name not in self._memo:
            self._memo[name] = make()
        return cast(T, self._memo[name])

    @cached_property
    def calendar(self) -> Calendar:
        """The district's calendar: working days, terms, breaks, exam quiet days."""
        return Calendar.from_district(self.facts.get("calendar", {}))

    @cached_property
    def _by_userid(self) -> dict[str, Person]:
        return {person.userid: person for person in self.people.values()}

    @cached_property
    def _by_robot_chat(self) -> dict[str, Chat]:
        return {chat.robot_chat: chat for chat in self.chats.values() if chat.robot_chat}

    def find_sender(self, userid: str) -> Person | None:
        """Return the person with this WeCom user id, plain or encrypted."""
        plain = userid.lower()
        return self._by_userid.get(self.open_users.get(plain, plain))

    def find_robot_chat(self, robot_chat: str) -> Chat | None:
        """Return the group whose robot chat id this is."""
        return self._by_robot_chat.get(robot_chat)

    def list_people(self, *, role: Role | None = None, unit: str | None = None) -> list[Person]:
        """Return people by role and unit, in the order of their ids."""
        found = (p for p in self.people.values() if (role in (None, p.role)) and (unit in (None, p.unit)))
        return sorted(found, key=lambda person: person.id)

    def list_clerks(self) -> list[Person]:
        """Return the clerks of the office that runs the ledger."""
        return self.list_people(role=Role.CLERK)

    def members_of(self, chat: Chat) -> list[Person]:
        """Return the people of a group, by the rule in its members field (design §2)."""
        return sorted((p for p in self.people.values() if self._is_member(p, chat)), key=lambda person: person.id)

    def _is_member(self, person: Person, chat: Chat) -> bool:
        rule = chat.members
        if rule == "principals+section_heads":
            return person.role in (Role.PRINCIPAL, Role.SECTION_HEAD)
        if rule == "leaders":
            return person.role is Role.LEADER
        if rule.startswith("assigned schools"):
            section = self.section_of(chat)
            unit = self.units[person.unit]
            return section is not None and section in (unit.id, unit.assigned_section)
        listed = {part.strip() for part in rule.split(",") if part.strip()}
        return person.id in listed or person.unit in listed or person.unit == chat.unit

    def section_of(self, chat: Chat) -> str | None:
        """Return the section whose group this is: the bound unit, else the one the name begins with."""
        if chat.unit:
            return chat.unit
        named = (unit.id for unit in self.units.values() if unit.kind == "股室" and chat.name.startswith(unit.name))
        return next(named, None)


class DirectoryCache:
    """Keeps the newest snapshot; one cheap query a message tells whether it is still true."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._directory: Directory | None = None

    def get(self, session: Session) -> Directory:
        """Return the snapshot of the session's revision."""
        number = session.scalar(select(RevisionRow.number).where(RevisionRow.name == "directory")) or 0
        with self._lock:
            if self._directory is None or self._directory.revision != number:
                self._directory = load_directory(session, number)
            return self._directory


def load_directory(session: Session, revision: int = 0) -> Directory:
    """Read every unit, person, group and fact."""
    return Directory(
        revision=revision,
        units={row.id: _unit(row) for row in session.scalars(_listed(UnitRow))},
        people={row.id: _person(row) for row in session.scalars(_listed(PersonRow))},
        chats={row.id: _chat(row) for row in session.scalars(select(ChatRow).order_by(ChatRow.id))},
        facts={row.name: row.value for row in session.scalars(select(FactRow))},
        open_users={row.open_userid: row.userid for row in session.scalars(select(OpenUserRow)) if row.userid},
    )


def _listed(row: type[R]) -> Select[R]:
    return select(row).where(row.left.is_(False)).order_by(row.id)


def bump_revision(session: Session) -> None:
    """Tell every process that the directory or the ledger changed; takes effect with the commit."""
    upsert(session, RevisionRow, {"name": "directory"}, {"number": 1}, {"number": RevisionRow.number + 1})


def _unit(row: UnitRow) -> Unit:
    return Unit(
        id=row.id,
        name=row.name,
        kind=row.kind,
        aliases=tuple(row.aliases),
        parent=row.parent,
        assigned_section=row.assigned_section,
        leader=row.leader,
        head=row.head,
        peer_group=row.peer_group,
        reports_via_parent=row.reports_via_parent,
    )


def _person(row: PersonRow) -> Person:
    return Person(row.id, row.name, row.title, row.unit_id, Role(row.role), row.userid)


def _chat(row: ChatRow) -> Chat:
    return Chat(
        id=row.id,
        name=row.name,
        members=row.members,
        unit=row.unit_id,
        robot_chat=row.robot_chat,
        is_bound=row.webhook_key is not None,
        max_push_per_day=row.max_push_per_day,
    )


def unit_names(directory: Directory, ids: Iterable[str]) -> str:
    """Return the short names of units, joined by 、, for a reply."""
    return "、".join(directory.units[unit].name for unit in ids)
