"""What the demo page offers for people on personal WeChat: tapping, taking back, pictures, links."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify

from bot.sandbox.entities import Json, KfAccount, kf_key
from bot.sandbox.forms import read_body, refuse
from bot.sandbox.kf.people import MEDIA_LIMITS, Customers
from bot.sandbox.payloads import picture_type

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

Answer = tuple[Response, int] | Response


class KfPages:
    """The endpoints under /sandbox/api/kf/. Every write needs JSON."""

    def __init__(self, platform: Platform, customers: Customers) -> None:
        self.platform = platform
        self.customers = customers

    def register(self, blueprint: Blueprint) -> None:
        """Put the endpoints on the page's blueprint."""
        for act in (self.choose, self.show, self.enter, self.recall):
            blueprint.add_url_rule(f"/api/kf/{act.__name__}", f"kf_{act.__name__}", act, methods=["POST"])

    def state(self) -> Json:
        """What the page must know once: accounts, customers and links."""
        return {
            "kf": [{"door": account.door, "name": account.display_name} for account in self.platform.kf.values()],
            "customers": {one.external_userid: {"name": one.nickname} for one in self.platform.customers.values()},
            "posters": [{"scene": scene, "name": name} for scene, name in self.platform.posters.items()],
        }

    def keys(self) -> list[str]:
        """The conversations with the first account, one of each nickname: the newest."""
        if not self.platform.kf:
            return []
        newest = {one.nickname: one.external_userid for one in self.platform.customers.values()}
        return [kf_key(self.platform.first_kf(), customer) for customer in newest.values()]

    def account(self, chat: str, customer: str) -> KfAccount | None:
        """Return the account with which the customer has this conversation, or None."""
        if customer not in self.platform.customers:
            return None
        return next((one for one in self.platform.kf.values() if chat == kf_key(one, customer)), None)

    def choose(self) -> Answer:
        """Tap an option of a menu: {entry, userid, option}."""
        body = read_body()
        try:
            self.customers.choose(*(str(body.get(name, "")) for name in ("userid", "entry", "option")))
        except LookupError:  # also of an unknown customer
            return refuse("没有这个菜单选项")
        return jsonify(ok=True)

    def show(self) -> Answer:
        """Send a picture: {chat, userid, data} with data in base64."""
        body = read_body()
        userid = str(body.get("userid", ""))
        account = self.account(str(body.get("chat", "")), userid)
        try:
            data = base64.b64decode(str(body.get("data", "")), validate=True)
        except ValueError:
            data = b""
        if account is None or not picture_type(data) or len(data) > MEDIA_LIMITS["image"]:
            return refuse("图片发不出去：只支持 2 MB 以内的 JPG 或 PNG")
        return jsonify(entry=self.customers.show(userid, "image", data, account=account.name).entry_id)

    def enter(self) -> Answer:
        """Open the chat by a link hung up somewhere: {chat, userid, scene}."""
        body = read_body()
        chat, userid, scene = (str(body.get(name, "")) for name in ("chat", "userid", "scene"))
        account = self.account(chat, userid)
        if account is None or scene not in self.platform.posters:
            return refuse("没有这个二维码")
        self.platform.post(chat, userid, "note", f"扫码进入 · {self.platform.posters[scene]}")
        self.customers.enter(userid, scene, account=account.name)
        return jsonify(ok=True)

    def recall(self) -> Answer:
        """Take a message back: {entry}."""
        try:
            self.customers.recall(str(read_body().get("entry", "")))
        except LookupError:
            return refuse("发出超过两分钟，不能撤回了")
        return jsonify(ok=True)
