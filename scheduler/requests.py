"""Runs of a job that an operator asks for while the service holds the database: a row asks, a row answers."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import JSON, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db import Base, Database
from bot.errors import BotError, place_of
from bot.messages import Card, CardUpdate, Image, Menu, Outgoing, ToChat, ToOutsider, ToPerson
from bot.workdays import SHANGHAI
from scheduler.runner import Run, Runner

log = logging.getLogger(__name__)

# An operator who has stopped waiting must not be surprised later.
_LIFE = timedelta(minutes=2)


class JobRequestRow(Base):
    """One run that was asked for. answer is the lines to print, once state is no longer "waiting"."""

    __tablename__ = "job_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    due_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="waiting")
    answer: Mapped[list[str] | None] = mapped_column(JSON)
    created_at: Mapped[datetime]


def ask(session: Session, job: str, due: datetime | None, now: datetime) -> JobRequestRow:
    """Ask the running service for one run."""
    row = JobRequestRow(job=job, due_at=due, created_at=now)
    session.add(row)
    session.flush()
    return row


def find_answer(session: Session, request_id: int) -> tuple[list[str], bool] | None:
    """Return the answer to a request and whether the run was carried out, or None while it waits."""
    row = session.get_one(JobRequestRow, request_id)
    return None if row.state == "waiting" else (list(row.answer or []), row.state == "done")


def answer_waiting(db: Database, runner: Runner, now: datetime) -> bool:
    """Run what was asked for, oldest first; True if anything was."""
    with db.reading() as session:
        waiting = select(JobRequestRow).where(JobRequestRow.state == "waiting").order_by(JobRequestRow.id)
        rows = list(session.scalars(waiting))
    for row in rows:
        lines, done = _answer(runner, row, now)
        with db.transaction() as session:
            stored = session.get_one(JobRequestRow, row.id)
            stored.state, stored.answer = "done" if done else "refused", lines
    return bool(rows)


def describe(run: Run, *, rehearsed: bool = False) -> list[str]:
    """Return what a run did, or would do, as lines for the terminal."""
    when = f"{run.due.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if not run.is_new:
        return [f"{run.job} {when}: {run.state} before; nothing is sent twice"]
    state = "dry run, nothing is sent" if rehearsed else run.state
    head = f"{run.job} {when}: {state}, {len(run.messages)} messages" + (f" ({run.reason})" if run.reason else "")
    return [head, *run.notes, *(_line(message) for message in run.messages)]


def _answer(runner: Runner, row: JobRequestRow, now: datetime) -> tuple[list[str], bool]:
    if now - row.created_at > _LIFE:
        return ["duban: the request is too old; ask again"], False
    try:
        return describe(runner.run_job(row.job, row.due_at, now)), True
    except BotError as error:
        return [f"duban: {error}"], False
    except Exception as error:  # the operator is told; the service lives
        log.error("request.error job=%s error=%s", row.job, place_of(error))
        return [f"duban: failed: {place_of(error)}"], False


def _line(message: Outgoing) -> str:
    match message.to:
        case ToPerson(person_id):
            target = person_id
        case ToChat(chat_id):
            target = chat_id
        case ToOutsider(door):
            target = f"somebody at {door}"
        case _:
            target = "sender"
    when = f" from {message.not_before.astimezone(SHANGHAI):%m-%d %H:%M}" if message.not_before else ""
    body = message.body
    if isinstance(body, Image):
        words = f"[picture, {len(body.data)} bytes]"
    elif isinstance(body, Card | CardUpdate):
        words = f"[card] {body.title}"
    elif isinstance(body, Menu):
        words = body.plain
    else:
        words = body.content
    return f"-> {target}{when}\n   " + words.replace("\n", "\n   ")
