"""What is asked in a group and answered in private: said to be so only if the private message can get through."""

from __future__ import annotations

from bot import lanes
from bot.messages import Incoming, Kind
from handlers.ledger import texts as ledger
from handlers.progress import texts as progress
from tests.dialogues.stage import Stage

ASKER = "P-S13-1"
GROUP = "C-B08"


def cut_off(stage: Stage, person: str = ASKER) -> None:
    """Let it be known that the app cannot reach a person."""
    with stage.db.transaction() as session:
        lanes.mark_dead(session, person, "app/office", 0, stage.clock.now())


def test_the_ledger_goes_to_the_asker_in_private(stage: Stage) -> None:
    assert stage.say(ASKER, "台账", group=GROUP) == ledger.IN_PRIVATE
    assert "T08" in stage.told(ASKER)[0]


def test_whoever_cannot_be_reached_is_told_what_to_do_and_not_that_it_was_sent(stage: Stage) -> None:
    cut_off(stage)

    assert stage.say(ASKER, "台账", group=GROUP) == ledger.UNREACHABLE
    assert stage.told(ASKER) == []
    assert stage.failed() == []


def test_to_open_the_app_is_enough(stage: Stage) -> None:
    cut_off(stage)
    stage.receive(Incoming("app/office", "e1", Kind.ENTER, ASKER.lower(), event="enter_agent"))

    assert stage.say(ASKER, "台账", group=GROUP) == ledger.IN_PRIVATE


def test_another_person_who_cannot_be_reached_changes_nothing(stage: Stage) -> None:
    cut_off(stage, "P-S13-2")

    assert stage.say(ASKER, "台账", group=GROUP) == ledger.IN_PRIVATE


def test_a_private_report_that_is_taken_back_in_a_group_is_not_read_out_there(stage: Stage) -> None:
    stage.say(ASKER, "T08 70%")
    taken_back = stage.say(ASKER, "作废", group=GROUP)
    stage.say(ASKER, "T08 72%")
    cut_off(stage)
    unreached = stage.say(ASKER, "作废", group=GROUP)

    assert (taken_back, unreached) == (progress.RETRACTED_IN_PRIVATE, progress.RETRACTED_UNTOLD)
