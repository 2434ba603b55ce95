"""A wrong that is told is a complaint, whatever polite wish ends it; a new practice that is proposed accuses nobody."""

from __future__ import annotations

import pytest

from handlers.complaints.language import Kind, is_complaint_in_group, understand
from tests.unit.complaints.language.scoring import schools

LEXICON = schools()
# Text and topic; "" where several topics fit.
WRONGS = [
    ("一小食堂有虫子，昨天的事，希望整改", "食堂/食品安全"),
    ("食堂饭菜太差了希望改善", "食堂/食品安全"),
    ("校车超员，希望重视", "校车/安全"),
    ("二小食堂的饭是冷的，希望学校重视一下", "食堂/食品安全"),
    ("食堂菜里吃出头发，希望改进", "食堂/食品安全"),
    ("三小门口的小摊卖过期零食，希望管管", "食堂/食品安全"),
    ("营养餐分量少还贵，建议整改", "食堂/食品安全"),
    ("孩子在学校吃饭吃不饱，希望改善伙食", "食堂/食品安全"),
    ("校车没有安全带，希望解决", "校车/安全"),
    ("校车司机边开车边打电话，希望处理一下", "校车/安全"),
    ("四小操场的栏杆坏了，希望尽快修好", "校车/安全"),
    ("校门口车太乱，差点撞到孩子，希望重视", "校车/安全"),
    ("一中的数学老师在家里补课，希望能管管", "有偿补课"),
    ("老师周末开补习班收钱，建议有关部门管一管", "有偿补课"),
    ("学校要求买教辅，希望能取消", "乱收费/教辅"),
    ("二小和一小都强制买教辅，希望处理", "乱收费/教辅"),
    ("校服一套要六百，希望降一点", "乱收费/教辅"),
    ("班主任总骂孩子笨，希望改正", "师德师风"),
    ("老师上课玩手机，能不能管管", "师德师风"),
    ("我家孩子被同桌欺负，希望老师能重视", "校园欺凌"),
    ("宿舍里高年级的抢零花钱，希望学校处理", "校园欺凌"),
    ("助学金一直没发，希望尽快落实", "教育扶贫资助"),
    ("老师罚孩子站走廊，希望以后不要这样", "体罚或变相体罚"),
    ("打你们电话总没人接，希望改进", "作风/推诿/慢作为"),
    ("作业写到十一点，希望减少", "其他"),
    ("食堂阿姨不戴口罩手套打饭，希望注意卫生", "食堂/食品安全"),
    ("宿舍漏水半个月了没人修，希望尽快处理", ""),
    ("厕所又脏又臭，建议整改", ""),
    ("建议一小食堂整改，菜里有虫", "食堂/食品安全"),
    ("希望重视校车超员的问题", "校车/安全"),
    ("希望管管五小的老师，上课打人", "体罚或变相体罚"),
    ("食堂菜里有虫，建议换一家供应商", "食堂/食品安全"),
    ("饭菜太贵，能不能降价", "食堂/食品安全"),
    ("一小食堂有虫子，希望整改，谢谢", "食堂/食品安全"),
    ("希望重视一下五小老师打人的事", "体罚或变相体罚"),
]
PROPOSALS = [
    "建议食堂增加窗口",
    "希望能多开几门选修课",
    "建议食堂每周公布一次菜谱",
    "希望校车多开一个站点",
    "希望学校门口装个红绿灯",
    "建议把放学时间错开",
    "希望图书馆周末也开放",
    "建议课间加一次眼保健操",
    "希望食堂多一点素菜",
    "建议校服改成运动款",
    "希望能开通线上缴费",
    "能不能给孩子们多安排点体育课",
    "希望家长会能在晚上开",
    "建议学校装直饮水机",
    "希望校车的路线能延长到我们村",
    "建议课后服务加书法和围棋",
    "希望老师多和家长沟通",
    "要是能让孩子自己选社团就好了",
    "建议幼儿园开放日多办几次",
    "希望改善一下学校的绿化",
    "建议食堂饭菜品种丰富一些",
    "希望作业布置再少一点",
    "希望教育局重视心理健康教育",
    "建议给留守儿童安排暑期夏令营",
    "希望进一步改善办学条件",
    "建议家长监督食堂，保证饭菜安全",
    "最好把校门口的路拓宽",
    "希望能给山区学校配校车",
    "选修课太少，希望多开几门",
    "食堂排队太长，建议增加窗口",
    "希望学校重视孩子的视力",
    "希望加强校园欺凌教育",
    "建议加强校车司机培训，避免超员",
    "建议规范校外培训机构",
    "如果食堂菜不新鲜会出事，建议家长监督",
]


@pytest.mark.parametrize(("text", "topic"), WRONGS)
def test_a_wrong_with_a_wish_is_a_complaint(text: str, topic: str) -> None:
    found = understand(text, LEXICON)

    assert found.kind is Kind.COMPLAINT
    assert found.topic == topic or not topic
    assert found.confidence >= 0.6


@pytest.mark.parametrize("text", PROPOSALS)
def test_a_proposal_stays_a_suggestion(text: str) -> None:
    assert understand(text, LEXICON).kind is Kind.SUGGESTION
    assert not is_complaint_in_group(text)


def test_what_was_put_right_is_no_complaint() -> None:
    assert understand("食堂有虫的问题已整改，约谈了承包商，希望家长放心", LEXICON).kind is Kind.PROGRESS
    assert understand("上次投诉食堂有虫的事处理了没有，希望尽快答复", LEXICON).kind is Kind.QUERY
