from datetime import timedelta
from typing import Any

import pytest

from bot.clock import SetClock
from bot.sandbox import App, Customers, Platform
from tests.unit.sandbox.conftest import Api

TEXT = {"msgtype": "text", "text": {"content": "您好"}}
CHAT = "kf/parents|wmA"


def entered(api: Api) -> dict[str, Any]:
    """The newest enter_session."""
    event: dict[str, Any] = api.pull()[-1]["event"]
    assert event["event_type"] == "enter_session"
    return event


def welcome(api: Api, code: str, **body: Any) -> int:
    return int(api.kf("send_msg_on_event", **(TEXT | {"code": code} | body))["errcode"])


def test_a_link_gives_its_scene_and_a_welcome_code(api: Api, parents: Customers) -> None:
    parents.enter("wmA", "S13", "a=1", deliveries=0)
    event = entered(api)

    assert {key: event[key] for key in event if key != "welcome_code"} == {
        "event_type": "enter_session",
        "open_kfid": "wk1",
        "external_userid": "wmA",
        "scene": "S13",
        "scene_param": "a=1",
    }
    assert event["welcome_code"]


def test_the_list_of_chats_gives_neither(api: Api, parents: Customers) -> None:
    parents.enter("wmA", deliveries=0)

    assert set(entered(api)) == {"event_type", "open_kfid", "external_userid"}


def test_a_welcome_is_said_once_within_twenty_seconds(api: Api, platform: Platform, parents: Customers) -> None:
    parents.enter("wmA", "S13", deliveries=0)
    code = entered(api)["welcome_code"]

    assert (welcome(api, code), welcome(api, code)) == (0, 40058)
    assert [entry.content for entry in platform.entries(CHAT)] == ["您好"]


def test_a_late_welcome_is_refused(api: Api, clock: SetClock, parents: Customers) -> None:
    parents.enter("wmA", "S13", deliveries=0)
    code = entered(api)["welcome_code"]
    clock.set(clock.now() + timedelta(seconds=20))

    assert welcome(api, code) == 40058


def test_no_second_welcome_within_48_hours(api: Api, clock: SetClock, parents: Customers) -> None:
    parents.enter("wmA", "S13", deliveries=0)
    code = entered(api)["welcome_code"]
    parents.enter("wmA", "S13", deliveries=0)
    unused = "welcome_code" in entered(api)  # nothing was said with the first one
    welcome(api, code)
    parents.enter("wmA", "S13", deliveries=0)
    said = "welcome_code" in entered(api)
    clock.set(clock.now() + timedelta(hours=48))
    parents.enter("wmA", "S13", deliveries=0)

    assert (unused, said, "welcome_code" in entered(api)) == (True, False, True)


def test_no_welcome_for_who_wrote_lately(api: Api, parents: Customers) -> None:
    parents.say("wmA", "在吗", deliveries=0)
    parents.enter("wmA", "S13", deliveries=0)

    assert "welcome_code" not in entered(api)


def test_a_welcome_does_not_count_among_the_five(api: Api, parents: Customers) -> None:
    parents.enter("wmA", "S13", deliveries=0)
    code = entered(api)["welcome_code"]
    parents.say("wmA", "在吗", deliveries=0)

    assert welcome(api, code) == 0
    assert [api.answer() for _ in range(6)] == [0] * 5 + [95001]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "image", "image": {"media_id": "x"}}, 40008),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"type": "text", "text": {"content": "x"}}] * 11}}, 95008),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"type": "text", "text": {"content": "x"}}] * 10}}, 0),
        ({"msgid": "x" * 33}, 40058),
    ],
)
def test_a_welcome_is_a_text_or_a_short_menu(api: Api, parents: Customers, body: dict[str, Any], errcode: int) -> None:
    parents.enter("wmA", "S13", deliveries=0)

    assert welcome(api, entered(api)["welcome_code"], **body) == errcode


def test_links_are_followed_as_they_were_given(api: Api, parents: Customers) -> None:
    url = api.kf("add_contact_way", scene="S13")["url"]
    parents.follow("wmA", f"{url}&scene_param=a%3D1", deliveries=0)
    event = entered(api)

    assert (event["scene"], event["scene_param"]) == ("S13", "a=1")
    with pytest.raises(LookupError):
        parents.follow("wmA", url + "x")


@pytest.mark.parametrize("scene", ["x" * 33, "学校", "a b", 7])
def test_odd_scenes_are_refused(api: Api, scene: Any) -> None:
    assert api.kf("add_contact_way", scene=scene)["errcode"] == 40058


def test_a_link_carries_128_bytes_at_most(parents: Customers) -> None:
    with pytest.raises(ValueError, match="link"):
        parents.enter("wmA", "S13", "x" * 129)


def test_accounts_are_listed_for_their_app(api: Api, platform: Platform) -> None:
    platform.apps["second"] = App("second", 7, "secret2", "t", "k")
    token = api.token(corpsecret="secret2")["access_token"]
    foreign = api.post("/cgi-bin/kf/account/list", {}, access_token=token)
    forbidden = api.post("/cgi-bin/kf/sync_msg", {"open_kfid": "wk1"}, access_token=token)

    assert [one["open_kfid"] for one in api.kf("account/list")["account_list"]] == ["wk1", "wk2"]
    assert [one["open_kfid"] for one in api.kf("account/list", offset=1, limit=1)["account_list"]] == ["wk2"]
    assert (foreign["account_list"], forbidden["errcode"]) == ([], 48002)


def test_only_who_wrote_lately_has_a_name(api: Api, clock: SetClock, parents: Customers) -> None:
    parents.enter("wmA", "S13", deliveries=0)
    parents.say("wmA", "在吗", deliveries=0)
    asked = {"external_userid_list": ["wmA", "wmB"], "need_enter_session_context": 1}
    answer = api.kf("customer/batchget", **asked)
    clock.set(clock.now() + timedelta(hours=48))

    assert answer["customer_list"] == [
        {
            "external_userid": "wmA",
            "nickname": "朵朵妈妈",
            "avatar": "",
            "gender": 0,
            "enter_session_context": {"scene": "S13", "scene_param": ""},
        }
    ]
    assert answer["invalid_external_userid"] == ["wmB"]
    assert api.kf("customer/batchget", **asked)["customer_list"] == []
    assert api.kf("customer/batchget", external_userid_list=["x"] * 101)["errcode"] == 40058


def trans(api: Api, state: Any, **more: Any) -> dict[str, Any]:
    return api.kf("service_state/trans", external_userid="wmA", service_state=state, **more)


def state(api: Api) -> int:
    return int(api.kf("service_state/get", external_userid="wmA")["service_state"])


def test_a_session_begins_with_a_message_and_ends_after_48_hours(api: Api, clock: SetClock, parents: Customers) -> None:
    parents.enter("wmA", deliveries=0)
    opened = state(api)
    parents.say("wmA", "在吗", deliveries=0)
    begun = state(api)
    clock.set(clock.now() + timedelta(hours=48))

    assert (opened, begun, state(api)) == (4, 0, 4)


def test_a_session_goes_to_the_pool_to_a_person_and_ends(api: Api, platform: Platform, parents: Customers) -> None:
    parents.say("wmA", "人工", deliveries=0)
    pooled = trans(api, 2)
    waiting = welcome(api, pooled["msg_code"])
    closed = api.answer()
    nobody = trans(api, 3, servicer_userid="nobody")["errcode"]
    off_duty = trans(api, 3, servicer_userid="li")["errcode"]
    taken = trans(api, 3, servicer_userid="Wang")
    held = api.kf("service_state/get", external_userid="wmA")
    ended = trans(api, 4)
    late = welcome(api, taken["msg_code"])  # the session is in another state by now

    assert (waiting, closed, nobody, off_duty) == (0, 95018, 95014, 95019)
    assert (held["service_state"], held["servicer_userid"]) == (3, "wang")
    assert (late, trans(api, 1)["errcode"], api.answer()) == (95018, 95013, 95018)
    assert welcome(api, ended["msg_code"], msgtype="msgmenu", msgmenu={"head_content": "满意吗"}) == 0
    parents.say("wmA", "又来了", deliveries=0)
    assert (state(api), api.answer()) == (0, 0)
    assert platform.violations == []


@pytest.mark.parametrize(("first", "second"), [(2, 1), (1, 0), (1, 1)])
def test_other_changes_of_state_are_refused(api: Api, parents: Customers, first: int, second: int) -> None:
    parents.say("wmA", "在吗", deliveries=0)
    trans(api, first)

    assert trans(api, second)["errcode"] == 95016


def test_what_receptionists_do_in_the_client_is_pulled(api: Api, parents: Customers) -> None:
    parents.say("wmA", "人工", deliveries=0)
    trans(api, 2)
    parents.take_over("wmA", "wang", deliveries=0)
    parents.answer_by_hand("wmA", "我来看看", deliveries=0)
    parents.end("wmA", deliveries=0)
    taken, said, ended = api.pull()[1:]

    assert (taken["event"]["event_type"], taken["event"]["change_type"]) == ("session_status_change", 1)
    assert (said["origin"], said["servicer_userid"], said["text"]["content"]) == (5, "wang", "我来看看")
    assert ended["event"]["change_type"] == 3
    assert welcome(api, ended["event"]["msg_code"]) == 0
