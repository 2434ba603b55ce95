"""Why a score is what it is, and what would change it. Source: supervision reference §3, explain."""

from __future__ import annotations

from fractions import Fraction

from handlers.ranking import texts
from handlers.ranking.change import Trend
from handlers.ranking.explain import Explanation, contributions, explain
from handlers.ranking.peers import compare
from handlers.ranking.result import Unranked, Versus
from handlers.ranking.score import State, score
from handlers.ranking.unit import Gap, add_up
from tests.unit.ranking.cases import RULES, START, YARDSTICK, december, line, november, percent, unit

AT = december(1)


def example() -> Explanation:
    """Return a unit with a task in every state that matters, on the first day after the deadline."""
    lines = [
        line(task="T31", weight=4, progress=percent("60"), missed=2, source="uid-1", confirmer="P-B08-1"),
        line(task="T08", weight=3, done_at=november(20)),
        line(task="T11", weight=2, done_at=december(1)),
        line(task="T20", weight=2, claimed_at=november(27)),
        line(task="T33", weight=1, progress=percent("20"), stopped_at=november(20)),
        line(task="T40", weight=3, start=november(30).date(), deadline=december(31).date(), progress=percent("5")),
    ]
    return explain(add_up("S13", [score(each, AT, YARDSTICK) for each in lines]), AT, YARDSTICK)


def test_every_task_has_its_contribution_and_they_add_up() -> None:
    found = example()

    # (4·55 + 3·100 + 2·97 + 2·95) / 11
    assert (Fraction(904, 11), Fraction("82.2"), "B") == (found.score, found.shown, found.band)
    shown = {one.scored.line.task: one.shown for one in found.parts}
    assert {"T31": Fraction(20), "T08": Fraction("27.27"), "T11": Fraction("17.64"), "T20": Fraction("17.27")} == shown
    assert Fraction("82.18") == sum(shown.values())
    assert [one.line.task for one in found.other] == ["T33", "T40"]


def test_many_small_parts_do_not_drift_apart() -> None:
    found = contributions(unit("S13", *["66.7"] * 37, *["33.35"] * 4))

    assert abs(sum(one.shown for one in found) - sum(one.exact for one in found)) <= Fraction(5, 1000)
    assert all(abs(one.shown - one.exact) < Fraction(1, 100) for one in found)


def test_what_finishing_a_task_today_would_bring() -> None:
    found = example().outlooks

    # T31 one day late: (4·97 + 684) / 11; T40 in time: (904 + 300) / 14; T20 verified: (714 + 200) / 11
    assert [one.task for one in found] == ["T31", "T40", "T33", "T20"]
    assert [Fraction(1072, 11), Fraction(1204, 14), Fraction(1004, 12), Fraction(914, 11)] == [
        one.score for one in found
    ]
    assert texts.outlook(found[0]) == "若T31今日完成并核实 → 97.5,A档"
    assert texts.outlook(found[1]) == "若T40今日完成并核实 → 86.0,B档"


def test_a_unit_without_a_score_is_told_what_the_first_one_would_be() -> None:
    found = explain(add_up("S13", [score(line(), november(16), YARDSTICK)]), november(16), YARDSTICK)

    assert (found.score, found.band, found.parts) == (None, None, ())
    assert [texts.outlook(one) for one in found.outlooks] == ["若T08今日完成并核实 → 100.0,A档"]
    assert texts.head(found, "乡中心校") == "乡中心校暂无可计分的任务。"


def test_the_answer_names_every_figure_of_the_formula() -> None:
    found = example()
    parts = {one.scored.line.task: texts.part(one, "某任务", "11-20李老师报") for one in found.parts}
    others = {one.line.task: texts.other(one, "某任务") for one in found.other}

    assert texts.head(found, "柳湾小学") == "柳湾小学得分82.2(B档),计4项任务,占应计权重79%:"
    assert parts["T31"] == "T31 某任务:权重4,逾期,进度60.0%,逾期1个工作日,有2周未报,得55.0,贡献20.00,11-20李老师报"
    assert parts["T08"] == "T08 某任务:权重3,按时完成,进度100.0%,得100.0,贡献27.27,11-20李老师报"
    assert parts["T11"] == "T11 某任务:权重2,逾期完成,进度100.0%,逾期1个工作日,得97.0,贡献17.64,11-20李老师报"
    assert parts["T20"] == "T20 某任务:权重2,自报完成,待核实,进度95.0%,应达100.0%,得95.0,贡献17.27,11-20李老师报"
    assert others["T33"] == "T33 某任务:权重1,在办,停表,进度20.0%,应达70.0%"
    assert others["T40"] == "T40 某任务:权重3,刚开始,暂不计分,进度5.0%,应达4.3%"


def test_units_are_told_a_place_only_where_there_is_one() -> None:
    clear = compare([unit(f"S{n}", *[str(95 - 7 * n)] * 4) for n in range(6)], RULES)
    few = compare([unit("S1", "90", "80", "70"), unit("S2", "90", "80", "70")], RULES)

    assert texts.standing(clear[0]) == "95.0 A档,第1名,高于同类"
    assert texts.standing(few[0]) == "80.0 B档,与同类相当"
    tied = compare([unit(f"S{n:02}", *[str(95 - 6 * max(1, n))] * 4) for n in range(12)], RULES)
    assert texts.standing(tied[1]) == "89.0 B档,第1名(并列),高于同类"


def test_who_is_not_ranked_is_told_why() -> None:
    assert texts.unranked(Unranked("S1", Gap.FEW_TASKS, None, Fraction(0), 0)).startswith("数据不足,不参与排名")
    assert texts.unranked(Unranked("S1", Gap.LOW_COVERAGE, None, Fraction(0), 4)).startswith("数据不足,不参与排名")


def test_every_state_ground_and_gap_has_its_words() -> None:
    assert set(State) == set(texts.STATES)
    assert set(Gap) == set(texts.GAPS)
    assert set(Versus) == set(texts.VERSUS)
    assert set(Trend) == set(texts.TRENDS)
    assert texts.trend(Trend.STEADY, START) == "较11月持平"
