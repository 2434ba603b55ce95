"""Parents, the stand-in and the whole service: wake-up, pull, welcome; and what `duban check` says of the accounts."""

from __future__ import annotations

from sqlalchemy import select

from bot.bootstrap import Service
from bot.check import findings
from bot.inbox import InboxRow
from bot.messages import Outgoing, Text, ToOutsider
from bot.outbox import OutboxRow
from bot.pulls import PullRow
from tests.service.conftest import Town

DOOR = "kf/parents"


def parent_of(town: Town) -> str:
    return next(iter(town.platform.customers))


def pulled(town: Town) -> list[InboxRow]:
    with town.service.db.reading() as session:
        rows = session.scalars(select(InboxRow).where(InboxRow.door == DOOR).order_by(InboxRow.id))
        known = set(town.platform.desk.message_ids.values())
        return [row for row in rows if row.message_id in known]


def test_a_parents_words_are_pulled_and_handled_once(town: Town) -> None:
    delivery = town.people.customers.say(parent_of(town), "食堂饭菜是凉的", deliveries=3, at_once=True)
    delivery.wait()
    town.service.settle(20)

    assert delivery.is_acknowledged
    (row,) = pulled(town)
    assert (row.state, row.body) != ("new", None)
    assert row.body is None


def test_a_notice_arrives_while_there_is_room(town: Town) -> None:
    parent = parent_of(town)
    town.people.customers.say(parent, "食堂饭菜是凉的").wait()
    town.service.settle(20)
    notice = Outgoing("t/1", ToOutsider(DOOR, parent), Text("已登记"), "notice")
    service = town.service
    with service.db.transaction() as session:
        service.house.dispatch.put(session, service.house.directories.get(session), [notice], town.clock.now())
    service.wake.all()
    town.platform.wait_entry(f"{DOOR}|{parent}", sender=DOOR, containing="已登记")
    service.settle(20)
    with service.db.reading() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.key == "t/1")).one()
    assert (row.state, row.audience) == ("sent", "")


def test_without_a_wake_up_it_is_pulled_all_the_same(town: Town) -> None:
    town.people.customers.say(parent_of(town), "没有唤醒", deliveries=0)
    with town.service.db.transaction() as session:
        for row in session.scalars(select(PullRow)):
            row.due_at = town.clock.now()
    town.service.settle(20)

    assert len(pulled(town)) == 1


def test_the_address_is_checked_as_when_an_administrator_saves_it(town: Town) -> None:
    assert town.people.verify_url(town.platform.first_kf())


def test_check_names_the_accounts(town: Town) -> None:
    account = town.platform.first_kf()
    told = [str(finding) for finding in findings(town.service, offline=False)]

    assert f"✓ kf parents: {account.open_kfid} {account.display_name}" in told
    assert "· kf parents: callback /wecom/kf/parents" in told
    config = town.service.config
    for name, value in (
        ("[server] public_url", config.server.public_url),
        ("[complaints] phone", config.complaints.phone),
    ):
        assert any(line.startswith(f"✗ {name} is empty") for line in told) == (not value)

    wecom = town.service.config.wecom.model_copy(update={"kf": ()})
    without = Service(town.service.config.model_copy(update={"wecom": wecom}), clock=town.clock)
    told = [str(finding) for finding in findings(without, offline=False)]
    without.client.close()
    without.db.dispose()
    assert any(account.open_kfid in line and account.display_name in line and line.startswith("·") for line in told)


def test_check_says_what_is_wrong_with_an_account(town: Town) -> None:
    account = town.platform.first_kf()
    config = town.service.config
    other = config.wecom.kf[0].model_copy(update={"open_kfid": "wkNobody"})
    wecom = config.wecom.model_copy(update={"kf": (other,)})
    wrong = Service(config.model_copy(update={"wecom": wecom}), clock=town.clock)
    told = [str(finding) for finding in findings(wrong, offline=False)]
    wrong.client.close()
    wrong.db.dispose()

    assert any(line.startswith("✗ kf parents: the app sees no account wkNobody") for line in told)
    assert not any(account.open_kfid in line for line in told)
