"""Families of wording behind the faults of blind set 3, in other tasks and words.

Each batch was labelled before the code was run on it; FURTHER and INNOCENT came after the families before were mended.
"""

import pytest

from tests.unit.language.scoring import Reader
from tests.unit.language.test_variants import assert_alike

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

FURTHER = [
    ("消防3.5成", "report: S13 T31 in_progress 35%"),
    ("体测九点二成", "report: S13 T20 in_progress 92%"),
    ("家访九到十成", "report: S13 T05 in_progress ~95%"),
    ("家访6-9成", "report: S13 T05 in_progress ?percent"),
    ("家访周五到八成", "report: S13 T05 in_progress 80%"),
    ("家访从六成到七成了", "report: S13 T05 in_progress 70%"),
    ("家访从60到75%", "report: S13 T05 in_progress 75%"),
    ("家访由7成到8.5成", "report: S13 T05 in_progress 85%"),
    ("T31:8.5成,T33:9成", "report: S13 T31 in_progress 85%; S13 T33 in_progress 90%"),
    ("1.消防8.5成 2.食堂9.2成", "report: S13 T31 in_progress 85%; S13 T33 in_progress 92%"),
    ("1、家访八成五 2、体测9成", "report: S13 T05 in_progress 85%; S13 T20 in_progress 90%"),
    ("下午三点八成的班测完体测了", "report: S13 T20 in_progress ?percent"),
    ("家访85点5%", "report: S13 T05 in_progress 85.5%"),
    ("家访走了40户。80%", "report: S13 T05 in_progress 80% 40"),
    ("家访完成12户,5%没走", "report: S13 T05 in_progress 95% 12"),
    ("体测测了1,260人", "report: S13 T20 in_progress 1260"),
    ("家访走了一百二十户", "report: S13 T05 in_progress 120"),
    ("食堂隐患两三处没改", "report: S13 T33 in_progress ?percent"),
    ("家访还差七八户", "report: S13 T05 in_progress ?percent"),
    ("公开课上了十五六节", "report: S13 T17 in_progress ?percent"),
    ("课后服务百分之八九十", "report: S13 T18 in_progress ~85%"),
    ("课后服务百分之九五", "report: S13 T18 in_progress 95%"),
    ("消防12处隐患,周五前改完8处", "report: S13 T31 in_progress @2026-11-27"),
    ("专题研讨已学2个,下月再学两个", "report: S13 T28 in_progress 2"),
    ("献良策12月1号之前交上来10条", "report: S13 T37 in_progress @2026-12-01"),
    ("献良策11月20号之前交上来10条了", "report: S13 T37 in_progress 10"),
    ("一招鲜昨天报了2项", "report: S13 T36 in_progress 2"),
    ("体测上午又测了两个班,八成五了", "report: S13 T20 in_progress 85%"),
    ("承诺书又签了4份,总共签了50份", "report: S13 T11 in_progress 50"),
    ("家访又走了三户,还差两户", "report: S13 T05 in_progress ?percent"),
    ("公开课想移到12月18号,教室在装修", "extension: S13 T17 - @2026-12-18 !教室在装修"),
    ("体测能不能调到下周三,操场结冰了", "extension: S13 T20 - @2026-12-02 !操场结冰了"),
    ("承诺书想推后几天,校长出差", "extension: S13 T11 - !校长出差 ?date"),
    ("校舍维修推到12月20号完工", "report: S13 T08 in_progress @2026-12-20"),
    ("期中分析会改到周四开", "report: S13 T16 in_progress @2026-11-26"),
    ("消防照片想放到明天补", "chatter"),
    ("家访70%还是75%啊", "question"),
    ("食堂算完成还是没完成", "question"),
    ("体测交电子版还是交纸质版", "question"),
    ("消防还是没改完", "report: S13 T31 in_progress ?percent"),
    ("家访走了还是60%", "report: S13 T05 in_progress 60%"),
    ("供暖查完了还是没查完,我去问问", "question"),
    ("更正一下,体测不是80%,是85%", "correction: S13 T20 in_progress 85%"),
    ("报错了,承诺书应签60人,不是56人,已签50人", "correction: S13 T11 in_progress 83% 50/60"),
    ("更正:家访是八成不是九成", "correction: S13 T05 in_progress 80%"),
    ("更正:食堂不是全部完成", "correction: S13 T33 in_progress ?percent"),
    ("更正:消防不是没完成,是完成了", "correction: S13 T31 done 100%"),
    ("家访七成,车派不出来", "report: S13 T05 in_progress 70% !车派不出来"),
    ("消防90%,消防器材公司还没来", "report: S13 T31 in_progress 90% !消防器材公司还没来"),
    ("校舍维修六成,东楼还没验收", "report: S13 T08 in_progress 60%"),
    ("食堂八成,厨师招不到", "report: S13 T33 in_progress 80% !厨师招不到"),
    ("体测85%,剩下的进不去系统", "report: S13 T20 in_progress 85% !进不去系统"),
    ("校舍维修做到七成,电梯没过检", "report: S13 T08 in_progress 70% !电梯没过检"),
    ("供暖查了8成,忙不过来", "report: S13 T34 in_progress 80% !忙不过来"),
    ("家访没有还没走的", "report: S13 T05 done 100%"),
    ("承诺书没一个没签的", "report: S13 T11 done 100%"),
    ("承诺书还有没签的", "report: S13 T11 in_progress ?percent"),
    ("体测没有测完", "report: S13 T20 in_progress ?percent"),
    ("家访没人没走", "report: S13 T05 done 100%"),
    ("消防没有没整改的,食堂还有一处", "report: S13 T31 done 100%; S13 T33 in_progress ?percent"),
    ("真希望体测早点弄完", "chatter"),
    ("体测再测一天就好了", "report: S13 T20 in_progress ?percent"),
    ("家访负责人快到了", "chatter"),
    ("反映一个问题,有的老师上班打麻将,请局里管管", "complaint"),
    ("反映一下,体测系统登不上,请局里协调", "report: S13 T20 blocked !系统登不上"),
    ("食堂自查完成,未发现馊饭", "report: S13 T33 done 100%"),
    ("希望局里把体测系统修好", "suggestion"),
    ("家访请了社区的人帮忙,走了六成", "report: S13 T05 in_progress 60%"),
    ("控辍保学应查1260人,已查1千人", "report: S13 T03 in_progress ?percent"),
    ("家访应走1.2万户,实走8千户", "report: S13 T05 in_progress ?percent"),
    ("承诺书应签56人,签了30多人", "report: S13 T11 in_progress ?percent"),
    ("家访走了十几户", "report: S13 T05 in_progress ?percent"),
    ("承诺书应签56人,实签50来人", "report: S13 T11 in_progress ?percent"),
    ("助学金发了一万二千人", "report: S13 T02 in_progress ?percent"),
    ("家访完成2.5户", "report: S13 T05 in_progress ?percent"),
    ("家访走了1 008户", "report: S13 T05 in_progress ?percent"),
    ("承诺书百分之九十五六", "report: S13 T11 in_progress ?percent"),
    ("家访完成五分之二点五", "report: S13 T05 in_progress 50%"),
    ("承诺书二十分之十九", "report: S13 T11 in_progress 95%"),
    ("承诺书56分之50", "report: S13 T11 in_progress 89%"),
    ("家访八十几户走了七十多户", "report: S13 T05 in_progress ?percent"),
]
# Wordings that the rules for these families must leave alone.
INNOCENT = [
    ("年终自评完成1份", "report: S13 T40 in_progress ?percent"),
    ("食堂想改到下周一检查", "extension: S13 T33 - @2026-11-30"),
    ("家访请假的老师多,走了七成", "report: S13 T05 in_progress 70% !请假的老师多"),
    ("食堂干干净净,自查全做完了", "report: S13 T33 done 100%"),
    ("承诺书不得不重签,现在六成", "report: S13 T11 in_progress 60%"),
    ("家访走一不一样都算,走了80户", "report: S13 T05 in_progress 80"),
    ("食堂自查好不容易做完了", "report: S13 T33 done 100%"),
    ("家访要完成了", "report: S13 T05 in_progress ?percent"),
    ("消防的人快到了,整改了九成", "report: S13 T31 in_progress 90%"),
    ("家访跑得腿疼,总算走完了", "report: S13 T05 done 100%"),
    ("体测没有一项没上报", "report: S13 T20 done 100%"),
    ("供暖没有问题,都查完了", "report: S13 T34 done 100%"),
    ("承诺书没有没收全的情况吗", "question"),
    ("家访没有没走访到位的就剩3户", "report: S13 T05 in_progress ?percent"),
    ("教师培训报告说个情况,达标率90%", "report: S13 T25 in_progress 90%"),
    ("汇报个情况:食堂有学生拉肚子,已停供", "complaint"),
    ("体测提速了,到九成", "report: S13 T20 in_progress 90%"),
    ("献良策提交5条", "report: S13 T37 in_progress 5"),
    ("消防多查了3处,都改完了", "report: S13 T31 done 100%"),
    ("家访今天走完了", "report: S13 T05 done 100% @2026-11-23"),
    ("家访今天走完", "report: S13 T05 in_progress @2026-11-23"),
    ("承诺书今天签了12人,共签了50人", "report: S13 T11 in_progress 50"),
    ("承诺书本周签完", "report: S13 T11 in_progress @2026-11-27"),
    ("家访上周70%,这周走了9户,到79%", "report: S13 T05 in_progress 79%"),
    ("一招鲜报上去3项,全报完了", "report: S13 T36 done 100%"),
    ("资助名单核对了3遍,已完成", "report: S13 T01 done 100%"),
    ("家访应走56户,实走56户,全部完成", "report: S13 T05 done 100%"),
    ("责任清单上墙了,12.5前群里公布", "report: S13 T39 in_progress @2026-12-05"),
    ("设备验收12.5号前完成", "report: S13 T26 in_progress @2026-12-05"),
    ("消防65%-70%", "report: S13 T31 in_progress ?percent"),
    ("家访今天走了5户,累计61户", "report: S13 T05 in_progress 61"),
    ("承诺书应签60人,共签了50人", "report: S13 T11 in_progress 83% 50/60"),
    ("承诺书签了50人,共60人", "report: S13 T11 in_progress 83% 50/60"),
    ("承诺书签了50人,一共需要签60人", "report: S13 T11 in_progress 83% 50/60"),
    ("专题研讨共开展了3次", "report: S13 T28 in_progress 3"),
    ("消防12处,共改了8处", "report: S13 T31 in_progress 67% 8/12"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *NUMERALS,
        *PLANS,
        *INCREMENTS,
        *EXTENSIONS,
        *QUESTIONS,
        *CORRECTIONS,
        *BLOCKERS,
        *TOLD,
        *UNMEANT,
        *FURTHER,
        *INNOCENT,
    ],
)
def test_a_family_is_read_in_other_words(reader: Reader, text: str, expected: str) -> None:
    assert_alike(reader.say(text), expected)


def test_numbers_at_the_head_of_lines_are_no_decimals(reader: Reader) -> None:
    got = reader.say("1.8成\n2.9成", quote="【提醒】T05 困难学生家访 T31 校园消防安全排查")

    assert got == "report: S13 T05 in_progress 80%; S13 T31 in_progress 90%"


def test_a_section_that_tells_whom_it_engaged_orders_nothing(reader: Reader) -> None:
    got = reader.say("布局调整四步走完两步,请来的评估公司还没进场", "B06-1")

    assert got == "report: B06 T06 in_progress 50% 2/4 !请来的评估公司还没进场"


@pytest.mark.parametrize("text", ["家访今天走了5户", "家访今天走了5户,共80户", "献良策昨天收了3条"])
def test_what_was_done_of_late_may_not_be_all_and_is_not_written(reader: Reader, text: str) -> None:
    row = {"text": text, "sender": "P-S13-1", "now": "2026-11-23T10:00:00+08:00"}

    assert reader.read(row)["confidence"] < 0.9
