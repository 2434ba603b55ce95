"""Rule 1: what a message wants, by priority, and what is not meant at all."""

import pytest

from tests.unit.language.scoring import Reader

TABLE = [
    # complaint
    ("举报某老师补课", "S13-1", "complaint"),
    ("我要投诉食堂饭菜有虫", "X", "complaint"),
    ("家长反映班主任体罚学生,请处理", "X", "complaint"),
    ("孩子在学校被欺负了没人管", "X", "complaint"),
    ("有偿补课举报电话已公布", "S53-2", "report: S53 T12 in_progress ?percent"),
    # retract, and what is only an apology
    ("上一条作废", "S13-1", "retract"),
    ("刚才那条不算,重发:承诺书100%", "S13-1", "retract"),
    ("请撤回我昨天报的家访数据", "S13-1", "retract"),
    ("发错群了不好意思", "S13-1", "chatter"),
    # appeal
    ("对通报排名有异议", "S13-1", "appeal"),
    ("我校消防明明10月就报完了,通报怎么还算逾期?", "S13-1", "appeal"),
    ("通报里我校体测70%有误,应为90%", "S13-1", "appeal"),
    ("星级班主任公示期满无异议", "S45-2", "report: S45 T38 done 100%"),
    ("我校为什么排倒数第二", "S13-1", "question"),
    # correction
    ("刚才消防报错了,应该是85%", "S13-1", "correction: S13 T31 in_progress 85%"),
    ("更正,消防不是90%,是80%", "S13-1", "correction: S13 T31 in_progress 80%"),
    ("更正上午的数据,家访应为76户不是67户", "S13-1", "correction: S13 T05 in_progress 76"),
    ("前面说消防没完成是我弄错了,已经全部整改", "S13-1", "correction: S13 T31 done 100%"),
    ("刚才报的是消防,不是食堂,消防完成90%", "S13-1", "correction: S13 T31 in_progress 90%"),
    ("修改一下:校舍维修完成时间改到12月10日", "S42-1", "correction: S42 T08 in_progress @2026-12-10"),
    ("消防整改到九成", "S13-1", "report: S13 T31 in_progress 90%"),
    ("更正", "S13-1", "correction: S13 - in_progress ?percent ?task"),
    # extension
    ("体测申请延到下周五,系统总掉线", "S13-1", "extension: S13 T20 - @2026-12-04 !系统总掉线"),
    ("家访能不能再给一周,高三老师太忙了", "S53-2", "extension: S53 T05 - !高三老师太忙了 ?date"),
    ("食堂自查原定11月30日完成,申请延到12月10日,厨师请假", "S13-1", "extension: S13 T33 - @2026-12-10 !厨师请假"),
    ("消防排查不用延期,周五能完", "S13-1", "report: S13 T31 in_progress @2026-11-27"),
    ("延期怎么申请?", "S13-1", "question"),
    # suggestion
    ("能不能把体测和家访报表合并", "S13-1", "suggestion"),
    ("希望局里统一报送渠道", "S13-1", "suggestion"),
    # orders and templates are notices
    ("三小抓紧报一下承诺书", "B02-2", "notice"),
    ("体测系统11月30日关闭,未报的学校抓紧", "B09-2", "notice"),
    ("转发局办通知:各单位责任清单27日前上墙公示", "S13-1", "notice"),
    ("例:三小 承诺书 100% 12月1日", "B02-2", "notice"),
    ("XX学校 消防排查 完成__%", "B02-2", "notice"),
    ("三小承诺书已报,其他学校抓紧", "B02-2", "report: S03 T11 done 100%"),
    # a question; but a report may end in one
    ("二小的承诺书签完了吧?", "B02-2", "question"),
    ("听说二小承诺书都签完了,是真的吗?", "S13-1", "question"),
    ("家访完成六成,统计口径按户还是按人?", "S13-1", "report: S13 T05 in_progress 60%"),
    # acknowledgements
    ("收到✅", "S13-1", "ack"),
    ("+1", "S13-1", "ack"),
    ("明白,抓紧办", "S13-1", "ack"),
    # not meant: conditions, hearsay, mockery, grumbling, private lines
    ("只要厂家到货,设备验收马上就能完成", "S13-1", "chatter"),
    ("听说二小承诺书都签完了", "S13-1", "chatter"),
    ("我梦见家访100%了", "S13-1", "chatter"),
    ("呵呵,真厉害,体测又完成100%", "S13-1", "chatter"),
    ("天天报消防,报了八百遍了", "S13-1", "chatter"),
    ("晚饭做好了", "S13-1", "chatter"),
    ("手机电量60%", "S13-1", "chatter"),
    # hedges and topics only look like conditions
    ("如无意外周五前体测传完", "S13-1", "report: S13 T20 in_progress @2026-11-27"),
    ("食堂的话完成八成", "S13-1", "report: S13 T33 in_progress 80%"),
    ("承诺书终于签完了,累死我了", "S13-1", "report: S13 T11 done 100%"),
]


@pytest.mark.parametrize(("text", "sender", "expected"), TABLE)
def test_a_message_is_read_by_what_it_wants(reader: Reader, text: str, sender: str, expected: str) -> None:
    assert reader.say(text, sender) == expected


def test_a_grumbled_report_is_not_sure_enough_to_write(reader: Reader) -> None:
    row = {"text": "承诺书终于签完了,累死我了", "sender": "P-S13-1", "now": "2026-11-23T10:00:00+08:00"}

    assert reader.read(row)["confidence"] < 0.9
