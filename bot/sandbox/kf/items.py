"""The items of sync_msg: what customers wrote and what happened to a session (doc 94670)."""

from __future__ import annotations

import secrets
from datetime import datetime

from bot.sandbox.entities import Json, KfAccount

CUSTOMER, SYSTEM, RECEPTIONIST = 3, 4, 5


def new_message_id() -> str:
    """Return a message id as the platform makes them."""
    return secrets.token_urlsafe(24)


def said(account: KfAccount, customer: str, kind: str, part: Json, now: datetime) -> Json:
    """Return a message of a customer; part is what stands under the name of its kind."""
    return _head(account, customer, CUSTOMER, now) | {"msgtype": kind, kind: part}


def said_by_hand(account: KfAccount, customer: str, servicer: str, text: str, now: datetime) -> Json:
    """Return what a receptionist wrote in the client."""
    head = _head(account, customer, RECEPTIONIST, now) | {"servicer_userid": servicer}
    return head | {"msgtype": "text", "text": {"content": text}}


def event(account: KfAccount, customer: str, kind: str, now: datetime, **more: object) -> Json:
    """Return an event; its ids are inside, and what is empty is left out."""
    inside: Json = {"event_type": kind, "open_kfid": account.open_kfid, "external_userid": customer}
    inside |= {name: value for name, value in more.items() if value != "" and value is not None}
    head = {"msgid": new_message_id(), "send_time": int(now.timestamp()), "origin": SYSTEM}
    return head | {"msgtype": "event", "event": inside}


def _head(account: KfAccount, customer: str, origin: int, now: datetime) -> Json:
    return {
        "msgid": new_message_id(),
        "open_kfid": account.open_kfid,
        "external_userid": customer,
        "send_time": int(now.timestamp()),
        "origin": origin,
    }
