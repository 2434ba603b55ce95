"""Families of wording behind the faults of blind set 3, in other tasks and words. Labelled before the code ran."""

import pytest

from tests.unit.language.scoring import Reader
from tests.unit.language.test_variants import assert_alike

VISIT = "【提醒】T05 困难学生家访 11月30日到期"

NUMERALS = [
    # a decimal or a range must not be cut in two
    ("家访9.2成", "report: S13 T05 in_progress 92%"),
    ("体测传了八点五成", "report: S13 T20 in_progress 85%"),
    ("食堂自查七.五成了", "report: S13 T33 in_progress 75%"),
    ("消防6.5成左右", "report: S13 T31 in_progress ~65%"),
    ("家访不到9.5成", "report: S13 T05 in_progress <95%"),
    ("家访还差0.5成", "report: S13 T05 in_progress 95%"),
    ("课后服务十分之八点五", "report: S13 T18 in_progress 85%"),
    ("课后服务10分之9.5", "report: S13 T18 in_progress 95%"),
    ("家访七、八成", "report: S13 T05 in_progress ~75%"),
    ("家访六到七成", "report: S13 T05 in_progress ~65%"),
    ("体测8-9成", "report: S13 T20 in_progress ~85%"),
    ("体测百分之七八十", "report: S13 T20 in_progress ~75%"),
    ("体测70-80%", "report: S13 T20 in_progress ~75%"),
    ("T20-80%", "report: S13 T20 in_progress 80%"),
    ("体测完成85。5%", "report: S13 T20 in_progress 85.5%"),
    # what cannot be read safely is asked for
    ("家访18成", "report: S13 T05 in_progress ?percent"),
    ("体测完成85,5%", "report: S13 T20 in_progress ?percent"),
    ("体测完成率0.9", "report: S13 T20 in_progress ?percent"),
    ("家访走了七八户", "report: S13 T05 in_progress ?percent"),
    ("家访走了三四十户", "report: S13 T05 in_progress ?percent"),
    ("献良策收了两三条", "report: S13 T37 in_progress ?percent"),
    ("家访几十户都走了", "report: S13 T05 in_progress ?percent"),
]
PLANS = [
    ("冰雪运动12月20号前上完两次", "report: S13 T19 in_progress @2026-12-20"),
    ("一招鲜下周五报3项", "report: S13 T36 in_progress @2026-12-04"),
    ("献良策周五前收够5条", "report: S13 T37 in_progress @2026-11-27"),
    ("公开课月底前上完20节", "report: S13 T17 in_progress @2026-11-30"),
    ("专题研讨12月10号之前学完四个专题", "report: S13 T28 in_progress @2026-12-10"),
    ("一招鲜报了1项,12月4号前报齐3项", "report: S13 T36 in_progress 1 @2026-12-04"),
    ("结对帮扶送教1次第二次安排在下个月5号", "report: S13 T04 in_progress 1 @2026-12-05"),
    ("家访走了30户,剩下10户月底前走完", "report: S13 T05 in_progress 75% 30/40 @2026-11-30"),
]
INCREMENTS = [
    ("家访今天又走了8户,累计82%", "report: S13 T05 in_progress 82%"),
    ("体测昨天新测了60人,到93%了", "report: S13 T20 in_progress 93%"),
    ("承诺书本周新增3人签字,已到98%", "report: S13 T11 in_progress 98%"),
    ("消防今天多改了两处,现在九成", "report: S13 T31 in_progress 90%"),
    ("家访今天又走了5户", "report: S13 T05 in_progress ?percent"),
    ("家访今天又走了5户,累计61户", "report: S13 T05 in_progress 61"),
    ("消防又改了2处,还剩1处", "report: S13 T31 in_progress ?percent"),
    ("家访今天走了5户", "report: S13 T05 in_progress 5"),
]
EXTENSIONS = [
    ("家访想挪到12月8号,家长都在外地", "extension: S13 T05 - @2026-12-08 !家长都在外地"),
    ("食堂自查请求推后到12月6日,厨师长住院了", "extension: S13 T33 - @2026-12-06 !厨师长住院了"),
    ("消防能不能放到下周五,维保公司还没检测", "extension: S13 T31 - @2026-12-04 !维保公司还没检测"),
    ("供暖检查申请拖到12月3号,锅炉还没年检", "extension: S13 T34 - @2026-12-03 !锅炉还没年检"),
    ("体测想靠后到12月10号,两个班还在外面集训", "extension: S13 T20 - @2026-12-10 !两个班还在外面集训"),
    ("责任清单要放到二楼大厅", "chatter"),
]
QUESTIONS = [
    ("家访是填60%还是70%", "question"),
    ("课后服务按人数算90%还是按班算", "question"),
    ("体测按90%报,还是按人头报", "question"),
    ("消防报80%还是报处数呢", "question"),
    ("体测85%够不够", "question"),
    ("承诺书95%达不达标", "question"),
    ("家访还是70%", "report: S13 T05 in_progress 70%"),
    ("消防大差不差了", "report: S13 T31 in_progress ?percent"),
]
CORRECTIONS = [
    ("更正:承诺书不是50人,是52人,应签56人", "correction: S13 T11 in_progress 93% 52/56"),
    ("家访报错了,是66户,共80户", "correction: S13 T05 in_progress 83% 66/80"),
    ("更正:控辍保学应查1260人,已查1080人,不是1008人", "correction: S13 T03 in_progress 86% 1080/1260"),
    ("消防刚才报错了,改了7处,一共9处", "correction: S13 T31 in_progress 78% 7/9"),
]
BLOCKERS = [
    ("家访八成,班主任抽不出来", "report: S13 T05 in_progress 80% !班主任抽不出来"),
    ("设备验收三步走完一步,省里的工程师还没过来", "report: S13 T26 in_progress 33% 1/3 !省里的工程师还没过来"),
    ("家访85%,监理还没签字", "report: S13 T05 in_progress 85% !监理还没签字"),
    ("消防七成,喷淋还没检测", "report: S13 T31 in_progress 70% !喷淋还没检测"),
    ("冰雪运动上了1次,冰场教练请不到", "report: S13 T19 in_progress 1 !冰场教练请不到"),
    ("公开课六成,两个校区的时间凑不到一块", "report: S13 T17 in_progress 60% !两个校区的时间凑不到一块"),
    ("体测80%,初三还没测", "report: S13 T20 in_progress 80%"),
    ("设备验收三步走完两步,投影还没验收", "report: S13 T26 in_progress 67% 2/3"),
    ("承诺书90%,五年级还没签", "report: S13 T11 in_progress 90%"),
]
TOLD = [
    ("家访也就六成", "report: S13 T05 in_progress 60%"),
    ("家访也就六成吧", "report: S13 T05 in_progress ~60%"),
    ("供暖查了18间,总共20间", "report: S13 T34 in_progress 90% 18/20"),
    ("承诺书签了45人,全校50人", "report: S13 T11 in_progress 90% 45/50"),
    ("食糖自查做了八成", "report: S13 T33 in_progress 80%"),
    ("控缀保学查了八成", "report: S13 T03 in_progress 80%"),
    ("献良策收上来8条", "report: S13 T37 in_progress 8"),
    ("承诺书交回来40份", "report: S13 T11 in_progress 40"),
    ("献良策老师们提了6条", "report: S13 T37 in_progress 6"),
    ("一招鲜递上去2项", "report: S13 T36 in_progress 2"),
    # nothing is left undone
    ("家访没有没走的了", "report: S13 T05 done 100%"),
    ("承诺书没有一个没签的", "report: S13 T11 done 100%"),
    ("体测没有未测的学生了", "report: S13 T20 done 100%"),
    ("承诺书无一人未签", "report: S13 T11 done 100%"),
    ("消防没有没整改的隐患", "report: S13 T31 done 100%"),
    ("承诺书没有没签的吧?", "question"),
    ("承诺书没有签的还有3人", "report: S13 T11 in_progress ?percent"),
]
UNMEANT = [
    ("我反映一下,有老师在外面办班收钱,请局里管管", "complaint"),
    ("跟领导说个事,四中食堂给学生吃馊饭,请局里查", "complaint"),
    ("我要说件事,五中有老师打学生,希望领导调查", "complaint"),
    ("有偿补课自查做完了,请局里核查", "report: S13 T12 in_progress ?percent"),
    ("多希望体测今天就传完啊", "chatter"),
    ("家访全走完该多好啊", "chatter"),
    ("真盼着校舍维修早点完工", "chatter"),
    ("消防要能周五前销号就好了", "chatter"),
    ("希望局里少发点表格", "suggestion"),
    ("体测家访食堂一起压过来,头发都快没了😂", "chatter"),
    ("月底家访体测赶一块,腿都要跑断了🤣", "chatter"),
    ("消防家访都等着报,我人快没了哈哈", "chatter"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [*NUMERALS, *PLANS, *INCREMENTS, *EXTENSIONS, *QUESTIONS, *CORRECTIONS, *BLOCKERS, *TOLD, *UNMEANT],
)
def test_a_family_is_read_in_other_words(reader: Reader, text: str, expected: str) -> None:
    assert_alike(reader.say(text), expected)
