"""A tiny bot for the tests of the sandbox: it opens callbacks with wechatpy, remembers them and answers as told."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import xmltodict
from flask import Flask, Response, request
from wechatpy.utils import WeChatSigner
from wechatpy.work.crypto import PrpCrypto, WeChatCrypto
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.sandbox import App, KfAccount, Platform, Robot

Reply = Callable[[dict[str, Any]], dict[str, Any] | str | None]


class FakeBot:
    """answer_robot gets the JSON of a callback and returns the JSON of an answer or None; answer_app returns XML.

    on_wake is called with the XML of each wake-up of a kf account before it is answered.
    trouble, if set, is called before each POST is looked at: it may wait, or return a response of its own.
    """

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.robot_calls: list[dict[str, Any]] = []
        self.app_calls: list[dict[str, Any]] = []
        self.kf_calls: list[dict[str, Any]] = []
        self.inbox: dict[str, dict[str, Any]] = {}
        self.answer_robot: Reply = lambda _: None
        self.answer_app: Reply = lambda _: None
        self.on_wake: Reply = lambda _: None
        self.trouble: Callable[[], Response | None] = lambda: None
        self.lock = threading.Lock()

    def register(self, app: Flask) -> None:
        """Put the callback addresses on app."""
        app.add_url_rule("/wecom/app/<name>", "app", self.on_app, methods=["GET", "POST"])
        app.add_url_rule("/wecom/robot/<name>", "robot", self.on_robot, methods=["GET", "POST"])
        app.add_url_rule("/wecom/kf/<name>", "kf", self.on_kf, methods=["GET", "POST"])

    def rows(self) -> list[dict[str, Any]]:
        """The inbox, newest first."""
        with self.lock:
            return [dict(row) for row in reversed(self.inbox.values())]

    def on_app(self, name: str) -> Response:
        app = self.platform.apps[name]
        if (early := self.trouble()) is not None:
            return early
        if request.method == "GET":
            return self._echo(app, self.platform.corp_id)
        crypto = WeChatCrypto(app.token, app.aes_key, self.platform.corp_id)
        args = request.args
        text = crypto.decrypt_message(request.get_data(), args["msg_signature"], args["timestamp"], args["nonce"])
        message = xmltodict.parse(text)["xml"]
        self.app_calls.append(message)
        self._accept(f"app/{name}", message.get("MsgId") or f"{message['FromUserName']}{message['CreateTime']}")
        answer = self.answer_app(message)
        return Response(crypto.encrypt_message(answer, "7") if answer else "")

    def on_kf(self, name: str) -> Response:
        account = self.platform.kf[name]
        if (early := self.trouble()) is not None:
            return early
        if request.method == "GET":
            return self._echo(account, self.platform.corp_id)
        crypto = WeChatCrypto(account.token, account.aes_key, self.platform.corp_id)
        args = request.args
        text = crypto.decrypt_message(request.get_data(), args["msg_signature"], args["timestamp"], args["nonce"])
        wake = xmltodict.parse(text)["xml"]
        self.kf_calls.append(wake | {"outer": xmltodict.parse(request.get_data())["xml"]})
        answer = self.on_wake(wake)
        return Response(answer if isinstance(answer, str) else "")

    def on_robot(self, name: str) -> Response:
        robot = self.platform.robots[name]
        if (early := self.trouble()) is not None:
            return early
        if request.method == "GET":
            return self._echo(robot, "")
        crypto = WeChatCrypto(robot.token, robot.aes_key, "")
        args = request.args
        sealed = {"Encrypt": request.get_json()["encrypt"]}
        message = json.loads(crypto.decrypt_message(sealed, args["msg_signature"], args["timestamp"], args["nonce"]))
        self.robot_calls.append(message)
        if message["msgtype"] != "stream":
            self._accept(f"robot/{name}", message["msgid"])
        answer = self.answer_robot(message)
        return self._sealed(robot, answer, args["nonce"]) if answer else Response("")

    def _accept(self, door: str, message_id: str) -> None:
        now = self.platform.clock.now()
        with self.lock:
            if message_id in self.inbox:
                self.inbox[message_id]["repeats"] += 1
            else:
                row_id = f"{len(self.inbox) + 1:04}-{secrets.token_hex(2)}"
                self.inbox[message_id] = {
                    "id": row_id, "door": door, "state": "handled", "received": now, "handled": now, "repeats": 0
                }  # fmt: skip

    def _echo(self, door: App | Robot | KfAccount, receive_id: str) -> Response:
        crypto = WeChatCrypto(door.token, door.aes_key, receive_id)
        args = request.args
        return Response(
            crypto.check_signature(args["msg_signature"], args["timestamp"], args["nonce"], args["echostr"])
        )

    def _sealed(self, robot: Robot, answer: Any, nonce: str) -> Response:
        crypto = WeChatCrypto(robot.token, robot.aes_key, "")
        encrypt = PrpCrypto(crypto.key).encrypt(json.dumps(answer), "").decode()
        timestamp = int(self.platform.clock.now().timestamp())
        signer = WeChatSigner()
        signer.add_data(robot.token, str(timestamp), nonce, encrypt)
        envelope = {"encrypt": encrypt, "msgsignature": signer.signature, "timestamp": timestamp, "nonce": nonce}
        return Response(json.dumps(envelope), mimetype="application/json")


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def listening(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve app until the block ends; yields its base URL."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def stream(content: str, *, finish: bool = True, id: str = "s1") -> dict[str, Any]:
    """A robot's stream answer."""
    return {"msgtype": "stream", "stream": {"id": id, "finish": finish, "content": content}}
