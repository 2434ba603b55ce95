"""What short answers and commands mean, and what is neither."""

import pytest

from handlers.complaints import speech
from handlers.complaints.speech import Command


@pytest.mark.parametrize(
    "text", ["确认", "同意", "好的", "对的。", "是", "嗯", "可以", "OK", "我同意", "确认提交", "没问题!", "行吧"]
)
def test_assent(text: str) -> None:
    assert speech.is_yes(text)


@pytest.mark.parametrize(
    "text", ["", "不同意", "不是", "好的老师", "是一小", "可以查吗", "对不起", "同意什么", "1小", "确认不了"]
)
def test_no_assent(text: str) -> None:
    assert not speech.is_yes(text)


@pytest.mark.parametrize("text", ["取消", "算了吧", "不投诉了", "放弃", "我不投诉了"])
def test_calling_off(text: str) -> None:
    assert speech.is_cancel(text)
    assert speech.is_no(text)


@pytest.mark.parametrize("text", ["不用了", "没有", "取消课后服务", "算了一笔账", "不清楚"])
def test_not_called_off(text: str) -> None:
    assert not speech.is_cancel(text)


@pytest.mark.parametrize("text", ["不清楚", "不知道", "忘了", "记不清了", "没有", "随便", "我不知道啊"])
def test_unknown(text: str) -> None:
    assert speech.is_unknown(text)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("查询", Command.STATUS),
        ("我要查询", Command.STATUS),
        ("我的投诉怎么样了", Command.STATUS),
        ("查一下进度", Command.STATUS),
        ("处理得怎么样了?", Command.STATUS),
        ("投诉进展", Command.STATUS),
        ("催办", Command.PRESS),
        ("帮我催一下", Command.PRESS),
        ("请尽快处理", Command.PRESS),
        ("为什么还没处理", Command.PRESS),
        ("撤回", Command.WITHDRAW),
        ("我要撤诉", Command.WITHDRAW),
        ("我要投诉", Command.NEW),
        ("投诉", Command.NEW),
        ("新的投诉", Command.NEW),
        ("我想举报", Command.NEW),
        ("我要反映问题", Command.NEW),
        ("人工", Command.HUMAN),
        ("你们电话是多少", Command.HUMAN),
        ("查询码忘了", Command.CODE),
        ("实名", Command.NAMED),
        ("保密", Command.UNNAMED),
        ("继续办理", Command.GO_ON),
    ],
)
def test_commands(text: str, command: Command) -> None:
    assert speech.find_command(text) is command


@pytest.mark.parametrize(
    "text",
    [
        "食堂饭菜有虫",
        "昨天",
        "一小",
        "老师打人",
        "我要投诉一小食堂饭菜有虫",
        "谢谢",
        "T08 70%",
        "情况很严重",
        "处理学生",
    ],
)
def test_no_command(text: str) -> None:
    assert speech.find_command(text) is None


@pytest.mark.parametrize("text", ["谢谢", "好的谢谢", "辛苦了", "收到🙏", "谢谢老师"])
def test_thanks(text: str) -> None:
    assert speech.is_thanks(text)


@pytest.mark.parametrize("text", ["傻逼", "你们都是垃圾", "滚", "一群废物!!!", "操你妈的"])
def test_mere_insults(text: str) -> None:
    assert speech.is_abuse(text)


@pytest.mark.parametrize(
    "text", ["垃圾食堂,饭里有虫", "老师骂孩子傻逼", "你好", "你们", "垃圾桶没人倒", "王八老师收钱补课"]
)
def test_content_among_insults_is_content(text: str) -> None:
    assert not speech.is_abuse(text)


@pytest.mark.parametrize(
    "text", ["我是小学生", "我今年9岁", "老师打我", "同学总欺负我", "我上三年级,同桌打我", "别告诉我妈"]
)
def test_children(text: str) -> None:
    assert speech.seems_child(text)


@pytest.mark.parametrize(
    "text",
    [
        "我是学生家长",
        "老师打我儿子",
        "我孩子上三年级",
        "老师打我家孩子",
        "我家娃今年9岁",
        "同学欺负我女儿",
        "我是一名教师",
    ],
)
def test_grown_ups(text: str) -> None:
    assert not speech.seems_child(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [("1", 0), ("第二个", 1), ("②", 1), ("二", 1), ("清陵区第一小学", 0), ("3", None), ("0", None), ("不知道", None)],
)
def test_choices(text: str, place: int | None) -> None:
    assert speech.choice(text, ("清陵区第一小学", "清陵区第二小学")) == place


def test_what_follows_an_assent() -> None:
    assert speech.agreed_rest("同意,是一小的") == "是一小的"
    assert speech.agreed_rest("同意") is None
    assert speech.agreed_rest("好的老师") is None


def test_additions_and_numbers() -> None:
    assert speech.addition("补充:还有收费") == "还有收费"
    assert speech.addition("还有收费") is None
    assert speech.numbers_in("区教诉〔2026〕000012号和区教诉(2026)000013号") == ["2026000012", "2026000013"]
