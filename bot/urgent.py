"""What is told the clerks at once, at any hour: that an alarm, or a message that may be one, has reached nobody.

Words without any secret, in private, beside the notices that wait for working hours (bot.steps.house.tell_clerks).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from bot.messages import Outgoing, Text, ToPerson
from bot.outbox import OutboxRow, OutboxState
from bot.people import Directory

log = logging.getLogger(__name__)

# The purpose of messages that tell of people in danger.
DANGER = "alert.danger"
UNHEARD = "【紧急】发给“{name}”的一条危险通知没有送到(编号 {number})。请马上查看待办的紧急登记,并电话联系值班人员。"
_PURPOSE = "alert.office"


def to_clerks(directory: Directory, key: str, words: str) -> list[Outgoing]:
    """Return one message to each clerk that leaves at any hour; key tells the fact."""
    return [
        Outgoing(f"{key}/{clerk.id}", ToPerson(clerk.id), Text(words), _PURPOSE, is_urgent=True)
        for clerk in directory.list_clerks()
    ]


def unheard(directory: Directory, rows: Iterable[OutboxRow]) -> list[Outgoing]:
    """Return what the clerks are told of alarms among rows that have ended undelivered: once for each recipient."""
    lost: dict[str, OutboxRow] = {}
    for row in rows:
        if row.purpose == DANGER and row.state in (OutboxState.FAILED, OutboxState.EXPIRED, OutboxState.MAYBE):
            lost.setdefault(row.audience, row)
    told: list[Outgoing] = []
    for audience, row in lost.items():
        log.error("alarm.unheard id=%s state=%s", row.uid, row.state)
        person = directory.people.get(audience)
        words = UNHEARD.format(name=person.name if person else "值班人员", number=row.id)
        told += to_clerks(directory, f"unheard/{row.uid}", words)
    return told
