"""The kf API for answers: send_msg and send_msg_on_event (docs 94677, 95122).

Which errcode a used or late event code gets could not be confirmed; 40058 stands in for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.sandbox.calls import OK, app_of
from bot.sandbox.entities import ApiError, Call, Json, KfAccount, kf_key
from bot.sandbox.faults import Trouble
from bot.sandbox.kf import message
from bot.sandbox.kf.calls import account_of, customer_of
from bot.sandbox.kf.desk import MOST_ANSWERS, ServiceState, Session
from bot.sandbox.kf.items import event, new_message_id
from bot.sandbox.payloads import Shown

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform


def send_msg(platform: Platform, call: Call) -> Json:
    """Answer a customer: five messages within 48 hours after each message of theirs."""
    account = account_of(platform, call)
    customer = customer_of(platform, account, call.body.get("touser"))
    message_id = message.read_id(call.body)
    shown = message.read(platform, call.body)
    _refuse_repeat(platform, account, message_id, call.body)
    session = platform.desk.session(account, customer, call.at)
    _check_session(platform, session, call.at)
    session.sent += 1
    return _deliver(platform, account, customer, call, shown, message_id)


def send_msg_on_event(platform: Platform, call: Call) -> Json:
    """Say one thing on an event, such as a welcome; it does not count among the five."""
    app = app_of(platform, call)
    message_id = message.read_id(call.body)
    code = platform.desk.codes.get(str(call.body.get("code") or ""))
    if code is None or call.at >= code.expires_at or platform.kf[code.account].app != app.name:
        raise ApiError(40058, "invalid Request Parameter: code")
    account = platform.kf[code.account]
    shown = message.read(platform, call.body, message.KINDS_ON_EVENT)
    if shown.type == "msgmenu" and not code.allows_menu:
        raise ApiError(40008, "invalid message type")
    _refuse_repeat(platform, account, message_id, call.body)
    session = platform.desk.session(account, code.customer, call.at)
    if code.in_state is not None and session.state is not code.in_state:
        raise ApiError(95018, "send msg session status invalid")
    del platform.desk.codes[str(call.body["code"])]
    if code.in_state is None:
        session.welcomed_at = call.at
    return _deliver(platform, account, code.customer, call, shown, message_id)


def _refuse_repeat(platform: Platform, account: KfAccount, message_id: str, body: Json) -> None:
    before = platform.desk.used[account.name].get(message_id)
    if before is None:
        return
    if _lasting(before) != _lasting(body):
        platform.note_violation("kf: a msgid was used again for another message")
    raise ApiError(95033, "msgid repeated")


def _lasting(body: Json) -> Json:
    """What stays the same when a message is repeated: a file may have been uploaded anew."""
    return {name: part for name, part in body.items() if not (isinstance(part, dict) and "media_id" in part)}


def _check_session(platform: Platform, session: Session, now: datetime) -> None:
    if session.heard_at is None:
        platform.note_violation("kf: a message to a customer who never wrote")
        raise ApiError(95031, "no recent question of the customer")
    if not session.is_fresh(now):
        platform.note_violation("kf: a message more than 48 hours after the customer's last one")
        raise ApiError(95002, "send msg time limit")
    if session.state not in (ServiceState.UNTREATED, ServiceState.ASSISTANT):
        raise ApiError(95018, "send msg session status invalid")
    if session.sent >= MOST_ANSWERS:
        platform.note_violation("kf: more than five messages after the customer's last one")
        raise ApiError(95001, "send msg count limit")


def _deliver(platform: Platform, account: KfAccount, customer: str, call: Call, shown: Shown, message_id: str) -> Json:
    message_id = message_id or new_message_id()[:32]
    platform.desk.used[account.name][message_id] = call.body
    fault = platform.faults.take(call, frozenset({Trouble.UNDELIVERED}))
    if fault is None:
        entry = platform.post(
            kf_key(account, customer), account.door, shown.type, shown.content, card=shown.card, media=shown.media
        )
        platform.desk.message_ids[entry.id] = message_id
    else:
        failed = {"fail_msgid": message_id, "fail_type": fault.errcode}
        platform.desk.tell(account, event(account, customer, "msg_send_fail", call.at, **failed), call.at)
        platform.desk.wake(account)
    return OK | {"msgid": message_id}
