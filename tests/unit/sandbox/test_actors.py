from collections.abc import Iterator

import pytest

from bot.clock import SetClock
from bot.sandbox import Callbacks
from bot.sandbox.actors import Actors, SceneError
from bot.sandbox.stage import Scene, Stage, Step
from tests.unit.sandbox.conftest import SWIFT, card
from tests.unit.sandbox.fakebot import FakeBot, stream
from tests.unit.sandbox.kfbot import KfBot, friendly

XML = "<xml><MsgType>text</MsgType><Content>已转办</Content></xml>"


@pytest.fixture
def actors(bot: FakeBot, clock: SetClock) -> Iterator[Actors]:
    bot.on_wake = KfBot(bot.platform, friendly).on_wake
    bot.answer_robot = lambda _: stream("请私聊我说")
    bot.answer_app = lambda message: XML if message["MsgType"] == "text" else None
    with Callbacks(bot.platform, manners=SWIFT) as people:
        yield Actors(bot.platform, people, go_to=clock.set, inbox_rows=bot.rows, patience=5.0)


def test_a_parent_is_welcomed_taps_and_hears(actors: Actors) -> None:
    chat = actors.parent_chat("朵朵妈妈")
    actors.scan("朵朵妈妈", "S01")
    welcome = actors.hear(chat).content
    actors.write("朵朵妈妈", "食堂饭菜是凉的")
    asked = actors.hear(chat, "登记这件事").type
    actors.tap("朵朵妈妈", "登记")

    assert (welcome, asked) == ("您好，请直接写您要反映的事。", "msgmenu")
    assert actors.hear(chat).content == "已登记，编号：区教诉〔2026〕000001号"
    assert actors.platform.violations == []


def test_members_speak_alone_and_in_groups_and_press(actors: Actors, bot: FakeBot) -> None:
    actors.say_in_group("C1", "zhaomin", "我要投诉")
    in_group = actors.hear("C1").content
    actors.say("wang", "转办")
    alone = actors.hear(actors.private_chat("wang")).content
    actors.platform.post("app/office|wang", "app/office", "template_card", card=card())
    actors.press("wang", "已完成")

    assert (in_group, alone) == ("请私聊我说", "已转办")
    assert bot.app_calls[-1]["EventKey"] == "done"


def test_what_was_said_before_the_last_act_is_not_heard(actors: Actors, bot: FakeBot) -> None:
    actors.patience = 0.5
    actors.say("wang", "转办")
    bot.answer_app = lambda _: None
    actors.say("wang", "再转办")

    with pytest.raises(SceneError, match="还没有回话"):
        actors.hear(actors.private_chat("wang"))


def test_what_is_not_there_ends_the_scene_with_a_word(actors: Actors) -> None:
    for act in (
        lambda: actors.press("wang", "受理"),
        lambda: actors.tap("朵朵妈妈", "登记"),
        lambda: actors.write("路人", "在吗"),
    ):
        with pytest.raises(SceneError, match="没有"):
            act()


def test_a_scene_leads_the_eye_from_chat_to_chat(actors: Actors) -> None:
    parent, office = actors.parent_chat("老魏"), actors.private_chat("wang")
    steps = [
        Step("家长反映", lambda: actors.write("老魏", "食堂饭菜是凉的")),
        Step("经办人转办", lambda: actors.say("wang", "转办"), office),
    ]
    scene = Scene("s", "投诉", "", parent, steps)
    stage = Stage([scene], pause=0.0)
    seen = [stage.view()[0]["chat"]]
    for step in steps:
        step.act()
        scene.done += 1
        seen.append(stage.view()[0]["chat"])

    assert seen == [parent, office, office]
