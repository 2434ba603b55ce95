"""A small company for the tests: two schools' people, one group, one app, one robot, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.clock import SetClock
from bot.sandbox import App, Callbacks, Chat, Customer, Customers, KfAccount, Manners, Member, Platform, Robot
from bot.sandbox.api import api_blueprint
from tests.unit.sandbox.fakebot import FakeBot, listening

NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
KEY = "0123456789abcdefghijABCDEFGHIJklmnopqrstuvw"
SWIFT = Manners(pauses=(0.02, 0.02, 0.02), robot_pauses=(0.02,), poll_seconds=0.03)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def platform(clock: SetClock) -> Platform:
    return make_platform(clock)


def make_platform(clock: SetClock, callback_base: str = "http://127.0.0.1:9", **robot: Any) -> Platform:
    return Platform(
        corp_id="ww1",
        apps=[App("office", 1000002, "secret", "token", KEY, f"{callback_base}/wecom/app/office")],
        robots=[Robot("duban", "aib1", "rtoken", KEY[::-1], f"{callback_base}/wecom/robot/duban", **robot)],
        members=[
            Member("ZhaoMin", "赵敏", "一小校长"),
            Member("li", "李强", "二小校长"),
            Member("wang", "王芳", "干事"),
        ],
        chats=[Chat("C1", "wrC1", "安全群", ("zhaomin", "li"), "hook")],
        kf=[
            KfAccount(
                "parents",
                "office",
                "wk1",
                "ktoken",
                KEY.swapcase(),
                f"{callback_base}/wecom/kf/parents",
                servicers=("wang",),
            ),
            KfAccount("other", "office", "wk2", "ktoken2", KEY, f"{callback_base}/wecom/kf/other"),
        ],
        customers=[Customer("wmA", "朵朵妈妈"), Customer("wmB", "老魏")],
        posters={"S01": "一小"},
        clock=clock,
        base_url="http://platform.test",
    )


@pytest.fixture
def client(platform: Platform) -> FlaskClient:
    app = Flask("test")
    app.register_blueprint(api_blueprint(platform))
    return app.test_client()


@pytest.fixture
def parents(platform: Platform) -> Iterator[Customers]:
    """Customers whose wake-ups reach nobody."""
    with Callbacks(platform, manners=Manners(timeout=0.2, pauses=())) as people:
        yield people.customers


class Api:
    """Calls the API as an app does, and returns the JSON."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._token = ""

    def token(self, corpid: str = "ww1", corpsecret: str = "secret") -> dict[str, Any]:
        return self.get("/cgi-bin/gettoken", corpid=corpid, corpsecret=corpsecret)

    def get(self, path: str, **args: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(path, query_string=args).get_json()
        return answer

    def post(self, path: str, body: Any, **args: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.post(path, query_string=args, json=body).get_json()
        return answer

    def send(self, **body: Any) -> dict[str, Any]:
        """message/send of a text to 赵敏, unless told otherwise."""
        whole = {"touser": "zhaomin", "agentid": 1000002, "msgtype": "text", "text": {"content": "请上报"}} | body
        return self.post("/cgi-bin/message/send", whole, access_token=self.token()["access_token"])

    def kf(self, path: str, **body: Any) -> dict[str, Any]:
        """A call of /cgi-bin/kf/ for the account wk1, unless told otherwise."""
        answer = self.post(f"/cgi-bin/kf/{path}", {"open_kfid": "wk1"} | body, access_token=self.kf_token())
        if answer["errcode"] == 42001:  # the clock was moved
            self._token = ""
            return self.kf(path, **body)
        return answer

    def pull(self, **body: Any) -> list[dict[str, Any]]:
        """All that sync_msg gives, page by page."""
        found, cursor, has_more = [], body.pop("cursor", ""), 1
        while has_more:
            answer = self.kf("sync_msg", cursor=cursor, **body)
            found += answer["msg_list"]
            cursor, has_more = answer["next_cursor"], answer["has_more"]
        return found

    def answer(self, text: str = "已收到", customer: str = "wmA", **body: Any) -> int:
        """Answer a customer with a text and return the errcode."""
        whole = {"touser": customer, "msgtype": "text", "text": {"content": text}} | body
        return int(self.kf("send_msg", **whole)["errcode"])

    def kf_token(self) -> str:
        """A token that is asked for once."""
        self._token = self._token or self.token()["access_token"]
        return self._token

    def push(self, body: Any = None, key: str = "hook") -> dict[str, Any]:
        body = {"msgtype": "text", "text": {"content": "请上报"}} if body is None else body
        return self.post("/cgi-bin/webhook/send", body, key=key)


@pytest.fixture
def api(client: FlaskClient) -> Api:
    return Api(client)


def card(task_id: str = "t1", **more: Any) -> dict[str, Any]:
    """A template card with one button."""
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "本周第3项"},
        "task_id": task_id,
        "button_list": [{"text": "已完成", "key": "done", "style": 1}],
    } | more


@pytest.fixture
def bot(clock: SetClock) -> Iterator[FakeBot]:
    """A running bot whose platform calls it back."""
    with running_bot(clock) as bot:
        yield bot


class running_bot:
    """Serves a FakeBot on a port of its own; robot as the fields of Robot."""

    def __init__(self, clock: SetClock, **robot: Any) -> None:
        self.clock = clock
        self.robot = robot

    def __enter__(self) -> FakeBot:
        self.app = Flask("fakebot")
        self.server = listening(self.app)
        base = self.server.__enter__()
        bot = FakeBot(make_platform(self.clock, base, **self.robot))
        bot.register(self.app)
        return bot

    def __exit__(self, *error: Any) -> None:
        self.server.__exit__(*error)


@pytest.fixture
def people(bot: FakeBot) -> Iterator[Callbacks]:
    """People who speak to the running bot."""
    with Callbacks(bot.platform, manners=SWIFT) as people:
        yield people
