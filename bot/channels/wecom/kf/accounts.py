"""Which kf accounts an app may call, for whoever sets one up (WeCom docs 94661, read 2026-11)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.wecom.client import Client
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.fields import as_list, as_mapping, as_text
from bot.errors import Failure

_PER_CALL = 100
_MOST_CALLS = 50


@dataclass(frozen=True, slots=True)
class Account:
    """One account of 微信客服. is_managed: it is handed to the API of this app (False: not; None: not said)."""

    open_kfid: str
    name: str
    is_managed: bool | None = None


def list_accounts(client: Client, app: AppDoor) -> list[Account]:
    """Return every account that app sees. Raises SendError."""
    found: list[Account] = []
    for number in range(_MOST_CALLS):
        payload = {"offset": number * _PER_CALL, "limit": _PER_CALL}
        answer = client.call(app, "kf/account/list", payload, idempotent=True, lost=Failure.BUSY)
        page = [as_mapping(item) for item in as_list(answer.get("account_list"))]
        found += [_account(item.get("open_kfid"), item.get("name"), item.get("manage_privilege")) for item in page]
        if len(page) < _PER_CALL:
            break
    return found


def _account(open_kfid: object, name: object, managed: object) -> Account:
    return Account(as_text(open_kfid), as_text(name), managed if isinstance(managed, bool) else None)
