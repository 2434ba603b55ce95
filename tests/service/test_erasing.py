"""Erasing and holding, as an operator types it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from bot import audit
from bot.bootstrap import Service
from bot.db import new_uid
from bot.messages import Incoming, Kind
from bot.router import Context
from handlers.complaints import service as complaints
from handlers.complaints.models import CaseRow
from tests.service.operator import Operator
from tests.unit.complaints.bench import SAID

SENDER, TEXT = "wmSomebodyErased00001", "孩子每天被罚站一节课,老师说这是规矩"


def file(operator: Operator, *, state: str = "withdrawn") -> str:
    """File a case and let it stand in a state; returns its number."""
    service = operator.service()
    with service.db.transaction() as session:
        receipt, _ = complaints.file(_context(service, session), replace(SAID, text=TEXT, name="欧阳小满"))
        session.execute(update(CaseRow).where(CaseRow.uid == receipt.case).values(state=state))
    service.db.dispose()
    return receipt.number


def _context(service: Service, session: object) -> Context:
    message = Incoming("kf/parents", new_uid(), Kind.TEXT, sender=SENDER, text=TEXT)
    directory = service.house.directories.get(session)  # type: ignore[arg-type]
    now = service.clock.now()
    return Context(message, new_uid(), None, directory, None, now, session, service.seal)  # type: ignore[arg-type]


def keys(operator: Operator) -> list[bytes | None]:
    with closing(sqlite3.connect(operator.database)) as opened:
        return [row[0] for row in opened.execute("select data_key from vault")]


def test_first_it_is_shown_then_erased_then_it_was(installed: Operator) -> None:
    number = file(installed)
    (key,) = keys(installed)
    assert key is not None
    shown = installed.types("erase", number)
    assert keys(installed) == [key]
    done = installed.types("erase", number, "--yes")
    again, late = installed.types("erase", number, "--yes"), installed.types("erase", number)

    assert "     1  cases" in shown.output
    assert f"Nothing is erased yet. Whoever is behind {number} goes for ever with --yes" in shown.output
    assert f"erased, with cases {number}" in done.output
    assert "Backups made before still hold it" in done.output
    assert "in use" not in done.output
    assert again.output.startswith("erased before")
    assert late.output == "erased before\n"
    assert [run.exit_code for run in (shown, done, again, late)] == [0] * 4
    assert keys(installed) == [None]
    for run in (shown, done):
        assert not [word for word in (SENDER, TEXT, "欧阳", SAID.wish) if word in run.output]
    raw = b"".join(path.read_bytes() for path in Path(installed.folder).glob("duban.db*"))
    assert key not in raw
    assert installed.types("audit", "verify").exit_code == 0


def test_open_and_held_cases_are_kept_unless_there_is_a_reason(installed: Operator) -> None:
    number = file(installed, state="accepted")
    shown, refused = installed.types("erase", number), installed.types("erase", "1", "--yes")
    alone = installed.types("erase", number, "--yes", "--force")
    spoken = installed.types("erase", number, "--yes", "--force", "--reason", "欧阳小满要求")
    assert f"open: {number}; only with --force --reason" in shown.output
    assert (refused.exit_code, refused.stderr) == (2, f"duban: open, or held by law: {number}\n")
    assert "--force and --reason go together" in alone.output
    assert spoken.exit_code == 2
    assert "欧阳" not in spoken.output
    assert keys(installed) != [None]

    assert installed.types("hold", number).output == "held\n"
    assert installed.types("hold", number).output == "held: it was so before\n"
    assert f"held by law: {number}" in installed.types("erase", number).output
    assert installed.types("hold", number, "--lift").output == "not held any more\n"
    assert installed.types("erase", number, "--yes", "--force", "--reason", "2026-申请-7").exit_code == 0
    service = installed.service()
    with service.db.reading() as session:
        details = [row.detail for row in session.query(audit.AuditRow).where(audit.AuditRow.act == "person.erased")]
    service.db.dispose()
    assert len(details) == 1
    assert json.loads(details[0])["reason"] == "2026-申请-7"


@pytest.mark.parametrize(
    ("number", "said"), [("x", "number: is none of a case"), ("2026-9", "there is no case 2026-9")]
)
def test_a_number_that_is_none(installed: Operator, number: str, said: str) -> None:
    for command in ("erase", "hold"):
        run = installed.types(command, number)
        assert run.exit_code == 2
        assert said in run.stderr


def test_the_nightly_job_counts_in_a_dry_run(installed: Operator) -> None:
    file(installed)
    run = installed.types("job", "complaints.erase", "--due", "2031-01-01T00:20", "--dry-run")
    assert "dry run, nothing is sent, 0 messages\n1 persons would be erased" in run.output
    assert keys(installed) != [None]
