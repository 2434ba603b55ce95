"""`duban check` tells where nobody would hear of a complaint."""

from __future__ import annotations

from typing import Any

import pytest

from bot.bootstrap.operator import import_file
from bot.check import _CASE_ROLES, _case_roles
from bot.clock import SetClock
from bot.db import Database
from bot.people import DirectoryCache
from handlers.complaints.states import Role
from tests.dialogues.stage import bound, make_config


def told(db: Database, clock: SetClock, district: dict[str, Any]) -> list[str]:
    """Return what is found in a district."""
    import_file(db, make_config(), bound(district), clock.now(), write=True)
    with db.reading() as session:
        return [str(finding) for finding in _case_roles(DirectoryCache().get(session))]


def test_it_knows_the_roles_of_cases() -> None:
    assert {role.value for role in Role} - {"COMPLAINANT", "BOT"} == _CASE_ROLES


def test_nothing_is_said_where_all_is_there(db: Database, clock: SetClock, sample: dict[str, Any]) -> None:
    assert told(db, clock, sample) == []


@pytest.mark.parametrize(("missing", "said"), [("case_roles", "INTAKE、DIRECTOR"), ("duty", "nobody is on duty")])
def test_what_is_missing_is_named(
    db: Database, clock: SetClock, sample: dict[str, Any], missing: str, said: str
) -> None:
    (line,) = told(db, clock, {key: value for key, value in sample.items() if key != missing})
    assert line.startswith("✗")
    assert said in line


def test_a_misspelt_role_is_named(db: Database, clock: SetClock, sample: dict[str, Any]) -> None:
    entries = [{**one, "role": one["role"].replace("INTAKE", "INTAK")} for one in sample["case_roles"]]
    lines = told(db, clock, {**sample, "case_roles": entries})
    assert [line.split(" — ")[0] for line in lines] == [
        "✗ nobody has the case role INTAKE",
        "✗ unknown case roles: INTAK",
    ]
