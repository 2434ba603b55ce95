"""Callbacks as the platform makes them, against the real blueprints over a recording intake."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from bot.channels.wecom.app import webhook as app_webhook
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.doors import AppDoor, RobotDoor
from bot.channels.wecom.robot import webhook as robot_webhook
from bot.clock import SetClock
from tests.contract.recorder import Recorder

KEY = "WniVvAp3rJDMsLpuXyU3jVqVb7kuDdwDm8tvwZzrbB0"
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CARD_URL = "https://duban.example.cn/console/"


class House:
    """Both blueprints with one door each: app "office", robot "duban"."""

    def __init__(self) -> None:
        self.clock = SetClock(NOW)
        self.intake = Recorder()
        self.invalid: list[str] = []
        self.app_crypto = Crypto("app-token", KEY, "ww0")
        self.robot_crypto = Crypto("robot-token", KEY, "")
        apps = {"office": AppDoor("office", "ww0", 1000002, "s", "app-token", KEY)}
        robots = {"duban": RobotDoor("duban", "小督", "aib1", "robot-token", KEY)}
        flask = Flask("house")
        told = self.invalid.append
        flask.register_blueprint(app_webhook.Callbacks(apps, self.intake, self.clock, on_invalid=told).blueprint())
        manners = robot_webhook.Manners(CARD_URL)
        flask.register_blueprint(
            robot_webhook.Callbacks(robots, self.intake, self.clock, manners, on_invalid=told).blueprint()
        )
        self.http = flask.test_client()

    def query(self, crypto: Crypto, encrypted: str, **changes: str) -> dict[str, str]:
        """Return a signed query; changes replace values after signing."""
        timestamp, nonce = str(int(NOW.timestamp())), "n1"
        query = {"msg_signature": crypto.sign(timestamp, nonce, encrypted), "timestamp": timestamp, "nonce": nonce}
        return query | changes

    def to_app(self, plain: bytes, **changes: str) -> Any:
        """Post a callback with this plaintext to the app."""
        encrypted = self.app_crypto.seal(plain)
        body = f"<xml><ToUserName>ww0</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        query = self.query(self.app_crypto, encrypted, **changes)
        return self.http.post("/wecom/app/office", query_string=query, data=body)

    def to_robot(self, data: Any, **changes: str) -> Any:
        """Post a callback with this plaintext (bytes, or a value to be JSON) to the robot."""
        plain = data if isinstance(data, bytes) else json.dumps({"aibotid": "aib1", "msgid": "M1", **data}).encode()
        encrypted = self.robot_crypto.seal(plain)
        query = self.query(self.robot_crypto, encrypted, **changes)
        return self.http.post("/wecom/robot/duban", query_string=query, json={"encrypt": encrypted})

    def opened(self, answer: Any) -> Any:
        """Return the decrypted answer of the robot, or None for an empty one."""
        assert answer.status_code == 200
        if not answer.data:
            return None
        envelope = json.loads(answer.data)
        assert isinstance(envelope["timestamp"], int)
        plain = self.robot_crypto.open(
            envelope["encrypt"],
            signature=envelope["msgsignature"],
            timestamp=str(envelope["timestamp"]),
            nonce=envelope["nonce"],
        )
        return json.loads(plain)
