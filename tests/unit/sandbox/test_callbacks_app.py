import threading
from dataclasses import replace

import pytest
from flask import Response

from bot.clock import SetClock
from bot.sandbox import Callbacks, State
from tests.unit.sandbox.conftest import NOW, SWIFT, Api, card, make_platform
from tests.unit.sandbox.fakebot import FakeBot


def reply(body: str, kind: str = "text") -> str:
    return f"<xml><ToUserName>ZhaoMin</ToUserName><MsgType>{kind}</MsgType>{body}</xml>"


def test_a_text_arrives_with_all_fields(bot: FakeBot, people: Callbacks) -> None:
    delivery = people.say_to_app("zhaomin", "]]> <b>7成</b> 😀").wait()

    assert bot.app_calls == [
        {
            "ToUserName": "ww1",
            "FromUserName": "ZhaoMin",
            "CreateTime": str(int(NOW.timestamp())),
            "MsgType": "text",
            "Content": "]]> <b>7成</b> 😀",
            "MsgId": delivery.message_id,
            "AgentID": "1000002",
        }
    ]
    assert int(delivery.message_id) >= 1 << 62
    assert bot.platform.private("zhaomin")[0].state is State.SENT


def test_the_url_check_wants_the_exact_echo(bot: FakeBot, people: Callbacks) -> None:
    robot = bot.platform.first_robot()
    good = (people.verify_url(), people.verify_url(robot))
    bot.trouble = lambda: Response("something else")

    assert (good, people.verify_url()) == ((True, True), False)


def test_an_unanswered_message_is_repeated_three_times_with_the_same_id(bot: FakeBot, people: Callbacks) -> None:
    refuse = iter([Response(status=503), Response(status=500), Response(status=500)])
    bot.trouble = lambda: next(refuse, None)
    delivery = people.say_to_app("zhaomin", "七成").wait()

    assert [attempt.status for attempt in delivery.attempts] == [503, 500, 500, 200]
    assert bot.app_calls[0]["MsgId"] == delivery.message_id
    assert delivery.is_acknowledged


def test_a_silent_bot_is_given_up_after_four_tries(bot: FakeBot) -> None:
    hold = threading.Event()

    def hang() -> Response:
        hold.wait(10)
        return Response("")

    bot.trouble = hang
    with Callbacks(bot.platform, manners=replace(SWIFT, timeout=0.3)) as people:
        delivery = people.say_to_app("zhaomin", "七成").wait()
    hold.set()

    assert [attempt.status for attempt in delivery.attempts] == [None] * 4
    assert {attempt.error for attempt in delivery.attempts} == {"ReadTimeout"}
    assert not delivery.is_acknowledged


def test_a_bot_that_is_down_leaves_the_message_failed(clock: SetClock) -> None:
    platform = make_platform(clock)
    with Callbacks(platform, manners=SWIFT) as people:
        people.say_to_app("zhaomin", "七成").wait()

    assert platform.private("zhaomin")[0].state is State.FAILED


def test_the_same_message_can_be_delivered_at_once(bot: FakeBot, people: Callbacks) -> None:
    bot.answer_app = lambda _: reply("<Content>已记</Content>")
    people.say_to_app("zhaomin", "七成", deliveries=3, at_once=True).wait()

    assert len({call["MsgId"] for call in bot.app_calls}) == 1
    assert [row["repeats"] for row in bot.rows()] == [2]
    assert len(bot.platform.private("zhaomin")) == 2  # the answer is shown once


def test_a_passive_answer_is_shown(bot: FakeBot, people: Callbacks) -> None:
    bot.answer_app = lambda message: reply(f"<Content>收到:{message['Content']}</Content>")
    people.say_to_app("zhaomin", "七成").wait()

    assert [entry.content for entry in bot.platform.private("zhaomin")] == ["七成", "收到:七成"]


@pytest.mark.parametrize("kind", ["image", "voice"])
def test_pictures_and_voices_can_be_fetched(bot: FakeBot, people: Callbacks, kind: str) -> None:
    people.show_to_app("zhaomin", kind, b"\x89PNG\r\n\x1a\n0000").wait()
    (call,) = bot.app_calls
    media = bot.platform.media(call["MediaId"])

    assert (call["MsgType"], call.get("Format")) == (kind, "amr" if kind == "voice" else None)
    assert media is not None
    assert media.data.endswith(b"0000")


def test_opening_the_app_is_an_event_without_message_id(bot: FakeBot, people: Callbacks) -> None:
    people.enter_agent("zhaomin").wait()

    assert (bot.app_calls[0]["Event"], "MsgId" in bot.app_calls[0]) == ("enter_agent", False)


def test_a_click_brings_a_code_that_updates_the_card(bot: FakeBot, people: Callbacks) -> None:
    api = serve_api(bot)
    api.send(msgtype="template_card", template_card=card(), touser="zhaomin|li")
    people.click("t1", "zhaomin", "done", {"q": ["a", "b"]}).wait()
    (call,) = bot.app_calls
    token = api.token()["access_token"]
    body = {
        "userids": ["zhaomin", "li"],
        "agentid": 1000002,
        "response_code": call["ResponseCode"],
        "button": {"replace_name": "已记"},
    }
    answers = [api.post("/cgi-bin/message/update_template_card", body, access_token=token) for _ in range(2)]

    assert (call["TaskId"], call["EventKey"], call["CardType"]) == ("t1", "done", "button_interaction")
    assert call["SelectedItems"]["SelectedItem"]["OptionIds"]["OptionId"] == ["a", "b"]
    assert [answer["errcode"] for answer in answers] == [0, 60140]
    assert [entry.replaced for entry in bot.platform.cards("t1")] == ["已记", "已记"]


def test_a_click_may_be_answered_with_the_new_card(bot: FakeBot, people: Callbacks) -> None:
    serve_api(bot).send(msgtype="template_card", template_card=card())
    new = (
        "<TemplateCard><CardType>text_notice</CardType><MainTitle><Title>已办</Title></MainTitle>"
        "<HorizontalContentList><KeyName>办理人</KeyName><Value>赵敏</Value></HorizontalContentList></TemplateCard>"
    )
    bot.answer_app = lambda _: reply(new, "update_template_card")
    people.click("t1", "zhaomin", "done").wait()
    (entry,) = bot.platform.cards("t1")

    assert entry.state is State.UPDATED
    assert entry.card == {
        "card_type": "text_notice",
        "main_title": {"title": "已办"},
        "horizontal_content_list": [{"keyname": "办理人", "value": "赵敏"}],
    }


def test_a_button_that_is_gone_cannot_be_pressed_except_by_a_late_click(bot: FakeBot, people: Callbacks) -> None:
    serve_api(bot).send(msgtype="template_card", template_card=card())
    bot.platform.change(bot.platform.cards("t1")[0], replaced="已记")
    with pytest.raises(LookupError):
        people.click("t1", "zhaomin", "done")
    with pytest.raises(LookupError):
        people.click("t1", "li", "done")
    people.click("t1", "zhaomin", "done", stale=True).wait()

    assert len(bot.app_calls) == 1


def test_an_answer_that_cannot_be_opened_is_noted(bot: FakeBot, people: Callbacks) -> None:
    bot.trouble = lambda: Response("<xml>garbage</xml>")
    people.say_to_app("zhaomin", "七成").wait()

    assert bot.platform.violations[0].startswith("app: the answer cannot be opened")


def serve_api(bot: FakeBot) -> Api:
    from flask import Flask

    from bot.sandbox.api import api_blueprint

    app = Flask("api")
    app.register_blueprint(api_blueprint(bot.platform))
    return Api(app.test_client())
