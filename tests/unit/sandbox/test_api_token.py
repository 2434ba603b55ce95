from datetime import timedelta

import pytest

from bot.clock import SetClock
from bot.sandbox import Platform
from tests.unit.sandbox.conftest import NOW, Api


def test_a_token_lasts_two_hours(api: Api, clock: SetClock) -> None:
    answer = api.token()
    first = api.get("/cgi-bin/getcallbackip", access_token=answer["access_token"])
    clock.set(NOW + timedelta(seconds=7200))
    later = api.get("/cgi-bin/getcallbackip", access_token=answer["access_token"])

    assert (answer["errcode"], answer["expires_in"]) == (0, 7200)
    assert (first["errcode"], later["errcode"]) == (0, 42001)


@pytest.mark.parametrize(("corpid", "secret", "errcode"), [("ww2", "secret", 40013), ("ww1", "wrong", 40001)])
def test_wrong_credentials_are_refused(api: Api, corpid: str, secret: str, errcode: int) -> None:
    assert api.token(corpid, secret)["errcode"] == errcode


def test_errors_come_with_status_200_and_a_hint(api: Api) -> None:
    response = api.client.get("/cgi-bin/getcallbackip")

    assert response.status_code == 200
    assert response.get_json()["errcode"] == 41001
    assert "hint" in response.get_json()["errmsg"]


def test_only_the_newest_tokens_are_valid(api: Api, platform: Platform) -> None:
    tokens = [api.token()["access_token"] for _ in range(platform.tokens.kept + 1)]
    codes = [api.get("/cgi-bin/getcallbackip", access_token=token)["errcode"] for token in tokens]

    assert codes == [40014, 0, 0, 0]


def test_tokens_can_be_expired(api: Api, platform: Platform) -> None:
    token = api.token()["access_token"]
    platform.tokens.expire_all()

    assert api.get("/cgi-bin/getcallbackip", access_token=token)["errcode"] == 42001


def test_asking_for_tokens_too_often_is_blocked(api: Api, platform: Platform) -> None:
    codes = [api.token()["errcode"] for _ in range(platform.tokens.per_minute + 1)]

    assert codes[-2:] == [0, 45009]
    assert platform.count_calls("/cgi-bin/gettoken") == platform.tokens.per_minute


def test_a_member_is_shown_without_private_data(api: Api) -> None:
    token = api.token()["access_token"]
    member = api.get("/cgi-bin/user/get", access_token=token, userid="zhaomin")
    nobody = api.get("/cgi-bin/user/get", access_token=token, userid="nobody")

    assert (member["userid"], member["name"], member["position"]) == ("ZhaoMin", "赵敏", "一小校长")
    assert "mobile" not in member
    assert nobody["errcode"] == 60111


def test_opaque_user_ids_are_translated(api: Api, platform: Platform) -> None:
    token = api.token()["access_token"]
    sealed = platform.open_userid("ZhaoMin")
    answer = api.post("/cgi-bin/batch/openuserid_to_userid", {"open_userid_list": [sealed, "li"]}, access_token=token)

    assert answer["userid_list"] == [{"open_userid": sealed, "userid": "ZhaoMin"}]
    assert answer["invalid_open_userid_list"] == ["li"]
