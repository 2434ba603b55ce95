"""The main paths as their users walk them: real callbacks in, real calls out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from bot.bootstrap.operator import run_job, write_example
from bot.media import MediaRow
from bot.sandbox import Member
from tests.service.conftest import Town

GROUP = "C-B08"
REPORTER = "p-s13-2"
PRIVATE = f"app/office|{REPORTER}"


def test_the_callback_addresses_can_be_saved(town: Town) -> None:
    assert town.people.verify_url(town.people.app)
    assert town.people.verify_url(town.people.robot)


def test_a_report_in_a_group_is_echoed_and_corrected(town: Town) -> None:
    town.people.say_in_group(GROUP, "p-s13-1", "@小督 T08到七成了").wait()
    town.people.say_in_group(GROUP, "p-s13-1", "@小督 更正 T08 是75%").wait()

    assert (town.answers(GROUP)) == [
        "已记:T08 校舍安全维修改造 70%。有误回复“更正”。",
        "已更正:T08 校舍安全维修改造 75%。有误回复“更正”。",
    ]
    assert [row.percent for row in town.records()] == [70.0, 75.0]


def test_a_report_to_the_app_is_answered_in_private(town: Town) -> None:
    town.people.say_to_app(REPORTER, "消防排查90%,差一个配电室").wait()
    entry = town.platform.wait_entry(PRIVATE, sender="app/office")

    assert "T31 校园消防安全排查 90%(卡点:差一个配电室)" in entry.content


def test_three_deliveries_at_once_are_one_record_and_one_answer(town: Town) -> None:
    town.people.say_in_group(GROUP, "p-s13-1", "@小督 T08 60%", deliveries=3, at_once=True).wait()
    assert town.service.settle(20)

    assert len(town.records()) == 1
    assert len(set(town.answers(GROUP))) == 1


def test_a_quoted_reminder_and_a_number_are_a_report(town: Town) -> None:
    reminder = town.platform.post(GROUP, "push/C-B08", "text", "【提醒】T08 校舍安全维修改造 请回复进展")
    town.people.say_in_group(GROUP, "p-s13-1", "@小督 60%", quote=reminder.id).wait()

    assert [(row.task_id, row.percent) for row in town.records()] == [("T08", 60.0)]


def test_the_week_is_asked_and_a_tap_confirms_it(town: Town) -> None:
    write_example(town.service.db, town.service.config, town.clock.now())
    before = len(town.records())
    town.clock.move_to(town.clock.now() + timedelta(days=3))  # Thursday 10:00
    run_job(town.service, "weekly.open", None, dry_run=False)
    town.service.wake.all()
    assert town.service.settle(20)
    assert "已报" in town.platform.entries(GROUP)[-1].content

    town.clock.move_to(town.clock.now() + timedelta(days=1, minutes=5))  # Friday 10:05
    town.service.runner.run_due(town.clock.now())
    assert town.service.settle(20)
    card = town.platform.private(REPORTER)[-1]
    assert [button["text"] for button in (card.card or {})["button_list"]] == ["无变化", "有更新", "遇到困难"]

    key = (card.card or {})["button_list"][0]["key"]
    for _ in range(2):
        town.people.click(card.task_id, REPORTER, key, stale=True).wait()
        assert town.service.settle(20)
    confirmed = town.records()[before:]
    assert {"unchanged"} == {row.act for row in confirmed}
    assert len(confirmed) == len({(row.unit_id, row.task_id) for row in confirmed})
    assert (
        "无变化"
        in town.platform.wait_for(lambda: card.card if card.state == "updated" else None)["main_title"]["title"]
    )


def test_a_stranger_gets_a_polite_answer_and_nothing_else(town: Town) -> None:
    town.platform.members["stranger"] = Member("stranger", "路人")
    town.people.say_to_app("stranger", "你好,T08 70%").wait()
    entry = town.platform.wait_entry("app/office|stranger", sender="app/office")

    assert "名单" in entry.content
    assert town.records() == []


@pytest.mark.parametrize("seals_userids", [True])
def test_encrypted_ids_of_a_robot_are_looked_up(town: Town) -> None:
    town.people.say_in_group(GROUP, "p-s13-1", "@小督 T08到七成了").wait()
    town.platform.wait_for(lambda: town.records() or None, seconds=10)

    assert [row.person_id for row in town.records()] == ["P-S13-1"]


def test_an_expired_token_is_renewed_once(town: Town) -> None:
    town.people.say_to_app(REPORTER, "T08 60%").wait()
    town.platform.wait_entry(PRIVATE, sender="app/office")
    town.platform.tokens.expire_all()
    town.people.say_to_app(REPORTER, "T11 60%").wait()
    town.platform.wait_for(lambda: len(town.answers(PRIVATE)) == 2 or None)

    assert town.platform.count_calls("/cgi-bin/gettoken") == 2


def test_a_picture_is_fetched_and_kept_sealed(town: Town) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"x" * 500
    town.people.say_in_group(GROUP, "p-s13-1", "@小督 新城二期照片", pictures=[picture]).wait()

    def fetched() -> MediaRow | None:
        with town.service.db.reading() as session:
            return session.scalar(select(MediaRow).where(MediaRow.state == "fetched"))

    row = town.platform.wait_for(fetched)
    assert row.content is not None
    assert picture not in row.content
    assert picture == town.service.seal.open(row.content, row.uid)


def test_the_service_tells_how_it_is(town: Town) -> None:
    pages = {path: requests.get(f"{town.url}/{path}", timeout=5) for path in ("readyz", "healthz", "metrics")}

    assert {200} == {page.status_code for page in pages.values()}
    assert pages["readyz"].json()["ready"]
    assert "duban_handled" in pages["metrics"].text
