"""Acute danger is found in whatever spelling; figures of speech, drills, risks and settled matters stay quiet."""

from __future__ import annotations

import pytest

from handlers.complaints.language import DangerKind, find_dangers, opinion
from handlers.complaints.language.learn import learn
from tests.unit.complaints.language.scoring import DATA, alarms, misses, rows, shares

# Each pair: who writes of danger, and the nearest text that tells of none.
PAIRS = [
    ("孩子被同学打得满脸是血", "校服掉色把脖子染得满是红色", DangerKind.VIOLENCE),
    ("三个初二的围着我儿子打", "三个初二的围着老师问问题", DangerKind.VIOLENCE),
    ("不给十块钱就打我", "不给好评就打电话来", DangerKind.VIOLENCE),
    ("他拿刀追我们班同学", "他拿刀切菜给我们班看", DangerKind.VIOLENCE),
    ("门卫摸我女儿下面", "老师摸底考试成绩出来了", DangerKind.SEXUAL),
    ("被拍了换衣服的视频", "报名要上传换证的视频吗", DangerKind.SEXUAL),
    ("女儿昨晚割腕了", "工人昨天割草了", DangerKind.SELF_HARM),
    ("我想死，没人管我", "外婆说想死你了", DangerKind.SELF_HARM),
    ("吃完午饭好多学生呕吐", "食堂的菜好多学生吐槽", DangerKind.ILLNESS),
    ("全班一半人拉肚子", "孩子拉肚子请假一天", DangerKind.ILLNESS),
    ("孩子放学到现在没回家", "孩子放学到现在没写作业", DangerKind.MISSING),
    ("娃走丢了", "水杯丢了", DangerKind.MISSING),
    ("宿舍着火了快来人", "食堂的新菜火爆全校", DangerKind.ACUTE),
    ("学生触电昏迷", "老师的话让我像触电般感动", DangerKind.ACUTE),
    ("煤气漏了有人晕倒", "煤气费涨了", DangerKind.ACUTE),
]
SPELLINGS = [
    "孩子 被 打 的 满 脸 是 血",
    "孩子被·打·的·满·脸·是·血",
    "孩子\u200b被打\u200b的满脸是血",
    "孩子bei打的满脸是血",
    "孩子被打的滿臉是血",
    "老师强 奸学生",
    "老师qiangjian学生",
    "我被ＱＪ了",
    "我想 自 杀",
    "我想zs",
    "我想紫砂",
    "想zi sha",
    "想 自。杀",
    "实物中毒了",
    "她在隔腕",
]
QUIET = [
    "气死我了，电话又打不通",
    "作业多得要死",
    "今天开展消防演练，模拟宿舍起火，全员安全撤离",
    "请按要求上报防溺水、防性侵专题教育材料",
    "电线老化，万一着火怎么办",
    "去年孩子在学校触过电，想问保险怎么报",
    "栏杆松动，迟早有人掉下去",
    "新闻里说外地学校集体食物中毒",
    "上次打架的事已经处理好了，谢谢老师",
    "走失的孩子找回来了，感谢大家",
    "老师骂孩子是猪",
    "同学都孤立她",
    "我家的紫砂壶摔了",
    "校车超员，太不安全",
    "排查火灾隐患12处",
]


@pytest.mark.parametrize(("danger", "harmless", "kind"), PAIRS)
def test_danger_is_told_from_its_harmless_neighbour(danger: str, harmless: str, kind: DangerKind) -> None:
    assert kind in {found.kind for found in find_dangers(danger)}
    assert find_dangers(harmless) == ()


@pytest.mark.parametrize("text", SPELLINGS)
def test_danger_is_found_in_any_spelling(text: str) -> None:
    assert find_dangers(text)


@pytest.mark.parametrize("text", QUIET)
def test_what_harms_nobody_now_is_quiet(text: str) -> None:
    assert find_dangers(text) == ()


def test_a_drill_in_which_somebody_is_hurt_is_no_drill() -> None:
    assert find_dangers("消防演练时孩子被推倒，骨折住院")
    assert not find_dangers("消防演练时孩子们都很配合")


def test_a_matter_that_is_said_to_be_settled_by_others_only_stays_open() -> None:
    assert find_dangers("孩子被打得骨折，学校说已经处理好了，可是人还在医院")
    assert not find_dangers("孩子被打得骨折的事已经处理好了，孩子也康复了")


def test_the_place_is_given_as_typed() -> None:
    text = "你好，我 被 打 的 流 血 了。"
    (found,) = find_dangers(text)

    assert text[found.start : found.end] == "我 被 打 的 流 血"
    assert 0.5 <= found.confidence <= 1


def test_the_tuned_half_is_found_whole() -> None:
    recall, false = shares(rows("danger.jsonl"))

    assert recall >= 0.99, misses(rows("danger.jsonl"))
    assert false <= 0.03, alarms(rows("danger.jsonl"))


def test_the_half_that_was_not_tuned_on_is_found() -> None:
    recall, false = shares(rows("danger-heldout.jsonl"))

    assert recall >= 0.99, misses(rows("danger-heldout.jsonl"))
    assert false <= 0.05, alarms(rows("danger-heldout.jsonl"))


@pytest.mark.parametrize(
    ("name", "least", "most"), [("danger-heldout-2.jsonl", 0.9, 0.1), ("danger-heldout-3.jsonl", 0.92, 0.35)]
)
def test_the_last_blind_sets_keep_their_level(name: str, least: float, most: float) -> None:
    """Never tuned on: a floor, not an aim (docs/understanding.md)."""
    recall, false = shares(rows(name))

    assert recall >= least
    assert false <= most


@pytest.mark.parametrize(
    "text",
    [
        "他们围着我不让走，说明天不交一百块就打我，我好害怕",
        "校车停运的事反映三次了。接送很麻烦。我家老二到现在没到家，天黑了沿路喊也没人应。车费退不退？",
        "孩子在周记里写不想活了",
        "培训班的电梯坏了，我女儿被关在电梯里一个小时，一直在哭",
        "如果不给他们钱就打我",
        "上次打架的事处理好了。另外今天我女儿被人拖到厕所打",
    ],
)
def test_one_clause_of_danger_is_found_among_others(text: str) -> None:
    assert find_dangers(text)


@pytest.mark.parametrize(
    "text",
    [
        "没有人被打，大家放心",
        "孩子没被打",
        "围墙塌了一角，幸好没砸到人，请来修",
        "数学难到想死哈哈",
        "有人造谣说学校有学生跳楼，根本没有这回事",
        "谢谢门卫，孩子晕倒时第一时间送医，现在已经好了",
    ],
)
def test_what_the_writer_says_against_a_danger_counts(text: str) -> None:
    assert find_dangers(text) == ()


def test_the_weights_are_what_the_labelled_rows_teach() -> None:
    files = [
        "danger.jsonl",
        "complaint-examples.jsonl",
        "complaint-blind.jsonl",
        "complaint-blind-2.jsonl",
        *sorted(path.name for path in DATA.glob("progress-*.jsonl")),
    ]
    taught, kept = learn([row for name in files for row in rows(name)]), opinion.load()

    assert taught.weights.keys() == kept.weights.keys()
    assert taught.bias == pytest.approx(kept.bias, abs=0.02)
    assert all(taught.weights[run] == pytest.approx(kept.weights[run], abs=0.02) for run in kept.weights)


def test_the_labelled_complaints_agree() -> None:
    labelled = rows("complaint-examples.jsonl")

    assert misses(labelled) == []
    assert len(alarms(labelled)) <= 2, alarms(labelled)


@pytest.mark.parametrize("name", ["", "-heldout", "-heldout-2", "-heldout-3"])
def test_reports_of_the_ledger_raise_no_alarm(name: str) -> None:
    labelled = rows(f"progress{name or '-examples'}.jsonl")

    assert [row["text"] for row in labelled if find_dangers(row["text"])] == []
