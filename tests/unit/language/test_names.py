"""Rules 2 and 3: which unit and which task are meant, and when to ask."""

import json

import pytest

from handlers.progress.language import Lexicon, UnitEntry
from handlers.progress.language.lexicon import reporting_units
from handlers.progress.language.phonetic import sound
from tests.unit.language.scoring import SAMPLE, Reader

UNITS = [
    ("一小、二小承诺书都签完了", "B02-2", "report: S01 T11 done 100%; S02 T11 done 100%"),
    ("一小承诺书签完了,二小还差5人", "B02-2", "report: S01 T11 done 100%; S02 T11 in_progress ?percent"),
    ("承诺书:一小100%,二小80%", "B02-2", "report: S01 T11 done 100%; S02 T11 in_progress 80%"),
    ("我校和上营教学点消防排查都完成了", "S13-2", "report: S13 T31 done 100%; S75 T31 done 100%"),
    ("转三中:体测已上报", "B09-2", "report: S36 T20 done 100%"),
    ("转:承诺书已全部签订", "B02-2", "report: - T11 done 100% ?unit"),
    ("受二幼委托上报:承诺书28人全部签完", "B02-2", "report: S59 T11 done 100%"),
    # an ambiguous name is settled by the task, or by the sender's own unit, or asked
    ("柳湾的普惠园认定材料齐了", "B05-2", "report: S64 T22 in_progress ?percent"),
    ("柳湾的食堂自查完成了", "B09-2", "report: - T33 done 100% ?unit"),
    ("中心校家访完成八成", "S13-1", "report: S13 T05 in_progress 80%"),
    # groups that nobody can list
    ("幼儿园那几家食堂自查都做完了", "B09-2", "report: - T33 done 100% ?unit"),
    ("全区消防排查完成80%", "B08-2", "report: - T31 in_progress 80% ?unit"),
    ("除了育英,其他小学承诺书都签完了", "B02-2", "report: - T11 done 100% ?unit"),
    # partners, places and words that only contain a name
    ("与三小结对帮扶送教1次", "S48-2", "report: S48 T04 in_progress 1"),
    ("三中全会精神专题研讨已开展2次", "S13-1", "report: S13 T28 in_progress 2"),
    ("周一中午前体测传完", "S13-1", "report: S13 T20 in_progress @2026-11-23"),
    ("消防排查正在落实中", "S13-1", "report: S13 T31 in_progress ?percent"),
    ("实验楼漏水修好了,校舍维修整体到65%", "S35-1", "report: S35 T08 in_progress 65%"),
    ("希望小学校车没有,不涉及", "S32-2", "report: S32 T32 not_applicable"),
]
TASKS = [
    ("t8 已完成", "S13-1", "report: S13 T08 done 100%"),
    ("第17项75% 第24项12件办了10件", "S54-1", "report: S54 T17 in_progress 75%; S54 T24 in_progress 83% 10/12"),
    # typos and homophones
    ("校舍维休完成七成", "S13-1", "report: S13 T08 in_progress 70%"),
    ("体侧报了八成", "S13-1", "report: S13 T20 in_progress 80%"),
    ("承若书都签了", "S13-1", "report: S13 T11 done 100%"),
    (
        "防欺零排查过七成了哈 体侧数据大概传了六成",
        "S39-1",
        "report: S39 T35 in_progress >=70%; S39 T20 in_progress ~60%",
    ),
    ("校舍改造完成一半", "S42-1", "report: S42 T08 in_progress 50%"),
    # shared words: one task left, or ask
    ("改造完成60%", "S13-1", "report: S13 T08 in_progress 60%"),
    ("检查完成", "S13-1", "report: S13 - done 100% ?task"),
    ("已完成80%", "S13-1", "report: S13 - in_progress 80% ?task"),
    # names inside other things
    ("今天消防队来了", "S13-1", "chatter"),
    ("宿舍改造完成八成,消防验收排队", "S44-1", "report: S44 T09 in_progress 80% !消防验收排队"),
    ("食堂里的消防隐患整改完了", "S13-1", "report: S13 T31 done 100%"),
    # several tasks in one breath
    (
        "消防排查完成食堂80%家访过半",
        "S13-1",
        "report: S13 T31 done 100%; S13 T33 in_progress 80%; S13 T05 in_progress >=50%",
    ),
    ("承诺书,消防,供暖,全部完成", "S13-1", "report: S13 T11 done 100%; S13 T31 done 100%; S13 T34 done 100%"),
    ("体测和家访分别完成80%、60%", "S13-1", "report: S13 T20 in_progress 80%; S13 T05 in_progress 60%"),
    # a task named in a question is what the answer after it speaks of
    ("年终自评要不要附照片?我们已经写完报了", "S14-1", "report: S14 T40 done 100%"),
    ("老师您好,T31需要附照片吗", "S13-1", "question"),
    ("已完成消防排查正在做家访", "S13-1", "report: S13 T31 done 100%; S13 T05 in_progress ?percent"),
]


@pytest.mark.parametrize(("text", "sender", "expected"), UNITS)
def test_the_unit_meant_is_found_or_asked(reader: Reader, text: str, sender: str, expected: str) -> None:
    assert reader.say(text, sender) == expected


@pytest.mark.parametrize(("text", "sender", "expected"), TASKS)
def test_the_task_meant_is_found_or_asked(reader: Reader, text: str, sender: str, expected: str) -> None:
    assert reader.say(text, sender) == expected


def test_full_width_signs_mentions_and_invisible_characters_make_no_difference(reader: Reader) -> None:
    typed = "@小督 @张三 \u200bＴ０８校舍\u200b维修７０％👌"

    assert reader.say(typed) == reader.say("T08校舍维修70%")


def test_the_blocker_is_given_as_typed(reader: Reader) -> None:
    assert reader.say("设备验收卡住了，厂家少发１２台，没法验", "S17-2") == "report: S17 T26 blocked !厂家少发１２台"


def test_the_rule_for_reporting_units_is_expanded() -> None:
    kinds = {"S1": "小学", "S2": "幼儿园", "B1": "股室", "B2": "股室"}
    units = [UnitEntry(key, key, (), kind, None) for key, kind in kinds.items()]

    assert reporting_units("schools:*", units) == {"S1", "S2"}
    assert reporting_units("sections:B1;kinds:小学,初中", units) == {"B1", "S1"}
    assert reporting_units("sections:*", units) == {"B1", "B2"}
    assert reporting_units("units:S2,B2", units) == {"S2", "B2"}
    assert reporting_units("", units) == frozenset()


def test_the_lexicon_of_the_sample_district_is_whole() -> None:
    lexicon = Lexicon.from_district(json.loads(SAMPLE.read_text(encoding="utf-8")))

    assert (len(lexicon.units), len(lexicon.tasks)) == (100, 40)
    assert lexicon.task_by_id["T07"].applies_to == {"S47", "B06"}
    assert lexicon.children("S15") == ("S77", "S78")
    assert lexicon.steps["T39"] == ("清单上墙", "在群内公布")


@pytest.mark.parametrize(
    ("a", "b"), [("测", "侧"), ("修", "休"), ("查", "察"), ("访", "坊"), ("声", "身"), ("亮", "量")]
)
def test_homophones_sound_alike(a: str, b: str) -> None:
    assert sound(a) == sound(b)


def test_what_is_no_common_character_sounds_like_itself() -> None:
    assert [sound(char) for char in "a1辍😀"] == ["a", "1", "辍", "😀"]
