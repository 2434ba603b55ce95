"""Rule 7: which day is meant, and which of several counts."""

from datetime import date

import pytest

from handlers.progress.language.dates import find_dates
from tests.unit.language.scoring import Reader

PROMISES = [
    ("下周三前", "2026-12-02"),
    ("下下周一", "2026-12-07"),
    ("本周内", "2026-11-27"),
    ("周日前", "2026-11-29"),
    ("三天内", "2026-11-26"),
    ("5个工作日内", "2026-11-30"),
    ("两周内", "2026-12-07"),
    ("半个月内", "2026-12-08"),
    ("大后天下班前", "2026-11-26"),
    ("月底前", "2026-11-30"),
    ("12月上旬", "2026-12-10"),
    ("12月中旬", "2026-12-20"),
    ("下月初", "2026-12-05"),
    ("年底前", "2026-12-31"),
    ("元旦前", "2026-12-31"),
    ("期末前", "2027-01-22"),
    ("放寒假前", "2027-01-22"),
    ("开学前", "2027-02-28"),
    ("5号前", "2026-12-05"),
    ("下个月5号", "2026-12-05"),
    ("25日至27日", "2026-11-27"),
    ("1月5号", "2027-01-05"),
    ("2026年12月3日", "2026-12-03"),
    ("12.5前", "2026-12-05"),
    ("十二月五号", "2026-12-05"),
]
VAGUE = ["尽快", "这两天", "近期", "过两天", "一两天内", "回头", "春节前", "元旦节后上班"]
CHOICES = [
    ("论证会下周二召开,专业优化年底前形成报告", "S57-1", "report: S57 T23 in_progress @2026-12-31"),
    ("专业优化论证会下周二召开", "S57-1", "report: S57 T23 in_progress @2026-12-01"),
    ("校舍维修12月1日进场,12月25日完工", "S42-1", "report: S42 T08 in_progress @2026-12-25"),
    ("校舍维修12月1日进场", "S42-1", "report: S42 T08 in_progress ?percent"),
    ("消防11月25日整改,26日复查,27日全部完成", "S13-1", "report: S13 T31 in_progress @2026-11-27"),
    ("校舍维修进度40%,月底前完不成", "S42-1", "report: S42 T08 in_progress 40%"),
    ("体测还没动呢,计划下周一开测", "S17-2", "report: S17 T20 not_started 0%"),
    ("体测昨天已全部上报,纸质档下周补", "S42-1", "report: S42 T20 done 100% @2026-11-22"),
    ("期中质量分析会上周四已开", "S37-1", "report: S37 T16 done 100% @2026-11-19"),
    ("宿舍改造10月底就该交工,到现在才六成", "S44-1", "report: S44 T09 in_progress 60%"),
]


@pytest.mark.parametrize(("words", "day"), PROMISES)
def test_a_promised_day_is_resolved(reader: Reader, words: str, day: str) -> None:
    assert reader.say(f"体测{words}传完") == f"report: S13 T20 in_progress @{day}"


@pytest.mark.parametrize("words", VAGUE)
def test_a_vague_or_unknowable_day_is_none(reader: Reader, words: str) -> None:
    assert reader.say(f"体测{words}传完") == "report: S13 T20 in_progress ?percent"


@pytest.mark.parametrize(("text", "sender", "expected"), CHOICES)
def test_the_day_that_finishes_the_task_counts(reader: Reader, text: str, sender: str, expected: str) -> None:
    assert reader.say(text, sender) == expected


@pytest.mark.parametrize(
    ("text", "now", "day"),
    [
        ("国庆前消防整改到位", "2026-09-29", "2026-09-30"),
        ("消防国庆节后上班整改完", "2026-09-29", "2026-10-08"),
        ("体测数据本周内传完", "2026-09-18", "2026-09-20"),
        ("体测漏传的三个工作日内补完", "2026-10-08", "2026-10-12"),
        ("体测开学前传完", "2026-08-20", "2026-08-31"),
        ("体测这周内传完", "2026-12-30", "2026-12-31"),
    ],
)
def test_working_days_and_holidays_come_from_the_calendar(reader: Reader, text: str, now: str, day: str) -> None:
    assert reader.say(text, now=now).endswith(f"in_progress @{day}")


@pytest.mark.parametrize("text", ["3号楼", "第12项", "56人以上", "〔2026〕3号", "一小时", "完成12.5%"])
def test_other_numbers_are_no_days(reader: Reader, text: str) -> None:
    assert find_dates(text, date(2026, 11, 23), reader.calendar) == []


def test_a_weekday_looks_ahead_as_a_promise_and_back_as_a_record(reader: Reader) -> None:
    (found,) = find_dates("周五", date(2026, 11, 23), reader.calendar)

    assert (found.ahead, found.behind) == (date(2026, 11, 27), date(2026, 11, 20))
