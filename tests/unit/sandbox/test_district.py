import json
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SetClock
from bot.sandbox import Platform, bound, settings
from bot.sections import Kf

FILE = Path(__file__).parents[3] / "bot" / "sandbox" / "data" / "district-sample.json"


@pytest.fixture(scope="module")
def district() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return data


@pytest.fixture
def company(district: dict[str, Any], clock: SetClock) -> Platform:
    return Platform.from_district(district, callback_base="http://127.0.0.1:8000/", clock=clock)


def test_everybody_is_a_member_and_every_chat_a_group(company: Platform, district: dict[str, Any]) -> None:
    assert set(company.members) == {person["id"].lower() for person in district["people"]}
    assert list(company.chats) == [chat["id"] for chat in district["chats"]]
    assert company.members["p-s13-1"].title == "柳湾镇中心小学校长"


def test_rules_of_membership_are_expanded(company: Platform, district: dict[str, Any]) -> None:
    roles = {person["id"].lower(): person["role"] for person in district["people"]}
    section = company.chats["C-B08"].members

    assert {roles[userid] for userid in company.chats["C-ALL"].members} == {"principal", "section_head"}
    assert {roles[userid] for userid in company.chats["C-LEAD"].members} == {"leader"}
    assert {"p-b01-2", "p-b07-1", "p-b02-1"} <= set(company.chats["C-OFF"].members)
    assert {"p-s13-1", "p-s13-2", "p-b08-1", "p-b08-2"} <= set(section)
    assert "p-s01-1" not in section


def test_keys_are_random_and_given_ones_kept(district: dict[str, Any]) -> None:
    changed = {**district, "chats": [{**district["chats"][0], "webhook_key": "given", "robot_chatid": "env:X"}]}
    one, other = (Platform.from_district(changed, callback_base="http://b") for _ in range(2))

    assert one.chats["C-ALL"].webhook_key == "given"
    assert one.chats["C-ALL"].robot_chatid.startswith("wr")
    assert one.first_app().secret != other.first_app().secret
    assert one.chats["C-ALL"].robot_chatid != other.chats["C-ALL"].robot_chatid


def test_some_chats_only(district: dict[str, Any]) -> None:
    company = Platform.from_district(district, callback_base="http://b", chats=["C-B08"])

    assert list(company.chats) == ["C-B08"]


def test_the_bots_settings_and_district_fit(company: Platform, district: dict[str, Any]) -> None:
    wecom = settings(company)
    chats = {chat["id"]: chat for chat in bound(district, company)["chats"]}

    assert wecom["apps"][0]["secret"] == company.first_app().secret
    assert wecom["api_base"] == "http://127.0.0.1:8000"
    assert company.first_robot().callback_url == "http://127.0.0.1:8000/wecom/robot/duban"
    assert chats["C-B08"]["webhook_key"] == company.chats["C-B08"].webhook_key
    assert len(wecom["robots"][0]["aes_key"]) == 43


def test_parents_write_to_one_account(company: Platform, district: dict[str, Any]) -> None:
    account = company.first_kf()
    (section,) = settings(company)["kf"]
    again = Platform.from_district(district, callback_base="http://b")

    assert (account.display_name, account.app) == ("清陵区教科局 家长之声", "office")
    assert account.callback_url == "http://127.0.0.1:8000/wecom/kf/parents"
    assert section == {
        "name": "parents",
        "app": "office",
        "open_kfid": account.open_kfid,
        "token": account.token,
        "aes_key": account.aes_key,
    }
    assert len(company.customers) == 4
    assert set(company.customers) == set(again.customers)  # a parent's chats go on after a restart
    assert again.first_kf().open_kfid != account.open_kfid  # cursors do not
    assert (company.posters[""], company.posters["S13"]) == ("教育局（不分学校）", "柳湾镇中心小学")
    assert not {person["name"] for person in district["people"]} & {one.nickname for one in company.customers.values()}


def test_the_bot_takes_the_settings(company: Platform) -> None:
    assert Kf.model_validate(settings(company)["kf"][0]).open_kfid == company.first_kf().open_kfid


def test_an_unknown_rule_stops_the_start(district: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="X99"):
        Platform.from_district(
            {**district, "chats": [{"id": "C", "name": "群", "members": "X99"}]}, callback_base="http://b"
        )


def test_secrets_stay_out_of_repr(company: Platform) -> None:
    doors = [*company.apps.values(), *company.robots.values(), *company.kf.values()]
    shown = repr([*doors, *company.chats.values()])

    assert company.first_app().secret not in shown
    assert company.first_robot().aes_key not in shown
    assert company.first_kf().token not in shown
    assert company.chats["C-ALL"].webhook_key not in shown
