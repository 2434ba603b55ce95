"""The kf half of the tiny bot: it pulls when it is woken, and answers each item as told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from bot.sandbox import Platform
from bot.sandbox.api import api_blueprint

Item = dict[str, Any]


class KfBot:
    """reply gets an item of sync_msg and returns bodies of messages: with "code" on an event, else to the sender."""

    def __init__(self, platform: Platform, reply: Callable[[Item], list[dict[str, Any]]]) -> None:
        self.platform = platform
        self.reply = reply
        self.items: list[Item] = []
        self._cursors: dict[str, str] = {}
        self._lock = threading.Lock()
        app = Flask("kfbot")
        app.register_blueprint(api_blueprint(platform))
        self._client = app.test_client()

    def on_wake(self, wake: dict[str, Any]) -> None:
        """Pull all that is new for the account of a wake-up, and answer it."""
        with self._lock:
            kfid, has_more = wake["OpenKfId"], 1
            while has_more:
                body = {"open_kfid": kfid, "token": wake["Token"], "cursor": self._cursors.get(kfid, "")}
                page = self._call("sync_msg", body)
                self._cursors[kfid], has_more = page["next_cursor"], page["has_more"]
                for item in page["msg_list"]:
                    self.items.append(item)
                    self._answer(kfid, item)

    def _answer(self, kfid: str, item: Item) -> None:
        for body in self.reply(item):
            if "code" in body:
                self._call("send_msg_on_event", body)
            else:
                customer = item.get("external_userid") or item["event"]["external_userid"]
                self._call("send_msg", {"open_kfid": kfid, "touser": customer} | body)

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        app = self.platform.first_app()
        args = {"corpid": self.platform.corp_id, "corpsecret": app.secret}
        with self.platform.lock:
            self.platform.tokens.per_minute = 10_000
        token = self._client.get("/cgi-bin/gettoken", query_string=args).get_json()["access_token"]
        answer: dict[str, Any] = self._client.post(
            f"/cgi-bin/kf/{path}", query_string={"access_token": token}, json=body
        ).get_json()
        assert answer["errcode"] == 0, answer
        return answer


def text(content: str) -> dict[str, Any]:
    """The body of a text."""
    return {"msgtype": "text", "text": {"content": content}}


def menu(head: str, **options: str) -> dict[str, Any]:
    """The body of a menu: id=words."""
    items = [{"type": "click", "click": {"id": key, "content": words}} for key, words in options.items()]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": items, "tail_content": "也可以直接写"}}


def friendly(item: Item) -> list[dict[str, Any]]:
    """What the tiny bot says: a welcome, a menu to a complaint, a receipt to its choice."""
    if item["msgtype"] == "event":
        code = item["event"].get("welcome_code")
        return [{"code": code} | text("您好，请直接写您要反映的事。")] if code else []
    if item["msgtype"] != "text":
        return [text("图片收到了。")]
    if item["text"].get("menu_id") == "yes":
        return [text("已登记，编号：区教诉〔2026〕000001号")]
    return [menu("要登记这件事吗？", yes="登记", no="先不登记")]
