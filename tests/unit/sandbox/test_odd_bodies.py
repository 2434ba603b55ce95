"""Whatever is posted to the stand-in, it answers as the platform would: with an errcode, or 4xx on its own page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.clock import SetClock
from bot.sandbox import Platform, Sandbox
from bot.sandbox.entities import ApiError
from bot.sandbox.kinds import check
from tests.unit.sandbox.conftest import Api, card

API = (
    "/cgi-bin/message/send",
    "/cgi-bin/message/update_template_card",
    "/cgi-bin/webhook/send",
    "/cgi-bin/aibot/response",
    "/cgi-bin/batch/openuserid_to_userid",
)
KF = tuple(
    f"/cgi-bin/kf/{name}"
    for name in (
        "sync_msg",
        "send_msg",
        "send_msg_on_event",
        "account/list",
        "add_contact_way",
        "customer/batchget",
        "service_state/get",
        "service_state/trans",
    )
)
PAGE = (
    "/sandbox/api/say",
    "/sandbox/api/click",
    "/sandbox/api/scene",
    "/sandbox/clock",
    "/sandbox/api/kf/choose",
    "/sandbox/api/kf/show",
    "/sandbox/api/kf/enter",
    "/sandbox/api/kf/recall",
)
MENU_ITEMS = [
    {"type": "click", "click": {"id": "a", "content": "食堂"}},
    {"type": "view", "view": {"url": "https://a", "content": "查询"}},
    {"type": "text", "text": {"content": "或直接写"}},
]
KF_MENU = {"msgtype": "msgmenu", "msgmenu": {"head_content": "请选择", "list": MENU_ITEMS, "tail_content": "谢谢"}}
LINK = {"title": "a", "url": "https://a", "desc": "b", "thumb_media_id": "m"}
NO_JSON = (b"", b"{", b"[" * 100_000, b'{"a":' * 500 + b"1" + b"}" * 500, b"1" * 5000, b'{"a": NaN}', b"\xff\xfe")
ODD: tuple[Any, ...] = (True, -1, 10**30, 1.5, "", "\ud800", "x\x00", [], [[]], [{}], {"a": []})
# One body of each kind with every field that somebody reads.
BODIES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        API[0],
        {
            "touser": "zhaomin",
            "toparty": "",
            "agentid": 1000002,
            "msgtype": "text",
            "text": {"content": "请上报"},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 60,
        },
    ),
    (
        API[0],
        {
            "touser": "zhaomin",
            "agentid": 1000002,
            "msgtype": "template_card",
            "template_card": card(
                horizontal_content_list=[{"keyname": "a", "value": "b"}],
                action_menu={"desc": "更多", "action_list": [{"text": "a", "key": "k"}]},
            ),
        },
    ),
    (
        API[0],
        {
            "touser": "zhaomin",
            "agentid": 1000002,
            "msgtype": "template_card",
            "template_card": card(card_type="vote_interaction", submit_button={"key": "k", "text": "提交"}),
        },
    ),
    (
        API[0],
        {
            "touser": "zhaomin",
            "agentid": 1000002,
            "msgtype": "news",
            "news": {"articles": [{"title": "a", "url": "https://a"}]},
        },
    ),
    (API[2], {"msgtype": "text", "text": {"content": "请上报", "mentioned_list": ["li"]}}),
    (API[2], {"msgtype": "image", "image": {"base64": "aGVsbG8=", "md5": "x"}}),
    (API[1], {"agentid": 1000002, "response_code": "c", "userids": ["li"], "button": {"replace_name": "已报"}}),
    (API[3], {"msgtype": "markdown", "markdown": {"content": "已记"}}),
    (API[4], {"open_userid_list": ["wo1"], "source_agentid": 1}),
    (PAGE[0], {"chat": "C1", "userid": "zhaomin", "text": "七成", "quote": "m1"}),
    (PAGE[1], {"entry": "ENTRY", "userid": "zhaomin", "key": "done", "selected": {"q": ["a"]}}),
    (PAGE[2], {"scene": "report"}),
    (PAGE[3], {"now": "2026-11-19T10:00:00"}),
    (PAGE[3], {"advance": 5}),
    (KF[0], {"open_kfid": "wk1", "cursor": "", "token": "", "limit": 10, "voice_format": 0}),
    (KF[1], {"open_kfid": "wk1", "touser": "wmA", "msgid": "m", "msgtype": "text", "text": {"content": "已收到"}}),
    (KF[1], {"open_kfid": "wk1", "touser": "wmA", **KF_MENU}),
    (KF[1], {"open_kfid": "wk1", "touser": "wmA", "msgtype": "link", "link": LINK}),
    (KF[1], {"open_kfid": "wk1", "touser": "wmA", "msgtype": "location", "location": {"name": "a", "address": "b"}}),
    (KF[1], {"open_kfid": "wk1", "touser": "wmA", "msgtype": "image", "image": {"media_id": "m"}}),
    (KF[2], {"code": "CODE", "msgid": "m", **KF_MENU}),
    (KF[3], {"offset": 0, "limit": 10}),
    (KF[4], {"open_kfid": "wk1", "scene": "S01"}),
    (KF[5], {"external_userid_list": ["wmA"], "need_enter_session_context": 1}),
    (KF[6], {"open_kfid": "wk1", "external_userid": "wmA"}),
    (KF[7], {"open_kfid": "wk1", "external_userid": "wmA", "service_state": 3, "servicer_userid": "wang"}),
    (PAGE[0], {"chat": "kf/parents|wmA", "userid": "wmA", "text": "在吗"}),
    (PAGE[4], {"entry": "ENTRY", "userid": "wmA", "option": "a"}),
    (PAGE[5], {"chat": "kf/parents|wmA", "userid": "wmA", "data": "iVBORw0KGgo="}),
    (PAGE[6], {"chat": "kf/parents|wmA", "userid": "wmA", "scene": "S01"}),
    (PAGE[7], {"entry": "ENTRY"}),
)


@pytest.fixture
def whole(platform: Platform, clock: SetClock) -> FlaskClient:
    """The API and the page on one application that hides no error."""
    sandbox = Sandbox(platform, clock=clock, on_clock=clock.set, inbox_rows=list)
    app = Flask("whole")
    for blueprint in sandbox.blueprints():
        app.register_blueprint(blueprint)
    sandbox.close()  # nobody is called back
    return app.test_client()


def post(whole: FlaskClient, path: str, data: bytes, platform: Platform) -> int:
    """Post to a path with everything that gets a caller past the door; return the status or the errcode."""
    token = platform.tokens.issue("office", platform.clock.now())
    asked = platform.post("C1", "zhaomin", "text", "七成")
    code = platform.answer_codes.issue(("duban", asked.id), platform.clock.now())
    if path in KF:
        platform.desk.untokened.count = 10_000
        platform.desk.hear(platform.kf["parents"], "wmA", platform.clock.now())
        welcome = platform.desk.issue_code(platform.kf["parents"], "wmA", timedelta(1), platform.clock.now())
        data = data.replace(b"CODE", welcome.encode())
    query = {"access_token": token, "key": "hook"} if "aibot" not in path else {"response_code": code}
    answer = whole.post(path, query_string=query, data=data, content_type="application/json")
    if path in PAGE:
        return answer.status_code
    assert answer.status_code == 200  # the platform refuses by errcode
    return int(answer.get_json()["errcode"])


@pytest.mark.parametrize("path", API + KF + PAGE)
@pytest.mark.parametrize("data", NO_JSON, ids=lambda data: data[:8])
def test_what_is_no_json_is_refused(whole: FlaskClient, platform: Platform, path: str, data: bytes) -> None:
    assert post(whole, path, data, platform) == (400 if path in PAGE else 47001)


@pytest.mark.parametrize(("path", "body"), BODIES)
def test_no_value_anywhere_in_a_body_makes_an_error(
    whole: FlaskClient, platform: Platform, path: str, body: dict[str, Any]
) -> None:
    # The window of 20 pushes a minute would hide what is behind it.
    platform.pushes.count = platform.tokens.per_minute = 10_000
    entry = platform.post("app/office|zhaomin", "app/office", "template_card", card=card())
    for changed in variants(body):
        data = json.dumps(changed).replace("ENTRY", entry.id).encode()
        status = post(whole, path, data, platform)
        assert status in (200, 400) if path in PAGE else status >= 0, changed
    assert whole.get("/sandbox/api/changes").status_code == 200


def variants(value: Any) -> Iterator[Any]:
    """Yield value with each part of it replaced by each odd one, and left out."""
    yield from ODD
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        for odd in variants(part):
            changed = value.copy()
            changed[key] = odd
            yield changed
        left = value.copy()
        del left[key]
        yield left


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"msgtype": []}, "msgtype"),
        ({"template_card": {"main_title": "x"}}, "main_title"),
        ({"template_card": {"button_list": ["x"]}}, "button_list"),
        ({"text": {"mentioned_list": "@all"}}, "mentioned_list"),
        ({"text": {"content": "a\ud800"}}, "broken text"),
        ({"a\ud800": 1}, "broken text"),
    ],
)
def test_a_field_of_another_kind_is_named(body: dict[str, Any], field: str) -> None:
    with pytest.raises(ApiError, match=field) as refused:
        check(body)
    assert refused.value.errcode == 40058


def test_a_field_that_is_null_counts_as_left_out(api: Api) -> None:
    assert api.push({"msgtype": "text", "text": {"content": "请上报", "mentioned_list": None}})["errcode"] == 0


def test_letters_that_are_no_base64_are_refused(api: Api) -> None:
    assert api.push({"msgtype": "image", "image": {"base64": "图", "md5": "x"}})["errcode"] == 40006
