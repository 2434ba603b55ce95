"""Personal data is replaced in any spelling, and nothing else of a text changes."""

from __future__ import annotations

import pytest

from handlers.complaints.language import redact
from tests.unit.complaints.language.scoring import rows

CHANGED = [
    ("孩子叫张小宝，电话一三九零零零零一零三四", "孩子叫[姓名]，电话[手机号]"),
    ("我手机１９９００００１０３４，加我微信wx_abc123", "我手机[手机号]，加我微信[微信号]"),
    ("电话199-0000-1034或者座机(0880)5550123", "电话[手机号]或者座机[电话]"),
    ("+86 19900001034 打我", "[手机号] 打我"),
    ("身份证号 990101 20110315 2042", "身份证号 [身份证号]"),
    ("孩子身份证99010120110315204X", "孩子身份证[身份证号]"),
    ("住在锦绣苑3栋2单元501室，楼上天天有老师补课", "住在[住址]，楼上天天有老师补课"),
    ("老师在锦绣苑小区3号楼二单元402补课", "老师在[住址]补课"),
    ("学府路18号博学堂关门了", "[住址]博学堂关门了"),
    ("王建国老师打孩子", "[姓名]老师打孩子"),
    ("班主任刘芳天天在群里骂人", "班主任[姓名]天天在群里骂人"),
    ("我是李晓红，孩子在三小五（2）班", "我是[姓名]，孩子在三小五（2）班"),
    ("举报数学老师赵志强有偿补课", "举报数学老师[姓名]有偿补课"),
    ("邮箱 zhang.san @ qq.com", "邮箱 [邮箱]"),
    ("我的QQ是1009900123", "我的QQ是[QQ号]"),
    ("扣扣:1009900123", "扣扣:[QQ号]"),
    ("微信19900001034", "微信[手机号]"),
    ("车牌号云A12345", "车牌号[车牌号]"),
    ("云A·D12345新能源", "[车牌号]新能源"),
    ("卡号6222 9999 0000 1234 567", "卡号[银行卡号]"),
    ("学籍号G990101201502030012", "学籍号[学籍号]"),
    ("学号20230512", "学号[学籍号]"),
    ("家住清河区柳林镇王家村四组", "家住[住址]"),
    ("孩子在实验小学三年级2班，被同学张伟和李娜打了", "孩子在实验小学三年级2班，被同学[姓名]和[姓名]打了"),
    ("张伟又打我孩子了，张伟的家长也不管", "[姓名]又打我孩子了，[姓名]的家长也不管"),
    ("联系人：阿依古丽·买买提", "联系人：[姓名]"),
    ("姓名：王强 电话：0880 5550123", "姓名：[姓名] 电话：[电话]"),
    ("欧阳娜娜的妈妈", "[姓名]的妈妈"),
    ("李明浩同学昨天没来", "[姓名]同学昨天没来"),
    ("孙桂芳 19900001082", "[姓名] [手机号]"),
    ("微信号：teacher-li_2023，本校学生占一大半", "微信号：[微信号]，本校学生占一大半"),
    ("我叫马建军，住金桂花园12号楼3单元1201", "我叫[姓名]，住[住址]"),
    ("我女儿王梓萱，六年级", "我女儿[姓名]，六年级"),
    ("我儿子王浩，今年9岁", "我儿子[姓名]，今年9岁"),
    ("联系电话是5550123", "联系电话是[电话]"),
    ("我孩子林思彤和同桌陈晨", "我孩子[姓名]和同桌[姓名]"),
    ("手机号 1 9 9 0 0 0 0 1 0 3 4", "手机号 [手机号]"),
    ("我v信abc_12345", "我v信[微信号]"),
    ("加VX：Abc-12345", "加VX：[微信号]"),
    ("地址：清河区学府路锦绣苑二期5-2-301", "地址：[住址]"),
]
KEPT = [
    "就在锦绣苑小区里补课",
    "王老师和李校长都不管",
    "微信同号",
    "打12345没用，工单号20260820017",
    "9月18日下午3点在五中门口",
    "坐18路公交到石桥镇",
    "家在柳林镇王家村，离学校远",
    "区教诉〔2026〕000123号",
    "高一9班班主任骂人",
    "马上处理，方便的话回电",
    "交了1280元，一共300000000元",
    "产品编号6901234567892",
    "三小201教室",
    "教学楼3号楼2楼的栏杆松了",
    "老师让全班同学都买",
    "孩子周一到周五都不敢去",
    "学生安全谁来管",
    "老师常常骂人",
    "校长于是就走了",
    "老师应该管管",
    "孩子高兴得不得了",
    "我是学生家长",
    "学生白天上课",
    "老师金老师和明老师",
    "请问何时开学",
    "班主任安排座位不公平",
    "孩子成绩下降",
    "同学路过看到的",
    "家长强烈要求",
]


@pytest.mark.parametrize(("text", "redacted"), CHANGED)
def test_personal_data_is_replaced(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


@pytest.mark.parametrize("text", KEPT)
def test_nothing_else_changes(text: str) -> None:
    found = redact(text)

    assert (found.text, found.replaced) == (text, ())


def test_what_was_replaced_is_told_as_typed() -> None:
    text = "我叫马建军，手机１９９００００１０３４"
    found = redact(text)

    assert [(one.type, text[one.start : one.end]) for one in found.replaced] == [
        ("姓名", "马建军"),
        ("手机号", "１９９００００１０３４"),
    ]
    assert "马建军" not in repr(found.replaced)


def test_the_labelled_texts_are_redacted_to_the_letter() -> None:
    wrong = [row["id"] for row in rows("complaint-examples.jsonl") if redact(row["text"]).text != row["redacted"]]

    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize("name", ["danger.jsonl", "danger-heldout.jsonl", "complaint-blind.jsonl"])
def test_texts_without_personal_data_stay(name: str) -> None:
    assert [row["id"] for row in rows(name) if redact(row["text"]).replaced] == []
