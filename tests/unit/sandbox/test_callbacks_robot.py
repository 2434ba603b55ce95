from typing import Any

from flask import Response
from wechatpy.crypto.base import WeChatCipher
from wechatpy.work.crypto import WeChatCrypto

from bot.clock import SetClock
from bot.sandbox import Callbacks, Platform, State
from tests.unit.sandbox.conftest import SWIFT, card, running_bot
from tests.unit.sandbox.fakebot import FakeBot, stream

ROBOT = "robot/duban"


def said(platform: Platform, chat: str = "C1") -> list[str]:
    return [entry.content for entry in platform.entries(chat, sender=ROBOT)]


def test_a_group_message_arrives_with_all_fields(bot: FakeBot, people: Callbacks) -> None:
    delivery = people.say_in_group("C1", "zhaomin", "@小督 8号到七成了").wait()
    (call,) = bot.robot_calls
    url = call.pop("response_url")

    assert call == {
        "msgid": delivery.message_id,
        "aibotid": "aib1",
        "chatid": "wrC1",
        "chattype": "group",
        "from": {"userid": "ZhaoMin"},
        "msgtype": "text",
        "text": {"content": "@小督 8号到七成了"},
    }
    assert url.startswith("http://platform.test/cgi-bin/aibot/response?response_code=")


def test_a_group_message_without_at_is_not_delivered(bot: FakeBot, people: Callbacks) -> None:
    delivery = people.say_in_group("C1", "zhaomin", "大家好").wait()
    (entry,) = bot.platform.entries("C1")

    assert (bot.robot_calls, delivery.attempts) == ([], [])
    assert (entry.state, entry.heard) == (State.SENT, False)


def test_a_private_message_has_no_chat(bot: FakeBot, people: Callbacks) -> None:
    people.say_to_robot("li", "台账").wait()

    assert (bot.robot_calls[0]["chattype"], "chatid" in bot.robot_calls[0]) == ("single", False)
    assert bot.platform.private("li", ROBOT)[0].content == "台账"


def test_a_finished_stream_is_shown(bot: FakeBot, people: Callbacks) -> None:
    bot.answer_robot = lambda _: stream("已记 **70%**")
    people.say_in_group("C1", "zhaomin", "@小督 七成").wait()
    (entry,) = bot.platform.entries("C1", sender=ROBOT)

    assert (entry.content, entry.type, entry.state) == ("已记 **70%**", "markdown", State.SENT)
    assert bot.platform.violations == []


def test_an_unfinished_stream_is_polled_until_it_is_finished(bot: FakeBot, people: Callbacks) -> None:
    snapshots = iter([stream("", finish=False), stream("正在算", finish=False), stream("算好了")])
    bot.answer_robot = lambda _: next(snapshots)
    people.say_in_group("C1", "zhaomin", "@小督 排名").wait()
    entry = bot.platform.wait_entry("C1", sender=ROBOT)
    polls = bot.robot_calls[1:]

    assert entry.content == "算好了"
    assert [poll["msgtype"] for poll in polls] == ["stream", "stream"]
    assert {poll["stream"]["id"] for poll in polls} == {"s1"}
    assert len({call["msgid"] for call in bot.robot_calls}) == 3
    assert not any("response_url" in poll for poll in polls)


def test_a_poll_that_nobody_answers_is_tried_again(bot: FakeBot, people: Callbacks) -> None:
    snapshots = iter([stream("", finish=False), stream("好了")])
    refusals = iter([None, Response(status=502), None])
    bot.answer_robot = lambda _: next(snapshots)
    bot.trouble = lambda: next(refusals, None)
    people.say_in_group("C1", "zhaomin", "@小督 排名")

    assert bot.platform.wait_entry("C1", sender=ROBOT).content == "好了"


def test_three_deliveries_at_once_are_answered_once(bot: FakeBot, people: Callbacks) -> None:
    bot.answer_robot = lambda _: stream("已记")
    people.say_in_group("C1", "zhaomin", "@小督 七成", deliveries=3, at_once=True).wait()

    assert [row["repeats"] for row in bot.rows()] == [2]
    assert said(bot.platform) == ["已记"]


def test_a_quoted_text_comes_without_author_and_id(bot: FakeBot, people: Callbacks) -> None:
    reminder = bot.platform.post("C1", "push/C1", "text", "【提醒】T08 校舍维修")
    people.say_in_group("C1", "zhaomin", "@小督 60%", quote=reminder.id).wait()

    assert bot.robot_calls[0]["quote"] == {"msgtype": "text", "text": {"content": "【提醒】T08 校舍维修"}}


def test_a_quoted_markdown_or_card_is_not_delivered(bot: FakeBot, people: Callbacks) -> None:
    for entry in (
        bot.platform.post("C1", "push/C1", "markdown", "**T08**"),
        bot.platform.post("C1", "push/C1", "template_card", card=card()),
    ):
        people.say_in_group("C1", "zhaomin", "@小督 60%", quote=entry.id).wait()

    assert [call.get("quote") for call in bot.robot_calls] == [None, None]


def test_pictures_come_as_encrypted_files(bot: FakeBot, people: Callbacks) -> None:
    people.say_in_group("C1", "zhaomin", "@小督 现场", pictures=[b"\x89PNG\r\n\x1a\n0000"]).wait()
    people.show_to_robot("zhaomin", "file", b"table").wait()
    people.show_to_robot("zhaomin", "voice", transcript="八号七成").wait()
    mixed, file, voice = bot.robot_calls
    url = mixed["mixed"]["msg_item"][1]["image"]["url"]
    robot = bot.platform.first_robot()
    key = WeChatCrypto(robot.token, robot.aes_key, "").key
    from bot.sandbox.wire import conceal

    assert mixed["msgtype"] == "mixed"
    assert url.startswith("http://platform.test/aibot-media/")
    assert WeChatCipher(key).decrypt(conceal(robot, b"table"))[:5] == b"table"
    assert (file["msgtype"], "url" in file["file"]) == ("file", True)
    assert voice["voice"] == {"content": "八号七成"}


def test_entering_may_be_greeted_with_a_text(bot: FakeBot, people: Callbacks) -> None:
    bot.answer_robot = lambda _: {"msgtype": "text", "text": {"content": "您好"}}
    people.enter_chat("zhaomin").wait()

    assert said(bot.platform, "robot/duban|zhaomin") == ["您好"]
    assert "chattype" not in bot.robot_calls[0]


def test_a_text_may_not_answer_a_message(bot: FakeBot, people: Callbacks) -> None:
    bot.answer_robot = lambda _: {"msgtype": "text", "text": {"content": "已记"}}
    people.say_in_group("C1", "zhaomin", "@小督 七成").wait()

    assert bot.platform.violations == ["robot: msgtype 'text' may not answer a message"]
    assert said(bot.platform) == []


def test_a_robots_card_is_replaced_by_the_answer_to_a_click(bot: FakeBot, people: Callbacks) -> None:
    new = card(main_title={"title": "已确认"})
    answers: dict[str, dict[str, Any]] = {
        "text": {"msgtype": "template_card", "template_card": card()},
        "event": {"response_type": "update_template_card", "template_card": new},
    }
    bot.answer_robot = lambda message: answers[message["msgtype"]]
    people.say_in_group("C1", "zhaomin", "@小督 卡片").wait()
    people.click("t1", "li", "done").wait()
    (entry,) = bot.platform.cards("t1")
    event = bot.robot_calls[1]

    assert (event["from"]["userid"], event["chatid"], "response_url" in event) == ("li", "wrC1", True)
    assert event["event"]["template_card_event"] == {
        "card_type": "button_interaction",
        "event_key": "done",
        "task_id": "t1",
    }
    assert (entry.card, entry.state) == (new, State.UPDATED)


def test_a_card_with_another_task_id_is_noted(bot: FakeBot, people: Callbacks) -> None:
    bot.platform.post("C1", ROBOT, "template_card", card=card())
    bot.answer_robot = lambda _: {"response_type": "update_template_card", "template_card": card("other")}
    people.click("t1", "li", "done").wait()

    assert bot.platform.violations == ["robot: the updated card has another task_id"]


def test_events_are_never_repeated(bot: FakeBot, people: Callbacks) -> None:
    bot.platform.post("C1", ROBOT, "template_card", card=card())
    bot.trouble = lambda: Response(status=500)
    delivery = people.click("t1", "li", "done").wait()

    assert [attempt.status for attempt in delivery.attempts] == [500]


def test_feedback_arrives(bot: FakeBot, people: Callbacks) -> None:
    people.give_feedback("zhaomin", "fb1", 2, "不对", [3]).wait()

    assert bot.robot_calls[0]["event"]["feedback_event"] == {
        "id": "fb1",
        "type": 2,
        "content": "不对",
        "inaccurate_reason_list": [3],
    }


def test_a_robot_of_an_ordinary_creator_sees_opaque_ids(clock: SetClock) -> None:
    with running_bot(clock, seals_userids=True) as bot, Callbacks(bot.platform, manners=SWIFT) as people:
        people.say_to_robot("zhaomin", "台账").wait()

        assert bot.robot_calls[0]["from"]["userid"] == bot.platform.open_userid("ZhaoMin")


def test_an_answer_with_another_nonce_is_noted(bot: FakeBot, people: Callbacks) -> None:
    bot.trouble = lambda: bot._sealed(bot.platform.first_robot(), stream("已记"), "0")
    people.say_in_group("C1", "zhaomin", "@小督 七成").wait()

    assert bot.platform.violations == ["robot: the answer does not carry the nonce of the request"]
