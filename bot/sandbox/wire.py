"""How callbacks travel: signed and encrypted envelopes, as app XML and as robot JSON.

This uses wechatpy's own crypto classes on purpose: the bot's crypto is tested against an independent implementation.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder
from wechatpy.utils import WeChatSigner
from wechatpy.work.crypto import PrpCrypto, WeChatCrypto

from bot.sandbox.entities import App, Json, KfAccount, Robot

# An XML element: its name and its text, or its children.
Element = tuple[str, "str | int | Sequence[Element]"]


class AnswerError(Exception):
    """The bot's answer cannot be opened; the text says why, without its content."""


@dataclass(frozen=True, slots=True)
class Request:
    """One callback on the wire. nonce must come back in a robot's answer."""

    params: dict[str, str]
    body: bytes
    content_type: str
    nonce: str


class Envelope:
    """Seals callbacks of one app or kf account (XML, receiveid = corp id) or robot (JSON, empty receiveid)."""

    def __init__(self, door: App | Robot | KfAccount, corp_id: str) -> None:
        self.door = door
        self.receive_id = "" if isinstance(door, Robot) else corp_id
        self.corp_id = corp_id
        self._crypto = WeChatCrypto(door.token, door.aes_key, self.receive_id)

    def seal(self, plaintext: str, now: datetime) -> Request:
        """Return a callback that carries plaintext, with a random and a nonce of its own."""
        encrypted = PrpCrypto(self._crypto.key).encrypt(plaintext, self.receive_id).decode()
        nonce = str(secrets.randbelow(10**10))
        params = self._signed(encrypted, now, nonce)
        if isinstance(self.door, Robot):
            return Request(params, json.dumps({"encrypt": encrypted}).encode(), "application/json", nonce)
        outer = [("ToUserName", self.corp_id), ("Encrypt", encrypted)]
        if isinstance(self.door, App):
            outer.insert(1, ("AgentID", str(self.door.agent_id)))  # kf events belong to no app (doc 94670)
        return Request(params, xml(outer).encode(), "text/xml", nonce)

    def seal_echo(self, text: str, now: datetime) -> dict[str, str]:
        """Return the query of a URL check that must be answered with text."""
        encrypted = PrpCrypto(self._crypto.key).encrypt(text, self.receive_id).decode()
        return self._signed(encrypted, now, str(secrets.randbelow(10**10))) | {"echostr": encrypted}

    def open_xml(self, body: bytes) -> str:
        """Return the XML inside an app's passive answer. Raises AnswerError."""
        try:
            fields = _xml_fields(body.decode())
            return str(
                self._crypto.decrypt_message(
                    body.decode(), fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
                )
            )
        except Exception as error:  # whatever wechatpy trips over, the answer is no good
            raise AnswerError(f"the answer cannot be opened ({type(error).__name__})") from error

    def open_json(self, body: bytes, nonce: str) -> Json:
        """Return the JSON inside a robot's passive answer to the request with nonce. Raises AnswerError."""
        try:
            outer = json.loads(body)
            if outer["nonce"] != nonce:
                raise AnswerError("the answer does not carry the nonce of the request")
            if not isinstance(outer["timestamp"], int):
                raise AnswerError("the answer's timestamp is no number")
            sealed = {"Encrypt": outer["encrypt"]}
            text = self._crypto.decrypt_message(sealed, outer["msgsignature"], str(outer["timestamp"]), nonce)
            answer: Json = json.loads(text)
        except AnswerError:
            raise
        except Exception as error:  # whatever wechatpy or json trips over, the answer is no good
            raise AnswerError(f"the answer cannot be opened ({type(error).__name__})") from error
        return answer

    def _signed(self, encrypted: str, now: datetime, nonce: str) -> dict[str, str]:
        timestamp = str(int(now.timestamp()))
        signer = WeChatSigner()
        signer.add_data(self.door.token, timestamp, nonce, encrypted)
        return {"msg_signature": signer.signature, "timestamp": timestamp, "nonce": nonce}


def conceal(robot: Robot, data: bytes) -> bytes:
    """Encrypt a file as robots get it: callback key, IV from the key, padded to 32, no header (doc 100719)."""
    key = WeChatCrypto(robot.token, robot.aes_key, "").key
    encrypted: bytes = WeChatCipher(key).encrypt(PKCS7Encoder.encode(data))
    return encrypted


def xml(children: Sequence[Element], name: str = "xml") -> str:
    """Return an XML element; texts as CDATA and numbers plain, as the platform writes them."""
    return f"<{name}>{''.join(_element(child) for child in children)}</{name}>"


def _element(child: Element) -> str:
    name, value = child
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    if isinstance(value, str):
        return f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"
    return xml(value, name)


def _xml_fields(text: str) -> dict[str, str]:
    import xmltodict

    fields: dict[str, str] = xmltodict.parse(text)["xml"]
    return fields
