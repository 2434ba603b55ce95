"""Crypto beyond the vectors: agreement with wechatpy, keys, sealing."""

from __future__ import annotations

import base64

import pytest
from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder
from wechatpy.work.crypto import WeChatCrypto

from bot.channels.wecom.crypto import Crypto, read_key
from bot.channels.wecom.doors import AppDoor, RobotDoor
from bot.errors import RequestError
from tests.unit.wecom.conftest import KEY


def test_wechatpy_reads_what_we_seal() -> None:
    ours, theirs = Crypto("t", KEY, "ww0"), WeChatCrypto("t", KEY, "ww0")
    encrypted = ours.seal("你好".encode())
    signature = ours.sign("1", "n", encrypted)

    assert theirs.decrypt_message({"Encrypt": encrypted}, signature, "1", "n") == "你好"


def test_a_message_for_another_company_is_refused() -> None:
    encrypted = Crypto("t", KEY, "ww1").seal(b"x")
    crypto = Crypto("t", KEY, "ww0")

    with pytest.raises(RequestError, match="receiveid"):
        crypto.open(encrypted, signature=crypto.sign("1", "n", encrypted), timestamp="1", nonce="n")


def test_two_seals_of_one_message_differ() -> None:
    crypto = Crypto("t", KEY, "")

    assert crypto.seal(b"x") != crypto.seal(b"x")


@pytest.mark.parametrize("key", ["", "short", "é" * 43, KEY + "AA"])
def test_a_bad_key_is_named_without_its_value(key: str) -> None:
    with pytest.raises(ValueError, match="43 characters") as raised:
        read_key(key)

    assert not key or key not in str(raised.value)


def test_a_door_shows_no_secret(door: AppDoor, robot: RobotDoor) -> None:
    text = repr(door) + repr(robot)

    assert not [secret for secret in ("top-secret-of-app", "callback-token", "robot-token", KEY) if secret in text]


def test_an_authentic_ciphertext_that_is_too_short_is_refused() -> None:
    crypto = Crypto("t", KEY, "")
    encrypted = base64.b64encode(WeChatCipher(read_key(KEY)).encrypt(PKCS7Encoder.encode(b"short"))).decode()

    with pytest.raises(RequestError, match="length"):
        crypto.open(encrypted, signature=crypto.sign("1", "n", encrypted), timestamp="1", nonce="n")
