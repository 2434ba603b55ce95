"""config.toml and the secrets it names, read once and validated whole into frozen sections.

A string value "env:NAME" or "file:PATH" is replaced by that variable or file. Every fault is reported at once, by
dotted key, and never with a value.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot import files
from bot.errors import ConfigError
from bot.invisible import find_odd
from bot.sections import Complaints, Courtesy, DatabaseSection, Section, Server, Vault, WeCom, Weekly, Work

_DEEPEST = 16
_LONGEST_SECRET = 64 * 1024


class Config(Section):
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
