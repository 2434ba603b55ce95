from datetime import timedelta
from typing import Any

import pytest

from bot.clock import SetClock
from bot.sandbox import Platform, State
from tests.unit.sandbox.conftest import NOW, Api, card


def contents(platform: Platform, userid: str = "zhaomin") -> list[str]:
    return [entry.content for entry in platform.private(userid)]


def test_a_text_reaches_each_receiver_once(api: Api, platform: Platform) -> None:
    answer = api.send(touser="ZhaoMin|li|zhaomin")

    assert answer["errcode"] == 0
    assert answer["msgid"]
    assert (contents(platform), contents(platform, "li")) == (["请上报"], ["请上报"])


def test_unknown_receivers_are_listed(api: Api, platform: Platform) -> None:
    answer = api.send(touser="zhaomin|Nobody")

    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
    assert api.send(touser="nobody")["errcode"] == 81013
    assert api.send(touser="")["errcode"] == 82001


def test_members_without_licence_are_listed_and_get_nothing(api: Api, platform: Platform) -> None:
    platform.unlicensed.add("li")
    answer = api.send(touser="zhaomin|li")

    assert answer["unlicenseduser"] == "li"
    assert contents(platform, "li") == []


def test_another_apps_number_is_refused(api: Api) -> None:
    assert api.send(agentid=1)["errcode"] == 40056


def test_a_text_is_cut_at_2048_bytes_within_a_character(api: Api, platform: Platform) -> None:
    api.send(text={"content": "字" * 700})

    assert contents(platform) == ["字" * 682]  # 682 × 3 = 2046 bytes


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "markdown", "markdown": {"content": "字" * 683}}, 45002),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "sticker"}, 40008),
        ({"msgtype": "image", "image": {"media_id": "unknown"}}, 40007),
        ({"msgtype": "textcard", "textcard": {"title": "t"}}, 41016),
        ({"msgtype": "template_card", "template_card": card(task_id="")}, 42014),
        ({"msgtype": "template_card", "template_card": card(task_id="中文")}, 42014),
        ({"msgtype": "template_card", "template_card": card(button_list=[])}, 42014),
        ({"msgtype": "template_card", "template_card": card(button_list=[{"text": "x", "key": "k"}] * 7)}, 42014),
        ({"msgtype": "template_card", "template_card": card(main_title={})}, 42014),
        ({"msgtype": "template_card", "template_card": card(card_type="unknown")}, 42014),
    ],
)
def test_bad_bodies_are_refused(api: Api, platform: Platform, body: dict[str, Any], errcode: int) -> None:
    assert api.send(**body)["errcode"] == errcode
    assert contents(platform) == []


def test_broken_json_is_refused(api: Api) -> None:
    response = api.client.post("/cgi-bin/webhook/send?key=hook", data=b"{", content_type="application/json")

    assert response.get_json()["errcode"] == 47001


def test_the_duplicate_check_drops_the_same_json_within_the_interval(
    api: Api, platform: Platform, clock: SetClock
) -> None:
    guard = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    codes = [api.send(**guard)["errcode"], api.send(**guard)["errcode"]]
    clock.set(NOW + timedelta(seconds=599))
    api.send(**guard)
    within = len(contents(platform))
    clock.set(NOW + timedelta(seconds=600))
    api.send(**guard)

    assert codes == [0, 0]
    assert (within, len(contents(platform))) == (1, 2)


def test_without_the_check_and_with_another_text_nothing_is_dropped(api: Api, platform: Platform) -> None:
    api.send()
    api.send()
    api.send(enable_duplicate_check=1)
    api.send(enable_duplicate_check=1, text={"content": "请上报!"})

    assert len(contents(platform)) == 4


def test_the_31st_message_a_minute_to_a_member_is_lost_silently(api: Api, platform: Platform, clock: SetClock) -> None:
    codes = {api.send(text={"content": str(number)})["errcode"] for number in range(31)}
    clock.set(NOW + timedelta(seconds=61))
    api.send(text={"content": "later"})

    assert codes == {0}
    assert contents(platform) == [*(str(number) for number in range(30)), "later"]
    assert [userid for userid, _ in platform.dropped] == ["zhaomin"]


def send_card(api: Api, task_id: str = "t1", touser: str = "zhaomin") -> dict[str, Any]:
    return api.send(touser=touser, msgtype="template_card", template_card=card(task_id))


def update(api: Api, code: str, **body: Any) -> dict[str, Any]:
    token = api.token()["access_token"]
    whole = {"userids": ["zhaomin"], "agentid": 1000002, "response_code": code} | body
    return api.post("/cgi-bin/message/update_template_card", whole, access_token=token)


def test_a_card_is_updated_once_with_its_code(api: Api, platform: Platform) -> None:
    code = send_card(api, touser="zhaomin|li")["response_code"]
    first = update(api, code, button={"replace_name": "已处理"})
    second = update(api, code, button={"replace_name": "again"})

    assert (first["errcode"], second["errcode"]) == (0, 60140)
    assert (platform.private("zhaomin")[0].replaced, platform.private("li")[0].replaced) == ("已处理", "")
    assert platform.private("zhaomin")[0].state is State.UPDATED


def test_a_card_can_be_replaced_by_another(api: Api, platform: Platform) -> None:
    notice = {"card_type": "text_notice", "main_title": {"title": "已办"}, "card_action": {"type": 1, "url": "u"}}
    code = send_card(api, touser="zhaomin|li")["response_code"]
    update(api, code, userids=[], atall=1, template_card=notice)

    assert [entry.card for entry in platform.cards("t1")] == [notice, notice]


def test_a_code_is_void_after_72_hours(api: Api, clock: SetClock) -> None:
    code = send_card(api)["response_code"]
    clock.set(NOW + timedelta(hours=72))

    assert update(api, code, button={"replace_name": "x"})["errcode"] == 60140


def test_only_interactive_cards_get_a_code(api: Api) -> None:
    notice = {"card_type": "text_notice", "main_title": {"title": "t"}, "card_action": {"type": 1, "url": "u"}}

    assert "response_code" not in api.send(msgtype="template_card", template_card=notice)


def test_a_task_id_used_twice_is_noted(api: Api, platform: Platform) -> None:
    send_card(api)
    send_card(api, touser="li")

    assert platform.violations == ["message/send: a task_id was used again"]
