"""Figures that cannot all hold are asked for again; those that can are read as before."""

import pytest

from tests.unit.language.scoring import Reader

ASKED = [
    # what is done and what is left
    "家访完成100%,还剩50%",
    "家访完成60%还差60%",
    "家访七成,还剩四成",
    "家访完成三分之二,还剩二分之一",
    "家访过半,还剩60%",
    "家访还剩50%,还差30%",
    # a claim that all is done, and figures of something left
    "家访已完成但还有一半没走",
    "家访全部完成,还剩20%",
    "家访已完成,进度60%",
    "家访八成,已全部走完",
    "家访0%,已完成",
    "家访全部完成只剩一项",
    "承诺书应签56人,实签50人,已全部签完",
    # 100 % that goes on, and more than 100 %
    "家访100%,还剩3户没走",
    "家访100%但还没走完",
    "家访完成100%,停工了",
    "家访超过100%",
    "家访120%",
    "家访还剩120%",
    "家访还未完成100%",
    # work that goes back without a word that says so
    "家访30%变成20%",
    "家访由60%提高到50%",
    "家访上周80%,本周60%",
    # work that has not begun, or is none of theirs
    "家访还没开始,完成60%",
    "家访不涉及,完成60%",
    # two figures, and none of them overall
    "家访60%,70%",
    "家访完成60%,完成80%",
    "家访60%\n家访80%",
    # counts
    "家访12户走了15户",
    "家访应访50户,实访56户",
    "家访还差20户,共10户",
    "家访已走80户,共60户",
    "家访12户走了9户,还剩5户",
    "承诺书应签56人,实签50人,差3人没签",
    "承诺书应签100人,实签50人,完成80%",
    "家访12户走了9户,完成100%",
]
READ = [
    ("家访完成60%,还差40%", "60%"),
    ("家访完成三分之二,还剩三分之一", "67%"),
    ("家访过半,还剩40%", ">=50%"),
    ("家访约六成,还剩三成多", "~60%"),
    ("家访已完成 60%", "60%"),
    ("家访已完成:约60%", "~60%"),
    ("家访上午60%,下午80%", "80%"),
    ("家访从60%降到50%", "50%"),
    ("家访总体60%,三年级90%,还剩40%", "60%"),
    ("家访60%,其中一年级90%", "60%"),
    ("家访80%,体育节筹备60%", "80%"),
    ("家访完成90%,剩余的10%下周走完", "90% @2026-12-04"),
    ("家访应访86户,实访73户,完成85%", "85% 73/86"),
    ("家访12户走了9户,还剩3户", "75% 9/12"),
    ("家访3人走了50户", "50"),
    ("家访走了80户,共120户", "67% 80/120"),
    ("家访过八成了,剩下不到两成", ">=80%"),
    ("家访走了一半,剩下一半下周走", "50%"),
    ("家访完成90%,10%的家庭在外地", "90% !家庭在外地"),
    ("家访完成90%,还有10%在外地", "90% !在外地"),
    ("家访80%,验收还没开始", "80%"),
    ("家访已全部走完,整改率90%", "90%"),
    ("家访原计划本周100%,实际70%", "70%"),
    ("家访12户,走了9户,没走3户", "75% 9/12"),
]


@pytest.mark.parametrize("text", ASKED)
def test_what_cannot_hold_is_asked_for_and_gives_no_figure(reader: Reader, text: str) -> None:
    task = "T11" if text.startswith("承诺书") else "T05"

    assert reader.say(text) == f"report: S13 {task} in_progress ?percent"


@pytest.mark.parametrize(("text", "expected"), READ)
def test_what_can_hold_is_read(reader: Reader, text: str, expected: str) -> None:
    assert reader.say(text) == f"report: S13 T05 in_progress {expected}"


def test_what_cannot_hold_is_asked_for_even_with_a_day(reader: Reader) -> None:
    got = reader.say("家访完成60%还差60%,月底前走完")

    assert got == "report: S13 T05 in_progress @2026-11-30 ?percent"


def test_a_correction_may_lower_a_figure(reader: Reader) -> None:
    assert reader.say("更正:家访由80%改为60%") == "correction: S13 T05 in_progress 60%"


def test_one_item_that_cannot_hold_keeps_the_message_from_being_written(reader: Reader) -> None:
    row = {"text": "消防排查已办结,家访完成100%还剩50%", "sender": "P-S13-1", "now": "2026-11-23T10:00:00+08:00"}

    assert reader.read(row)["confidence"] < 0.9


def test_more_may_be_collected_than_is_due(reader: Reader) -> None:
    assert reader.say("良策征集应报2条,已报3条") == "report: S13 T37 in_progress 3"


@pytest.mark.parametrize("units", ["三小和河东中学", "河东中学和三小"])
def test_done_and_left_are_no_list_of_two_schools(reader: Reader, units: str) -> None:
    got = reader.say(f"{units}家访完成60%还差60%", "B09-1")

    assert "60%" not in got
    assert "40%" not in got
