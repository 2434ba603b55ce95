"""config.toml and the secrets it names, read once and validated whole into frozen sections.

A string value "env:NAME" or "file:PATH" is replaced by that variable or file. Every fault is reported at once, by
dotted key, and never with a value.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot import files
from bot.errors import ConfigError
from bot.invisible import find_odd

_DEEPEST = 16
_LONGEST_SECRET = 64 * 1024


def _key(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        key = base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ValueError("must be base64 of 32 bytes; make one with: duban newkey")
    return key


Key = Annotated[bytes, BeforeValidator(_key)]
Token = Annotated[SecretStr, Field(min_length=1, max_length=32)]


def _aes_key(value: object) -> object:
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    if not re.fullmatch(r"[A-Za-z0-9]{43}", text):
        raise ValueError("must be the 43 letters and digits of EncodingAESKey")
    return value


def _database_url(value: str) -> str:
    if value.startswith("sqlite:///"):
        file = value.removeprefix("sqlite:///")
        if "?" in file or file in ("", ":memory:") or file.startswith("file:"):
            raise ValueError("must be sqlite:///FILE, without options")
        return value
    if not value.startswith("postgresql+psycopg://"):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    try:
        make_url(value)
    except (ArgumentError, ValueError):  # their texts quote the address, with its password
        raise ValueError("must be postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME") from None
    if find_spec("psycopg") is None:
        raise ValueError("needs the package psycopg: sh -c '. ./setup.sh && duban_setup --extra postgres'")
    return value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound:
        raise ValueError("must be an address like https://duban.example.cn")
    return value


AesKey = Annotated[SecretStr, BeforeValidator(_aes_key)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Server(_Section):
    """Where the web server listens and how it is seen from outside."""

    host: str = Field("127.0.0.1", pattern=r"^[0-9A-Za-z.:-]{1,253}$")
    port: int = Field(8000, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(lambda value: value and _web_address(value))] = ""
    trusted_proxies: tuple[str, ...] = Field(("127.0.0.1",), max_length=1)
    threads: int = Field(32, ge=4, le=256)


class DatabaseSection(_Section):
    """The database; sqlite:///FILE runs everything in one process."""

    url: DatabaseUrl = "sqlite:///var/duban.db"


class Vault(_Section):
    """Keys that seal bodies (newest first) and the key of the blind index."""

    keys: tuple[Key, ...] = Field(min_length=1, repr=False)
    index_key: Key = Field(repr=False)


class App(_Section):
    """One self-built app (自建应用)."""

    name: Name
    agent_id: int = Field(ge=0, le=2**31 - 1)
    secret: SecretStr = Field(min_length=1)
    token: Token
    aes_key: AesKey


class Robot(_Section):
    """One 智能机器人. mode "webhook" needs token and aes_key."""

    name: Name
    display_name: str = "小督"
    mode: Literal["webhook"] = "webhook"
    bot_id: str = ""
    token: Token
    aes_key: AesKey


class Kf(_Section):
    """One account of 微信客服, by which parents write from personal WeChat. app names the app whose token calls it."""

    name: Name
    app: Name
    open_kfid: str = Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")
    token: Token
    aes_key: AesKey


class WeCom(_Section):
    """The company and its doors."""

    corp_id: str = ""
    api_base: WebAddress = "https://qyapi.weixin.qq.com"
    ws_url: str = "wss://openws.work.weixin.qq.com"
    media_hosts: tuple[str, ...] = ("*.qq.com", "*.myqcloud.com")
    replay_window_seconds: int = Field(600, ge=60, le=86400)
    apps: tuple[App, ...] = ()
    robots: tuple[Robot, ...] = ()
    kf: tuple[Kf, ...] = ()


class Weekly(_Section):
    """Weekly supervision (周督导): local times of its steps and what may be asked."""

    open: Hour = "09:00"
    nudge: Hour = "10:00"
    close: Hour = "12:00"
    summary: Hour = "15:00"
    leader: Hour = "08:30"
    max_items_per_prompt: int = Field(5, ge=1, le=6)
    stale_ok_weeks: int = Field(2, ge=1, le=8)
    min_week_days: int = Field(3, ge=1, le=7)
    near_days: int = Field(10, ge=0, le=60)
    smallest_group: int = Field(3, ge=3, le=50)
    auto_write_conf: float = Field(0.9, ge=0.8, le=1.0)


class Courtesy(_Section):
    """How much the bot may say unasked."""

    quiet_from: Hour = "18:00"
    quiet_to: Hour = "08:00"
    person_per_day: int = Field(2, ge=1, le=1000)
    group_per_day: int = Field(2, ge=1, le=1000)
    person_per_week: int = Field(5, ge=1, le=1000)


class Complaints(_Section):
    """Complaints (complaints reference §3, §8, §13): numbers, limits in working days (wd), soft limits per person."""

    prefix: str = Field("区教诉", pattern=r"^[\u4e00-\u9fff]{2,12}$")
    office: str = Field("区教育局作风整顿办公室", min_length=2, max_length=40)
    phone: str = Field("", max_length=40)
    accept_wd: int = Field(3, ge=1, le=10)
    info_wd: int = Field(5, ge=1, le=15)
    info_rounds: int = Field(2, ge=1, le=5)
    new_per_day: int = Field(3, ge=1, le=100)
    new_per_month: int = Field(10, ge=1, le=1000)
    messages_per_minute: int = Field(20, ge=5, le=200)
    alarm_per_hour: int = Field(20, ge=1, le=10_000)


class Work(_Section):
    """The worker: how many sends run at once, how long a stop may take."""

    senders: int = Field(24, ge=1, le=128)
    stop_seconds: float = Field(10.0, gt=0, le=300, allow_inf_nan=False)


class Config(_Section):
    """Every setting of one installation."""

    server: Server = Server()
    database: DatabaseSection = DatabaseSection()
    vault: Vault
    wecom: WeCom = WeCom()
    weekly: Weekly = Weekly()
    courtesy: Courtesy = Courtesy()
    complaints: Complaints = Complaints()
    work: Work = Work()


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read the file at path. Raises ConfigError with every fault."""
    text = files.read_text(path, missing="no such file; copy config.toml from the project and fill it in")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([(str(path), f"not valid TOML: {error}")]) from None
    except RecursionError:
        raise ConfigError([(str(path), "not valid TOML: nested too deeply")]) from None
    except ValueError:  # Python's bound on digits
        raise ConfigError([(str(path), "not valid TOML: a number is too long")]) from None
    if files.is_deep(data, _DEEPEST):
        raise ConfigError([(str(path), "nested too deeply")])
    return parse(data, os.environ if environ is None else environ)


def parse(data: Mapping[str, Any], environ: Mapping[str, str]) -> Config:
    """Turn a parsed TOML table into a Config. Raises ConfigError with every fault."""
    faults: list[tuple[str, str]] = []
    resolved = _resolve(data, environ, "", faults)
    missing = {key for key, _ in faults}
    try:
        config = Config.model_validate(resolved)
    except ValidationError as error:
        found = [
            (_dotted(item["loc"]), item["msg"].removeprefix("Value error, "))
            for item in error.errors(include_input=False, include_url=False)
        ]
        # A list with a bad entry is also reported as too short; the entry's own fault says more.
        said = missing | {key for key, _ in found}
        faults += [
            (key, text)
            for key, text in found
            if key not in missing and not any(other.startswith(f"{key}[") for other in said)
        ]
        raise ConfigError(faults) from None
    faults += _cross_faults(config)
    if faults:
        raise ConfigError(faults)
    return config


def _resolve(value: Any, environ: Mapping[str, str], at: str, faults: list[tuple[str, str]]) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolve(item, environ, f"{at}.{key}".lstrip("."), faults) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, environ, f"{at}[{index}]", faults) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    try:
        found = secret(value, environ)
    except LookupError as error:
        faults.append((at, str(error.args[0])))
        return ""
    odd = find_odd(found)
    if odd is not None:
        faults.append((at, f"holds a control or invisible character ({odd})"))
    return found


def secret(value: str, environ: Mapping[str, str]) -> str:
    """Return what "env:NAME" or "file:PATH" names, any other value as it is. Raises LookupError."""
    if value.startswith("env:"):
        found = environ.get(value[4:], "")
        if not found:
            raise LookupError(f"the environment variable {value[4:]} is not set")
        return found
    if value.startswith("file:"):
        return _secret_file(value[5:])
    return value


def _secret_file(name: str) -> str:
    try:
        with Path(name).open("rb") as file:
            data = file.read(_LONGEST_SECRET + 1)
        text = data.decode("utf-8-sig").strip()
    except (OSError, ValueError):  # ValueError: no UTF-8, or a name that cannot be one
        raise LookupError(f"the file {name} cannot be read") from None
    if not text or len(data) > _LONGEST_SECRET:
        raise LookupError(f"the file {name} is empty or too large")
    return text


def _dotted(loc: tuple[int | str, ...]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def _cross_faults(config: Config) -> Iterator[tuple[str, str]]:
    for kind, doors in (("apps", config.wecom.apps), ("robots", config.wecom.robots), ("kf", config.wecom.kf)):
        names = [door.name for door in doors]
        if len(set(names)) != len(names):
            yield f"wecom.{kind}", "two entries have the same name"
    apps = {app.name for app in config.wecom.apps}
    for index, kf in enumerate(config.wecom.kf):
        if kf.app not in apps:
            yield f"wecom.kf[{index}].app", "names no entry of wecom.apps"
    if len({kf.open_kfid for kf in config.wecom.kf}) != len(config.wecom.kf):
        yield "wecom.kf", "two entries have the same open_kfid"
    weekly = config.weekly
    if not weekly.nudge < weekly.close < weekly.summary:
        yield "weekly", "nudge, close and summary must follow each other"
    if not config.courtesy.quiet_to < config.courtesy.quiet_from:
        yield "courtesy", "quiet_from is in the evening, quiet_to in the morning"
    if config.wecom.apps and not config.wecom.corp_id:
        yield "wecom.corp_id", "is needed by the apps"
