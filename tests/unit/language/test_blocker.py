"""Rule 8: the shortest span that names the obstacle."""

import pytest

from tests.unit.language.scoring import Reader

TABLE = [
    ("因系统维护,体测没传完", "系统维护"),
    ("校舍维修受雨雪天气影响进度慢,目前55%", "雨雪天气"),
    ("校舍维修完成六成,因工人放假停工了", "工人放假"),
    ("校舍维修进度40%,但是材料没到货", "材料没到货"),
    ("家访还差12户,家长都外出打工了", "家长都外出打工了"),
    ("公开课完成六成,两位老师休产假没上", "两位老师休产假没上"),
    ("消防整改还剩三处,要等物业换管道", "等物业换管道"),
    ("助学金还没到账,等区财政拨付", "等区财政拨付"),
    ("供暖检查95%差一块压力表", "差一块压力表"),
    ("消防排查90%,差一个配电室没整改", "差一个配电室"),
    ("结对帮扶送教1次,还差一位支教教师", "还差一位支教教师"),
    ("冰雪运动已开展1次,冰场还没浇好", "冰场还没浇好"),
]
NONE = [
    "消防排查90%,还有2处没整改",
    "承诺书还有3名教师没签",
    "责任清单群里发了墙上没贴",
    "家访统计表交了但还有6户没走",
    "体测完成80%,照片明天补",
    "布局调整方案征求意见结束,下一步风险评估",
    "实验楼漏水修好了,校舍维修到65%",
]


@pytest.mark.parametrize(("text", "blocker"), TABLE)
def test_the_obstacle_is_found_without_its_wrapping(reader: Reader, text: str, blocker: str) -> None:
    assert f"!{blocker}" in reader.say(text, "S42-1").replace(" ?percent", "")[-len(blocker) - 1 :]


@pytest.mark.parametrize("text", NONE)
def test_what_is_only_left_to_do_is_no_obstacle(reader: Reader, text: str) -> None:
    assert "!" not in reader.say(text, "S42-1")
