import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.clock import SetClock
from bot.sandbox import Sandbox
from bot.sandbox.scenes import next_instant
from tests.unit.sandbox.conftest import NOW, card
from tests.unit.sandbox.fakebot import FakeBot, stream

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def page(bot: FakeBot, clock: SetClock) -> Iterator[FlaskClient]:
    def move(target: datetime) -> None:
        if target < clock.now():
            raise ValueError("earlier")
        clock.set(target)

    sandbox = Sandbox(bot.platform, clock=clock, on_clock=move, inbox_rows=bot.rows, featured=("C1", "zhaomin"))
    app = Flask("page")
    for blueprint in sandbox.blueprints():
        app.register_blueprint(blueprint)
    yield app.test_client()
    sandbox.close()


def say(page: FlaskClient, **body: Any) -> Any:
    return page.post("/sandbox/api/say", json={"chat": "C1", "userid": "zhaomin", "text": "@小督 七成"} | body)


def test_the_page_may_load_nothing_from_elsewhere(page: FlaskClient) -> None:
    response = page.get("/sandbox/")

    assert response.status_code == 200
    assert 'lang="zh-CN"' in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "<script>" not in response.text
    assert "style=" not in response.text


@pytest.mark.parametrize("name", ["main.js", "base.css", "chat.css", "panels.css", "icon.svg"])
def test_assets_are_served_with_the_package(page: FlaskClient, name: str) -> None:
    response = page.get(f"/sandbox/static/{name}")

    assert response.status_code == 200
    response.close()


def test_state_names_members_groups_and_the_time(page: FlaskClient) -> None:
    state = page.get("/sandbox/api/state").get_json()

    assert state["featured"] == ["C1", "app/office|zhaomin"]
    assert state["members"]["zhaomin"] == {"name": "赵敏", "title": "一小校长"}
    assert (state["now"], state["weekday"]) == ("2026-11-19T09:00:00+08:00", "星期四")
    assert "hook" not in str(state)  # no key leaves the server


def test_what_is_said_comes_back_as_a_change(page: FlaskClient, bot: FakeBot) -> None:
    bot.answer_robot = lambda _: stream("已记")
    asked = say(page).get_json()["entry"]
    bot.platform.wait_entry("C1", sender="robot/duban")
    bot.platform.wait_for(lambda: bot.platform.entry(asked).state == "sent")  # type: ignore[union-attr]
    changes = page.get("/sandbox/api/changes?since=0").get_json()
    nothing = page.get(f"/sandbox/api/changes?since={changes['revision']}").get_json()

    assert {(entry["sender"], entry["content"]) for entry in changes["entries"]} == {
        ("zhaomin", "@小督 七成"),
        ("robot/duban", "已记"),
    }
    assert nothing["entries"] == []


@pytest.mark.parametrize("body", [{"text": " "}, {"userid": "nobody"}, {"chat": "C9"}, {"chat": "app/office|li"}])
def test_impossible_messages_are_refused(page: FlaskClient, body: dict[str, str]) -> None:
    assert say(page, **body).status_code == 400


def test_a_form_of_another_site_is_not_accepted(page: FlaskClient) -> None:
    response = page.post("/sandbox/api/say", data="{}", content_type="text/plain")

    assert response.status_code == 415


def test_a_button_calls_the_bot(page: FlaskClient, bot: FakeBot) -> None:
    entry = bot.platform.post("app/office|zhaomin", "app/office", "template_card", card=card())
    body = {"entry": entry.id, "userid": "zhaomin", "key": "done"}
    good = page.post("/sandbox/api/click", json=body).status_code
    bad = page.post("/sandbox/api/click", json=body | {"key": "other"}).status_code
    bot.platform.wait_for(lambda: bot.app_calls)

    assert (good, bad) == (200, 400)
    assert bot.app_calls[0]["EventKey"] == "done"


def test_the_clock_moves_to_a_time_or_by_seconds(page: FlaskClient, clock: SetClock) -> None:
    to = page.post("/sandbox/clock", json={"now": "2026-11-20T10:00:00+08:00"}).get_json()
    by = page.post("/sandbox/clock", json={"advance": 90}).get_json()

    assert (to["now"], by["now"]) == ("2026-11-20T10:00:00+08:00", "2026-11-20T10:01:30+08:00")
    assert clock.now() == datetime(2026, 11, 20, 2, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"now": "yesterday"},
        {"now": "2020-01-01T00:00:00"},
        {"now": "0001-01-01T00:00:00+14:00"},
        {"now": "9999-12-31T23:59:59"},
        {"now": "2027-12-25T09:00:00"},  # 401 days
        {"advance": "x"},
        {"advance": 401 * 86400},
        {"advance": 1e300},
        {"advance": "nan"},
        {"advance": []},
    ],
)
def test_impossible_times_are_refused(page: FlaskClient, clock: SetClock, body: dict[str, Any]) -> None:
    assert page.post("/sandbox/clock", json=body).status_code == 400
    assert clock.now() == NOW


def test_the_clock_moves_once_at_a_time(bot: FakeBot, clock: SetClock) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def move(target: datetime) -> None:
        begun.set()
        go_on.wait(10)
        clock.set(target)

    sandbox = Sandbox(bot.platform, clock=clock, on_clock=move, inbox_rows=bot.rows)
    app = Flask("page")
    for blueprint in sandbox.blueprints():
        app.register_blueprint(blueprint)
    answers: list[int] = []

    def advance(seconds: int) -> int:
        return app.test_client().post("/sandbox/clock", json={"advance": seconds}).status_code

    first = threading.Thread(target=lambda: answers.append(advance(60)))
    first.start()
    assert begun.wait(10)
    second = advance(90)
    go_on.set()
    first.join()
    sandbox.close()

    assert (answers, second) == ([200], 409)
    assert clock.now() == NOW + timedelta(seconds=60)
    assert advance(30) == 200


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b", "\ud800", "\uffff"])
def test_what_xml_cannot_carry_is_not_sent(page: FlaskClient, text: str) -> None:
    assert say(page, text=text).status_code == 400


@pytest.mark.parametrize("selected", [["a"], "a", {"q": "a"}, {"q": [1]}, {"q": ["\x00"]}, {"q\x00": []}])
def test_an_odd_selection_is_refused(page: FlaskClient, bot: FakeBot, selected: Any) -> None:
    entry = bot.platform.post("app/office|zhaomin", "app/office", "template_card", card=card())
    body = {"entry": entry.id, "userid": "zhaomin", "key": "done", "selected": selected}

    assert page.post("/sandbox/api/click", json=body).status_code == 400


def test_the_inbox_is_shown_in_local_time(page: FlaskClient, bot: FakeBot) -> None:
    say(page)
    bot.platform.wait_for(lambda: bot.robot_calls)
    (row,) = page.get("/sandbox/api/inbox").get_json()["rows"]

    assert (row["door"], row["received"], row["repeats"]) == ("robot/duban", "2026-11-19T09:00:00+08:00", 0)


def test_pictures_are_shown_and_nothing_else(page: FlaskClient, bot: FakeBot) -> None:
    picture = bot.platform.keep_media("image", b"\x89PNG", name="a", mimetype="image/png")
    file = bot.platform.keep_media("file", b"<script>", name="a", mimetype="text/html")

    assert page.get(f"/sandbox/api/picture/{picture.id}").data == b"\x89PNG"
    assert page.get(f"/sandbox/api/picture/{file.id}").status_code == 404


@pytest.mark.parametrize(
    ("now", "target"),
    [
        ("2026-11-18T15:20", "2026-11-19T09:00"),
        ("2026-11-19T08:59", "2026-11-19T09:00"),
        ("2026-11-19T09:00", "2026-11-26T09:00"),
    ],
)
def test_the_next_thursday_is_always_later(now: str, target: str) -> None:
    found = next_instant(datetime.fromisoformat(now).replace(tzinfo=SHANGHAI), 3, 9, 0)

    assert found == datetime.fromisoformat(target).replace(tzinfo=SHANGHAI)
