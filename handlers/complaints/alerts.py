"""Whom the office's side is told and how: numbers, topics and kinds of danger only, in private, nobody in conflict."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select, update

from bot.messages import Outgoing, Text, ToPerson
from bot.outbox import OutboxRow, OutboxState
from bot.people import Role as Post
from bot.urgent import DANGER
from handlers.complaints import roles, texts
from handlers.complaints import texts_alerts as office_texts
from handlers.complaints.models import CaseRow
from handlers.complaints.states import Role
from handlers.complaints.work import Work

OFFICE = "alert.office"
_AGAIN = (timedelta(minutes=10), timedelta(minutes=30))
_HOUR = timedelta(hours=1)


def new_case(work: Work, case: CaseRow) -> list[Outgoing]:
    """Tell of a new case: the office, or with danger everybody on duty, at any hour and again until it is opened.

    What is over the soft limits is left for the day's one line, except danger.
    """
    if case.dangers:
        return danger(work, case, "first") + _alarm(work)
    told = (
        [] if case.is_over_limit else to_office(work, case, "new", office_texts.new_case(case.number, topic_of(case)))
    )
    return told + _alarm(work)


def danger(work: Work, case: CaseRow, occasion: str) -> list[Outgoing]:
    """Tell those on duty, the office and its director of danger, now and twice again until somebody opens the case."""
    desk = work.desk(case)
    deciders = desk.list(Role.INTAKE, Role.DIRECTOR)
    people = list(dict.fromkeys((*desk.duty, *deciders)))
    has_gap = not deciders or not roles.list_duty(work.directory)
    others = [person for person in _stand_ins(work, case) if person not in people] if has_gap else []
    kinds = texts.dangers(case.dangers)
    told: list[Outgoing] = []
    for number, wait in enumerate((timedelta(0), *_AGAIN)):
        words = office_texts.danger(case.number, kinds, again=number > 0)
        lone = f"{words}{office_texts.NOBODY_IN_CHARGE}"
        told += [
            Outgoing(
                key=f"{_danger_key(case)}{occasion}/{number}/{person}",
                to=ToPerson(person),
                body=Text(lone if person in others else words),
                purpose=DANGER,
                may_repeat=True,
                not_before=work.now + wait if number else None,
                is_urgent=True,
            )
            for person in (*people, *others)
        ]
    return told


def calm(work: Work, case: CaseRow) -> None:
    """Somebody has opened the case: what would remind of its danger again is withdrawn."""
    ended = update(OutboxRow).where(
        OutboxRow.key.startswith(_danger_key(case), autoescape=True),
        OutboxRow.state == OutboxState.WAITING,
        OutboxRow.starts_at > work.now,
    )
    work.session.execute(
        ended.values(state=OutboxState.EXPIRED, done_at=work.now, body=None, reason="no longer needed")
    )


def hush(work: Work, case: CaseRow, people: Iterable[str]) -> None:
    """Withdraw what waits to be sent to people who must not learn of a case any more."""
    waiting = OutboxRow.state.in_((OutboxState.WAITING, OutboxState.PARKED))
    about = OutboxRow.key.startswith(_danger_key(case)) | OutboxRow.key.startswith(f"office/{case.uid}/")
    for person in people:
        ended = update(OutboxRow).where(waiting, about, OutboxRow.key.endswith(f"/{person}", autoescape=True))
        work.session.execute(
            ended.values(state=OutboxState.EXPIRED, done_at=work.now, body=None, reason="no longer needed")
        )


def to_office(work: Work, case: CaseRow, occasion: str, words: str) -> list[Outgoing]:
    """Tell the people who decide about a case. occasion makes the key: the same occasion is told once."""
    key, deciders = f"office/{case.uid}/{occasion}", work.desk(case).list(Role.INTAKE)
    if deciders:
        return tell(deciders, key, words)
    return tell(_stand_ins(work, case), key, f"{words}{office_texts.NOBODY_IN_CHARGE}")


def tell(people: Iterable[str], key: str, words: str) -> list[Outgoing]:
    """Return one private message to each person."""
    return [Outgoing(f"{key}/{person}", ToPerson(person), Text(words), OFFICE) for person in people]


def _stand_ins(work: Work, case: CaseRow) -> list[str]:
    """Return whom to tell where the district file names nobody: clerks, else heads of sections, else leaders.

    They learn that there is a case, and may not read it. Nobody in conflict, no administrator.
    """
    directory = work.directory
    away = roles.in_conflict(directory, case.unit_id) | set(case.excluded) | {work.member(case)}
    away |= set(roles.granted(directory).get(Role.ADMIN, ()))
    for kind in (Post.CLERK, Post.SECTION_HEAD, Post.LEADER):
        if found := [person.id for person in directory.list_people(role=kind) if person.id not in away]:
            return found
    return []


def topic_of(case: CaseRow) -> str:
    """Return what a case is about in a word, as far as it may stand in a message."""
    return case.topic or texts.KINDS.get(case.kind, "其他")


def _alarm(work: Work) -> list[Outgoing]:
    """Tell the administrators, with a number only, when so many cases came in an hour; nothing is blocked."""
    since = CaseRow.received_at > work.now - _HOUR
    count = work.session.scalar(select(func.count()).select_from(CaseRow).where(since)) or 0
    if count < work.complaints.alarm_per_hour:
        return []
    hour = f"{work.now:%Y%m%d%H}"
    return tell(roles.granted(work.directory).get(Role.ADMIN, ()), f"case-alarm/{hour}", office_texts.alarm(count))


def _danger_key(case: CaseRow) -> str:
    return f"danger/{case.uid}/"
