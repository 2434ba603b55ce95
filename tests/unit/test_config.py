"""config.toml: every fault at once, by key, never with a value."""

import base64
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot import config
from bot.errors import ConfigError

KEY = base64.b64encode(b"k" * 32).decode()
ENVIRON = {
    "DUBAN_VAULT_KEY": KEY,
    "DUBAN_INDEX_KEY": KEY,
    "DUBAN_CORP_ID": "ww1",
    "DUBAN_APP_SECRET": "app-secret",
    "DUBAN_APP_TOKEN": "token",
    "DUBAN_APP_AES_KEY": "a" * 43,
    "DUBAN_ROBOT_TOKEN": "token",
    "DUBAN_ROBOT_AES_KEY": "a" * 43,
}
SHIPPED = Path(__file__).parents[2] / "config.toml"


def faults_of(data: dict[str, Any], environ: dict[str, str]) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        config.parse(data, environ)
    return dict(caught.value.faults)


def test_the_shipped_file_loads_and_holds_every_setting_with_its_default() -> None:
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    loaded = config.load(SHIPPED, ENVIRON)

    for section in ("server", "database", "weekly", "courtesy", "work"):
        defaults = type(getattr(loaded, section))()
        assert set(type(defaults).model_fields) == set(shipped[section])
        assert defaults == getattr(loaded, section)


def test_every_missing_secret_is_named_by_its_key() -> None:
    faults = faults_of(tomllib.loads(SHIPPED.read_text(encoding="utf-8")), {})

    assert {
        "vault.keys[0]",
        "vault.index_key",
        "wecom.corp_id",
        "wecom.apps[0].secret",
        "wecom.apps[0].token",
        "wecom.apps[0].aes_key",
        "wecom.robots[0].token",
        "wecom.robots[0].aes_key",
    } <= set(faults)
    assert "DUBAN_APP_SECRET is not set" in faults["wecom.apps[0].secret"]


def test_unknown_keys_and_bad_values_are_all_reported_without_values() -> None:
    data = {
        "vault": {"keys": ["not-a-key-SECRETVALUE"], "index_key": KEY},
        "server": {"port": 99999, "colour": "red"},
        "surprise": {},
    }

    faults = faults_of(data, {})

    assert {"vault.keys[0]", "server.port", "server.colour", "surprise"} == set(faults)
    assert not any("SECRETVALUE" in text or "99999" in text for text in faults.values())


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY + "\n", encoding="ascii")

    loaded = config.parse({"vault": {"keys": [f"file:{path}"], "index_key": KEY}}, {})

    assert loaded.vault.keys == (b"k" * 32,)


def test_a_missing_or_broken_file_is_a_plain_fault(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("= x", encoding="utf-8")
    for path in (tmp_path / "none.toml", broken):
        with pytest.raises(ConfigError):
            config.load(path, {})


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({"weekly": {"open": "25:99"}}, "weekly.open"),
        ({"weekly": {"nudge": "13:00"}}, "weekly"),
        ({"courtesy": {"quiet_to": "19:00"}}, "courtesy"),
    ],
)
def test_hours_are_hours_and_follow_each_other(section: dict[str, Any], key: str) -> None:
    assert {key} == set(faults_of({"vault": {"keys": [KEY], "index_key": KEY}, **section}, {}))


def test_two_doors_may_not_share_a_name() -> None:
    app = {"name": "a", "agent_id": 1, "secret": "s", "token": "t", "aes_key": "a" * 43}
    data = {"vault": {"keys": [KEY], "index_key": KEY}, "wecom": {"apps": [app, app]}}

    assert {"wecom.apps", "wecom.corp_id"} == set(faults_of(data, {}))


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SHIPPED.read_bytes())

    assert config.load(path, ENVIRON) == config.load(SHIPPED, ENVIRON)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\x80", "cannot be read as UTF-8 text"),
        (b"a = " + b"[" * 100_000, "not valid TOML: nested too deeply"),
        (b".".join([b"a"] * 5000) + b" = 1", "nested too deeply"),
        (b"a = " + b"1" * 5000, "not valid TOML: a number is too long"),
        (b"a = [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "nested too deeply"),
    ],
)
def test_a_file_that_nobody_can_mean_is_one_fault_at_its_path(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config.load(path, ENVIRON)

    assert caught.value.faults == [(str(path), fault)]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder, not a file"):
        config.load(tmp_path, ENVIRON)


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({"server": {"host": "bad host"}}, "server.host"),
        ({"server": {"host": ""}}, "server.host"),
        ({"server": {"public_url": "javascript:x"}}, "server.public_url"),
        ({"server": {"public_url": "http://[::1"}}, "server.public_url"),
        ({"server": {"public_url": "https://h:99999"}}, "server.public_url"),
        ({"wecom": {"api_base": "qyapi.weixin.qq.com"}}, "wecom.api_base"),
        ({"wecom": {"corp_id": "ww\u202e"}}, "wecom.corp_id"),
        ({"wecom": {"media_hosts": ["a\x00b"]}}, "wecom.media_hosts[0]"),
        ({"database": {"url": "sqlite:///a\x00b"}}, "database.url"),
        ({"database": {"url": "sqlite:///"}}, "database.url"),
        ({"database": {"url": "sqlite:///:memory:"}}, "database.url"),
        ({"database": {"url": "sqlite:///x?timeout=abc"}}, "database.url"),
        ({"database": {"url": "sqlite:///file:x"}}, "database.url"),
        ({"database": {"url": "mysql://u:hunter2@h/d"}}, "database.url"),
        ({"database": {"url": "postgresql+psycopg://u:hunter2@h:x/d"}}, "database.url"),
        ({"database": {"url": "postgresql+psycopg://u:hunter2@[::1/d"}}, "database.url"),
        ({"work": {"stop_seconds": float("inf")}}, "work.stop_seconds"),
        ({"work": {"stop_seconds": float("nan")}}, "work.stop_seconds"),
        ({"work": {"stop_seconds": 301}}, "work.stop_seconds"),
        ({"courtesy": {"person_per_day": 10**30}}, "courtesy.person_per_day"),
    ],
)
def test_a_value_that_would_fail_later_is_refused_at_once(section: dict[str, Any], key: str) -> None:
    faults = faults_of({"vault": {"keys": [KEY], "index_key": KEY}, **section}, {})

    assert {key} == set(faults)
    assert "hunter2" not in faults[key]
    assert not faults[key].startswith("Value error")


@pytest.mark.parametrize(
    "url", ["sqlite:////var/lib/duban/duban.db", "postgresql+psycopg://u:p@h:5432/d?sslmode=require"]
)
def test_the_two_kinds_of_database_are_taken(url: str) -> None:
    data = {"vault": {"keys": [KEY], "index_key": KEY}, "database": {"url": url}}

    assert config.parse(data, {}).database.url == url


def test_a_secret_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    names = [str(tmp_path), str(tmp_path / "none"), str(tmp_path / "empty"), "/dev/zero", "a\x00b", ""]
    faults = faults_of({"vault": {"keys": [f"file:{name}" for name in names], "index_key": KEY}}, {})

    assert [f"vault.keys[{number}]" for number in range(len(names))] == list(faults)


def test_a_secret_that_is_no_text_is_refused_without_it() -> None:
    faults = faults_of({"vault": {"keys": [KEY], "index_key": "env:K"}}, {"K": "SECRET\udcff"})

    assert faults == {"vault.index_key": "holds a control or invisible character (U+DCFF)"}


def test_no_secret_shows_when_a_config_is_printed() -> None:
    loaded = config.load(SHIPPED, ENVIRON)

    assert "app-secret" not in repr(loaded)
    assert "kkkk" not in repr(loaded)
