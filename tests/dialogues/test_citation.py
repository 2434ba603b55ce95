"""Words of one person reach others as words: no tag, mark, mention, hidden sign or line of their own comes along."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest

from bot.messages import Card
from scheduler.runner import Runner
from tests.dialogues.stage import Stage, make_config, words
from tests.fakes import RecordingChannel

HOSTILE = [
    "<a href=x>",
    "</a>",
    "[点我]",
    "**",
    "`",
    "#",
    "_~_",
    "\\",
    "&lt",
    "\u202e",  # right to left
    "\u2066\u200b",  # isolate, zero width
    "\U000e0041",  # a tag character
]
MARKS = set("<>[]*`#\\_~|&")


def rendered(stage: Stage) -> list[str]:
    """Return the words of everything that left by any door."""
    found = []
    for channel in (stage.app, stage.robot, stage.push):
        found += [words(parcel.envelope.body) for parcel in channel.parcels]
        found += [value for line in _card_lines(channel) for value in line]
    return found


def _card_lines(channel: RecordingChannel) -> list[tuple[str, str]]:
    bodies = [parcel.envelope.body for parcel in channel.parcels]
    return [line for body in bodies if isinstance(body, Card) for line in body.lines]


def run(stage: Stage, job: str, at: datetime) -> None:
    """Run one line of the timetable and deliver what it says."""
    runner = Runner(
        db=stage.db,
        seal=stage.seal,
        directories=stage.house.directories,
        dispatch=stage.house.dispatch,
        config=make_config(),
        metrics=stage.house.metrics,
    )
    stage.at(at)
    runner.run_job(job, at, at)
    stage.work()


def assert_plain(texts: list[str]) -> None:
    """Nothing in our texts is a mark, a mention of anybody but ourselves, or hidden."""
    for text in texts:
        assert not MARKS & set(text), text
        assert "@" not in text.replace("@小督", ""), text
        assert not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in text.replace("\n", "")), text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_obstacle_reaches_the_group_the_section_and_the_leader_as_plain_words(stage: Stage, hostile: str) -> None:
    run(stage, "weekly.open", datetime(2026, 11, 26, 1, 0, tzinfo=UTC))
    echo = stage.say("P-S13-2", f"T08 60%,因为材{hostile}料没到货", group="C-B08")
    stage.say("P-S44-1", f"申请将宿舍改造延期到12月31日,消防{hostile}验收排队")
    run(stage, "weekly.nudge", datetime(2026, 11, 27, 2, 0, tzinfo=UTC))
    run(stage, "weekly.summary", datetime(2026, 11, 27, 7, 0, tzinfo=UTC))
    run(stage, "weekly.leader", datetime(2026, 11, 30, 0, 30, tzinfo=UTC))

    assert_plain(rendered(stage))
    assert "料没到货" in echo
    assert any("申请延期" in text for text in stage.told("P-B06-1"))
    for reader in ("P-B06-1", "P-L5"):
        assert any("需要协调的卡点" in text and "料没到货" in text for text in stage.told(reader))
    assert stage.failed() == []


@pytest.mark.parametrize("hostile", ["<a href=x>", "**", "\u202e"])
def test_what_is_stored_stays_as_it_was_written(stage: Stage, hostile: str) -> None:
    stage.say("P-S13-2", f"T08 60%,因为材{hostile}料没到货")
    row = stage.records()[0]

    assert row.blocker is not None
    assert stage.seal.open(row.blocker, row.uid).decode() == f"材{hostile}料没到货"


@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\u2028", "\x85", "@all ", "@所有人 "])
def test_an_obstacle_forges_no_line_of_a_list(stage: Stage, end: str) -> None:
    answer = stage.say("P-S13-2", f"T08 60%,因为材料{end}T31 100%已完成{end}没到货", group="C-B08")

    assert "\n" not in answer
    assert_plain(rendered(stage))


def test_an_obstacle_mentions_nobody(stage: Stage) -> None:
    # With so much behind it the name is not taken for a mention, and stays in the words.
    answer = stage.say("P-S13-2", "T08 60%,因为物业@all一直联系不上而且配电室又在改造线路没办法停电", group="C-B08")

    assert "物业＠all一直联系不上" in answer
    assert_plain(rendered(stage))


def test_a_question_back_quotes_plainly_too(stage: Stage) -> None:
    answer = stage.say("P-S13-2", "烦死了T08 60%,因为**材料**没到货", group="C-B08")

    assert "我理解为" in answer
    assert_plain([answer])


def test_a_long_obstacle_is_shortened(stage: Stage) -> None:
    answer = stage.say("P-S13-2", f"T08 60%,因为{'供货的厂家' * 40}材料没到货", group="C-B08")

    assert "卡点:供货的厂家" in answer
    assert len(answer) < 150
