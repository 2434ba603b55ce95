import threading
from datetime import timedelta

import pytest
import requests
from flask import Response

from bot.clock import SetClock
from bot.sandbox import Callbacks, Customers, Platform, State
from tests.unit.sandbox.conftest import Api, running_bot
from tests.unit.sandbox.fakebot import FakeBot

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


def test_a_wake_up_is_signed_and_names_the_account(bot: FakeBot, people: Callbacks) -> None:
    delivery = people.customers.say("wmA", "食堂饭菜是凉的").wait()
    (wake,) = bot.kf_calls
    token = wake["Token"]

    assert delivery.is_acknowledged
    assert {key: wake[key] for key in ("ToUserName", "MsgType", "Event", "OpenKfId")} == {
        "ToUserName": "ww1",
        "MsgType": "event",
        "Event": "kf_msg_or_event",
        "OpenKfId": "wk1",
    }
    assert set(wake["outer"]) == {"ToUserName", "Encrypt"}
    assert "食堂" not in str(wake)
    bot.platform.desk.log(bot.platform.kf["parents"]).check_token(token, bot.platform.clock.now())
    assert bot.platform.entries("kf/parents|wmA")[0].state is State.SENT


def test_a_wake_up_is_repeated_until_it_is_acknowledged(bot: FakeBot, people: Callbacks) -> None:
    refusals = iter([Response(status=500), Response(status=500)])
    bot.trouble = lambda: next(refusals, None)
    delivery = people.customers.say("wmA", "在吗").wait()

    assert [attempt.status for attempt in delivery.attempts] == [500, 500, 200]


def test_a_silent_bot_leaves_the_message_unsent_but_pullable(bot: FakeBot, people: Callbacks) -> None:
    bot.trouble = lambda: Response(status=500)
    people.customers.say("wmA", "在吗").wait()
    (entry,) = bot.platform.entries("kf/parents|wmA")

    assert entry.state is State.FAILED
    assert len(bot.platform.desk.log(bot.platform.kf["parents"]).items()) == 1


def test_one_wake_up_may_come_several_times_at_once(bot: FakeBot, people: Callbacks) -> None:
    people.customers.say("wmA", "在吗", deliveries=3, at_once=True).wait()

    assert len({wake["Token"] for wake in bot.kf_calls}) == 1
    assert len(bot.kf_calls) == 3


def test_several_customers_write_at_once(bot: FakeBot, people: Callbacks) -> None:
    speak = [threading.Thread(target=people.customers.say, args=(one, "在吗")) for one in ("wmA", "wmB") * 10]
    for thread in speak:
        thread.start()
    for thread in speak:
        thread.join()
    bot.platform.wait_for(lambda: len(bot.kf_calls) == 20)
    log = bot.platform.desk.log(bot.platform.kf["parents"])

    assert len({item["msgid"] for item in log.items()}) == 20


def test_the_address_is_checked_as_when_it_is_saved(bot: FakeBot, people: Callbacks) -> None:
    assert people.verify_url(bot.platform.kf["parents"])


def test_words_in_the_answer_are_a_violation(bot: FakeBot, people: Callbacks) -> None:
    bot.on_wake = lambda _: "success"
    people.customers.say("wmA", "在吗").wait()
    fine = list(bot.platform.violations)
    bot.on_wake = lambda _: "<xml/>"
    people.customers.say("wmA", "在吗").wait()

    assert fine == []
    assert bot.platform.violations == ["kf: a wake-up may be answered with nothing only"]


def test_an_undelivered_answer_wakes_the_bot(bot: FakeBot, people: Callbacks, clock: SetClock) -> None:
    people.customers.say("wmA", "在吗").wait()
    with bot.platform.serve() as base:
        secret = {"corpid": "ww1", "corpsecret": "secret"}
        token = requests.get(f"{base}/cgi-bin/gettoken", params=secret, timeout=5).json()["access_token"]
        bot.platform.faults.leave_undelivered("/cgi-bin/kf/send_msg", 5, times=1)
        body = {"open_kfid": "wk1", "touser": "wmA", "msgtype": "text", "text": {"content": "在"}}
        answer = requests.post(f"{base}/cgi-bin/kf/send_msg", params={"access_token": token}, json=body, timeout=5)

    assert answer.json()["errcode"] == 0
    bot.platform.wait_for(lambda: len(bot.kf_calls) == 2)


def test_a_tapped_option_says_its_words(api: Api, platform: Platform, parents: Customers) -> None:
    parents.say("wmA", "你好", deliveries=0)
    items = [{"type": "click", "click": {"id": "food", "content": "食堂"}}, {"type": "text", "text": {"content": "-"}}]
    api.kf("send_msg", touser="wmA", msgtype="msgmenu", msgmenu={"head_content": "请选择", "list": items})
    menu = platform.entries("kf/parents|wmA")[-1]
    parents.choose("wmA", menu.id, "food", deliveries=0)

    assert api.pull()[-1]["text"] == {"content": "食堂", "menu_id": "food"}
    assert platform.entries("kf/parents|wmA")[-1].content == "食堂"
    for customer, option in (("wmA", "other"), ("wmB", "food")):
        with pytest.raises(LookupError):
            parents.choose(customer, menu.id, option)


def test_a_picture_is_fetched_with_the_apps_token(api: Api, parents: Customers) -> None:
    parents.show("wmA", "image", PNG, deliveries=0)
    (item,) = api.pull()
    args = {"access_token": api.kf_token(), "media_id": item["image"]["media_id"]}
    answer = api.client.get("/cgi-bin/media/get", query_string=args)

    assert (answer.data, answer.mimetype) == (PNG, "image/png")


def test_too_large_a_file_comes_as_a_text(api: Api, parents: Customers) -> None:
    parents.show("wmA", "image", PNG + bytes(2 * 1024 * 1024), deliveries=0)

    assert api.pull()[0]["text"]["content"] == "[文件过大，无法接收]"


def test_a_message_is_taken_back_within_two_minutes(
    api: Api, platform: Platform, clock: SetClock, parents: Customers
) -> None:
    first = parents.say("wmA", "张三打人", deliveries=0)
    later = parents.say("wmA", "在吗", deliveries=0)
    clock.set(clock.now() + timedelta(minutes=1))
    parents.recall(first.entry_id, deliveries=0)
    clock.set(clock.now() + timedelta(minutes=2))
    said, _, event = api.pull()
    entry = platform.entries("kf/parents|wmA")[0]

    assert event["event"] == {
        "event_type": "user_recall_msg",
        "open_kfid": "wk1",
        "external_userid": "wmA",
        "recall_msgid": said["msgid"],
    }
    assert (entry.state, entry.content) == (State.RECALLED, "")
    for again in (first, later):
        with pytest.raises(LookupError):
            parents.recall(again.entry_id)


def test_a_message_taken_back_on_its_way_stays_so(bot: FakeBot, people: Callbacks) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go_on.wait(10)

    bot.trouble = hold
    delivery = people.customers.say("wmA", "在吗")
    assert begun.wait(10)
    people.customers.recall(delivery.entry_id, deliveries=0)
    go_on.set()
    delivery.wait()

    assert bot.platform.entries("kf/parents|wmA")[0].state is State.RECALLED


def test_other_kinds_and_events_are_pulled_as_they_are(api: Api, parents: Customers) -> None:
    parents.send("wmA", "location", {"latitude": 40.1, "longitude": 113.2, "name": "校门口"}, deliveries=0)
    parents.send("wmA", "note", {}, deliveries=0)
    parents.happen("wmA", "reject_customer_msg_switch_change", {"reject_switch": 1}, deliveries=0)
    location, note, event = api.pull()

    assert location["location"]["name"] == "校门口"
    assert (note["msgtype"], note["note"]) == ("note", {})
    assert event["event"]["reject_switch"] == 1


def test_strangers_are_unknown(parents: Customers) -> None:
    for act in (parents.say, lambda one, _: parents.enter(one)):
        with pytest.raises(KeyError):
            act("zhaomin", "在吗")


def test_closed_people_are_not_woken_for(clock: SetClock) -> None:
    with running_bot(clock) as bot:
        with Callbacks(bot.platform) as people:
            assert bot.platform.desk.listeners == [people.customers.wake]
        assert bot.platform.desk.listeners == []
