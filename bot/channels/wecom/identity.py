"""Who is behind the encrypted ids that a robot delivers when its creator is no super admin (WeCom docs 101521)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.fields import as_list, as_mapping, as_text
from bot.errors import Failure

_PER_CALL = 1000


def openuserid_to_userid(client: Client, door: AppDoor, ids: Sequence[str]) -> dict[str, str]:
    """Return the lower-cased user id for each encrypted id that door's app may resolve. Raises SendError.

    ids must be spelled as delivered (Incoming.detail["raw_userid"]). Ids that are plain already, or outside the app's
    visible range, are missing from the result.
    """
    found: dict[str, str] = {}
    for start in range(0, len(ids), _PER_CALL):
        payload = {"open_userid_list": list(ids[start : start + _PER_CALL])}
        answer = client.call(door, "batch/openuserid_to_userid", payload, idempotent=True, lost=Failure.BUSY)
        for pair in map(as_mapping, as_list(answer.get("userid_list"))):
            found[as_text(pair.get("open_userid"))] = as_text(pair.get("userid")).lower()
    return found
