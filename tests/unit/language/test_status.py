"""Rule 4: done, in progress, not started, blocked, not applicable, and what only looks like done."""

import pytest

from tests.unit.language.scoring import Reader

DONE = [
    ("消防排查√", "S13-1"),
    ("供暖锅炉检查完毕,设备安全", "S13-1"),
    ("消防排查发现5处隐患,已全部整改", "S13-1"),
    ("我校没有大班额", "S01-1"),
    ("纪律自查做完,没发现问题", "S13-1"),
    ("有偿补课自查、举报渠道公示、线索核查都完成了", "S53-2"),
    ("责任清单已上墙并在群内公布", "S13-1"),
    ("设备到货、安装、验收三步全部完成,智慧校园设备验收办结", "S17-2"),
    ("承诺书昨天签完了,照片明天补", "S13-1"),
    ("前期因下雨停工,校舍维修现已全部完工", "S42-1"),
]
NOT_DONE = [
    # nearly, unsure, negated, promised
    ("体测差不多了", "in_progress"),
    ("体测基本上传完了,就差毕业班", "in_progress"),
    ("消防排查好像弄完了", "in_progress"),
    ("食堂自查尽快完成", "in_progress"),
    ("再有一小时体测就传完了", "in_progress"),
    # a part, a step or a by-product
    ("消防演练做完了", "in_progress"),
    ("家访方案已完成", "in_progress"),
    ("校车驾驶员培训完成", "in_progress"),
    ("教师培训第一阶段结束", "in_progress"),
    ("承诺书已发放,正在签", "in_progress"),
    ("课后服务已开展", "in_progress"),
    ("资助名单已公示", "in_progress"),
    ("公开课安排表排好了", "in_progress"),
    # something left, or an obstacle after the claim
    ("消防排查完成,2处隐患待整改", "in_progress"),
    ("食堂自查完成,问题正在整改", "in_progress"),
    ("食堂自查做完了,就是留样柜没买", "in_progress"),
    ("有1名学生辍学未劝返,控辍保学其余都核完了", "in_progress"),
    # counts alone, and percents of a part
    ("师德承诺书应签56人,实签56人", "in_progress"),
    ("一招鲜已报3项", "in_progress"),
]
OTHERS = [
    ("有偿补课自查没发现问题", "S53-2", "report: S53 T12 in_progress ?percent"),
    ("责任清单群里发了墙上没贴", "S33-1", "report: S33 T39 in_progress ?percent"),
    ("校舍维修已竣工,等验收", "S42-1", "report: S42 T08 in_progress !等验收 ?percent"),
    ("智慧校园设备到货率100%,安装60%", "S17-2", "report: S17 T26 in_progress ?percent"),
    ("一招鲜申报已全部上报", "S47-2", "report: S47 T36 done 100%"),
    ("宿舍改造停工了,等财政批复才能复工", "S44-1", "report: S44 T09 blocked !等财政批复"),
    ("校舍维修前阵子停工,上周复工了,现在六成", "S19-1", "report: S19 T08 in_progress 60%"),
    ("体测数据传不上去,系统老崩", "S13-1", "report: S13 T20 blocked !系统老崩"),
    ("宿舍改造还没开工,图纸没批下来", "S44-1", "report: S44 T09 not_started 0% !图纸没批下来"),
    ("冰雪运动没开展,没有场地", "S08-2", "report: S08 T19 not_started 0% !没有场地"),
    ("我校没有寄宿生,宿舍改造不涉及", "S44-1", "report: S44 T09 not_applicable"),
]


@pytest.mark.parametrize(("text", "sender"), DONE)
def test_the_whole_task_is_claimed_done(reader: Reader, text: str, sender: str) -> None:
    row = {"text": text, "sender": f"P-{sender}", "now": "2026-11-23T10:00:00+08:00"}

    assert [item["status"] for item in reader.read(row)["items"]] == ["done"]


@pytest.mark.parametrize(("text", "status"), NOT_DONE)
def test_what_only_looks_done_is_not(reader: Reader, text: str, status: str) -> None:
    row = {"text": text, "sender": "P-S13-1", "now": "2026-11-23T10:00:00+08:00"}

    assert [item["status"] for item in reader.read(row)["items"]] == [status]


@pytest.mark.parametrize(("text", "sender", "expected"), OTHERS)
def test_steps_obstacles_and_absences_have_their_own_status(
    reader: Reader, text: str, sender: str, expected: str
) -> None:
    assert reader.say(text, sender) == expected
