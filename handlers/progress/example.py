"""An invented last week of reports for the demo, the same at every start."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.people import Directory, Person, Role
from bot.seal import Seal
from handlers.progress import service
from handlers.progress.models import Act, ProgressRow
from handlers.progress.service import Source, Statement
from handlers.tasks import service as ledger
from handlers.tasks.service import Task

_REPORTED = 0.7
_BLOCKERS = ("施工队停工", "设备未到货", "等消防验收", "经费未到位", "场地没落实")


def write_last_week(session: Session, seal: Seal, directory: Directory, now: datetime) -> bool:
    """Record about two thirds of every school's open tasks as reported four days before now.

    False, and nothing written, where the history has begun.
    """
    if session.scalar(select(exists().select_from(ProgressRow))):
        return False
    dice = random.Random(20261119)  # noqa: S311 - an example, the same every time
    tasks = ledger.get(session, directory)
    at = now - timedelta(days=4)
    for person in directory.list_people(role=Role.REPORTER):
        open_tasks = [task for task in tasks.for_unit(person.unit) if task.is_open(at.date())]
        said = [_statement(dice, person, task) for task in open_tasks if _is_reported(dice, person, task)]
        source = Source(person, "app/office", f"example-{person.id.lower()}", "(演示数据)", at)
        service.record(session, seal, source, said)
    return True


def _is_reported(dice: random.Random, person: Person, task: Task) -> bool:
    reported = dice.random() < _REPORTED
    # The guided scenes speak of these lines of this school.
    return reported or (person.unit == "S13" and task.id in ("T05", "T08", "T25"))


def _statement(dice: random.Random, person: Person, task: Task) -> Statement:
    percent = float(dice.randrange(20, 95, 5))
    if person.unit == "S13" and task.id == "T08":
        return Statement(Act.REPORT, person.unit, task.id, "in_progress", 60.0)
    fate = dice.random()
    if fate < 0.25:
        return Statement(Act.REPORT, person.unit, task.id, "done", 100.0)
    if fate < 0.29:
        blocker = dice.choice(_BLOCKERS)
        return Statement(Act.REPORT, person.unit, task.id, "blocked", percent, blocker=blocker)
    return Statement(Act.REPORT, person.unit, task.id, "in_progress", percent)
