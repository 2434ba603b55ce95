"""The doors of the configuration, with their secrets opened."""

from __future__ import annotations

from pydantic import SecretStr

from bot.channels.wecom.doors import AppDoor, KfDoor, RobotDoor
from bot.config import Config
from bot.sections import App, Kf, Robot


def app_door(config: Config, door: App) -> AppDoor:
    """Return the door of an app."""
    return AppDoor(
        door.name,
        config.wecom.corp_id,
        door.agent_id,
        _open(door.secret),
        _open(door.token),
        _open(door.aes_key),
    )


def robot_door(door: Robot) -> RobotDoor:
    """Return the door of a robot."""
    return RobotDoor(door.name, door.display_name, door.bot_id, _open(door.token), _open(door.aes_key))


def kf_door(door: Kf, app: AppDoor) -> KfDoor:
    """Return the door of a kf account; app is the one that it names."""
    return KfDoor(door.name, app, door.open_kfid, _open(door.token), _open(door.aes_key))


def _open(secret: SecretStr) -> str:
    return secret.get_secret_value()
