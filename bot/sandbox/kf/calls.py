"""What the handlers of the kf API share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.calls import app_of
from bot.sandbox.entities import ApiError, Call, KfAccount

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform


def account_of(platform: Platform, call: Call) -> KfAccount:
    """Return the account that the body names. Raises ApiError 95000, 48002 for another app's, or as the token."""
    app = app_of(platform, call)
    open_kfid = call.body.get("open_kfid")
    account = next((one for one in platform.kf.values() if one.open_kfid == open_kfid), None)
    if account is None:
        raise ApiError(95000, "invalid open_kfid")
    if account.app != app.name:
        raise ApiError(48002, "api forbidden")
    return account


def customer_of(platform: Platform, account: KfAccount, external_userid: object) -> str:
    """Return the id of a customer who knows the account. Raises ApiError 40003 or 40058."""
    if not isinstance(external_userid, str):
        raise ApiError(40058, "invalid Request Parameter: external_userid")
    if external_userid not in platform.customers or not platform.desk.has_met(account, external_userid):
        raise ApiError(40003, "invalid external_userid")
    return external_userid
