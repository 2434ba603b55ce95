from datetime import timedelta
from typing import Any

import pytest

from bot.clock import SetClock
from bot.sandbox import Customers, Platform
from tests.unit.sandbox.conftest import Api


def texts(items: list[dict[str, Any]]) -> list[str]:
    return [item["text"]["content"] for item in items if item["msgtype"] == "text"]


def test_a_message_is_pulled_as_it_was_said(api: Api, parents: Customers) -> None:
    parents.say("wmA", "食堂饭菜是凉的", deliveries=0)
    (item,) = api.pull()

    assert item["msgid"]
    assert {key: item[key] for key in item if key != "msgid"} == {
        "open_kfid": "wk1",
        "external_userid": "wmA",
        "send_time": 1795050000,
        "origin": 3,
        "msgtype": "text",
        "text": {"content": "食堂饭菜是凉的"},
    }


def test_a_cursor_goes_on_where_it_stopped(api: Api, parents: Customers) -> None:
    parents.say("wmA", "一", deliveries=0)
    first = api.kf("sync_msg")
    parents.say("wmB", "二", deliveries=0)
    second = api.kf("sync_msg", cursor=first["next_cursor"])
    again = api.kf("sync_msg", cursor=first["next_cursor"])
    nothing = api.kf("sync_msg", cursor=second["next_cursor"])

    assert [texts(page["msg_list"]) for page in (first, second, again, nothing)] == [["一"], ["二"], ["二"], []]
    assert len(first["next_cursor"].encode()) <= 64


def test_pages_are_no_longer_than_asked_for(api: Api, parents: Customers) -> None:
    for n in range(5):
        parents.say("wmA", str(n), deliveries=0)
    pages = [api.kf("sync_msg", limit=2)]
    while pages[-1]["has_more"]:
        pages.append(api.kf("sync_msg", limit=2, cursor=pages[-1]["next_cursor"]))

    assert [texts(page["msg_list"]) for page in pages] == [["0", "1"], ["2", "3"], ["4"]]


def test_empty_and_short_pages_say_that_there_is_more(api: Api, platform: Platform, parents: Customers) -> None:
    for n in range(3):
        parents.say("wmA", str(n), deliveries=0)
    log = platform.desk.log(platform.kf["parents"])
    log.empty_pages, log.page_size = 2, 1
    first = api.kf("sync_msg")

    assert (first["msg_list"], first["has_more"]) == ([], 1)
    assert texts(api.pull(cursor=first["next_cursor"])) == ["0", "1", "2"]


def test_answers_of_the_api_are_not_pulled(api: Api, parents: Customers) -> None:
    parents.say("wmA", "在吗", deliveries=0)
    api.answer("在")

    assert texts(api.pull()) == ["在吗"]


def test_accounts_are_kept_apart(api: Api, parents: Customers) -> None:
    parents.say("wmA", "一", deliveries=0)
    parents.say("wmA", "二", account="other", deliveries=0)
    foreign = api.kf("sync_msg")["next_cursor"]

    assert texts(api.pull(open_kfid="wk2")) == ["二"]
    assert api.kf("sync_msg", open_kfid="wk2", cursor=foreign)["errcode"] == 40058


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"cursor": "x"}, 40058),
        ({"cursor": "a.999999.b"}, 40058),
        ({"cursor": 7}, 40058),
        ({"limit": 1001}, 40058),
        ({"limit": -1}, 40058),
        ({"voice_format": 2}, 40058),
        ({"token": "ENCwrong"}, 95007),
        ({"open_kfid": "wk9"}, 95000),
        ({"open_kfid": None}, 95000),
    ],
)
def test_bad_pulls_are_refused(api: Api, body: dict[str, Any], errcode: int) -> None:
    assert api.kf("sync_msg", **body)["errcode"] == errcode


def test_what_is_older_than_three_days_is_gone(api: Api, clock: SetClock, parents: Customers) -> None:
    parents.say("wmA", "旧", deliveries=0)
    cursor = api.kf("sync_msg")["next_cursor"]
    clock.set(clock.now() + timedelta(hours=71))
    parents.say("wmA", "新", deliveries=0)
    before = texts(api.pull())
    clock.set(clock.now() + timedelta(hours=1))

    assert before == ["旧", "新"]
    assert texts(api.pull()) == ["新"]
    assert texts(api.pull(cursor=cursor)) == ["新"]


def test_a_wake_ups_token_lives_ten_minutes(api: Api, platform: Platform, clock: SetClock) -> None:
    token = platform.desk.log(platform.kf["parents"]).issue_token(clock.now())
    good = [api.kf("sync_msg", token=token)["errcode"] for _ in range(30)]
    elsewhere = api.kf("sync_msg", token=token, open_kfid="wk2")["errcode"]
    clock.set(clock.now() + timedelta(minutes=10))

    assert set(good) == {0}
    assert elsewhere == 95007
    assert api.kf("sync_msg", token=token)["errcode"] == 95007


def test_pulling_without_a_token_is_limited(api: Api) -> None:
    codes = [api.kf("sync_msg")["errcode"] for _ in range(11)]

    assert codes == [0] * 10 + [45009]


def test_the_faults_of_other_calls_work_here_too(api: Api, platform: Platform, parents: Customers) -> None:
    parents.say("wmA", "一", deliveries=0)
    platform.faults.fail("/cgi-bin/kf/sync_msg", 45033, times=1)
    platform.faults.fail("/cgi-bin/kf/send_msg", -1, times=1)

    assert (api.kf("sync_msg")["errcode"], api.kf("sync_msg")["errcode"]) == (45033, 0)
    assert (api.answer(), api.answer()) == (-1, 0)
