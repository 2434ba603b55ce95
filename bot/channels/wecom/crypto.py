"""Signature and cipher of WeCom callbacks and robot media: bytes in, bytes out.

The primitives are wechatpy's (AES-CBC, padding to 32, signature). Its decrypt_message is not used: it compares the
signature with !=, checks neither padding nor lengths, and raises a dozen kinds of exception for garbage.
Source: WeCom developer docs 90968, 101033 (read 2026-11); checked against tests/contract/vectors.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import struct

from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder
from wechatpy.utils import WeChatSigner

from bot.errors import RequestError

_BLOCK = 16
_PAD_TO = 32
_HEAD = 20  # 16 random bytes and the length of the message


def read_key(aes_key: str) -> bytes:
    """Return the 32 key bytes of an EncodingAESKey (or of a media key, with or without its "=").

    The 43rd character may have non-zero spare bits, as the official sample has. Raises ValueError without the value.
    """
    try:
        key = base64.b64decode(aes_key.rstrip("=") + "=")
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ValueError("an EncodingAESKey has 43 characters and stands for 32 bytes")
    return key


def decrypt_media(data: bytes, key: bytes) -> bytes:
    """Return the plain bytes of a robot's picture, video or file. Raises RequestError if it is not one.

    AES-256-CBC, IV = first 16 key bytes, padded to 32, no header and no receiveid (WeCom docs 100719).
    """
    return _unpad(_decrypt(WeChatCipher(key), data))


class Crypto:
    """Opens and seals the messages of one callback URL. Safe to share between threads."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self._token = token
        self._key = read_key(aes_key)
        self._cipher = WeChatCipher(self._key)
        self._receive_id = receive_id.encode()

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Return the lower-case hex signature over the four values. Raises RequestError for what is not text."""
        signer = WeChatSigner()
        try:
            signer.add_data(self._token, timestamp, nonce, encrypted)
        except UnicodeEncodeError as exc:  # a lone surrogate out of a JSON escape
            raise RequestError("signature") from exc
        signature: str = signer.signature
        return signature

    def open(self, encrypted: str, *, signature: str, timestamp: str, nonce: str) -> bytes:
        """Return the message inside encrypted, checked to be authentic, meant for us and UTF-8.

        Raises RequestError with the first check that fails, in the order of the reference (signature, base64,
        block length, padding, message length, receiveid, UTF-8).
        """
        expected = self.sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise RequestError("signature", 403)
        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as exc:
            raise RequestError("base64") from exc
        content = _unpad(_decrypt(self._cipher, data))
        if len(content) < _HEAD:
            raise RequestError("length")
        (size,) = struct.unpack(">I", content[16:_HEAD])
        if _HEAD + size > len(content):
            raise RequestError("length")
        message, receive_id = content[_HEAD : _HEAD + size], content[_HEAD + size :]
        if not hmac.compare_digest(receive_id, self._receive_id):
            raise RequestError("receiveid", 403)
        try:
            message.decode()
        except UnicodeDecodeError as exc:
            raise RequestError("utf8") from exc
        return message

    def seal(self, message: bytes, *, random16: bytes | None = None) -> str:
        """Return message encrypted as base64 text. random16 is for test vectors; without it, it is fresh."""
        head = (random16 or os.urandom(16)) + struct.pack(">I", len(message))
        padded = PKCS7Encoder.encode(head + message + self._receive_id)
        return base64.b64encode(self._cipher.encrypt(padded)).decode()

    def open_media(self, data: bytes) -> bytes:
        """Return the plain bytes of a media download of this robot. Raises RequestError."""
        return _unpad(_decrypt(self._cipher, data))


def _decrypt(cipher: WeChatCipher, data: bytes) -> bytes:
    if not data or len(data) % _BLOCK:
        raise RequestError("block_length")
    plain: bytes = cipher.decrypt(data)
    return plain


def _unpad(plain: bytes) -> bytes:
    """Return plain without its padding: 1..32 equal bytes, compared in constant time."""
    count = plain[-1]
    if not 1 <= count <= _PAD_TO or len(plain) < count:
        raise RequestError("padding")
    if not hmac.compare_digest(plain[-count:], bytes([count]) * count):
        raise RequestError("padding")
    return plain[:-count]
