import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import SetClock
from bot.sandbox import Chat, Platform
from tests.unit.sandbox.conftest import NOW, Api, card

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def image(data: bytes, md5: str = "") -> dict[str, Any]:
    digest = md5 or hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(data).decode(), "md5": digest}}


def test_a_push_reaches_its_group_with_its_mentions(api: Api, platform: Platform) -> None:
    api.push({"msgtype": "text", "text": {"content": "请上报", "mentioned_list": ["zhaomin", "@all"]}})
    (entry,) = platform.entries("C1")

    assert (entry.sender, entry.content, entry.mentions) == ("push/C1", "请上报", ("zhaomin", "@all"))


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 93017),
        ({"msgtype": "text", "text": {"content": "字" * 683}}, 45002),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 1366}}, 45002),
        ({"msgtype": "markdown_v2", "markdown_v2": {"content": "字" * 1366}}, 45002),
        ({"msgtype": "template_card", "template_card": card()}, 40008),
        (image(PNG, md5="0" * 32), 301019),
        (image(b"GIF89a" + b"0" * 40), 40004),
        (image(PNG + bytes(2 * 1024 * 1024)), 93018),
        ({"msgtype": "image", "image": {"base64": "*", "md5": ""}}, 40006),
    ],
)
def test_bad_pushes_are_refused(api: Api, platform: Platform, body: dict[str, Any], errcode: int) -> None:
    assert api.push(body)["errcode"] == errcode
    assert platform.entries("C1") == []


def test_bodies_at_the_limit_pass(api: Api) -> None:
    text = {"msgtype": "text", "text": {"content": "字" * 682}}
    markdown = {"msgtype": "markdown", "markdown": {"content": "字" * 1365}}

    assert [api.push(text)["errcode"], api.push(markdown)["errcode"], api.push(image(PNG))["errcode"]] == [0, 0, 0]


def test_a_wrong_key_is_refused(api: Api, platform: Platform) -> None:
    platform.add_chat(Chat("C2", "wrC2", "没有推送的群", ("li",)))

    assert [api.push(key="wrong")["errcode"], api.push(key="")["errcode"]] == [93000, 93000]


def test_a_key_takes_20_messages_a_minute(api: Api, platform: Platform, clock: SetClock) -> None:
    platform.add_chat(Chat("C2", "wrC2", "另一个群", ("li",), "hook2"))
    codes = [api.push()["errcode"] for _ in range(21)]
    other = api.push(key="hook2")["errcode"]
    clock.set(NOW + timedelta(seconds=60))

    assert codes == [0] * 20 + [45009]
    assert (other, api.push()["errcode"]) == (0, 0)


def late(api: Api, code: str, body: Any) -> int:
    return int(api.post("/cgi-bin/aibot/response", body, response_code=code)["errcode"])


MARKDOWN = {"msgtype": "markdown", "markdown": {"content": "完整回答"}}


def test_a_late_answer_works_once_and_quotes_in_a_group(api: Api, platform: Platform) -> None:
    asked = platform.post("C1", "zhaomin", "text", "@小督 台账")
    code = platform.answer_codes.issue(("duban", asked.id), NOW)
    codes = [late(api, code, {"msgtype": "text", "text": {"content": "x"}}), late(api, code, MARKDOWN)]

    assert [*codes, late(api, code, MARKDOWN)] == [40008, 0, 60140]
    assert [(entry.content, entry.quote) for entry in platform.entries("C1", sender="robot/duban")] == [
        ("完整回答", asked.id)
    ]


def test_a_late_answer_is_refused_after_an_hour(api: Api, platform: Platform, clock: SetClock) -> None:
    asked = platform.post("C1", "zhaomin", "text", "@小督 台账")
    code = platform.answer_codes.issue(("duban", asked.id), NOW)
    clock.set(NOW + timedelta(hours=1))

    assert late(api, code, MARKDOWN) == 60140
