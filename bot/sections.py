"""The sections of the configuration: which settings there are, their defaults and their bounds."""

from __future__ import annotations

import base64
import binascii
import re
from importlib.util import find_spec
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


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


class Section(BaseModel):
    """One table of config.toml: frozen, and a key it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Server(Section):
    """Where the web server listens and how it is seen from outside."""

    host: str = Field("127.0.0.1", pattern=r"^[0-9A-Za-z.:-]{1,253}$")
    port: int = Field(8000, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(lambda value: value and _web_address(value))] = ""
    trusted_proxies: tuple[str, ...] = Field(("127.0.0.1",), max_length=1)
    threads: int = Field(32, ge=4, le=256)


class DatabaseSection(Section):
    """The database; sqlite:///FILE runs everything in one process."""

    url: DatabaseUrl = "sqlite:///var/duban.db"


class Vault(Section):
    """Keys that seal bodies (newest first) and the key of the blind index."""

    keys: tuple[Key, ...] = Field(min_length=1, repr=False)
    index_key: Key = Field(repr=False)


class App(Section):
    """One self-built app (自建应用)."""

    name: Name
    agent_id: int = Field(ge=0, le=2**31 - 1)
    secret: SecretStr = Field(min_length=1)
    token: Token
    aes_key: AesKey


class Robot(Section):
    """One 智能机器人. mode "webhook" needs token and aes_key."""

    name: Name
    display_name: str = "小督"
    mode: Literal["webhook"] = "webhook"
    bot_id: str = ""
    token: Token
    aes_key: AesKey


class Kf(Section):
    """One account of 微信客服, by which parents write from personal WeChat. app names the app whose token calls it."""

    name: Name
    app: Name
    open_kfid: str = Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")
    token: Token
    aes_key: AesKey


class WeCom(Section):
    """The company and its doors."""

    corp_id: str = ""
    api_base: WebAddress = "https://qyapi.weixin.qq.com"
    ws_url: str = "wss://openws.work.weixin.qq.com"
    media_hosts: tuple[str, ...] = ("*.qq.com", "*.myqcloud.com")
    replay_window_seconds: int = Field(600, ge=60, le=86400)
    apps: tuple[App, ...] = ()
    robots: tuple[Robot, ...] = ()
    kf: tuple[Kf, ...] = ()


class Weekly(Section):
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


class Courtesy(Section):
    """How much the bot may say unasked."""

    quiet_from: Hour = "18:00"
    quiet_to: Hour = "08:00"
    person_per_day: int = Field(2, ge=1, le=1000)
    group_per_day: int = Field(2, ge=1, le=1000)
    person_per_week: int = Field(5, ge=1, le=1000)


class Complaints(Section):
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


class Work(Section):
    """The worker: how many sends run at once, how long a stop may take."""

    senders: int = Field(24, ge=1, le=128)
    stop_seconds: float = Field(10.0, gt=0, le=300, allow_inf_nan=False)
