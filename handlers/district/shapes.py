"""The shape of every part of a district file (schema district-sample/2), checked one record at a time.

An unknown key is let through and reported by handlers.district.file; a wrong value is a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from bot.people import Role

SCHEMA = "district-sample/2"
FIRST_YEAR, LAST_YEAR = 2000, 2100
SECTION = "股室"
BUREAU = "局领导"
SCHOOL_KINDS = ("小学", "初中", "九年一贯制", "高中", "职教中心", "幼儿园", "教学点")


def _day(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a day like 2026-11-30")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("is no day of the calendar; write it like 2026-11-30") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _members(value: object) -> object:
    return ",".join(map(str, value)) if isinstance(value, list) else value


# Source: https://developer.work.weixin.qq.com/document/path/90195 (read 2026-11): the first is a letter or digit, so
# that "@all", which addresses everybody, is none.
USERID = r"^[0-9A-Za-z][0-9A-Za-z._@-]{0,63}$"
Id = Annotated[str, Field(pattern=r"^\S{1,40}$")]
Ids = tuple[Id, ...]
Words = Annotated[str, Field(min_length=1, max_length=1000)]
# The databases' own whole numbers end at 2**31.
Whole = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day)]


class Shape(BaseModel):
    """One object of the file. details: keys that no column of a table holds, kept for the export."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
    details: ClassVar[tuple[str, ...]] = ()


class Named(Shape):
    """What sections and schools have in common."""

    id: Id
    name: Words
    aliases: tuple[Words, ...] = ()
    kind: str


class Section(Named):
    """A part of the bureau."""

    kind: Literal["股室", "局领导"] = "股室"
    leader: Id | None = None
    head: Id | None = None
    duty: str | None = None
    staff: Whole | None = None
    details = ("duty", "staff")


class School(Named):
    """A school, kindergarten or teaching point."""

    kind: Literal["小学", "初中", "九年一贯制", "高中", "职教中心", "幼儿园", "教学点"]
    assigned_section: Id | None = None
    parent: Id | None = None
    peer_group: Words | None = None
    reports_via_parent: Flag = False
    principal: Id | None = None
    principal_name: str | None = None
    reporter: Id | None = None
    town: str | None = None
    ownership: str | None = None
    students: Whole | None = None
    teachers: Whole | None = None
    details = ("town", "ownership", "students", "teachers", "principal", "reporter")


class Person(Shape):
    """Somebody who may be addressed."""

    id: Id
    name: Words
    title: str = ""
    unit: Id
    role: Role
    wecom_userid: Annotated[str, Field(pattern=USERID)] | None = None
    duty: str | None = None
    details = ("duty",)

    @property
    def userid(self) -> str:
        """The WeCom member id in lower case, as doors deliver it."""
        return (self.wecom_userid or self.id).lower()


class Task(Shape):
    """One ledger line. People write its code in chat: T and a number."""

    id: Annotated[str, Field(pattern=r"^T\d{1,4}$")]
    title: Words
    aliases: tuple[Words, ...] = ()
    area: Words
    standard: Words
    lead: Id
    reporters: Words
    metric: Literal["percent", "count", "milestone", "binary"]
    target: Whole | None = None
    start: Day
    deadline: Day
    weight: Annotated[int, Field(strict=True, ge=1, le=5)]
    evidence: tuple[Words, ...] = ()
    cadence: Words = "weekly"
    runs_in_break: Flag = False
    approval_ref: Words | None = None
    version: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    progress: str | None = None
    details = ("progress",)


class Chat(Shape):
    """A group. webhook_key and robot_chatid keep what is stored when they are left out."""

    id: Id
    name: Words
    members: Annotated[str, BeforeValidator(_members)] = ""
    unit: Id | None = None
    webhook_key: Words | None = Field(None, repr=False)
    robot_chatid: Annotated[str, Field(pattern=r"^\S{1,128}$")] | None = None
    max_push_per_day: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None


class About(Shape):
    """The district itself."""

    id: Id | None = None
    name: Words
    bureau: Words
    short: Words
    doc_prefix: Words
    timezone: Literal["Asia/Shanghai"] = "Asia/Shanghai"


class Span(Shape):
    """A term, break or quiet time, both days included."""

    id: Words
    start: Day
    end: Day


class Calendar(Shape):
    """The layers of the calendar; holidays_YYYY and makeup_workdays_YYYY are checked by their names."""

    terms: tuple[Span, ...] = ()
    breaks: tuple[Span, ...] = ()
    exam_quiet: tuple[Span, ...] = ()
    overrides: Mapping[Day, Flag] = Field(default_factory=dict)
    public_holidays_source: str | None = None


class Approval(Shape):
    """One number of the filed list (清单)."""

    ref: Words
    object: Words
    title: str = ""
    scope: tuple[Words, ...] = ()
    approver: Id | None = None
    date: Day | None = None
    valid_from: Day
    valid_to: Day


class CaseRole(Shape):
    """Who holds a role in the handling of complaints."""

    role: Words
    people: Ids


class Duty(Shape):
    """Who is told of an emergency, in order."""

    note: str | None = None
    people: Ids


class Release(Shape):
    """The chain of signatures of a bulletin."""

    note: str | None = None
    clerk: Ids = Field(min_length=1)
    office_head: Ids = Field(min_length=1)
    leader: Ids = Field(min_length=1)


class Group(Shape):
    """A working group of the plan."""

    id: Id
    name: Words
    sections: Ids = ()
    duty: str | None = None


class LeadingGroup(Shape):
    """The leading group (领导小组) and its office."""

    head: Id
    deputies: Ids = ()
    office: Id
    members: Ids = ()


LISTS: Mapping[str, type[Shape]] = {
    "leaders": Person,
    "sections": Section,
    "schools": School,
    "people": Person,
    "ledger": Task,
    "chats": Chat,
}

# Parts that are stored as they are, by name. Everything else at the top of a file is reported as unknown.
FACTS: Mapping[str, TypeAdapter[Any]] = {
    "district": TypeAdapter(About),
    "calendar": TypeAdapter(Calendar),
    "terms": TypeAdapter(tuple[Span, ...]),
    "ambiguous_unit_aliases": TypeAdapter(dict[Words, Ids]),
    "ambiguous_task_words": TypeAdapter(dict[Words, Ids]),
    "approvals": TypeAdapter(tuple[Approval, ...]),
    "case_roles": TypeAdapter(tuple[CaseRole, ...]),
    "duty": TypeAdapter(Duty),
    "release": TypeAdapter(Release),
    "working_groups": TypeAdapter(tuple[Group, ...]),
    "leading_group": TypeAdapter(LeadingGroup),
    "note": TypeAdapter(str),
    "approvals_note": TypeAdapter(str),
    "fields": TypeAdapter(dict[str, str]),
}
REQUIRED = ("schema", "district", "calendar", "sections", "schools", "people", "ledger", "chats")

HOLIDAYS = TypeAdapter[Any](str | Mapping[Words, Annotated[tuple[Day, ...], Field(min_length=1, max_length=2)]])
MAKEUP = TypeAdapter[Any](str | tuple[Day, ...])
