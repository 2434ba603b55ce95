import time
from collections.abc import Iterator

import pytest
import requests

from bot.sandbox import Platform, Trouble
from tests.unit.sandbox.conftest import Api

PATH = "/cgi-bin/webhook/send"
BODY = {"msgtype": "text", "text": {"content": "请上报"}}


@pytest.fixture
def base(platform: Platform) -> Iterator[str]:
    with platform.serve() as base_url:
        yield base_url


def push(base: str, timeout: float = 3.0) -> requests.Response:
    with requests.Session() as session:
        return session.post(f"{base}{PATH}", params={"key": "hook"}, json=BODY, timeout=timeout)


def test_the_next_calls_fail_and_then_it_works(api: Api, platform: Platform) -> None:
    fault = platform.faults.fail(PATH, 45033, times=2)
    codes = [api.push()["errcode"] for _ in range(3)]

    assert codes == [45033, 45033, 0]
    assert fault.hits == 2
    assert len(platform.entries("C1")) == 1


def test_a_fault_may_hit_some_calls_only(api: Api, platform: Platform) -> None:
    platform.faults.fail("/cgi-bin/message/send", -1, when=lambda call: "li" in call.users)

    assert (api.send(touser="zhaomin")["errcode"], api.send(touser="ZhaoMin|LI")["errcode"]) == (0, -1)


def test_a_rate_is_repeatable(api: Api, platform: Platform) -> None:
    def run() -> list[int]:
        platform.faults.add(Trouble.ERRCODE, "/cgi-bin/gettoken", rate=0.5, seed=7)
        codes = [api.token()["errcode"] for _ in range(20)]
        platform.faults.clear()
        return codes

    first = run()

    assert first == run()
    assert set(first) == {0, -1}


def test_http_500_has_no_effect(api: Api, platform: Platform) -> None:
    platform.faults.add(Trouble.HTTP_500, "*", times=1)
    status = api.client.post(f"{PATH}?key=hook", json=BODY).status_code

    assert (status, platform.entries("C1")) == (500, [])
    assert platform.count_calls(PATH, None) == 1


def test_a_lost_answer_takes_effect(base: str, platform: Platform) -> None:
    platform.faults.lose_answer(PATH, times=1)
    with pytest.raises(requests.ConnectionError):
        push(base)

    assert len(platform.entries("C1")) == 1
    assert push(base).json()["errcode"] == 0


def test_a_hanging_call_has_no_effect_and_is_let_go_when_cleared(base: str, platform: Platform) -> None:
    platform.faults.hang(PATH, 30.0)
    with pytest.raises(requests.ReadTimeout):
        push(base, timeout=0.2)
    platform.faults.clear(PATH)

    assert platform.entries("C1") == []
    assert push(base).json()["errcode"] == 0


def test_a_slow_call_is_answered_late(base: str, platform: Platform) -> None:
    platform.faults.add(Trouble.SLOW, PATH, seconds=0.2, times=1)
    start = time.monotonic()

    assert push(base).json()["errcode"] == 0
    assert time.monotonic() - start >= 0.2


def test_latency_holds_for_every_call(base: str, platform: Platform) -> None:
    platform.latency = 0.1
    start = time.monotonic()
    push(base)

    assert time.monotonic() - start >= 0.1
