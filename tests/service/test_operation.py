"""Keys, audit log, backup and restore, as an operator types them."""

from __future__ import annotations

import base64
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import audit
from bot.lock import FileLock
from bot.people import ChatRow
from bot.seal import Seal
from bot.vault import Address, Vault, VaultRow
from tests.dialogues.stage import KEY
from tests.service.operator import Operator

NEW_KEY = base64.b64encode(b"n" * 32).decode()
OLD_ID, NEW_ID = (Seal([key], b"i" * 32).key_ids[0] for key in (b"k" * 32, b"n" * 32))
BOTH = {"DUBAN_VAULT_KEY": KEY, "DUBAN_VAULT_KEY_2027": NEW_KEY}


def with_new_key(operator: Operator) -> None:
    """Put the new key in front of the old one."""
    text = operator.config.read_text(encoding="utf-8")
    both = 'keys = ["env:DUBAN_VAULT_KEY_2027", "env:DUBAN_VAULT_KEY"]'
    operator.config.write_text(text.replace('keys = ["env:DUBAN_VAULT_KEY"]', both), encoding="utf-8")


def without_old_key(operator: Operator) -> None:
    """Take the old key away."""
    text = operator.config.read_text(encoding="utf-8")
    operator.config.write_text(text.replace(', "env:DUBAN_VAULT_KEY"]', "]"), encoding="utf-8")


def admit(operator: Operator, people: int) -> list[str]:
    """Store some people in the vault; return their ids."""
    service = operator.service()
    with service.db.transaction() as session:
        vault, now = Vault(service.seal), service.clock.now()
        found = [vault.admit(session, Address("kf/parents", f"wm{number}"), now) for number in range(people)]
    service.db.dispose()
    return found


def fill(operator: Operator, people: int = 3) -> list[str]:
    """Store some people in the vault with their names, each with an audit entry; return their ids."""
    found = admit(operator, people)
    service = operator.service()
    with service.db.transaction() as session:
        vault, now = Vault(service.seal), service.clock.now()
        for person in found:
            vault.learn(session, person, {"name": "王小明"})
            audit.note(session, service.seal, actor="P-1", act="complaint.read_identity", subject=person, now=now)
    service.db.dispose()
    return found


class TestVault:
    def test_after_a_rotation_the_old_key_may_go(self, installed: Operator) -> None:
        people = fill(installed)
        with_new_key(installed)
        before = installed.types("vault", "keys", environ=BOTH)
        dry = installed.types("vault", "rotate", "--dry-run", environ=BOTH)
        assert installed.types("vault", "keys", environ=BOTH).output == before.output
        done = installed.types("vault", "rotate", environ=BOTH)
        after = installed.types("vault", "keys", environ=BOTH)
        again = installed.types("vault", "rotate", environ=BOTH)
        without_old_key(installed)
        alone = installed.types("vault", "rotate", "--dry-run", environ={"DUBAN_VAULT_KEY_2027": NEW_KEY})

        groups = 10
        values = len(people) + int(re.search(r"chat.webhook_key  (\d+)", done.output)[1])
        assert values > groups
        assert before.output == f"{NEW_ID}  newest  0\n{OLD_ID}  older  {values}\n"
        assert f"{values} values would be sealed anew with key {NEW_ID}" in dry.output
        assert f"vault.data_key  {len(people)}\n" in done.output
        assert f"{values} values were sealed anew with key {NEW_ID}" in done.output
        assert after.output == f"{NEW_ID}  newest  {values}\n{OLD_ID}  older  0  seals nothing any more\n"
        assert "\n0 values were sealed anew" in again.output
        assert "\n0 values would be sealed anew" in alone.output
        assert [run.exit_code for run in (before, dry, done, after, again, alone)] == [0] * 6

    def test_a_rotation_stands_in_the_audit_log(self, installed: Operator) -> None:
        fill(installed)
        with_new_key(installed)
        installed.types("vault", "rotate", environ=BOTH)
        with closing(sqlite3.connect(installed.database)) as opened:
            rows = opened.execute("select actor, subject from audit where act = 'vault.rotated'").fetchall()
        assert rows == [("operator", NEW_ID)]
        assert installed.types("audit", "verify", environ=BOTH).exit_code == 0

    def test_a_value_that_no_key_opens_is_said(self, installed: Operator) -> None:
        fill(installed)
        installed.types("vault", "rotate")
        with closing(sqlite3.connect(installed.database)) as opened:
            for row, key in (
                (1, bytes.fromhex("01deadbeef") + bytes(40)),
                (2, Seal([b"k" * 32], b"i" * 32).close(b"", "")),
            ):
                opened.execute("update vault set data_key = ? where rowid = ?", [key, row])
            opened.commit()
        keys, rotated = installed.types("vault", "keys"), installed.types("vault", "rotate")
        dry = installed.types("vault", "rotate", "--dry-run")

        assert "deadbeef  not configured  1\n" in keys.output
        assert "no configured key opens 1 values" in rotated.output
        assert "vault.data_key  0  no key opens 2" in dry.output
        assert [run.exit_code for run in (keys, rotated, dry)] == [1, 1, 1]

    def test_killed_at_any_point_the_next_run_goes_on(self, installed: Operator, tmp_path: Path) -> None:
        people = admit(installed, 1500)
        with_new_key(installed)
        command = [sys.executable, "-m", "bot", "vault", "rotate", "--config", str(installed.config)]
        for _ in range(2):
            process = subprocess.Popen(command, env={**os.environ, **BOTH}, stdout=subprocess.PIPE)
            time.sleep(0.1)
            deadline = time.monotonic() + 20
            began = self.renewed(installed)
            while process.poll() is None and self.renewed(installed) == began and time.monotonic() < deadline:
                time.sleep(0.005)
            assert process.poll() is None, process.communicate()
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert 0 < self.renewed(installed) < 1500

        assert installed.types("vault", "rotate", environ=BOTH).exit_code == 0
        without_old_key(installed)
        seal = Seal([b"n" * 32], b"k" * 32)
        db = installed.service_with({"DUBAN_VAULT_KEY_2027": NEW_KEY}).db
        with db.reading() as session:
            assert [Vault(seal).address_of(session, person).external_id for person in people] == [
                f"wm{number}" for number in range(1500)
            ]
        db.dispose()

    @staticmethod
    def renewed(operator: Operator) -> int:
        with closing(sqlite3.connect(operator.database)) as opened:
            head = b"\x01" + bytes.fromhex(NEW_ID)
            return int(
                opened.execute("select count(*) from vault where substr(data_key, 1, 5) = ?", [head]).fetchone()[0]
            )


class TestAudit:
    def test_a_whole_log_is_one_line(self, installed: Operator) -> None:
        fill(installed)
        result = installed.types("audit", "verify")

        assert result.exit_code == 0
        assert re.fullmatch(r"audit log whole: 3 entries, 0 anchors, last digest [0-9a-f]{64}\n", result.output)

    def test_a_changed_row_is_named(self, installed: Operator) -> None:
        fill(installed)
        with closing(sqlite3.connect(installed.database)) as opened:
            opened.execute("drop trigger audit_keeps")
            opened.execute("update audit set actor = 'P-2' where seq = 2")
            opened.commit()
        result = installed.types("audit", "verify")

        assert result.exit_code == 1
        assert result.output.startswith("audit log BROKEN: row 2 was changed (")
        assert result.output.count("\n") == 1

    def test_a_copy_of_an_anchor_is_compared(self, installed: Operator) -> None:
        fill(installed)
        service = installed.service()
        with service.db.transaction() as session:
            line = audit.anchor(session, service.seal, date(2026, 11, 23), service.clock.now())
        service.db.dispose()
        digest = line.rpartition("=")[2]

        assert installed.types("audit", "verify", "--anchor", f"2026-11-23:3:{digest}").exit_code == 0
        forged = installed.types("audit", "verify", "--anchor", f"2026-11-23:2:{digest}")
        assert forged.exit_code == 1
        assert "row 2 or one before it is not the one of 2026-11-23" in forged.output

    @pytest.mark.parametrize("anchor", ["", "2026-11-23", "2026-13-45:1:" + "0" * 64, "2026-11-23:1:xyz"])
    def test_an_anchor_of_another_shape(self, installed: Operator, anchor: str) -> None:
        result = installed.types("audit", "verify", "--anchor", anchor)
        assert result.exit_code == 2
        assert "DAY:SEQ:DIGEST" in result.output


class TestBackup:
    def test_a_backup_while_the_service_runs_and_back(self, installed: Operator, tmp_path: Path) -> None:
        people = fill(installed)
        file = tmp_path / "copy.db"
        with FileLock(Path(f"{installed.database}.lock")):
            made = installed.types("backup", str(file))
            refused = installed.types("restore", str(file), "--yes")
        assert made.exit_code == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.glob("*copy*")] == ["copy.db"]
        assert refused.exit_code == 2
        assert "is in use by process" in refused.output

        *_, more = admit(installed, 4)
        hesitant = installed.types("restore", str(file))
        assert hesitant.exit_code == 2
        assert "--yes" in hesitant.output
        restored = installed.types("restore", str(file), "--yes")
        assert restored.exit_code == 0
        service = installed.service()
        with service.db.reading() as session:
            assert set(session.scalars(select(VaultRow.uid))) == set(people)
            assert session.scalar(select(ChatRow.id).limit(1)) is not None
        service.db.dispose()
        assert installed.types("audit", "verify").exit_code == 0
        kept = Path(re.search(r"what was there: (\S+);", restored.output)[1])
        with closing(sqlite3.connect(kept)) as opened:
            assert opened.execute("select 1 from vault where uid = ?", [more]).fetchone() == (1,)

    def test_a_backup_overwrites_nothing(self, installed: Operator, tmp_path: Path) -> None:
        file = tmp_path / "copy.db"
        file.write_text("precious")
        result = installed.types("backup", str(file))

        assert result.exit_code == 2
        assert "is there already" in result.output
        assert file.read_text() == "precious"

    def test_a_backup_goes_where_there_is_no_database_yet(self, installed: Operator, tmp_path: Path) -> None:
        file = tmp_path / "copy.db"
        installed.types("backup", str(file))
        for path in tmp_path.glob("duban.db*"):
            path.unlink()
        assert "no database yet" in installed.types("backup", str(tmp_path / "other.db")).output
        assert installed.types("restore", str(file)).exit_code == 0
        assert installed.types("jobs").exit_code == 0

    def test_a_migrated_database_without_data_is_replaced_without_a_question(
        self, installed: Operator, tmp_path: Path
    ) -> None:
        file = tmp_path / "copy.db"
        installed.types("backup", str(file))
        installed.database.unlink()
        installed.types("migrate")
        result = installed.types("restore", str(file))
        assert result.exit_code == 0
        assert "what was there" not in result.output

    def test_a_damaged_database_can_be_replaced(self, installed: Operator, tmp_path: Path) -> None:
        file = tmp_path / "copy.db"
        installed.types("backup", str(file))
        installed.database.write_bytes(b"no database at all" * 1000)
        assert "--yes" in installed.types("restore", str(file)).output
        assert installed.types("restore", str(file), "--yes").exit_code == 0
        assert installed.types("check", "--offline").exit_code == 0

    @pytest.mark.parametrize(
        ("make", "fault"),
        [
            (lambda file: None, "no such file"),
            (lambda file: file.write_bytes(b"no database at all" * 1000), "no SQLite database"),
            (lambda file: sqlite3.connect(file).close() or file.touch(), "no copy of a duban database"),
            (lambda file: newer(file), "of a newer release"),
        ],
    )
    def test_a_file_that_is_no_backup(self, installed: Operator, tmp_path: Path, make, fault: str) -> None:
        file = tmp_path / "copy.db"
        make(file)
        before = installed.database.read_bytes()
        result = installed.types("restore", str(file), "--yes")

        assert result.exit_code == 2
        assert fault in result.output
        assert installed.database.read_bytes() == before

    def test_a_damaged_backup_is_refused(self, installed: Operator, tmp_path: Path) -> None:
        file = tmp_path / "copy.db"
        fill(installed, 300)
        installed.types("backup", str(file))
        content = bytearray(file.read_bytes())
        for page in range(5, len(content) // 4096):
            content[page * 4096 : page * 4096 + 60] = b"\xff" * 60
        file.write_bytes(content)
        result = installed.types("restore", str(file), "--yes")

        assert result.exit_code == 2
        assert "damaged" in result.output
        assert installed.types("audit", "verify").exit_code == 0

    def test_postgresql_has_tools_of_its_own(self, operator: Operator, tmp_path: Path) -> None:
        text = operator.config.read_text(encoding="utf-8")
        url = 'url = "postgresql+psycopg://nobody@127.0.0.1:1/none"'
        operator.config.write_text(re.sub(r'url = "sqlite.*"', url, text), encoding="utf-8")
        (tmp_path / "copy.db").touch()
        for words in (("backup", str(tmp_path / "new.db")), ("restore", str(tmp_path / "copy.db"))):
            result = operator.types(*words)
            assert result.exit_code == 2
            assert "pg_dump" in result.output


def newer(file: Path) -> None:
    """Make a database of a release to come."""
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("create table alembic_version (version_num text)")
        opened.execute("insert into alembic_version values ('0099')")
        opened.commit()
