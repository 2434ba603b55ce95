import io
from datetime import timedelta
from typing import Any

import pytest
from wechatpy.crypto.base import WeChatCipher
from wechatpy.work.crypto import WeChatCrypto

from bot.clock import SetClock
from bot.sandbox import Platform
from tests.unit.sandbox.conftest import NOW, Api


def upload(api: Api, data: bytes, kind: str = "file") -> dict[str, Any]:
    token = api.token()["access_token"]
    answer: dict[str, Any] = api.client.post(
        f"/cgi-bin/media/upload?access_token={token}&type={kind}", data={"media": (io.BytesIO(data), "台账.xlsx")}
    ).get_json()
    return answer


def test_a_file_comes_back_for_three_days(api: Api, clock: SetClock) -> None:
    media_id = upload(api, b"content")["media_id"]
    token = api.token()["access_token"]
    path = f"/cgi-bin/media/get?access_token={token}&media_id={media_id}"
    got = api.client.get(path)
    clock.set(NOW + timedelta(days=3))

    assert got.data == b"content"
    assert "%E5%8F%B0%E8%B4%A6.xlsx" in got.headers["Content-Disposition"]
    assert (
        api.get("/cgi-bin/media/get", access_token=api.token()["access_token"], media_id=media_id)["errcode"] == 40007
    )


@pytest.mark.parametrize(("data", "kind", "errcode"), [(b"tiny", "file", 40006), (b"content", "song", 40005)])
def test_bad_files_are_refused(api: Api, data: bytes, kind: str, errcode: int) -> None:
    assert upload(api, data, kind)["errcode"] == errcode


def test_an_uploaded_picture_can_be_sent(api: Api, platform: Platform) -> None:
    media_id = upload(api, b"\x89PNG\r\n\x1a\n0000", "image")["media_id"]
    api.send(msgtype="image", image={"media_id": media_id})

    assert platform.private("zhaomin")[0].media == (media_id,)


def test_a_webhook_file_needs_the_key(api: Api) -> None:
    def post(key: str) -> int:
        data = {"media": (io.BytesIO(b"content"), "a.pdf")}
        path = f"/cgi-bin/webhook/upload_media?key={key}&type=file"
        return int(api.client.post(path, data=data).get_json()["errcode"])

    assert (post("hook"), post("wrong")) == (0, 93000)


def test_a_robots_file_is_encrypted_and_lives_five_minutes(api: Api, platform: Platform, clock: SetClock) -> None:
    robot = platform.first_robot()
    media = platform.keep_media("file", b"x" * 100, name="a.bin", mimetype="application/octet-stream", robot="duban")
    got = api.client.get(f"/aibot-media/{media.id}").data
    plain = WeChatCipher(WeChatCrypto(robot.token, robot.aes_key, "").key).decrypt(got)
    clock.set(NOW + timedelta(minutes=5))

    assert plain[: -plain[-1]] == b"x" * 100
    assert len(got) % 32 == 0
    assert api.client.get(f"/aibot-media/{media.id}").status_code == 404
