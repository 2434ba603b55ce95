"""A group and the private chat of one person, handled by two processes at once: no word is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot import conversation
from bot.clock import SetClock
from bot.db import Base, Database
from bot.messages import Incoming, Kind
from bot.people import DirectoryCache
from bot.steps import handle
from handlers.complaints import dialogue
from tests.dialogues.parent import settle
from tests.dialogues.stage import Stage

WHO = "p-s13-2"
IN_GROUP, ALONE = "举报石桥镇中心小学张某某老师有偿补课,请局里查处", "我要举报三小强制买教辅"


@pytest.fixture
def stage(postgres_url: Any, clock: SetClock, sample: dict[str, Any]) -> Iterator[Stage]:
    """The sample district on PostgreSQL."""
    database = Database(postgres_url)
    Base.metadata.create_all(database.engine)
    stage = Stage(database, clock, sample)
    settle(stage)
    yield stage
    stage.close()
    database.dispose()


def test_words_of_a_group_and_of_the_private_chat_meet_in_one_draft(stage: Stage) -> None:
    others = Database(stage.db.engine.url)
    houses = [stage.house, replace(stage.house, db=others, directories=DirectoryCache())]
    sent_at = stage.clock.now()
    for number in range(5):
        url = f"https://x/cgi-bin/aibot/response?response_code={number}"
        group = Incoming("robot/duban", f"g{number}", Kind.TEXT, WHO, sent_at, "wr-c-b08", IN_GROUP, response_url=url)
        stage.store(group)
        stage.store(Incoming("app/office", f"a{number}", Kind.TEXT, WHO, sent_at, text=f"{ALONE}{number}"))

    def work(house: Any) -> None:
        while handle.handle(house, lambda uid: None):
            pass

    threads = [threading.Thread(target=work, args=(house,)) for house in houses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert stage.failed() == []
    with stage.db.reading() as session:
        found = conversation.find(session, stage.seal, f"app/office||{WHO}", stage.clock.now())
    assert found is not None
    draft = dialogue.load(found.data).draft
    assert draft is not None
    assert sorted(entry.message_id for entry in draft.entries) == [f"{door}{n}" for door in "ag" for n in range(5)]
    others.dispose()
