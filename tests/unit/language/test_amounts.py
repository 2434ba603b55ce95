"""Rules 5 and 6: percents and counts."""

import pytest

from handlers.progress.language.numerals import parse
from tests.unit.language.scoring import Reader

PERCENTS = [
    ("家访八成五", "85%"),
    ("家访7成8", "78%"),
    ("家访十分之七", "70%"),
    ("家访三分之二", "67%"),
    ("家访一半", "50%"),
    ("家访大半", ">=50%"),
    ("家访小半", "<50%"),
    ("家访还差20%", "80%"),
    ("家访还剩两成没走", "80%"),
    ("家访从60%到75%了", "75%"),
    ("家访上周60%,本周75%", "75%"),
    ("家访提高10个百分点,达到75%", "75%"),
    ("家访过七成", ">=70%"),
    ("家访九成多", ">=90%"),
    ("家访不足一半", "<50%"),
    ("家访八成吧", "~80%"),
    ("家访将近八成", "~80%"),
    ("家访七八成", "~75%"),
    ("家访百分之九十八点五", "98.5%"),
    ("家访完成率96.66%", "96.7%"),
    ("家访目标100%,目前85%", "85%"),
    ("家访总进度50%", "50%"),
    ("家访90", "90%"),
    # counts
    ("家访应访86户,实访73户", "85% 73/86"),
    ("家访120户已走访80户", "67% 80/120"),
    ("家访已走访80户,共120户", "67% 80/120"),
    ("家访走了50户,还有6户没走", "89% 50/56"),
    ("家访还差3户没走,共56户", "95% 53/56"),
    ("家访1195/1200", "99% 1195/1200"),
    ("家访:38户/50户", "76% 38/50"),
    ("家访已走访80户", "80"),
    ("家访走了1,008户", "1008"),
]
OTHERS = [
    ("家访完成率提高5个百分点", "S13-1", "report: S13 T05 in_progress ?percent"),
    ("体测合格率95%,数据上报完成90%", "S13-1", "report: S13 T20 in_progress 90%"),
    ("家访预计月底达到90%", "S13-1", "report: S13 T05 in_progress ?percent"),
    # what a task's metric does not count
    ("专题研讨已开展2次,应到56实到54", "S38-2", "report: S38 T28 in_progress 2"),
    ("一招鲜写了2个初稿,还没报", "S58-1", "report: S58 T36 in_progress ?percent"),
    ("教师培训办了3场", "S13-1", "report: S13 T25 in_progress ?percent"),
    # sets that name their size, steps, ordinals, remainders
    ("四个专题学完仨了", "S14-1", "report: S14 T28 in_progress 75% 3/4"),
    ("四个专题还差两个", "S38-2", "report: S38 T28 in_progress 50% 2/4"),
    ("班班通三步走完两步", "S47-2", "report: S47 T26 in_progress 67% 2/3"),
    ("冰雪运动第二次已上完", "S08-2", "report: S08 T19 in_progress 2"),
    ("大班额化解3个班,还有2个班", "S01-1", "report: S01 T10 in_progress 60% 3/5"),
]


@pytest.mark.parametrize(("text", "expected"), PERCENTS)
def test_amounts_are_read_in_all_their_forms(reader: Reader, text: str, expected: str) -> None:
    assert reader.say(text) == f"report: S13 T05 in_progress {expected}"


@pytest.mark.parametrize(("text", "sender", "expected"), OTHERS)
def test_only_what_tells_progress_is_counted(reader: Reader, text: str, sender: str, expected: str) -> None:
    assert reader.say(text, sender) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十二", 12),
        ("二十", 20),
        ("一百二", 120),
        ("一百零二", 102),
        ("两千三", 2300),
        ("九十八点五", 98.5),
        ("1,260", 1260),
    ],
)
def test_numerals_have_their_value(text: str, value: float) -> None:
    assert parse(text) == value


def test_what_is_no_numeral_is_refused() -> None:
    with pytest.raises(ValueError, match="很多"):
        parse("很多")
