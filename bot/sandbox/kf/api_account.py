"""The kf API around a conversation: accounts, links, customers and session states (docs 94661, 94665, 95159, 94669).

Which changes of state are allowed follows the table of doc 94669; its picture could not be read.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.sandbox.calls import OK, app_of
from bot.sandbox.entities import ApiError, Call, Json, KfAccount
from bot.sandbox.kf.calls import account_of, customer_of
from bot.sandbox.kf.desk import ServiceState

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

LINK = "https://work.weixin.qq.com/kf/"
LATE_CODE = timedelta(hours=48)
QUICK_CODE = timedelta(seconds=20)
_SCENE = re.compile(r"[0-9a-zA-Z_-]{0,32}\Z")
_NEXT: dict[ServiceState, frozenset[ServiceState]] = {
    ServiceState.UNTREATED: frozenset(set(ServiceState) - {ServiceState.UNTREATED}),
    ServiceState.ASSISTANT: frozenset({ServiceState.POOL, ServiceState.HUMAN, ServiceState.ENDED}),
    ServiceState.POOL: frozenset({ServiceState.HUMAN, ServiceState.ENDED}),
    ServiceState.HUMAN: frozenset({ServiceState.HUMAN, ServiceState.ENDED}),
}


def account_list(platform: Platform, call: Call) -> Json:
    """List the accounts that the token's app may use."""
    app = app_of(platform, call)
    offset, limit = call.body.get("offset", 0), call.body.get("limit", 100)
    if not isinstance(offset, int) or not isinstance(limit, int) or offset < 0 or not 1 <= limit <= 100:
        raise ApiError(40058, "invalid Request Parameter: offset or limit")
    own = [account for account in platform.kf.values() if account.app == app.name]
    listed = [
        {"open_kfid": account.open_kfid, "name": account.display_name, "avatar": "", "manage_privilege": True}
        for account in own[offset : offset + limit]
    ]
    return OK | {"account_list": listed}


def add_contact_way(platform: Platform, call: Call) -> Json:
    """Give the link by which customers enter with a scene."""
    account = account_of(platform, call)
    scene = call.body.get("scene", "")
    if not isinstance(scene, str) or not _SCENE.match(scene):
        raise ApiError(40058, "invalid Request Parameter: scene")
    code = f"ENC{secrets.token_urlsafe(18)}"
    platform.desk.links[code] = (account.name, scene)
    return OK | {"url": f"{LINK}kfc{account.open_kfid[2:18].lower()}?enc_scene={code}"}


def customer_batchget(platform: Platform, call: Call) -> Json:
    """Tell who customers are; only those who were active in the last 48 hours."""
    app = app_of(platform, call)
    asked = call.body.get("external_userid_list")
    if not isinstance(asked, list) or not 1 <= len(asked) <= 100 or not all(isinstance(one, str) for one in asked):
        raise ApiError(40058, "invalid Request Parameter: external_userid_list")
    own = [account for account in platform.kf.values() if account.app == app.name]
    with_context = call.body.get("need_enter_session_context") == 1
    found = [_customer(platform, own, one, call.at, with_context=with_context) for one in dict.fromkeys(asked)]
    known = [one for one in found if one is not None]
    invalid = [one for one in dict.fromkeys(asked) if one not in {each["external_userid"] for each in known}]
    return OK | {"customer_list": known, "invalid_external_userid": invalid}


def _customer(
    platform: Platform, accounts: list[KfAccount], customer: str, now: datetime, *, with_context: bool
) -> Json | None:
    met = [account for account in accounts if platform.desk.has_met(account, customer)]
    sessions = [platform.desk.session(account, customer, now) for account in met]
    session = next((one for one in sessions if one.is_fresh(now)), None)
    if session is None:
        return None
    nickname = platform.customers[customer].nickname
    answer: Json = {"external_userid": customer, "nickname": nickname, "avatar": "", "gender": 0}
    if with_context:
        answer["enter_session_context"] = {"scene": session.scene, "scene_param": session.scene_param}
    return answer


def service_state_get(platform: Platform, call: Call) -> Json:
    """Tell the state of a session."""
    account = account_of(platform, call)
    customer = customer_of(platform, account, call.body.get("external_userid"))
    session = platform.desk.session(account, customer, call.at)
    answer = OK | {"service_state": int(session.state)}
    return answer | ({"servicer_userid": session.servicer} if session.state is ServiceState.HUMAN else {})


def service_state_trans(platform: Platform, call: Call) -> Json:
    """Change the state of a session; some changes give a code for one message (doc 95122)."""
    account = account_of(platform, call)
    customer = customer_of(platform, account, call.body.get("external_userid"))
    wanted = call.body.get("service_state")
    if not isinstance(wanted, int) or wanted not in set(ServiceState):
        raise ApiError(40058, "invalid Request Parameter: service_state")
    target = ServiceState(wanted)
    session = platform.desk.session(account, customer, call.at)
    if session.state is ServiceState.ENDED:
        raise ApiError(95013, "session has ended")
    if target not in _NEXT[session.state]:
        raise ApiError(95016, "session state change is not allowed")
    servicer = _receptionist(platform, account, call.body) if target is ServiceState.HUMAN else ""
    is_taken_from_pool = target is ServiceState.HUMAN and session.state is ServiceState.POOL
    session.state, session.servicer = target, servicer
    if target is ServiceState.POOL or is_taken_from_pool:
        return OK | {"msg_code": platform.desk.issue_code(account, customer, LATE_CODE, call.at, target)}
    if target is ServiceState.ENDED:
        return OK | {"msg_code": platform.desk.issue_code(account, customer, QUICK_CODE, call.at, target)}
    return dict(OK)


def _receptionist(platform: Platform, account: KfAccount, body: Json) -> str:
    servicer = str(body.get("servicer_userid") or "").lower()
    if platform.member(servicer) is None:
        raise ApiError(95014, "user is no receptionist")
    if servicer not in {one.lower() for one in account.servicers}:
        raise ApiError(95019, "receptionist is not on duty")
    return servicer
