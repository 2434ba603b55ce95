import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

from bot.clock import SetClock
from bot.sandbox import Callbacks, Platform
from bot.sandbox.actors import Actors
from bot.sandbox.scenes import GROUP, REMINDER, all_scenes
from bot.sandbox.stage import Stage
from tests.unit.sandbox.conftest import SWIFT, make_platform
from tests.unit.sandbox.fakebot import FakeBot, listening, stream

FILE = Path(__file__).parents[3] / "bot" / "sandbox" / "data" / "district-sample.json"
THURSDAY = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)


@pytest.fixture
def bot(clock: SetClock) -> Iterator[FakeBot]:
    app = Flask("fakebot")
    with listening(app) as base:
        bot = FakeBot(Platform.from_district(json.loads(FILE.read_text("utf-8")), callback_base=base, clock=clock))
        bot.answer_robot = lambda message: stream(f"已记:{message['text']['content']}")
        bot.register(app)
        yield bot


@pytest.fixture
def actors(bot: FakeBot, clock: SetClock) -> Iterator[Actors]:
    with Callbacks(bot.platform, manners=SWIFT) as people:
        yield Actors(bot.platform, people, go_to=clock.set, inbox_rows=bot.rows, patience=5.0)


@pytest.fixture
def stage(actors: Actors) -> Stage:
    return Stage(all_scenes(actors), pause=0.0)


def play(stage: Stage, scene: str) -> dict[str, Any]:
    stage.start(scene)
    end = time.monotonic() + 20
    while stage.scenes[scene].state not in ("done", "failed") and time.monotonic() < end:
        time.sleep(0.01)
    return next(view for view in stage.view() if view["id"] == scene)


def robot_heard(bot: FakeBot) -> list[str]:
    return [call["text"]["content"] for call in bot.robot_calls]


def test_the_report_scene_speaks_and_corrects(stage: Stage, bot: FakeBot) -> None:
    view = play(stage, "report")

    assert (view["state"], view["done"]) == ("done", 4)
    assert robot_heard(bot) == ["@小督 8号到七成了，其他无变化", "@小督 更正 T08 是75%"]


def test_the_quote_scene_goes_to_thursday_and_quotes_the_reminder(stage: Stage, bot: FakeBot, clock: SetClock) -> None:
    clock.set(datetime(2026, 11, 18, 7, 20, tzinfo=UTC))
    view = play(stage, "quote")

    assert view["state"] == "done"
    assert clock.now() == THURSDAY
    assert bot.robot_calls[0]["quote"]["text"]["content"] == REMINDER


def test_the_quote_scene_takes_the_bots_own_reminder(stage: Stage, bot: FakeBot) -> None:
    own = bot.platform.post(GROUP, f"push/{GROUP}", "text", "【提醒】T08 校舍安全维修改造 请回复进展")
    play(stage, "quote")

    assert bot.robot_calls[0]["quote"]["text"]["content"] == own.content
    assert bot.platform.clock.now() == THURSDAY  # within the window already: the clock stays


def test_the_triple_scene_counts_one_row(stage: Stage, bot: FakeBot) -> None:
    view = play(stage, "triple")

    assert (view["state"], view["note"]) == ("done", "三次送达，一行记录")
    assert [row["repeats"] for row in bot.rows()] == [2]


def test_a_bot_that_stores_a_repeat_twice_is_found_out(stage: Stage, actors: Actors, bot: FakeBot) -> None:
    rows = bot.rows
    actors.inbox_rows = lambda: [row | {"id": f"{row['id']}-{n}"} for row in rows() for n in range(2)]

    assert play(stage, "triple")["note"] == "收件箱多了 2 行，本应只多 1 行"


def test_a_silent_bot_ends_the_scene_with_a_word(stage: Stage, actors: Actors, bot: FakeBot) -> None:
    actors.patience = 0.6
    bot.answer_robot = lambda _: None
    silent = play(stage, "report")
    bot.trouble = lambda: Response(status=500)
    down = play(stage, "report")

    assert (silent["state"], silent["note"]) == ("failed", "小督还没有回话，请稍后再看")
    assert (down["done"], down["note"]) == (0, "消息没有送到小督：服务没有应答")


def test_only_one_scene_runs_at_a_time(stage: Stage, bot: FakeBot) -> None:
    stage.pause = 0.2
    first = stage.start("report")

    assert (first, stage.start("quote")) == (True, False)


def test_another_district_has_no_scenes(clock: SetClock) -> None:
    platform = make_platform(clock)
    with Callbacks(platform) as people:
        assert all_scenes(Actors(platform, people, go_to=clock.set, inbox_rows=list)) == []
