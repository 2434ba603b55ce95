"""Pre-generated callbacks of a self-built app: signed and encrypted from the protocol's description, not by our code.

signature = sha1 of the sorted (token, timestamp, nonce, encrypted); encrypted = base64 of AES-256-CBC over 16 random
bytes, the length (4, big-endian), the message and the receive id, padded to 32 (WeCom docs 90968).
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# About the length of a real report; the reference server echoes it, ours stores it.
TEXT = "T08 校舍安全维修改造到70%了,主体完工,还差附属设施,月底前能完成。"
NEW, REPEAT, FORGED = "new", "repeat", "forged"


@dataclass(frozen=True, slots=True)
class Door:
    """What the platform knows of a callback URL. path is where it is served."""

    path: str
    token: str
    aes_key: str
    receive_id: str
    agent_id: int = 1000002

    def encrypt(self, message: bytes) -> str:
        """Return message as the platform encrypts it."""
        key = base64.b64decode(self.aes_key + "=")
        raw = os.urandom(16) + struct.pack(">I", len(message)) + message + self.receive_id.encode()
        pad = 32 - len(raw) % 32
        cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(cipher.update(raw + bytes([pad]) * pad) + cipher.finalize()).decode()

    def sign(self, *values: str) -> str:
        """Return the signature over the token and values."""
        return hashlib.sha1("".join(sorted([self.token, *values])).encode()).hexdigest()  # noqa: S324 - the protocol's


@dataclass(frozen=True, slots=True)
class Callback:
    """One request: kind says what it is, message_id whose it is, raw is the whole of it as HTTP."""

    kind: str
    message_id: str
    raw: bytes


def door_of(wecom: dict[str, Any]) -> Door:
    """Return the first app of a [wecom] section."""
    app = wecom["apps"][0]
    return Door(f"/wecom/app/{app['name']}", app["token"], app["aes_key"], wecom["corp_id"], app["agent_id"])


def generate(
    door: Door,
    count: int,
    *,
    users: Sequence[str],
    texts: Sequence[str] = (TEXT,),
    repeats: float = 0.0,
    forged: float = 0.0,
    group_robot: bool = False,
    seed: int = 1,
) -> list[Callback]:
    """Return count callbacks with fresh message ids.

    repeats: the share that is one of the last 200 messages once more, encrypted anew as the platform does. forged:
    the share whose signature has one wrong digit. group_robot: the older group-robot XML that the reference speaks.
    """
    chance = random.Random(seed)
    first = int(time.time() * 1000) * 100_000
    said: list[tuple[str, str, str]] = []
    made = []
    for number in range(count):
        draw = chance.random()
        kind = FORGED if draw < forged else REPEAT if draw < forged + repeats and said else NEW
        if kind == REPEAT:
            words = said[-1 - chance.randrange(min(len(said), 200))]
        else:
            words = (str(first + number), chance.choice(users), chance.choice(texts))
        if kind == NEW:
            said.append(words)
        made.append(_callback(door, kind, *words, nonce=str(chance.randrange(10**9, 10**10)), group_robot=group_robot))
    return made


def _callback(
    door: Door, kind: str, message_id: str, user: str, text: str, *, nonce: str, group_robot: bool
) -> Callback:
    at = str(int(time.time()))
    inner = _group_robot_xml(message_id, user, text) if group_robot else _app_xml(door, message_id, user, text, at)
    encrypted = door.encrypt(inner.encode())
    signature = door.sign(at, nonce, encrypted)
    if kind == FORGED:
        signature = ("0" if signature[0] != "0" else "1") + signature[1:]
    body = (
        f"<xml><ToUserName><![CDATA[{door.receive_id}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        f"<AgentID><![CDATA[{door.agent_id}]]></AgentID></xml>"
    ).encode()
    head = (
        f"POST {door.path}?msg_signature={signature}&timestamp={at}&nonce={nonce} HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n"
    )
    return Callback(kind, message_id, head.encode() + body)


def _app_xml(door: Door, message_id: str, user: str, text: str, at: str) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{door.receive_id}]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>{message_id}</MsgId><AgentID>{door.agent_id}</AgentID></xml>"
    )


def _group_robot_xml(message_id: str, user: str, text: str) -> str:
    return (
        f"<xml><WebhookUrl><![CDATA[http://127.0.0.1:9/none]]></WebhookUrl><ChatId><![CDATA[wr-bench]]></ChatId>"
        f"<ChatType>group</ChatType><PostId><![CDATA[p]]></PostId><From><UserId>{user}</UserId>"
        f"<Name><![CDATA[{user}]]></Name><Alias><![CDATA[{user}]]></Alias></From><MsgType>text</MsgType>"
        f"<Text><Content><![CDATA[{text}]]></Content></Text><MsgId><![CDATA[{message_id}]]></MsgId></xml>"
    )
