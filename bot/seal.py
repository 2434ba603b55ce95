"""Sealing and opening of bodies, key rotation, and the blind index.

AES-256-GCM with the row's own id as associated data, so that a sealed value cannot be moved to another row.
Layout of a sealed value: version (1 byte) | key id (4) | nonce (12) | ciphertext and tag.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SealError

_VERSION = b"\x01"
_HEAD = 1 + 4 + 12


class Seal:
    """Holds the keys: keys are 32 bytes each, newest first; index_key is another 32 bytes."""

    def __init__(self, keys: Sequence[bytes], index_key: bytes) -> None:
        if not keys or any(len(key) != 32 for key in (*keys, index_key)):
            raise ValueError("every key has 32 bytes, and there is at least one")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._newest = _key_id(keys[0])
        self._index_key = index_key

    def close(self, plain: bytes, bound_to: str) -> bytes:
        """Return plain sealed with the newest key for the row whose id is bound_to."""
        nonce = os.urandom(12)
        sealed = self._ciphers[self._newest].encrypt(nonce, plain, bound_to.encode())
        return _VERSION + self._newest + nonce + sealed

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Return what was sealed. Raises SealError for an unknown key, a changed value or another row's value."""
        cipher = self._ciphers.get(sealed[1:5])
        if sealed[:1] != _VERSION or cipher is None:
            raise SealError("no configured key opens this value")
        try:
            return cipher.decrypt(sealed[5:_HEAD], sealed[_HEAD:], bound_to.encode())
        except InvalidTag:
            raise SealError("the value was changed or belongs to another row") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether sealed was made with the newest key."""
        return sealed.startswith(self.head)

    @property
    def head(self) -> bytes:
        """How every value sealed with the newest key begins, and no other: version and key id."""
        return _VERSION + self._newest

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids (8 hex digits) of the configured keys, newest first."""
        return tuple(key.hex() for key in self._ciphers)

    def derive(self, label: str) -> bytes:
        """Return 32 bytes for a purpose of its own, from the index key (HKDF-SHA256)."""
        return HKDF(SHA256(), 32, salt=None, info=f"duban {label}".encode()).derive(self._index_key)

    def blind(self, value: str) -> str:
        """Return 32 hex digits that stand for value: equal for equal values, useless without the index key."""
        return hmac.new(self._index_key, value.encode(), hashlib.sha256).hexdigest()[:32]


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"duban key id" + key).digest()[:4]
