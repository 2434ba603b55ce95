from datetime import timedelta
from typing import Any

import pytest

from bot.clock import SetClock
from bot.sandbox import Customers, Platform, Trouble
from tests.unit.sandbox.conftest import Api

CHAT = "kf/parents|wmA"
CLICK = {"type": "click", "click": {"id": "food", "content": "食堂"}}
TEXT = {"type": "text", "text": {"content": "或直接写"}}


@pytest.fixture(autouse=True)
def asked(parents: Customers) -> None:
    """A customer has written."""
    parents.say("wmA", "在吗", deliveries=0)


def menu(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": "请选择", "list": list(items), **more}}


def test_an_answer_is_shown_under_the_accounts_name(api: Api, platform: Platform) -> None:
    answer = api.kf("send_msg", touser="wmA", msgtype="text", text={"content": "已收到"}, msgid="c-1")
    entry = platform.entries(CHAT)[-1]

    assert answer == {"errcode": 0, "errmsg": "ok", "msgid": "c-1"}
    assert (entry.sender, entry.content) == ("kf/parents", "已收到")
    assert platform.violations == []


def test_five_answers_to_each_message(api: Api, platform: Platform, parents: Customers) -> None:
    first = [api.answer(str(n)) for n in range(6)]
    parents.say("wmA", "谢谢", deliveries=0)
    second = [api.answer(str(n)) for n in range(6)]

    assert first == second == [0] * 5 + [95001]
    assert "kf: more than five messages after the customer's last one" in platform.violations


def test_48_hours_after_the_last_message(api: Api, clock: SetClock, parents: Customers) -> None:
    clock.set(clock.now() + timedelta(hours=48, seconds=-1))
    in_time = api.answer()
    clock.set(clock.now() + timedelta(seconds=1))
    late = api.answer()
    parents.say("wmA", "还在", deliveries=0)

    assert (in_time, late, api.answer()) == (0, 95002, 0)


def test_who_never_wrote_hears_nothing(api: Api, platform: Platform, parents: Customers) -> None:
    stranger = api.answer(customer="wmB")
    parents.enter("wmB", "S01", deliveries=0)

    assert (stranger, api.answer(customer="wmB"), api.answer(customer="wmZ")) == (40003, 95031, 40003)
    assert platform.violations == ["kf: a message to a customer who never wrote"]


def test_a_msgid_is_taken_once_per_account(api: Api, platform: Platform, parents: Customers) -> None:
    parents.say("wmA", "在吗", account="other", deliveries=0)
    codes = [api.answer("一", msgid="m1"), api.answer("一", msgid="m1"), api.answer("一", msgid="m1", open_kfid="wk2")]
    clean = list(platform.violations)
    other = api.answer("二", msgid="m1")

    assert (codes, clean, other) == ([0, 95033, 0], [], 95033)
    assert platform.violations == ["kf: a msgid was used again for another message"]


def test_a_repeat_is_known_even_when_the_budget_is_spent(api: Api) -> None:
    codes = [api.answer(str(n), msgid=f"m{n}") for n in range(5)]

    assert (codes, api.answer("4", msgid="m4")) == ([0] * 5, 95033)


def test_a_refused_message_may_use_its_msgid_again(api: Api, platform: Platform) -> None:
    api.kf("service_state/trans", external_userid="wmA", service_state=2)
    closed = api.answer("一", msgid="m1")
    platform.desk.session(platform.kf["parents"], "wmA", platform.clock.now()).state = 1  # type: ignore[assignment]

    assert (closed, api.answer("一", msgid="m1")) == (95018, 0)


@pytest.mark.parametrize("msgid", ["x" * 33, "有", "a b", 7])
def test_odd_msgids_are_refused(api: Api, msgid: Any) -> None:
    assert api.answer(msgid=msgid) == 40058


def test_a_long_text_is_cut_and_noted(api: Api, platform: Platform) -> None:
    api.answer("好" * 683)

    assert platform.entries(CHAT)[-1].content == "好" * 682
    assert platform.violations == ["kf: a text was longer than 2048 bytes and is cut"]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (menu(CLICK, TEXT, tail_content="谢谢"), 0),
        (menu(*[TEXT] * 40, *[CLICK] * 10), 0),
        (menu(*[CLICK] * 11), 95008),
        (menu(*[TEXT] * 51), 95008),
        (menu({"type": "call"}), 95009),
        (menu({"type": "click", "click": {"id": "x" * 129, "content": "a"}}), 40058),
        (menu({"type": "click", "click": {"id": "a", "content": "好" * 43}}), 40058),
        (menu({"type": "click", "click": {"id": "a"}}), 40058),
        (menu({"type": "text", "text": {"content": "x" * 257}}), 40058),
        (menu({"type": "view", "view": {"content": "查询"}}), 40058),
        (menu({"type": "view", "view": {"content": "查询", "url": "https://duban.example.cn/"}}), 0),
        (menu(CLICK, head_content="x" * 1025), 40058),
        (menu(CLICK, tail_content="x" * 1025), 40058),
        ({"msgtype": "msgmenu", "msgmenu": {"list": "x"}}, 40058),
        ({"msgtype": "msgmenu", "msgmenu": {"list": []}}, 44004),
        ({"msgtype": "markdown", "markdown": {"content": "x"}}, 40008),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "image", "image": {"media_id": "x"}}, 40007),
    ],
)
def test_bodies_are_checked(api: Api, body: dict[str, Any], errcode: int) -> None:
    assert api.kf("send_msg", touser="wmA", **body)["errcode"] == errcode


def test_a_menu_id_with_a_hash_is_noted(api: Api, platform: Platform) -> None:
    api.kf("send_msg", touser="wmA", **menu({"type": "click", "click": {"id": "a#1", "content": "a"}}))

    assert platform.violations == ["kf: a menu id holds #, which the documents ask to avoid"]


def test_accepted_does_not_mean_delivered(api: Api, platform: Platform) -> None:
    platform.faults.leave_undelivered("/cgi-bin/kf/send_msg", 10, times=1)
    code = api.answer("一", msgid="m1")
    failed = api.pull()[-1]

    assert code == 0
    assert platform.entries(CHAT, sender="kf/parents") == []
    assert (failed["origin"], failed["msgtype"]) == (4, "event")
    assert failed["event"] == {
        "event_type": "msg_send_fail",
        "open_kfid": "wk1",
        "external_userid": "wmA",
        "fail_msgid": "m1",
        "fail_type": 10,
    }
    assert api.answer("二") == 0
    assert platform.entries(CHAT)[-1].content == "二"


def test_a_failure_and_a_lost_answer_may_come_together(api: Api, platform: Platform) -> None:
    platform.faults.leave_undelivered("/cgi-bin/kf/send_msg", 13, times=1)
    platform.faults.add(Trouble.LOST, "/cgi-bin/kf/send_msg", times=1)
    api.client.post("/cgi-bin/kf/send_msg?access_token=" + api.kf_token(), json={
        "open_kfid": "wk1", "touser": "wmA", "msgid": "m1", "msgtype": "text", "text": {"content": "一"},
    })  # fmt: skip

    assert api.answer("一", msgid="m1") == 95033
    assert api.pull()[-1]["event"]["fail_type"] == 13
