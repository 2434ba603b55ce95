"""The command line as an operator uses it, from an empty folder to a running timetable."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.inbox import InboxRow
from bot.lock import FileLock
from bot.outbox import OutboxRow
from bot.workdays import SHANGHAI
from scheduler import requests
from tests.service.operator import Operator


def test_a_missing_secret_is_one_clear_line(operator: Operator) -> None:
    result = operator.types("migrate", environ={})

    assert result.exit_code == 2
    assert result.output == "duban: vault.keys[0]: the environment variable DUBAN_VAULT_KEY is not set\n"


def test_a_missing_configuration_says_what_to_do(operator: Operator) -> None:
    operator.config.unlink()
    result = operator.types("check")

    assert result.exit_code == 2
    assert "no such file" in result.output


def test_an_old_schema_is_refused_with_the_cure(operator: Operator, district: str) -> None:
    result = operator.types("import", district)

    assert result.exit_code == 2
    assert "duban migrate" in result.output
    assert "duban migrate" in operator.types("check", "--offline").output


def test_an_import_shows_first_writes_on_yes_and_is_idempotent(operator: Operator, district: str) -> None:
    operator.types("migrate")
    shown = operator.types("import", district)
    assert "--yes" in shown.output
    assert "no district is loaded" in operator.types("check", "--offline").output

    written, again = operator.types("import", district, "--yes"), operator.types("import", district, "--yes")
    assert 0 == written.exit_code == again.exit_code
    assert "Nothing would change." in again.output
    assert "693a91f6" not in shown.output + written.output


def test_a_faulty_district_is_refused_by_path(operator: Operator, tmp_path: Path, sample: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(sample))
    broken["people"][3]["unit"] = "S99"
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken, ensure_ascii=False), encoding="utf-8")
    operator.types("migrate")
    result = operator.types("import", str(path), "--yes")

    assert result.exit_code == 2
    assert "people[3].unit" in result.output
    assert "no district" in operator.types("check", "--offline").output


@pytest.mark.parametrize("content", ["{", "[]", "not json"])
def test_a_file_that_is_no_district_is_a_plain_fault(operator: Operator, tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    operator.types("migrate")
    result = operator.types("import", str(path))

    assert result.exit_code == 2
    assert result.output.startswith("duban: ")


def test_an_export_can_be_imported_and_holds_no_push_address(installed: Operator, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    assert installed.types("export", "district", str(path)).exit_code == 0

    assert "693a91f6" not in path.read_text(encoding="utf-8")
    assert "Nothing would change." in installed.types("import", str(path)).output


def test_check_lists_what_is_fine(installed: Operator) -> None:
    result = installed.types("check", "--offline")

    assert result.exit_code == 0, result.output
    assert "✓ district: 101 units, 206 people" in result.output
    assert "app-secret" not in result.output


def test_jobs_shows_the_coming_days(installed: Operator) -> None:
    result = installed.types("jobs", "--days", "14")

    assert result.exit_code == 0
    assert "weekly.open" in result.output


def test_a_dry_run_shows_and_writes_nothing(installed: Operator) -> None:
    shown = installed.types("job", "weekly.open", "--due", "2026-11-26T09:00", "--dry-run")
    service = installed.service()
    with service.db.reading() as session:
        stored = session.query(OutboxRow).count()

    assert "-> P-S13-2" in shown.output
    assert stored == 0
    service.db.dispose()


def test_an_unknown_job_names_those_that_there_are(installed: Operator) -> None:
    result = installed.types("job", "weekly.nothing")

    assert result.exit_code == 2
    assert "weekly.open" in result.output


def test_a_running_service_is_asked_by_a_row(installed: Operator) -> None:
    service = installed.service()
    due = datetime(2026, 11, 19, 9, 0, tzinfo=SHANGHAI)
    answered = threading.Event()

    def serve() -> None:
        while not answered.wait(0.05):
            if requests.answer_waiting(service.db, service.runner, service.clock.now()):
                answered.set()

    thread = threading.Thread(target=serve)
    thread.start()
    with FileLock(installed.folder / "duban.db.lock"):
        result = installed.types("job", "weekly.open", "--due", due.isoformat())
    answered.set()
    thread.join()
    service.db.dispose()

    assert result.exit_code == 0, result.output
    assert "weekly.open 2026-11-19 09:00: done" in result.output


def test_failed_messages_are_listed_and_replayed(installed: Operator) -> None:
    service = installed.service()
    now = service.clock.now()
    with service.db.transaction() as session:
        session.add(
            InboxRow(
                uid="u1",
                door="app/office",
                message_id="m1",
                conversation="c",
                body=service.seal.close(b"{}", "u1"),
                state="failed",
                reason="KeyError at x.py:1",
                received_at=now,
                due_at=now,
            )
        )
    service.db.dispose()

    assert "inbox 1" in installed.types("failed").output
    assert "waits again" in installed.types("replay", "inbox", "1").output
    assert installed.types("replay", "inbox", "1").exit_code == 1
    assert installed.types("failed").output == ""


def test_understand_reads_lines_and_writes_lines(operator: Operator) -> None:
    lines = [
        {"id": "a", "text": "消防排查已办结", "sender": "P-S35-2", "now": "2026-11-23T10:00:00+08:00"},
        {"text": "收到"},
    ]
    result = operator.types("understand", stdin="\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    answers = [json.loads(line) for line in result.output.splitlines()]

    assert [answer["intent"] for answer in answers] == ["report", "ack"]
    assert tuple(answers[0]["items"][0][name] for name in ("task", "status", "percent")) == ("T31", "done", 100)


@pytest.mark.parametrize("line", ["{", "[]", '{"text": 3}', '{"text": "x", "now": "yesterday"}'])
def test_a_bad_line_is_named(operator: Operator, line: str) -> None:
    result = operator.types("understand", stdin=line)

    assert result.exit_code == 2
    assert "line 1" in result.output


def test_a_new_key_is_one_that_the_configuration_takes(operator: Operator) -> None:
    key = operator.types("newkey").output.strip()

    assert operator.types("migrate", environ={"DUBAN_VAULT_KEY": key}).exit_code == 0


@pytest.mark.parametrize("role", ["web", "worker", "scheduler"])
def test_a_role_alone_is_refused_on_sqlite_with_one_line(installed: Operator, role: str) -> None:
    result = installed.types(role)

    assert result.exit_code == 2
    assert result.output == (
        "duban: database.url: on SQLite one process does everything: run duban serve, or move to PostgreSQL\n"
    )
