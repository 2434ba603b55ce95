import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from bot.clock import SetClock
from bot.sandbox import Callbacks, Platform
from bot.sandbox.actors import Actors
from bot.sandbox.complaint_scenes import ASIDE, CLERK, DANGER, DUTY, GROUP, SPEAKER, complaint_scenes
from bot.sandbox.stage import Stage
from tests.unit.sandbox.conftest import SWIFT, make_platform
from tests.unit.sandbox.fakebot import FakeBot, listening, stream
from tests.unit.sandbox.kfbot import Item, KfBot, menu, text
from tests.unit.sandbox.test_scenes import FILE, play

ZONE = ZoneInfo("Asia/Shanghai")


class Office:
    """A tiny bot that takes complaints; what it must not say can be put into its mouth."""

    def __init__(self, bot: FakeBot) -> None:
        self.platform = bot.platform
        self.count = 0
        self.told = ""
        self.group_line = "收到,已私信您。"
        self.first_line = "请马上打110、120、119!"
        self.extra: list[tuple[str, str]] = []
        bot.on_wake = KfBot(bot.platform, self.answer_parent).on_wake
        bot.answer_app = self.answer_member
        bot.answer_robot = self.answer_group

    @property
    def number(self) -> str:
        return f"区教诉〔2026〕{self.count:06}号"

    def push(self, userid: str, content: str, **more: Any) -> None:
        self.platform.post(f"app/office|{userid}", "app/office", more.pop("type", "text"), content, **more)

    def answer_parent(self, item: Item) -> list[dict[str, Any]]:
        if item["msgtype"] == "event":
            return [{"code": item["event"]["welcome_code"]} | text("您扫的是柳湾镇中心小学的码")]
        said = item["text"]["content"]
        if said == DANGER:
            return [text(f"{self.first_line}\n{self._file(said, DUTY, '【紧急】')}")]
        if said == "确认":
            return [text(self._file(self.told, (CLERK,), "新到"))]
        if said == "同意":
            return [text("请问大概是什么时候的事?")]
        if not self.told:
            self.told = said
            return [menu("登记前请您知道", 同意="同意")]
        return [menu("请核对", 确认="确认")] if "怎么处理" in self.asked() else [text("您希望怎么处理?")]

    def asked(self) -> str:
        kf = [entry for entry in self.platform.entries() if entry.sender.startswith("kf/")]
        return kf[-1].content

    def _file(self, said: str, people: tuple[str, ...], head: str) -> str:
        self.count += 1
        self.told = said
        for userid in people:
            self.push(userid, f"{head}{self.number}")
        for chat, words in self.extra:
            self.platform.post(chat, "robot/duban", "text", words)
        return f"已登记,编号:{self.number}\n查询码:X"

    def answer_member(self, message: dict[str, Any]) -> str | None:
        userid = message["FromUserName"].lower()
        if message["MsgType"] == "event":
            self.push(userid, "已受理")
            parent = next(entry.chat for entry in reversed(self.platform.entries()) if entry.chat.startswith("kf/"))
            self.platform.post(parent, "kf/parents", "text", f"【受理告知】{self.number}")
            self.told = ""
        elif message["Content"] == "取消":
            self.push(userid, "已取消")
        else:
            buttons = [{"text": "受理", "key": "accept"}]
            self.push(userid, f"原文:{self.told}")
            card = {"card_type": "button_interaction", "task_id": f"t{self.count}", "button_list": buttons}
            self.push(userid, "", type="template_card", card=card)
        return None

    def answer_group(self, message: dict[str, Any]) -> dict[str, Any]:
        self.push(SPEAKER, "您在群里提到的事,没有登记")
        return stream(self.group_line)


@pytest.fixture
def bot(clock: SetClock) -> Iterator[FakeBot]:
    app = Flask("fakebot")
    with listening(app) as base:
        bot = FakeBot(Platform.from_district(json.loads(FILE.read_text("utf-8")), callback_base=base, clock=clock))
        bot.register(app)
        yield bot


@pytest.fixture
def office(bot: FakeBot) -> Office:
    return Office(bot)


@pytest.fixture
def stage(bot: FakeBot, clock: SetClock) -> Iterator[Stage]:
    with Callbacks(bot.platform, manners=SWIFT) as people:
        actors = Actors(bot.platform, people, go_to=clock.set, inbox_rows=bot.rows, patience=3.0)
        yield Stage(complaint_scenes(actors), pause=0.0)


def test_a_complaint_goes_from_the_parent_to_the_office_and_back(stage: Stage, office: Office) -> None:
    first, second = play(stage, "complaint"), play(stage, "complaint")

    assert (first["state"], first["note"]) == ("done", "区教诉〔2026〕000001号")
    assert (second["state"], second["note"]) == ("done", "区教诉〔2026〕000002号")
    assert first["chat"] != second["chat"]
    assert first["steps"] != second["steps"]
    parents = [entry for entry in office.platform.entries(first["chat"]) if entry.type == "text"]
    assert "受理告知" in parents[-1].content
    assert office.platform.violations == []


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-23T09:05", "2026-11-23T09:05"),
        ("2026-11-23T23:58", "2026-11-24T08:15"),
        ("2026-11-26T00:30", "2026-11-26T08:15"),
        ("2026-11-27T18:30", "2026-11-30T08:15"),
        ("2026-11-28T12:00", "2026-11-30T08:15"),
    ],
)
def test_a_complaint_is_played_at_work(stage: Stage, office: Office, clock: SetClock, now: str, then: str) -> None:
    clock.set(datetime.fromisoformat(now).replace(tzinfo=ZONE))
    view = play(stage, "complaint")

    assert view["state"] == "done"
    assert clock.now() == datetime.fromisoformat(then).replace(tzinfo=ZONE)


def test_danger_reaches_whoever_is_on_duty_at_any_hour(stage: Stage, office: Office, clock: SetClock) -> None:
    clock.set(datetime(2026, 11, 28, 3, 0, tzinfo=ZONE))
    view = play(stage, "danger")

    assert (view["state"], view["done"]) == ("done", 7)
    assert clock.now() == datetime(2026, 11, 28, 3, 0, tzinfo=ZONE)
    assert [office.platform.private(userid)[0].content for userid in DUTY] == [f"【紧急】{office.number}"] * 3


def test_a_danger_whose_answer_begins_otherwise_is_found_out(stage: Stage, office: Office) -> None:
    office.first_line = "您好,已收到。"

    assert play(stage, "danger")["note"] == "急救电话没有写在第一行"


@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("听说厕所被几个高年级的围着打", "这里不该出现投诉的内容"),
        ("请看区教诉〔2026〕000001号", "学校不该看到这件事，这里却有编号"),
    ],
)
def test_what_the_school_hears_of_a_danger_is_found_out(stage: Stage, office: Office, words: str, note: str) -> None:
    office.extra = [(GROUP, words)]
    view = play(stage, "danger")

    assert (view["state"], view["note"]) == ("failed", note)


def test_a_complaint_in_a_group_goes_on_in_private(stage: Stage, office: Office) -> None:
    first, second = play(stage, "aside"), play(stage, "aside")

    assert (first["state"], second["state"]) == ("done", "done")
    assert [entry.content for entry in office.platform.private(SPEAKER)][-1] == "已取消"


def test_a_group_that_is_told_the_complaint_is_found_out(stage: Stage, office: Office) -> None:
    office.group_line = f"收到:{ASIDE}"

    assert play(stage, "aside")["note"] == "这里不该出现投诉的内容"


def test_another_company_has_no_such_scenes(clock: SetClock) -> None:
    platform = make_platform(clock)
    with Callbacks(platform) as people:
        assert complaint_scenes(Actors(platform, people, go_to=clock.set, inbox_rows=list)) == []
