"""Fetching attachments: where from, how much, and what comes out."""

from __future__ import annotations

from typing import Any

import pytest
from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder
from werkzeug.wrappers import Response

from bot.channels.wecom.client import Client
from bot.channels.wecom.crypto import read_key
from bot.channels.wecom.doors import AppDoor, RobotDoor
from bot.channels.wecom.media import Fetcher
from bot.errors import Failure, SendError
from bot.messages import Attachment, Kind
from tests.unit.wecom.conftest import KEY
from tests.unit.wecom.stub import Stub

PICTURE = b"\x89PNG" + bytes(1000)
SEALED: bytes = WeChatCipher(read_key(KEY)).encrypt(PKCS7Encoder.encode(PICTURE))


@pytest.fixture
def fetcher(client: Client, door: AppDoor, robot: RobotDoor) -> Fetcher:
    doors = {door.label: door, robot.label: robot}
    return Fetcher(client, doors, ["127.0.0.1"], limit=2000, https_only=False)


def fault(fetcher: Fetcher, door: str, **where: str) -> SendError:
    """Return the error of fetching a picture."""
    with pytest.raises(SendError) as raised:
        fetcher.fetch(door, Attachment(Kind.IMAGE, **where))
    return raised.value


def test_a_robots_picture_is_decrypted_and_keeps_its_name(fetcher: Fetcher, stub: Stub) -> None:
    headers = {"Content-Disposition": "attachment; filename*=UTF-8''..%2F%E6%95%B4%E6%94%B9.png"}
    stub.answers["/f/1"] = Response(SEALED, headers=headers, content_type="image/png")

    media = fetcher.fetch("robot/duban", Attachment(Kind.IMAGE, url=f"{stub.base}/f/1?sign=a%3Bb"))

    assert (media.data, media.filename, media.content_type) == (PICTURE, "整改.png", "image/png")
    assert stub.calls[0].query == {"sign": "a;b"}
    assert fetcher("robot/duban", Attachment(Kind.IMAGE, url=f"{stub.base}/f/1")) == PICTURE


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"not encrypted", Failure.REJECTED),
        (bytes(2048), Failure.REJECTED),
        (b"", Failure.REJECTED),
        (Response(b"", 404), Failure.REJECTED),
        (Response(b"", 302, headers={"Location": "http://127.0.0.1:1/"}), Failure.BUSY),
        (Response(b"", 503), Failure.BUSY),
    ],
)
def test_what_is_no_picture_of_the_robot_is_refused(
    fetcher: Fetcher, stub: Stub, answer: Any, failure: Failure
) -> None:
    stub.answers["/f/1"] = answer

    assert fault(fetcher, "robot/duban", url=f"{stub.base}/f/1").failure is failure
    assert len(stub.calls) == 1


@pytest.mark.parametrize("declared", [True, False])
def test_a_file_that_is_too_large_is_not_read_to_its_end(fetcher: Fetcher, stub: Stub, declared: bool) -> None:
    body = bytes(5_000_000)
    stub.answers["/f/1"] = Response(body if declared else (body[:100_000] for _ in range(50)))

    assert fault(fetcher, "robot/duban", url=f"{stub.base}/f/1").hint == "larger than allowed"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://ww-aibot-img-1258476243.cos.ap-guangzhou.myqcloud.com/k/1?sign=x", True),
        ("https://A.QQ.com/x", True),
        ("https://a.qq.com:443/x", True),
        ("http://a.qq.com/x", False),
        ("https://a.qq.com:8443/x", False),
        ("https://qq.com/x", False),
        ("https://evilqq.com/x", False),
        ("https://a.qq.com.evil.example/x", False),
        ("https://a.qq.com@evil.example/x", False),
        ("https://evil.example\\.qq.com/x", False),
        ("https://127.0.0.1/x", False),
        ("https://localhost/x", False),
        ("https://a.qq.com :443/", False),
        ("https://[::1]/x", False),
        ("https://a.qq.com:port/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_the_platforms_media_hosts_are_asked(client: Client, url: str, allowed: bool) -> None:
    assert Fetcher(client, {}, ["*.qq.com", "*.myqcloud.com"]).is_allowed(url) is allowed


def test_a_foreign_address_is_not_asked(fetcher: Fetcher, stub: Stub) -> None:
    assert fault(fetcher, "robot/duban", url="http://localhost:80/").failure is Failure.REJECTED
    assert stub.calls == []


def test_an_apps_file_comes_by_its_media_id(fetcher: Fetcher, stub: Stub) -> None:
    stub.answers["media/get"] = lambda call: Response(
        PICTURE, content_type="image/jpeg", headers={"Content-Disposition": 'attachment; filename="a.jpg"'}
    )

    media = fetcher.fetch("app/office", Attachment(Kind.IMAGE, media_id="M"))

    assert (media.data, media.filename) == (PICTURE, "a.jpg")
    assert stub.calls_to("media/get")[0].query == {"access_token": "token-1", "media_id": "M"}


def test_an_expired_media_id_is_an_error_though_the_status_is_200(fetcher: Fetcher, stub: Stub) -> None:
    stub.answers["media/get"] = {"errcode": 40007, "errmsg": "invalid media_id"}

    error = fault(fetcher, "app/office", media_id="M")

    assert (error.failure, error.code) == (Failure.REJECTED, 40007)


def test_an_expired_token_is_renewed_for_a_download_too(fetcher: Fetcher, stub: Stub) -> None:
    stub.answers["media/get"] = lambda call: (
        PICTURE if call.query["access_token"] == "token-2" else {"errcode": 42001, "errmsg": "expired"}
    )

    assert fetcher("app/office", Attachment(Kind.IMAGE, media_id="M")) == PICTURE


def test_an_attachment_its_door_cannot_have_is_refused(fetcher: Fetcher) -> None:
    for door in ("app/office", "kf/parents"):
        assert fault(fetcher, door, url="https://a.qq.com/").failure is Failure.REJECTED
