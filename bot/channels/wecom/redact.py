"""Keeping tokens, keys and people's words out of logs and exceptions.

The platform's credentials travel in URLs, so whatever quotes a URL may quote them: requests' exceptions, urllib3's
debug log, the platform's own errmsg.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

_SECRET = re.compile(
    r"(?i)\b(access_token|corpsecret|secret|key|response_code|media_id|code|ticket)(=|%3d|\"?:\s*\"?)[^&\s\"',)]+"
)
_HINT_LENGTH = 200


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Return text without the given secrets and without the values of secret query parameters."""
    for secret in secrets:
        if secret:
            # The platform spells a userid as it was made; ours is lower-cased.
            text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
    return _SECRET.sub(r"\1\2***", text)


def clean_hint(text: str, secrets: Iterable[str] = ()) -> str:
    """Return what may be logged of an errmsg: its printable ASCII, so its hint id and our address, but no names."""
    ascii_only = "".join(char if " " <= char <= "~" else " " for char in clean(text, secrets))
    return " ".join(ascii_only.split())[:_HINT_LENGTH]


class UrlFilter(logging.Filter):
    """Rewrites urllib3's records, which hold request URLs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record pass, cleaned."""
        record.msg = clean(record.getMessage())
        record.args = ()
        return True


_FILTER = UrlFilter()


def guard_http_logs() -> None:
    """Clean what urllib3 logs from now on. Calling it again changes nothing."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection"):
        logging.getLogger(name).addFilter(_FILTER)
