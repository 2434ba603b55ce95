"""Whatever goes wrong at the command line is one clear line for each fault and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from bot import demo, inbox, serving
from bot.bootstrap import Service
from bot.errors import ConfigError
from bot.lock import FileLock
from scheduler.models import TickRow
from tests.service.operator import Operator

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
COMMANDS = (
    ("serve",),
    ("check", "--offline"),
    ("migrate",),
    ("import", "{district}", "--yes"),
    ("export", "district", "{folder}/out.json"),
    ("jobs",),
    ("job", "weekly.open", "--due", "2026-11-19T09:00"),
    ("failed",),
    ("replay", "inbox", "--all"),
    ("dismiss", "outbox", "1"),
    ("vault", "keys"),
    ("vault", "rotate"),
    ("audit", "verify"),
)


@pytest.fixture(autouse=True)
def nothing_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a `serve` that starts fail, as it would never come back."""

    def fail(*_: object) -> None:
        raise AssertionError("served")

    monkeypatch.setattr(serving, "run", fail)


def assert_told(result: Result, *words: str) -> None:
    """Assert that a command failed on purpose and said why in whole lines."""
    assert result.exit_code in (1, 2), result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


def close(database: Path) -> None:
    """Leave one whole file, as after the end of every process: what the log beside it holds would hide a damage."""
    whole = database.with_suffix(".whole")
    with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(whole)) as new:
        old.backup(new)
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    whole.rename(database)


def overwrite(database: Path) -> None:
    database.write_bytes(os.urandom(20_000))


def truncate(database: Path) -> None:
    os.truncate(database, 9000)


def make_folder(database: Path) -> None:
    database.unlink()
    database.mkdir()


def make_newer(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("update alembic_version set version_num = '0099'")


def make_foreign(database: Path) -> None:
    database.unlink()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("create table other (x)")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (overwrite, "no SQLite database"),
        (truncate, "the file is damaged; put a backup back"),
        (make_folder, "cannot be opened"),
        (make_newer, "schema 0099 is newer than this release"),
        (make_foreign, "not of this program"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_with_the_cure(
    installed: Operator, district: str, command: tuple[str, ...], damage: Callable[[Path], None], said: str
) -> None:
    close(installed.database)
    damage(installed.database)
    words = [word.format(district=district, folder=installed.folder) for word in command]
    result = installed.types(*words)

    assert_told(result)
    assert said in result.output.replace(" — ", "; ")
    assert "duban migrate" not in result.output  # it would not help
    assert "sqlite:///" not in result.output


def test_a_read_only_database_does_not_start(installed: Operator) -> None:
    close(installed.database)
    installed.database.chmod(0o400)
    if os.access(installed.database, os.W_OK):
        pytest.skip("this user may write everywhere")

    assert_told(installed.types("serve"), "database.url: cannot be written")
    assert_told(installed.types("check", "--offline"), "✗ database: cannot be written")


def test_a_wrong_vault_key_is_found_by_check(installed: Operator) -> None:
    wrong = installed.types("newkey").output.strip()
    result = installed.types("check", "--offline", environ={"DUBAN_VAULT_KEY": wrong})

    assert_told(result, "✗ push addresses that no key opens: 17")
    assert "no key opens" not in installed.types("check", "--offline").output


def test_a_busy_port_is_named_before_anything_works(installed: Operator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        installed.configure(port)
        result = installed.types("serve")
    service = installed.service()
    with service.db.reading() as session:
        ticks = session.query(TickRow).count()
    service.db.dispose()

    assert_told(result, f"duban: server.port: port {port} is in use by another program")
    assert ticks == 0


def test_a_second_service_names_the_first(installed: Operator) -> None:
    with FileLock(installed.folder / "duban.db.lock"):
        assert_told(installed.types("serve"), f"in use by process {os.getpid()}")


def test_a_lock_that_holds_no_number_is_told_too(installed: Operator) -> None:
    path = installed.folder / "duban.db.lock"
    with FileLock(path):
        path.write_bytes(b"\xff")
        assert_told(installed.types("serve"), "in use by process")


class TestFiles:
    def test_only_their_owner_may_read_them(self, operator: Operator, district: str) -> None:
        before = os.umask(0o022)
        try:
            out = operator.folder / "out.json"
            operator.types("migrate")
            operator.types("import", district, "--yes")
            operator.types("job", "weekly.open", "--due", "2026-11-19T09:00")
            operator.types("export", "district", str(out))
            inside = os.umask(0o022)
        finally:
            os.umask(before)

        assert inside == 0o022  # as before the commands
        made = [operator.database, operator.folder / "duban.db.lock", out]
        assert [path.stat().st_mode & 0o777 for path in made] == [0o600] * 3

    def test_the_demos_too(self, operator: Operator) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            result = operator.types("demo", "--port", str(port), "--data", str(operator.folder / "demo"))
        made = {path.name: path.stat().st_mode & 0o777 for path in (operator.folder / "demo").iterdir()}

        assert_told(result, f"--port: port {port} is in use")
        assert {"duban.db", "duban.log", "vault.key", "index.key"} <= made.keys()
        assert set(made.values()) == {0o600}

    def test_a_folder_that_cannot_be_made_is_told(self, operator: Operator) -> None:
        operator.config.write_text(
            operator.config.read_text(encoding="utf-8").replace("/duban.db", "/config.toml/x/duban.db"),
            encoding="utf-8",
        )

        assert_told(operator.types("migrate"), "database.url: its folder cannot be made")

    def test_an_export_that_cannot_be_written_is_told(self, installed: Operator) -> None:
        assert_told(installed.types("export", "district", str(installed.folder)), "directory")
        assert_told(installed.types("export", "district", "/dev/full"), "No space left on device")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("job", "weekly.open", "--due", "9999-12-31", "--dry-run"), "--due: the year must be from 2000 to 2100"),
        (("job", "weekly.open", "--due", ""), "--due: not an ISO time"),
        (("job", "", "--dry-run"), "no job ''"),
        (("replay", "inbox", str(10**26)), "not in the range"),
        (("replay", "outbox", str(2**63)), "not in the range"),
        (("dismiss", "inbox", "0"), "not in the range"),
        (("replay", "inbox"), "give one number, or --all"),
        (("jobs", "--days", str(10**20)), "not in the range"),
        (("demo", "--data", "/dev/null"), "/dev/null: File exists"),
        (("demo", "--data", str(Path(__file__))), "is a file"),
        (("import", "/dev/null"), "not valid JSON"),
        (("import", "/dev"), "is a folder, not a file"),
    ],
)
def test_odd_words_are_refused(installed: Operator, words: tuple[str, ...], said: str) -> None:
    assert_told(installed.types(*words), said)


@pytest.mark.parametrize("content", [b"[" * 100_000, b"1" * 5000, b"[]", b"{}", b"", b"\xff", b'{"schema": NaN}'])
def test_a_district_file_that_is_none_is_refused(installed: Operator, content: bytes) -> None:
    path = installed.folder / "x.json"
    path.write_bytes(content)

    for result in (installed.types("import", str(path)), installed.types("understand", "--district", str(path))):
        assert_told(result)
        assert re.fullmatch(r"duban: .*\n", result.output)


def test_a_district_file_may_begin_with_a_byte_order_mark(installed: Operator, district: str) -> None:
    path = installed.folder / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + Path(district).read_bytes())

    assert installed.types("import", str(path)).output == "Nothing would change.\n"


@pytest.mark.parametrize("name", ["holidays_next", "holidays_2027"])
def test_a_calendar_that_could_not_be_read_again_is_never_stored(
    installed: Operator, sample: dict[str, Any], name: str
) -> None:
    path = installed.folder / "x.json"
    odd = {"holidays_next": {}, "holidays_2027": "元旦按2027-02-30起放假"}[name]
    path.write_text(json.dumps({**sample, "calendar": {**sample["calendar"], name: odd}}), encoding="utf-8")

    assert_told(installed.types("import", str(path), "--yes"), f"duban: calendar.{name}: ")
    assert installed.types("jobs").exit_code == 0


def test_understand_takes_the_example_of_the_documents(operator: Operator) -> None:
    found = re.search(r'```json\n(\{\n  "schema".*?)\n```', OPERATING.read_text(encoding="utf-8"), re.S)
    assert found is not None
    path = operator.folder / "small.json"
    path.write_text(found[1], encoding="utf-8")
    result = operator.types("understand", "--district", str(path), stdin='{"text": "消防排查已办结"}')

    assert json.loads(result.output)["items"][0]["task"] == "T01"


def test_understand_tells_the_lines_that_are_none(operator: Operator) -> None:
    assert_told(operator.types("understand", stdin=b'{"text": "a"}\n\xff\n'), "duban: line 2: is no UTF-8 text")
    assert_told(operator.types("understand", stdin="[" * 100_000), "duban: line 1: not valid JSON: nested too deeply")
    late = '{"text": "下周完成", "now": "9999-12-31T23:59:59"}'
    assert_told(operator.types("understand", stdin=late), "duban: line 1: now: the year must be")


def test_half_a_character_comes_back_as_it_was_sent(operator: Operator) -> None:
    result = operator.types("understand", stdin='{"text": "收到", "id": "\\ud800"}')

    assert result.exit_code == 0
    assert json.loads(result.output)["id"] == "\ud800"


def test_a_fault_of_the_program_is_told_by_its_place(installed: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_session: object) -> None:
        raise ValueError("张三 13900000000")

    monkeypatch.setattr(inbox, "list_failed", fail)
    result = installed.types("failed")

    assert_told(result, "duban: ValueError at ")
    assert "张三" not in result.output


def test_the_demos_keys_may_end_with_a_line_break(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = demo.sandbox.Platform.from_district(
        json.loads(demo.SAMPLE.read_text(encoding="utf-8")), callback_base="http://127.0.0.1:9"
    )
    demo.make_config(tmp_path, 8000, platform)
    key = tmp_path / "vault.key"
    key.write_text(key.read_text() + "\n")
    demo.make_config(tmp_path, 8000, platform)
    key.write_bytes(b"\xff")

    with pytest.raises(ConfigError, match=r"vault\.keys\[0\]: must be base64"):
        demo.make_config(tmp_path, 8000, platform)


def test_what_is_required_stops_the_start(installed: Operator) -> None:
    def refuse() -> None:
        raise ConfigError([("x", "y")])

    service: Service = installed.service()
    with pytest.raises(ConfigError):
        service.start(refuse)
    with FileLock(installed.folder / "duban.db.lock"):  # is free again
        service.stop()
