"""Answers to a quoted message: one task, or a list answered by line, by code or for the rest."""

import pytest

from tests.unit.language.scoring import Reader

ONE = "【提醒】T08 校舍安全维修改造 上次60%(11-19) 11-30到期"
COUNT = "【提醒】T36 “一招鲜”申报 12月5日到期,已报几项?"
LIST = "张校长好,本周3项请更新:\n①T08 校舍维修 上次60%\n②T05 家访 上次30%\n③T25 教师培训 上次40%"
TABLE = [
    ("60", ONE, "report: S42 T08 in_progress 60%"),
    ("明天", ONE, "report: S42 T08 in_progress @2026-11-24"),
    ("快了", ONE, "report: S42 T08 in_progress ?percent"),
    ("还没", ONE, "report: S42 T08 in_progress ?percent"),
    ("✅", ONE, "report: S42 T08 done 100%"),
    ("👌", ONE, "report: S42 T08 in_progress ?percent"),
    ("1", ONE, "report: S42 T08 in_progress ?percent"),
    ("收到", ONE, "ack"),
    ("晚上吃啥", ONE, "chatter"),
    ("能不能晚两天", ONE, "extension: S42 T08 - ?date"),
    ("改造完成80%", ONE, "report: S42 T08 in_progress 80%"),
    ("食堂也查完了", ONE, "report: S42 T33 done 100%"),
    ("这个完成了,家访才七成", ONE, "report: S42 T08 done 100%; S42 T05 in_progress 70%"),
    ("无变化", ONE, "report: S42 T08 in_progress 60% unchanged"),
    ("3", COUNT, "report: S42 T36 in_progress 3"),
    ("0", COUNT, "report: S42 T36 not_started 0% 0"),
    ("60%", LIST, "report: S42 - in_progress 60% ?task"),
    ("8号到七成了,其他无变化", LIST, "report: S42 T08 in_progress 70% rest"),
    ("1号70%,2号完成了", LIST, "report: S42 T08 in_progress 70%; S42 T05 done 100%"),
    ("①60% ②完成 ③无变化", LIST, "report: S42 T08 in_progress 60%; S42 T05 done 100%; S42 T25 - unchanged"),
    ("1.70%\n2.完成\n3.还没动", LIST, "report: S42 T08 in_progress 70%; S42 T05 done 100%; S42 T25 not_started 0%"),
    ("T08:70%,T05完成", LIST, "report: S42 T08 in_progress 70%; S42 T05 done 100%"),
    ("都没变", LIST, "report: S42 T08 - unchanged; S42 T05 - unchanged; S42 T25 - unchanged"),
    ("都完成了", LIST, "report: S42 T08 done 100%; S42 T05 done 100%; S42 T25 done 100%"),
    ("家访70%,其余不变", None, "report: S42 T05 in_progress 70% rest"),
    ("体测和家访没变化", None, "report: S42 T20 - unchanged; S42 T05 - unchanged"),
]


@pytest.mark.parametrize(("text", "quote", "expected"), TABLE)
def test_an_answer_is_read_with_what_it_answers(reader: Reader, text: str, quote: str | None, expected: str) -> None:
    assert reader.say(text, "S42-1", quote=quote) == expected
