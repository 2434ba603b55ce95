"""Reporting progress in free Chinese: said, answered, recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.messages import Kind
from bot.sections import Weekly
from handlers.complaints import texts_intake as complaints
from handlers.help import texts as help_texts
from handlers.progress import service, texts
from scheduler.runner import Runner
from tests.dialogues.stage import Stage, make_config
from tests.fakes import make_message

REMINDER = "【提醒】T08 校舍安全维修改造 请回复进展"


def values(stage: Stage) -> list[tuple[Any, ...]]:
    return [(row.act, row.unit_id, row.task_id, row.status, row.percent) for row in stage.records()]


@pytest.mark.parametrize(
    ("person", "group", "text", "quote", "answer", "recorded"),
    [
        (
            "P-S13-2",
            "",
            "资助名单核对完成85%",
            "",
            "已记:T01 贫困家庭学生资助名单核对 85%。有误回复“更正”。",
            [("report", "S13", "T01", "in_progress", 85.0)],
        ),
        (
            "P-S13-2",
            "C-B08",
            "消防排查已办结",
            "",
            "已记:T31 校园消防安全排查 已完成。有误回复“更正”。",
            [("report", "S13", "T31", "done", 100.0)],
        ),
        (
            "P-S18-2",
            "C-B05",
            "60%",
            REMINDER,
            "已记:T08 校舍安全维修改造 60%。有误回复“更正”。",
            [("report", "S18", "T08", "in_progress", 60.0)],
        ),
        (
            "P-S13-2",
            "",
            "代上营教学点报:控辍保学排查完成,无辍学",
            "",
            "已记:柳湾镇上营教学点 T03 控辍保学排查 已完成。有误回复“更正”。",
            [("report", "S75", "T03", "done", 100.0)],
        ),
        (
            "P-B08-1",
            "",
            "河东中学和育才的防欺凌排查都做完了",
            "",
            "已记:河东中学 T35 防欺凌专项排查 已完成;育才学校 T35 防欺凌专项排查 已完成。有误回复“更正”。",
            [("report", "S40", "T35", "done", 100.0), ("report", "S51", "T35", "done", 100.0)],
        ),
        ("P-S14-2", "", "好的,马上落实👌", "", "", []),
        ("P-S42-2", "", "如果雪停了,外墙下周就能完成一半", "", help_texts.NOT_UNDERSTOOD, []),
    ],
)
def test_what_is_said_is_recorded_and_echoed(
    stage: Stage, person: str, group: str, text: str, quote: str, answer: str, recorded: list[tuple[Any, ...]]
) -> None:
    assert answer == stage.say(person, text, group=group, quote=quote)
    assert recorded == values(stage)
    assert stage.failed() == []


def test_a_voice_with_a_transcript_is_a_report(stage: Stage) -> None:
    stage.say("P-S13-1", "校舍维修到七成了", robot=True, kind=Kind.VOICE)

    assert values(stage) == [("report", "S13", "T08", "in_progress", 70.0)]


def test_a_voice_without_a_transcript_asks_to_type(stage: Stage) -> None:
    assert "打字" in stage.say("P-S13-1", "", kind=Kind.VOICE)


def test_a_question_is_asked_once_and_the_number_answers_it(stage: Stage) -> None:
    question = stage.say("P-S41-2", "自查已经完成")
    assert values(stage) == []
    assert "哪一项" in question

    first = question.splitlines()[1][2:5]
    assert "已记" in stage.say("P-S41-2", "1")
    assert [("report", "S41", first, "done", 100.0)] == values(stage)


def test_a_missing_figure_is_asked_for_and_added(stage: Stage) -> None:
    assert "百分之几" in stage.say("P-S46-2", "体测还没传完")
    assert "T20" in stage.say("P-S46-2", "八成")
    assert values(stage) == [("report", "S46", "T20", "in_progress", 80.0)]


def test_an_open_question_does_not_swallow_another_report(stage: Stage) -> None:
    stage.say("P-S46-2", "体测还没传完")
    stage.say("P-S46-2", "控辍保学排查已完成")

    assert values(stage) == [("report", "S46", "T03", "done", 100.0)]


def test_calling_a_question_off_writes_nothing(stage: Stage) -> None:
    stage.say("P-S46-2", "体测还没传完")

    assert stage.say("P-S46-2", "算了") == texts.DECLINED
    assert values(stage) == []


def test_an_ambiguous_school_is_asked_for(stage: Stage) -> None:
    question = stage.say("P-B09-2", "实验的体测报了八成")
    assert "哪个单位" in question
    assert values(stage) == []

    stage.say("P-B09-2", "实验中学")
    assert values(stage) == [("report", "S39", "T20", "in_progress", 80.0)]


def test_a_correction_follows_and_the_history_keeps_both(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%")
    answer = stage.say("P-S13-2", "更正 T08 是75%")

    assert answer == "已更正:T08 校舍安全维修改造 75%。有误回复“更正”。"
    rows = stage.records()
    assert [(row.act, row.percent) for row in rows] == [("report", 60.0), ("correction", 75.0)]
    assert rows[0].id == rows[1].replaces


def test_a_correction_without_a_name_means_the_last_report(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%")
    stage.say("P-S13-2", "更正:应该是75%")

    assert values(stage)[-1] == ("correction", "S13", "T08", "in_progress", 75.0)


def test_a_retraction_takes_back_the_last_message_whole(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%")
    stage.say("P-S13-2", "T01完成85%,消防排查90%")
    answer = stage.say("P-S13-2", "刚才那条作废")

    assert "T01" in answer
    assert "T31" in answer
    assert sum(row.act == "retraction" for row in stage.records()) == 2
    assert "T08" in stage.say("P-S13-2", "作废")
    assert stage.say("P-S13-2", "作废") == texts.NOTHING_TO_RETRACT


def test_nobody_reports_for_a_school_that_is_not_theirs(stage: Stage) -> None:
    answer = stage.say("P-S14-2", "柳湾镇中心小学校舍维修完成70%")

    assert "不能代" in answer
    assert values(stage) == []


def test_an_extension_is_noted_and_the_lead_section_told(stage: Stage) -> None:
    answer = stage.say("P-S44-1", "申请将宿舍改造延期到12月31日,消防验收排队")

    assert "已登记延期申请" in answer
    assert values(stage) == [("extension", "S44", "T09", None, None)]
    assert "消防验收排队" in stage.told("P-B06-1")[0]


def test_a_complaint_in_a_group_is_neither_repeated_nor_recorded(stage: Stage) -> None:
    answer = stage.say("P-S13-2", "举报石桥小学张某某老师有偿补课", group="C-B08")

    assert answer == complaints.GROUP_TOLD
    assert values(stage) == []
    assert not any("张某某" in text or "补课" in text for _, text in [*stage.push.texts, *stage.app.texts])


def test_the_same_message_three_times_is_one_record(stage: Stage) -> None:
    for _ in range(3):
        stage.say("P-S13-2", "T08 60%", message_id="same")

    assert len(stage.records()) == 1


def test_the_senders_words_are_kept_sealed(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%,外墙张三施工队没来")
    row = stage.records()[0]

    assert row.words is not None
    assert "张三".encode() not in row.words
    assert stage.seal.open(row.words, row.uid).decode() == "T08 60%,外墙张三施工队没来"


def test_no_change_confirms_what_was_said_last(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%")
    stage.later(days=1)
    answer = stage.say("P-S13-2", "T08 无变化")

    assert "T08 无变化" in answer
    assert [(row.act, row.percent) for row in stage.records()] == [("report", 60.0), ("unchanged", 60.0)]


@pytest.mark.parametrize("comma", [",", "，"])
def test_a_number_of_the_ledger_and_no_change_of_the_rest(stage: Stage, comma: str) -> None:
    stage.say("P-S13-2", "T34 60%,T11 90%")
    stage.later(days=8)
    answer = stage.say("P-S13-2", f"8号到七成了{comma}其他无变化")

    assert "T08 校舍安全维修改造 70%" in answer
    assert "T34" in answer
    assert "无变化" in answer
    rows = stage.records()[2:]
    assert (rows[0].act, rows[0].task_id, rows[0].percent) == ("report", "T08", 70.0)
    assert {"unchanged"} == {row.act for row in rows[1:]}


@pytest.mark.parametrize("text", ["无变化", "都没变化。", "本周各项无变化"])
def test_no_change_alone_is_about_what_is_asked(stage: Stage, text: str) -> None:
    stage.say("P-S13-2", "T34 60%,T11 90%")
    stage.later(days=8)
    answer = stage.say("P-S13-2", text)

    assert "T34" in answer
    assert {"unchanged"} == {row.act for row in stage.records()[2:]}


@pytest.mark.parametrize("text", ["8号完成", "8号能完成", "12月8号交"])
def test_a_number_that_may_be_a_day_is_no_task(stage: Stage, text: str) -> None:
    stage.say("P-S13-2", text)

    assert values(stage) == []


def prompted(stage: Stage) -> list[str]:
    """Open the week's round and return the lines of S13's prompt, which speaks for its teaching point too."""
    runner = Runner(
        db=stage.db,
        seal=stage.seal,
        directories=stage.house.directories,
        dispatch=stage.house.dispatch,
        config=make_config(),
        metrics=stage.house.metrics,
    )
    stage.at(datetime(2026, 11, 26, 1, 0, tzinfo=UTC))
    runner.run_job("weekly.open", stage.clock.now(), stage.clock.now())
    stage.work()
    return [line for line in stage.told("P-S13-2")[-1].splitlines() if line[0] in "①②③④⑤"]


@pytest.mark.parametrize("quoting", [False, True])
def test_numbers_stand_for_the_lines_of_the_prompt(stage: Stage, quoting: bool) -> None:
    lines = prompted(stage)
    assert "上营教学点" in lines[1]
    quote = "\n".join(lines) if quoting else ""
    stage.say("P-S13-2", "①70%,第二项60%", quote=quote)

    said = [(row.unit_id, row.task_id, row.percent) for row in stage.records()]
    assert [("S13", lines[0][2:5], 70.0), ("S75", lines[1][2:5], 60.0)] == said


def test_a_list_of_ones_own_is_read_by_its_names(stage: Stage) -> None:
    prompted(stage)
    stage.say("P-S13-2", "1.承诺书100%\n2.消防排查90%\n3.家访过半")

    assert [row.task_id for row in stage.records()] == ["T11", "T31", "T05"]


@pytest.mark.parametrize(
    "text", ["1.完成师德承诺书签订\n2.完成消防排查", "①承诺书签完了 ②消防排查完成", "2.完成消防排查"]
)
@pytest.mark.parametrize("quoting", [False, True])
def test_a_list_that_names_its_tasks_reads_the_same_with_and_without_a_prompt(
    stage: Stage, text: str, quoting: bool
) -> None:
    stage.say("P-S13-1", text)
    without = [(row.unit_id, row.task_id, row.status) for row in stage.records()]
    stage.say("P-S13-1", "作废")
    before = len(stage.records())
    lines = prompted(stage)
    quote = "\n".join(lines) if quoting else ""
    stage.say("P-S13-2", text, quote=quote)

    assert without == [(row.unit_id, row.task_id, row.status) for row in stage.records()[before:]]


def test_a_number_stays_a_line_through_the_question(stage: Stage) -> None:
    lines = prompted(stage)
    assert "百分之几" in stage.say("P-S13-2", "①还在做")
    stage.say("P-S13-2", "60%")

    assert [("S13", lines[0][2:5], 60.0)] == [(row.unit_id, row.task_id, row.percent) for row in stage.records()]


def test_no_change_in_answer_to_a_quoted_prompt(stage: Stage) -> None:
    stage.say("P-S13-2", "T34 60%,T11 90%")
    stage.later(days=8)
    stage.say("P-S13-1", "无变化", group="C-B08", quote="【本周督导】请更新:\nT34 冬季供暖检查\nT11 师德承诺书签订")

    assert [row.act for row in stage.records()[2:]] == ["unchanged", "unchanged"]


def test_a_figure_in_answer_to_several_quoted_tasks_is_asked_about(stage: Stage) -> None:
    question = stage.say(
        "P-S13-1", "60%", group="C-B08", quote="【本周督导】请更新:\nT34 冬季供暖检查\nT11 师德承诺书签订"
    )
    assert "① T34" in question
    stage.say("P-S13-1", "T11", group="C-B08")

    assert [(row.task_id, row.percent) for row in stage.records()] == [("T11", 60.0)]


def test_what_was_taken_back_is_not_kept_alive_by_no_change(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 95%")
    stage.later(days=8)
    stage.say("P-S13-1", "T08 无变化")
    stage.later(minutes=1)
    stage.say("P-S13-2", "T08 60%")
    stage.say("P-S13-2", "作废")
    with stage.db.reading() as session:
        assert service.current(session, stage.seal)["S13", "T08"].percent == 95.0


def test_the_day_of_a_message_is_the_day_it_was_sent(stage: Stage) -> None:
    stage.store(make_message("T08 70%,明天完工", sender="p-s13-2"))
    stage.later(days=2)
    stage.work()

    assert [str(row.promised) for row in stage.records()] == ["2026-11-24"]


def test_others_are_not_disturbed_at_night(stage: Stage) -> None:
    stage.at(datetime(2026, 11, 28, 15, 0, tzinfo=UTC))  # Saturday 23:00
    assert "已登记延期申请" in stage.say("P-S44-1", "申请将宿舍改造延期到12月31日,消防验收排队")
    assert stage.told("P-B06-1") == []

    stage.at(datetime(2026, 11, 30, 1, 0, tzinfo=UTC))
    stage.work()
    assert len(stage.told("P-B06-1")) == 1


def test_an_answer_does_not_wait_behind_what_waits_for_the_morning(stage: Stage) -> None:
    stage.at(datetime(2026, 11, 28, 15, 0, tzinfo=UTC))
    stage.say("P-S44-1", "申请将宿舍改造延期到12月31日,消防验收排队")

    assert "小督" in stage.say("P-B06-1", "帮助")


def test_what_was_said_in_private_is_not_repeated_in_a_group(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%")
    answer = stage.say("P-S13-2", "作废", group="C-B08")

    assert "T08" not in answer
    assert "T08" in stage.told("P-S13-2")[-1]


def test_what_was_said_to_the_robot_in_private_is_not_repeated_in_a_group(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%", robot=True)
    answer = stage.say("P-S13-2", "作废", group="C-B08")

    assert "T08" not in answer
    assert "T08" in stage.told("P-S13-2")[-1]


def test_what_was_said_in_a_group_is_taken_back_aloud_there(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%", group="C-B08")

    assert "T08 校舍安全维修改造 60%" in stage.say("P-S13-2", "作废", group="C-B08")


@pytest.mark.parametrize("robot", [False, True])
def test_a_correction_in_a_group_does_not_tell_what_was_reported_in_private(stage: Stage, robot: bool) -> None:
    stage.say("P-S13-2", "T08 60%", robot=robot)
    answer = stage.say("P-S13-2", "更正:应该是75%", group="C-B08")

    assert answer == texts.which_open("task")
    assert [row.percent for row in stage.records()] == [60.0]


def test_a_correction_in_a_group_offers_nothing_that_was_reported_in_private(stage: Stage) -> None:
    stage.say("P-S13-2", "T01完成85%,消防排查90%")
    answer = stage.say("P-S13-2", "更正:应该是75%", group="C-B08")

    assert answer == texts.which_open("task")


def test_a_correction_in_another_group_does_not_tell_it_either(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%", group="C-B08")
    answer = stage.say("P-S13-2", "更正:应该是75%", group="C-ALL")

    assert answer == texts.which_open("task")
    assert [row.percent for row in stage.records()] == [60.0]


def test_a_correction_in_a_group_means_the_last_report_there(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%", group="C-B08")
    stage.say("P-S13-2", "T31 90%")
    answer = stage.say("P-S13-2", "更正:应该是75%", group="C-B08")

    assert answer == "已更正:T08 校舍安全维修改造 75%。有误回复“更正”。"
    assert values(stage)[-1] == ("correction", "S13", "T08", "in_progress", 75.0)


def test_a_correction_in_private_may_mean_a_report_in_a_group(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 60%", group="C-B08")
    stage.say("P-S13-2", "更正:应该是75%")

    assert values(stage)[-1] == ("correction", "S13", "T08", "in_progress", 75.0)


@pytest.mark.parametrize(
    "text",
    [
        "T08 -5%",
        "T08 1e5%",
        "T08 0x10%",
        "T08 1.2.3%",
        "T08 7 0%",
        "T31 已完成99999999999999999999处",
        "T08 完成-3项",
    ],
)
def test_a_figure_nobody_can_mean_is_not_written(stage: Stage, text: str) -> None:
    assert stage.say("P-S13-2", text) == texts.NOT_CLEAR
    assert values(stage) == []
    assert stage.failed() == []


@pytest.mark.parametrize(
    "text",
    [
        "T08完成100%,还剩50%",
        "T08还剩120%",
        "T08已完成但还有一半没做,预计月底前完工",
        "T08 100%,停工了",
        "T08完成60%,还差60%,T31已完成",
        "T08由60%提高到50%",
    ],
)
def test_figures_that_cannot_hold_are_asked_for_again_and_the_answer_is_written(stage: Stage, text: str) -> None:
    assert stage.say("P-S13-2", text) == texts.figures_differ("T08 校舍安全维修改造")
    assert values(stage) == []

    stage.say("P-S13-2", "55%")
    assert ("report", "S13", "T08", "in_progress", 55.0) in values(stage)


def test_figures_that_cannot_hold_twice_are_not_written(stage: Stage) -> None:
    stage.say("P-S13-2", "T08完成100%,还剩50%")
    stage.say("P-S13-2", "完成60%,还差60%")

    assert values(stage) == []
    assert stage.failed() == []


def test_an_extension_is_noted_without_figures_that_cannot_hold(stage: Stage) -> None:
    stage.say("P-S44-1", "申请将宿舍改造延期到12月31日,目前完成60%还差60%")

    assert [(row.act, row.percent) for row in stage.records()] == [("extension", None)]


def test_the_digits_of_every_script_are_digits(stage: Stage) -> None:
    stage.say("P-S13-2", "T08 ٣٠%")

    assert [row.percent for row in stage.records()] == [30.0]


def test_a_district_may_want_to_be_asked_before_anything_is_written(stage: Stage) -> None:
    stage.house = replace(stage.house, weekly=Weekly(auto_write_conf=1.0))

    assert "回复" in stage.say("P-S13-2", "T08 70%")
    assert values(stage) == []
    stage.say("P-S13-2", "是的")
    assert values(stage) == [("report", "S13", "T08", "in_progress", 70.0)]
