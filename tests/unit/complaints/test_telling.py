"""Wishes, names and corrections by their wording."""

import pytest

from handlers.complaints import telling
from handlers.complaints.telling import About


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("一小食堂的饭是凉的,请教育局查一查。", "请教育局查一查"),
        ("班里收钱,要求退还300元。谢谢", "要求退还300元"),
        ("诉求:给孩子换班", "给孩子换班"),
        ("只希望孩子能安心上学", "孩子能安心上学"),
        ("食堂饭菜有虫", ""),
        ("请问学区怎么划分", ""),
        ("老师请假一个月没人上课", ""),
    ],
)
def test_wishes(text: str, wish: str) -> None:
    assert telling.find_wish(text) == wish


def test_a_name_is_the_writers_own_only() -> None:
    assert telling.find_name("我叫马建军,19900001093") == "马建军"
    assert telling.find_name("联系人赵建国,19900001079") == "赵建国"
    assert telling.find_name("王小明的老师打人") == ""
    assert telling.find_name("我叫他别打了,他不听") == ""
    assert telling.find_name("本人孩子被打,没人管") == ""
    assert telling.read_contact("马建军 13900001093") == ("马建军", "13900001093")
    assert telling.read_contact("13900001093") == ("", "13900001093")


@pytest.mark.parametrize(
    ("text", "wants"), [("我实名举报", True), ("我要匿名", False), ("不想实名", False), ("食堂", None)]
)
def test_named(text: str, wants: bool | None) -> None:
    assert telling.wants_named(text) is wants


@pytest.mark.parametrize(
    ("text", "right", "about"),
    [
        ("不是一小,是二小", "二小", About.OPEN),
        ("学校是二小", "二小", About.UNIT),
        ("学校不是一小,是二小", "二小", About.UNIT),
        ("时间是上周五", "上周五", About.WHEN),
        ("时间改成上周五", "上周五", About.WHEN),
        ("诉求改成退费", "退费", About.WISH),
        ("单位:三小", "三小", About.UNIT),
        ("还有一件事,老师收礼", "还有一件事,老师收礼", About.OPEN),
    ],
)
def test_corrections(text: str, right: str, about: About) -> None:
    found = telling.read_correction(text)
    assert (found.right, found.about) == (right, about)
