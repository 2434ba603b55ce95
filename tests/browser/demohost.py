"""A host for the page: the sample district, the sandbox, and a tiny bot that knows a few answers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from flask import Flask

from bot.clock import SetClock
from bot.sandbox import Platform, Sandbox, settings
from tests.unit.sandbox.fakebot import FakeBot, listening, stream
from tests.unit.sandbox.kfbot import KfBot, friendly

DISTRICT = Path(__file__).parents[2] / "bot" / "sandbox" / "data" / "district-sample.json"
START = datetime(2026, 11, 18, 7, 20, tzinfo=UTC)  # a Wednesday, 15:20 in Shanghai


@dataclass
class Host:
    """What a test holds."""

    url: str
    platform: Platform
    bot: FakeBot
    clock: SetClock
    sandbox: Sandbox

    def api(self, path: str, body: dict[str, Any], **args: str) -> dict[str, Any]:
        """Call the platform as the bot would."""
        answer: dict[str, Any] = requests.post(f"{self.url}{path}", params=args, json=body, timeout=5).json()
        return answer

    def token(self) -> str:
        """A fresh access token of the app."""
        app = settings(self.platform)["apps"][0]
        args = {"corpid": self.platform.corp_id, "corpsecret": app["secret"]}
        return str(requests.get(f"{self.url}/cgi-bin/gettoken", params=args, timeout=5).json()["access_token"])

    def push(self, chat: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post into a group through its webhook."""
        return self.api("/cgi-bin/webhook/send", body, key=self.platform.chats[chat].webhook_key)

    def send(self, userid: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send an app message."""
        body = {"touser": userid, "agentid": self.platform.first_app().agent_id, **body}
        return self.api("/cgi-bin/message/send", body, access_token=self.token())

    def move(self, target: datetime) -> None:
        """Set the clock, and on a Thursday morning remind the section's group."""
        if target < self.clock.now():
            raise ValueError("earlier than now")
        self.clock.set(target)
        if target.astimezone(UTC).weekday() == 3:
            text = "【提醒】T08 校舍安全维修改造 11月30日到期\n请回复进展,引用本条写“60%”即可。回复请@小督"
            self.push("C-B08", {"msgtype": "text", "text": {"content": text, "mentioned_list": ["p-s13-1"]}})


def answer(message: dict[str, Any]) -> dict[str, Any] | None:
    """What the tiny bot says to a robot message."""
    if message["msgtype"] == "stream":
        return stream("这是晚一点的完整回答。", id=message["stream"]["id"])
    if message["msgtype"] == "event":
        card = message["event"].get("template_card_event")
        return _confirmed(card["task_id"]) if card else None
    text = message.get("text", {}).get("content", "")
    if "慢" in text:
        return stream("", finish=False, id="slow")
    if quote := message.get("quote", {}).get("text", {}).get("content"):
        task = re.search(r"T\d\d", quote)
        return stream(f"已记:**{task.group() if task else '?'} 60%**(引自提醒)。有误回复“更正”。")
    if "更正" in text:
        return stream("已更正:**T08 75%**(原 70%)。更正记录已留存。")
    if "八" in text or "8号" in text:
        return stream("已记:\n- **T08 校舍安全维修改造** 70%\n- T05、T25 无变化\n\n有误回复“更正”,随时有效。")
    return stream(f"收到:{text.removeprefix('@小督').strip()}")


def _confirmed(task_id: str) -> dict[str, Any]:
    card = {
        "card_type": "text_notice",
        "main_title": {"title": "已确认"},
        "task_id": task_id,
        "card_action": {"type": 1, "url": "https://console.example/x"},
    }
    return {"response_type": "update_template_card", "template_card": card}


def update_button(caption: str, to: str, corp: str) -> str:
    """The XML that replaces a clicked card's buttons."""
    return (
        f"<xml><ToUserName>{to}</ToUserName><FromUserName>{corp}</FromUserName><CreateTime>1</CreateTime>"
        f"<MsgType>update_button</MsgType><Button><ReplaceName>{caption}</ReplaceName></Button></xml>"
    )


@contextmanager
def hosting(port: int = 0) -> Iterator[Host]:
    """Run the whole page with its tiny bot on one server."""
    clock = SetClock(START)
    district = json.loads(DISTRICT.read_text("utf-8"))
    app = Flask("demohost")
    # The address is known only once the server runs, and the platform needs it: a free port is asked for first.
    with listening(Flask("probe")) as probe:
        base = f"http://127.0.0.1:{port or probe.rpartition(':')[2]}"
    platform = Platform.from_district(district, callback_base=base, clock=clock)
    bot = FakeBot(platform)
    bot.answer_robot = answer
    bot.on_wake = KfBot(platform, friendly).on_wake
    bot.answer_app = lambda message: (
        update_button("已认可", message["FromUserName"], platform.corp_id)
        if message.get("Event") == "template_card_event"
        else None
    )
    host = Host(base, platform, bot, clock, sandbox=None)  # type: ignore[arg-type] # set in the next line
    host.sandbox = Sandbox(platform, clock=clock, on_clock=host.move, inbox_rows=bot.rows)
    bot.register(app)
    for blueprint in host.sandbox.blueprints():
        app.register_blueprint(blueprint)
    with listening(app, int(base.rpartition(":")[2])):
        yield host
        host.sandbox.close()


def png(width: int = 360, height: int = 200) -> bytes:
    """A picture of coloured bars."""
    bars = [(0.9, (36, 110, 216)), (0.62, (24, 121, 78)), (0.4, (194, 96, 10))]
    rows = bytearray()
    for y in range(height):
        share, colour = bars[min(2, y * 3 // height)]
        inside = 20 < (y * 3) % height < height - 20
        rows.append(0)
        for x in range(width):
            rows += bytes(colour) if inside and 20 < x < width * share else b"\xff\xff\xff"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    )


def image_body(data: bytes) -> dict[str, Any]:
    """A webhook body with a picture."""
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(data).decode(), "md5": md5}}
