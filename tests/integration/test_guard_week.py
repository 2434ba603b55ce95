"""False alarms: with every complaint of the labelled data marked, a whole week of the district leaves all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import URL

from bot.guard import Audience, Guard, Secret, clears_nobody, protect
from bot.messages import Outgoing, Text, ToChat
from bot.seal import Seal
from bot.sections import Complaints
from handlers.complaints.everyday import everyday
from handlers.progress.example import write_last_week
from tests.conftest import DATA
from tests.unit.weekly.house import WeeklyHouse, local, open_sample

ROWS = [json.loads(line) for line in (DATA / "complaint-examples.jsonl").read_text(encoding="utf-8").splitlines()]
SECRET = [row for row in ROWS if row["intent"] in ("complaint", "suggestion", "query")]
REPORTS = [
    json.loads(line)["text"]
    for file in sorted(DATA.glob("progress-*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]
WEEK = [
    ("weekly.open", "2026-11-26T09:00"),
    ("weekly.nudge", "2026-11-27T10:00"),
    ("weekly.close", "2026-11-27T12:00"),
    ("weekly.summary", "2026-11-27T15:00"),
    ("weekly.leader", "2026-11-30T08:30"),
]


@pytest.fixture
def house(sqlite_url: URL, seal: Seal, sample) -> Iterator[WeeklyHouse]:
    house = open_sample(sqlite_url, seal, sample)
    with house.db.transaction() as session:
        assert write_last_week(session, seal, house.directory, local("2026-11-23T10:00"))
        common = everyday(session, house.directory, Complaints())
        for row in SECRET:
            protect(session, seal, row["id"], row["id"], Secret.TEXT, [row["text"]], common=common)
            words = [span["value"] for span in row["pii"]]
            protect(session, seal, row["id"], row["id"], Secret.IDENTITY, words, common=common)
    yield house
    house.db.dispose()


def test_nothing_of_a_week_is_held_up(house: WeeklyHouse, seal: Seal) -> None:
    said: list[Outgoing] = [outgoing for job, due in WEEK for outgoing in house.run(job, due)]
    with house.db.reading() as session:
        judge = Guard(seal, clears_nobody).judge(session, house.directory)
        stopped = [
            (fault, outgoing.body)
            for outgoing in said
            if (fault := judge.find_fault(Audience("lane", "", isinstance(outgoing.to, ToChat)), outgoing.body))
        ]

    assert len(said) > 100
    assert stopped == []


def test_reports_of_schools_are_no_words_of_complaints(house: WeeklyHouse, seal: Seal) -> None:
    with house.db.reading() as session:
        judge = Guard(seal, clears_nobody).judge(session, house.directory)
        stopped = [text for text in REPORTS if judge.find_fault(Audience("lane", "C-ALL", True), Text(text))]

    assert len(REPORTS) > 300
    assert stopped == []


def test_every_complaint_of_the_data_is_stopped_with_all_it_names(house: WeeklyHouse, seal: Seal) -> None:
    with house.db.reading() as session:
        judge = Guard(seal, clears_nobody).judge(session, house.directory)

        def is_stopped(text: str) -> bool:
            return judge.find_fault(Audience("lane", "C-ALL", True), Text(text)) is not None

        passed = [row["text"] for row in SECRET if not is_stopped(f"转发:\n{row['text']}")]
        named = [span["value"] for row in SECRET for span in row["pii"] if not is_stopped(f"联系{span['value']}即可")]

    assert passed == []
    assert named == []


def test_a_bulletin_may_speak_of_the_matter_of_a_complaint(house: WeeklyHouse, seal: Seal) -> None:
    with house.db.transaction() as session:
        common = everyday(session, house.directory, Complaints())
        text = "柳湾镇中心小学食堂食品安全自查走过场,后厨地上全是水没人管"
        protect(session, seal, "case", "lane/owner", Secret.TEXT, [text], common=common)
        receipt = "您的投诉已登记。有进展直接说就行,例如:T08 70%,月底前完成;发“帮助”看更多。"
        protect(session, seal, "case", "lane/owner", Secret.TEXT, [receipt], common=common)
    with house.db.reading() as session:
        judge = Guard(seal, clears_nobody).judge(session, house.directory)
        everybody = Audience("lane", "C-ALL", True)

        assert judge.find_fault(everybody, Text("本周:柳湾镇中心小学食堂食品安全自查完成70%")) is None
        assert judge.find_fault(everybody, Text("有进展直接说就行,例如:T08 70%,月底前完成;发“帮助”看更多。")) is None
        assert judge.find_fault(everybody, Text("自查走过场,后厨地上全是水没人管")) == "words of another"
