"""Wordings that invite a wrong write: claims taken back, other units, other tasks. Labelled before the code ran."""

import pytest

from tests.unit.language.scoring import Reader
from tests.unit.language.test_variants import assert_alike

FIRE = "【提醒】T31 校园消防安全排查 11月26日到期"

NOT_YET = [
    ("消防以为完了,结果宿舍那层落下了", "report: S13 T31 in_progress ?percent"),
    ("家访名义上完成了,实际还有几户没进门", "report: S13 T05 in_progress ?percent"),
    ("承诺书签完一轮,新来的三个老师没签", "report: S13 T11 in_progress ?percent"),
    ("食堂自查完成了才怪", "chatter"),
    ("体测完成是完成了,数据没报上去", "report: S13 T20 in_progress ?percent"),
    ("供暖查完了,可三楼暖气还是不热", "report: S13 T34 in_progress !三楼暖气还是不热 ?percent"),
    ("校车查了一半就完了", "report: S13 T32 in_progress 50%"),
    ("课后服务还谈不上全覆盖", "report: S13 T18 in_progress ?percent"),
    ("离完成还远着呢,家访", "report: S13 T05 in_progress ?percent"),
    ("家访算不上完成", "report: S13 T05 in_progress ?percent"),
    ("消防不敢说全部完成", "report: S13 T31 in_progress ?percent"),
    ("承诺书明天就能签完了", "report: S13 T11 in_progress @2026-11-24"),
    ("体测周五完成", "report: S13 T20 in_progress @2026-11-27"),
    ("家访眼瞅着就完了", "report: S13 T05 in_progress ?percent"),
    ("食堂自查完成了吗", "question"),
    ("消防完成了没", "question"),
    ("家访是不是都完成了啊", "question"),
    ("别的都完了,就家访没完", "report: S13 T05 in_progress ?percent"),
    ("除了五年级,体测都测完了", "report: S13 T20 in_progress ?percent"),
    ("体测五年级测完了", "report: S13 T20 in_progress ?percent"),
    ("教师培训线上的结束了", "report: S13 T25 in_progress ?percent"),
    ("供暖东楼查完了", "report: S13 T34 in_progress ?percent"),
    ("责任清单做好了", "report: S13 T39 in_progress ?percent"),
    ("期中分析语文组弄完了", "report: S13 T16 in_progress ?percent"),
    ("资助名单初核完成", "report: S13 T01 in_progress ?percent"),
    ("家访表格都发下去了", "report: S13 T05 in_progress ?percent"),
    ("消防器材买齐了", "report: S13 T31 in_progress ?percent"),
    ("班主任评选投票结束", "report: S13 T38 in_progress ?percent"),
    ("体测数据导出完成", "report: S13 T20 in_progress ?percent"),
    ("食堂自查完成百分之九十九", "report: S13 T33 in_progress 99%"),
    ("消防隐患5处,整改完4处", "report: S13 T31 in_progress 80% 4/5"),
    ("家访昨天说完成其实没有", "correction: S13 T05 in_progress ?percent"),
    ("承诺书基本上算签完了吧", "report: S13 T11 in_progress ?percent"),
    ("消防应该是查完了", "report: S13 T31 in_progress ?percent"),
    ("党费收完了核对还没做", "report: S13 T29 in_progress ?percent"),
    ("设备安装完成,等验收", "report: S13 - in_progress !等验收 ?percent ?task"),
    ("校车驾驶员审完了车没审", "report: S13 T32 in_progress ?percent"),
    ("助学金发完了退回来两笔", "report: S13 T02 in_progress ?percent"),
]
WHOSE = [
    ("星光小学承诺书签完了", "S13-1", "report: - T11 done 100% ?unit"),
    ("八小家访九成", "S01-1", "report: - T05 in_progress 90% ?unit"),
    ("三小借我们场地,冰雪运动上了1次", "S13-1", "report: S13 T19 in_progress 1"),
    ("结对帮扶跟五中送教1次", "S36-1", "report: S36 T04 in_progress 1"),
    ("石桥的学校家访都完了", "B03-1", "report: - T05 done 100% ?unit"),
    ("明德学校的消防查完了", "S13-1", "report: - T31 done 100% ?unit"),
    ("柳湾中学说他们消防完成了", "B08-1", "report: S41 T31 done 100%"),
    ("刚去三中看了,宿舍改造还在刷墙", "B06-1", "report: - T09 in_progress ?percent ?unit"),
    ("我校附近的实验小学那条路结冰,校车排查停了", "S13-1", "report: S13 T32 blocked !实验小学那条路结冰"),
    ("办公室说承诺书签完了", "S13-1", "report: S13 T11 done 100%"),
    ("一小的老师来我校听课,公开课完成四成", "S13-1", "report: S13 T17 in_progress 40%"),
    ("上营、黑石沟的消防都查完了", "B08-1", "report: S75 T31 done 100%; S77 T31 done 100%"),
    ("二幼三幼食堂自查完成,实幼80%", "B09-1",
     "report: S59 T33 done 100%; S60 T33 done 100%; S61 T33 in_progress 80%"),
    ("各园食堂自查都完成了", "B09-1", "report: - T33 done 100% ?unit"),
    ("隔壁园的校车查完了", "B08-1", "report: - T32 done 100% ?unit"),
]  # fmt: skip
WHICH = [
    ("借家访的机会把体测数据核完了", "S13-1", "report: S13 T20 in_progress ?percent"),
    ("因为忙体测,家访只走了三成", "S13-1", "report: S13 T05 in_progress 30% !忙体测"),
    ("家访和体测一个九成一个八成", "S13-1", "report: S13 T05 in_progress 90%; S13 T20 in_progress 80%"),
    ("教师培训讲了消防安全,学时达标90%", "S13-1", "report: S13 T25 in_progress 90%"),
    ("除家访外,体测、承诺书都完成了", "S13-1", "report: S13 T20 done 100%; S13 T11 done 100%"),
    ("不是家访,是体测完成了80%", "S13-1", "correction: S13 T20 in_progress 80%"),
    ("食堂那边暖气坏了,供暖检查弄不下去", "S13-1", "report: S13 T34 blocked !暖气坏了"),
    ("作业管理和教辅自查都完事", "S13-1", "report: S13 T21 done 100%; S13 T13 done 100%"),
    ("消防培训搞完了", "S13-1", "report: S13 T31 in_progress ?percent"),
    ("名单公示完了", "S42-1", "report: S42 - done 100% ?task"),
    ("家访路上发现一户校车超员,家访到六成了", "S13-1", "report: S13 T05 in_progress 60%"),
]
QUOTED = [
    ("供暖也完了", "report: S13 T34 done 100%"),
    ("查完了,隐患在改", "report: S13 T31 in_progress ?percent"),
    ("完了完了,忘了弄", "report: S13 T31 in_progress ?percent"),
    ("完成了大头", "report: S13 T31 in_progress ?percent"),
    ("还没完", "report: S13 T31 in_progress ?percent"),
    ("ok了", "report: S13 T31 done 100%"),
    ("早完了", "report: S13 T31 done 100%"),
    ("明天完", "report: S13 T31 in_progress @2026-11-24"),
    ("没问题,周四交", "report: S13 T31 in_progress @2026-11-26"),
    ("完不成了,得下周", "report: S13 T31 in_progress @2026-12-04"),
]


@pytest.mark.parametrize(("text", "expected"), NOT_YET)
def test_a_claim_with_a_reserve_is_not_done(reader: Reader, text: str, expected: str) -> None:
    assert_alike(reader.say(text), expected)


@pytest.mark.parametrize(("text", "sender", "expected"), [*WHOSE, *WHICH])
def test_other_units_and_tasks_get_nothing(reader: Reader, text: str, sender: str, expected: str) -> None:
    assert_alike(reader.say(text, sender), expected)


@pytest.mark.parametrize(("text", "expected"), QUOTED)
def test_a_short_answer_may_not_mean_what_it_looks_like(reader: Reader, text: str, expected: str) -> None:
    assert_alike(reader.say(text, quote=FIRE), expected)
