"""Help by role, and a polite last word for everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import URL

from bot.db import Base, Database
from bot.messages import Kind
from bot.people import Role
from bot.router import Ignore
from bot.seal import Seal
from handlers.help import fallback, texts
from handlers.help.routes import routes
from tests.unit.handlers.desk import Desk, load, only


@pytest.fixture
def desk(sqlite_url: URL, seal: Seal, sample: dict, now: datetime) -> Iterator[Desk]:
    """The sample district, help first and the last resort last."""
    db = Database(sqlite_url)
    Base.metadata.create_all(db.engine)
    load(db, seal, sample, now)
    yield Desk(db, seal, now, routes, fallback.routes)
    db.dispose()


@pytest.mark.parametrize("role", Role)
def test_help_is_short(role):
    assert len(texts.guide("张某某校长", role, has_cases=True).encode()) <= 600


@pytest.mark.parametrize(
    ("who", "example"),
    [
        ("p-s13-1", "8号到七成了"),
        ("p-s13-2", "8号到七成了"),
        ("p-b08-1", "绑定本群"),
        ("p-b08-2", "台账 逾期"),
        ("p-b01-2", "推送地址私信给我"),
        ("p-l1", "全区逾期"),
        ("p-d1", "台账"),
    ],
)
def test_each_role_gets_its_own_examples(desk, who, example):
    assert example in only(desk.hear(who, "帮助"))


@pytest.mark.parametrize(
    "said",
    [
        "帮助",
        "help",
        "HELP\uff01",
        "怎么用\uff1f",
        "这个怎么用",
        "你好",
        "小督你好",
        "在吗",
        "你能做什么",
        "怎么填报",
        "",
        "\uff1f",
        "@小督 ",
    ],
)
def test_help_is_asked_for_in_many_ways(desk, said):
    assert "我是小督" in only(desk.hear("p-s13-1", said))


@pytest.mark.parametrize("said", ["你好,T08 70%", "怎么报还没定,T08 70%", "帮助困难学生8人"])
def test_more_than_a_greeting_is_left_to_others(desk, said):
    assert only(desk.hear("p-s13-1", said)) == texts.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("who", "has_cases"), [("p-b01-2", True), ("p-b08-1", True), ("p-b08-2", False), ("p-s13-1", False)]
)
def test_everybody_may_complain_and_case_roles_and_duty_hear_of_cases(desk, who, has_cases):
    said = only(desk.hear(who, "帮助"))
    assert "我要投诉" in said
    assert ("办理 123" in said) is has_cases


def test_help_addresses_the_person(desk):
    assert only(desk.hear("p-s13-1", "帮助")).startswith("蒋校长好")


class TestOpeningTheChat:
    def test_the_robot_welcomes(self, desk):
        assert "我是小督" in only(desk.hear("p-s13-1", kind=Kind.ENTER, door="robot/duban"))

    def test_the_app_welcomes_once_a_month(self, desk):
        keys = []
        for days in (0, 1, 30):
            desk.now += timedelta(days=days)
            desk.hear("p-s13-1", kind=Kind.ENTER)
            keys.append(desk.outgoings[0].key)

        assert keys == ["welcome/P-S13-1/2026-11", "welcome/P-S13-1/2026-11", "welcome/P-S13-1/2026-12"]


class TestLastResort:
    @pytest.mark.parametrize(
        ("kind", "text", "answer"),
        [
            (Kind.TEXT, "今天天气不错", texts.NOT_UNDERSTOOD),
            (Kind.VOICE, "嗯那个", texts.NOT_UNDERSTOOD),
            (Kind.VOICE, "", texts.TYPE_PLEASE),
            (Kind.MIXED, "看图", texts.NOT_UNDERSTOOD),
            (Kind.MIXED, "", texts.SAY_PLEASE),
            (Kind.IMAGE, "", texts.SAY_PLEASE),
            (Kind.VIDEO, "", texts.SAY_PLEASE),
            (Kind.FILE, "", texts.SAY_PLEASE),
            (Kind.LOCATION, "校门口", texts.NOT_NEEDED),
            (Kind.LINK, "新闻", texts.NOT_NEEDED),
            (Kind.CLICK, "", texts.CARD_GONE),
        ],
    )
    def test_every_kind_gets_one_polite_line(self, desk, kind, text, answer):
        assert answer == only(desk.hear("p-s13-1", text, kind=kind))

    @pytest.mark.parametrize("kind", [Kind.EVENT, Kind.UNKNOWN])
    def test_what_nobody_said_is_ignored_with_a_reason(self, desk, kind):
        assert isinstance(desk.hear("p-s13-1", kind=kind, event="subscribe"), Ignore)

    @pytest.mark.parametrize("said", ["收到", "好的\uff01", "谢谢小督", "👌", "OK", "1", "好的收到", "嗯嗯"])
    def test_an_acknowledgement_needs_no_answer(self, desk, said):
        assert Ignore("an acknowledgement") == desk.hear("p-s13-1", said)

    def test_a_stranger_whom_no_subject_took_is_ignored(self, desk):
        assert isinstance(desk.hear("nobody", "投诉", door="kf/parents"), Ignore)

    @pytest.mark.parametrize("kind", Kind)
    def test_it_takes_every_message(self, desk, kind):
        assert desk.hear("p-s13-1", "x", kind=kind) is not None
