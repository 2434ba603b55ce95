"""The tables of cases. Ids, codes and times in clear; every word that somebody said is sealed.

Nothing here names a complainant: `person` is an id of the vault, and what was said is sealed with that person's key.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.appendonly import protect
from bot.db import Base


class CaseRow(Base):
    """One case. state, owner and reason are values of handlers.complaints.states; unit_id is the unit complained of.

    origin stands blindly for the message that filed it: no join leads from a case to whose messages those are. code is
    the keyed digest of the query code. rounds counts the questions asked. reason, proposed_by and proposal (its event)
    describe the refusal that waits for its signature or was signed. unit_id has no foreign key: a case keeps nobody in
    the district. excluded: ids of those who have to do with cases and whom the words name, or their part of the bureau.
    """

    __tablename__ = "complaint_case"
    __table_args__ = (
        UniqueConstraint("series", "year", "serial"),
        Index("ix_complaint_case_person", "person", "received_at"),
        Index("ix_complaint_case_state", "state", "received_at"),
        Index("ix_complaint_case_received", "received_at"),
    )
    uid: Mapped[str] = mapped_column(primary_key=True)
    series: Mapped[str]
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str]
    person: Mapped[str]
    origin: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    kind: Mapped[str]
    topic: Mapped[str]
    category: Mapped[str]
    unit_id: Mapped[str | None]
    excluded: Mapped[list[str]] = mapped_column(JSON, default=list)
    dangers: Mapped[list[str]] = mapped_column(JSON)
    is_minor: Mapped[bool] = mapped_column(default=False)
    is_named: Mapped[bool] = mapped_column(default=False)
    is_over_limit: Mapped[bool] = mapped_column(default=False)
    notice_version: Mapped[str]
    owner: Mapped[str]
    rounds: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    proposed_by: Mapped[str | None]
    proposal: Mapped[str | None] = mapped_column(index=True)
    wants_out_at: Mapped[datetime | None]
    goes_on_at: Mapped[datetime | None]
    pressed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    queued_told_at: Mapped[datetime | None]
    received_at: Mapped[datetime]


class EventRow(Base):
    """What happened to a case, never changed. uid is the event's own id: the same event is carried out once.

    act is a step of the table ("T4") or what else was done ("added", "proposed"). note is sealed with the person's key.
    """

    __tablename__ = "complaint_event"
    __table_args__ = (Index("ix_complaint_event_case", "case_uid", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    case_uid: Mapped[str] = mapped_column(ForeignKey("complaint_case.uid"))
    act: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    actor: Mapped[str]
    role: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[bytes | None] = mapped_column(LargeBinary)


class TextRow(Base):
    """What the complainant gave, sealed with the person's key: original, place, happened, wish, addition, and files
    (the ids of the messages that brought them, by line).
    """

    __tablename__ = "complaint_text"
    __table_args__ = (Index("ix_complaint_text_case", "case_uid", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    case_uid: Mapped[str] = mapped_column(ForeignKey("complaint_case.uid"))
    kind: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class NoticeRow(Base):
    """What the complainant is told, sealed with the person's key. via: the door's kind (kf, app) or look-up.

    failed_at: the platform will not carry it. told_at: the office was told that it has not arrived.
    """

    __tablename__ = "complaint_notice"
    __table_args__ = (Index("ix_complaint_notice_case", "case_uid", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    case_uid: Mapped[str] = mapped_column(ForeignKey("complaint_case.uid"))
    kind: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    door: Mapped[str]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    via: Mapped[str] = mapped_column(default="")
    failed_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]


class ClockRow(Base):
    """One limit of a case: kind says of what, unit "wd" or "day", amount how many.

    due_at is None while the calendar does not know it; missing is then the first day without a notice. pauses holds
    [from, to] as ISO instants. warned counts the warnings given. Ended clocks stay as a record.
    """

    __tablename__ = "complaint_clock"
    __table_args__ = (
        Index("ix_complaint_clock_case", "case_uid", "id"),
        Index("ix_complaint_clock_open", "ended_at", "due_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    case_uid: Mapped[str] = mapped_column(ForeignKey("complaint_case.uid"))
    kind: Mapped[str]
    unit: Mapped[str]
    amount: Mapped[int]
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    missing: Mapped[date | None]
    paused_at: Mapped[datetime | None]
    pauses: Mapped[list[list[str]]] = mapped_column(JSON)
    warned: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]


class SerialRow(Base):
    """The last number given in a series and year."""

    __tablename__ = "complaint_serial"
    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class AttemptRow(Base):
    """Wrong codes typed for one number (blind) on the public page, and until when further wrong ones do not count."""

    __tablename__ = "complaint_attempt"
    number: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class AccessRow(Base):
    """Who read the original words of a case, and when."""

    __tablename__ = "complaint_access"
    __table_args__ = (Index("ix_complaint_access_case", "case_uid", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_uid: Mapped[str] = mapped_column(ForeignKey("complaint_case.uid"))
    person_id: Mapped[str]
    role: Mapped[str]
    at: Mapped[datetime]


protect(EventRow)
