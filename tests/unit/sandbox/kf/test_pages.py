import base64
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.clock import SetClock
from bot.sandbox import Sandbox, State
from tests.unit.sandbox.fakebot import FakeBot
from tests.unit.sandbox.kfbot import KfBot, friendly

CHAT = "kf/parents|wmA"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@pytest.fixture
def kfbot(bot: FakeBot) -> KfBot:
    kfbot = KfBot(bot.platform, friendly)
    bot.on_wake = kfbot.on_wake
    return kfbot


@pytest.fixture
def page(bot: FakeBot, kfbot: KfBot, clock: SetClock) -> Iterator[FlaskClient]:
    sandbox = Sandbox(bot.platform, clock=clock, on_clock=clock.set, inbox_rows=bot.rows, featured=("C1",))
    app = Flask("page")
    for blueprint in sandbox.blueprints():
        app.register_blueprint(blueprint)
    yield app.test_client()
    sandbox.close()


def act(page: FlaskClient, path: str, **body: Any) -> int:
    return page.post(f"/sandbox/api/{path}", json={"chat": CHAT, "userid": "wmA"} | body).status_code


def test_parents_have_a_part_of_the_list(page: FlaskClient) -> None:
    state = page.get("/sandbox/api/state").get_json()

    assert state["sections"] == [
        {"title": "工作群与同事", "keys": ["C1"]},
        {"title": "家长（个人微信）", "keys": [CHAT, "kf/parents|wmB"]},
    ]
    assert state["customers"]["wmA"] == {"name": "朵朵妈妈"}
    assert state["posters"] == [{"scene": "S01", "name": "一小"}]
    assert "ktoken" not in str(state)


def test_a_parent_scans_writes_and_taps(page: FlaskClient, bot: FakeBot) -> None:
    scanned = act(page, "kf/enter", scene="S01")
    bot.platform.wait_entry(CHAT, sender="kf/parents", containing="您好")
    said = act(page, "say", text="食堂饭菜是凉的")
    menu = bot.platform.wait_entry(CHAT, sender="kf/parents", containing="登记这件事")
    tapped = act(page, "kf/choose", entry=menu.id, option="yes")
    receipt = bot.platform.wait_entry(CHAT, sender="kf/parents", containing="编号")
    wrong = act(page, "kf/choose", entry=menu.id, option="other")

    assert (scanned, said, tapped, wrong) == (200, 200, 200, 400)
    assert receipt.content == "已登记，编号：区教诉〔2026〕000001号"
    assert bot.platform.entries(CHAT)[0].content == "扫码进入 · 一小"


def test_a_parent_sends_a_picture(page: FlaskClient, bot: FakeBot, kfbot: KfBot) -> None:
    sent = act(page, "kf/show", data=base64.b64encode(PNG).decode())
    bot.platform.wait_entry(CHAT, sender="kf/parents", containing="图片收到了")

    assert sent == 200
    assert kfbot.items[0]["msgtype"] == "image"


@pytest.mark.parametrize("data", ["", "*", base64.b64encode(b"<svg/>").decode(), 7])
def test_other_files_are_refused(page: FlaskClient, data: Any) -> None:
    assert act(page, "kf/show", data=data) == 400


def test_a_parent_takes_a_message_back(page: FlaskClient, bot: FakeBot) -> None:
    entry = page.post("/sandbox/api/say", json={"chat": CHAT, "userid": "wmA", "text": "发错了"}).get_json()["entry"]
    taken = (act(page, "kf/recall", entry=entry), act(page, "kf/recall", entry=entry))
    shown = page.get("/sandbox/api/changes?since=0").get_json()["entries"]

    assert taken == (200, 400)
    assert [one["state"] for one in shown if one["id"] == entry] == [State.RECALLED]
    assert "发错了" not in str(shown)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("kf/enter", {"scene": "S99"}),
        ("kf/enter", {"scene": "S01", "userid": "wmB"}),
        ("kf/show", {"data": base64.b64encode(PNG).decode(), "chat": "kf/x|wmA"}),
        ("kf/recall", {"entry": "m1"}),
        ("say", {"text": "在吗", "userid": "wmB"}),
        ("say", {"text": "在吗", "chat": "C1"}),
    ],
)
def test_impossible_acts_are_refused(page: FlaskClient, path: str, body: dict[str, str]) -> None:
    assert act(page, path, **body) == 400


@pytest.mark.parametrize("path", ["enter", "choose", "show", "recall"])
def test_a_form_of_another_site_is_not_accepted(page: FlaskClient, path: str) -> None:
    assert page.post(f"/sandbox/api/kf/{path}", data="{}", content_type="text/plain").status_code == 415
