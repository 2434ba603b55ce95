"""The kf API for pulling: sync_msg (doc 94670)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.calls import OK
from bot.sandbox.entities import ApiError, Call, Json
from bot.sandbox.kf.calls import account_of

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

LARGEST_LIMIT = 1000


def sync_msg(platform: Platform, call: Call) -> Json:
    """Give the items after a cursor, or from three days back; messages sent by the API are not among them."""
    account = account_of(platform, call)
    cursor, token, limit = (call.body.get(name) for name in ("cursor", "token", "limit"))
    if not isinstance(cursor or "", str) or not isinstance(token or "", str):
        raise ApiError(40058, "invalid Request Parameter: cursor or token")
    if limit is None or limit == 0:
        limit = LARGEST_LIMIT
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= LARGEST_LIMIT:
        platform.note_violation("kf: the limit of sync_msg is not within 1 and 1000")
        raise ApiError(40058, "invalid Request Parameter: limit")
    if call.body.get("voice_format", 0) not in (0, 1):
        raise ApiError(40058, "invalid Request Parameter: voice_format")
    log = platform.desk.log(account)
    if token:
        log.check_token(token, call.at)
    elif not platform.desk.untokened.admit(account.name, call.at):
        raise ApiError(45009, "api freq out of limit")
    page = log.page(cursor or "", limit, call.at)
    return OK | {"next_cursor": page.cursor, "has_more": int(page.has_more), "msg_list": page.items}
