"""`duban understand` reads progress and complaints from one line, with either form of the district file."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.bootstrap.operator import make_understander
from bot.bootstrap.understander import Understander
from bot.errors import ConfigError
from tests.unit.complaints.language.scoring import DATA, rows
from tests.unit.language.scoring import SAMPLE

NOW = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
PLAIN = json.loads((DATA / "complaint-schools.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def plain() -> Understander:
    return make_understander(PLAIN)


@pytest.fixture(scope="module")
def sample() -> Understander:
    return make_understander(json.loads(SAMPLE.read_text(encoding="utf-8")))


def test_a_complaint_is_told_in_the_words_of_the_labels(plain: Understander) -> None:
    text = "投诉清河二小强制买教辅，9月1日收了168元，电话19900001021"
    answer = plain({"id": 7, "text": text, "now": NOW})

    assert {key: answer[key] for key in ("id", "kind", "category", "tone", "schools", "times", "danger")} == {
        "id": 7,
        "kind": "complaint",
        "category": "乱收费/教辅",
        "tone": None,
        "schools": ["云州市清河区第二小学"],
        "times": ["9月1日"],
        "danger": False,
    }
    assert answer["redacted"].endswith("电话[手机号]")
    assert {"intent", "items", "ask", "confidence"} <= set(answer)
    assert set(answer["confidences"]) == {"kind", "category", "redacted", "schools", "times", "danger"}
    assert "issue" not in answer


def test_danger_is_told_with_its_kind(plain: Understander) -> None:
    answer = plain({"text": "孩子被三个同学围着打，流血了", "now": NOW})

    assert (answer["danger"], answer["dangers"]) == (True, ["violence"])
    assert plain({"text": "收到", "now": NOW})["danger"] is False


def test_a_report_of_the_ledger_is_progress(sample: Understander) -> None:
    row = rows("progress-examples.jsonl")[0]
    report: dict[str, Any] = {"text": row["text"], "sender": row["sender"], "now": datetime.fromisoformat(row["now"])}
    answer = sample(report)

    assert (answer["intent"], answer["kind"], answer["category"]) == (row["expect"]["intent"], "progress", None)


def test_issues_are_numbered_for_complaints_only(plain: Understander) -> None:
    lines = [
        {"text": "投诉清河二小强制买教辅168元", "now": NOW},
        {"text": "收到，谢谢", "now": NOW},
        {"text": "二小老师催着买练习册，不买就点名批评", "now": NOW},
        {"text": "投诉清河三小食堂菜里有虫", "now": NOW},
    ]

    assert [answer["issue"] for answer in plain.answer_all(lines)] == [1, None, 1, 2]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"schools": []}, "schools"),
        ({"schools": [{"aliases": []}]}, "schools[0].name"),
        ({"schools": [{"name": "甲校", "aliases": "甲"}]}, "schools[0].aliases"),
        ({"schools": [{"name": "甲校", "kind": 3}]}, "schools[0].kind"),
        ({"district": "甲区"}, "schema"),
    ],
)
def test_a_file_that_is_no_district_is_refused_by_place(data: dict[str, Any], place: str) -> None:
    with pytest.raises(ConfigError) as refused:
        make_understander(data)

    assert place in str(refused.value)


def test_the_command_groups_what_it_reads() -> None:
    typed = "\n".join(
        json.dumps({"text": text}, ensure_ascii=False) for text in ("投诉二小强制买教辅168元", "二小强制买练习册168元")
    )
    found = CliRunner().invoke(
        main, ["understand", "--group", "--district", str(DATA / "complaint-schools.json")], input=typed
    )

    assert found.exit_code == 0, found.output
    assert [json.loads(line)["issue"] for line in found.output.splitlines()] == [1, 1]
