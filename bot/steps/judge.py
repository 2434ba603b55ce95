"""judge: may a row leave for whoever reads it? What may not stays as it is, sealed, and is spoken of without its words.

A refused row ends as failed and keeps its body as evidence; sent once more, it comes by here again.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import place_of
from bot.guard import Audience
from bot.messages import Envelope, Outgoing, Text, ToOutsider
from bot.outbox import Judging, OutboxRow
from bot.steps.house import House, tell_clerks, tell_clerks_now
from bot.steps.trouble import is_passing
from bot.workdays import SHANGHAI

log = logging.getLogger(__name__)

REFUSED = "有消息被保密检查拦下,没有发出。请管理员用 duban failed 查看编号和原因。"

WITHHELD = "您的消息收到了,但刚才的回复没能发出。请再说一次,或回复“查询”看进度。"
ALARM_REFUSED = (
    "【紧急】一条紧急通知被保密检查拦下,没有送到(编号 {number})。请马上查看待办的紧急登记,并用 duban failed 查看原因。"
)
_KEY = "refused/"
_ALARMS = "alert."
_REPLY = "reply/"


def judging(house: House, session: Session, now: datetime) -> Judging:
    """Return what tells why a row may not leave (or None), for the rows of one transaction."""
    judge = house.guard.judge(session, house.directories.get(session))

    def find_fault(row: OutboxRow, envelope: Envelope) -> str | None:
        audience = audience_of(row, envelope)
        if envelope.is_echo and not audience.is_chat:
            return None
        try:
            fault = judge.find_fault(audience, envelope.body, envelope.mentions)
        except Exception as error:  # a bug in one subject's clearance must not hold up the messages of all others
            if is_passing(error):
                raise
            log.error("outbox.judge_error id=%s error=%s", row.uid, place_of(error))
            fault = "the check failed"
        if fault is not None:
            _tell_refused(house, session, row, fault, now)
            if row.key.startswith(_REPLY):
                _excuse(house, session, row, envelope, now)
        return fault

    return find_fault


def audience_of(row: OutboxRow, envelope: Envelope) -> Audience:
    """Return who will read a row."""
    return Audience(lane=envelope.reader or row.lane, name=row.audience, is_chat=envelope.is_chat or row.door == "push")


def _tell_refused(house: House, session: Session, row: OutboxRow, fault: str, now: datetime) -> None:
    house.metrics.refused(row.door, fault)
    log.warning("outbox.refused id=%s door=%s purpose=%s fault=%s", row.uid, row.door, row.purpose, fault)
    directory = house.directories.get(session)
    if row.purpose.startswith(_ALARMS) and not row.key.startswith(_KEY):
        tell_clerks_now(house, session, directory, f"{_KEY}{row.uid}", ALARM_REFUSED.format(number=row.id), now)
    tell_clerks(house, session, directory, f"{_KEY}{now.astimezone(SHANGHAI):%Y%m%d}", REFUSED, now)


def _excuse(house: House, session: Session, row: OutboxRow, envelope: Envelope, now: datetime) -> None:
    """Leave nobody without an answer: two people may have said the same words at the same moment."""
    excuse = Outgoing(f"withheld/{row.uid}", ToOutsider(row.door, envelope.address), Text(WITHHELD), "notice")
    house.dispatch.put(session, house.directories.get(session), [excuse], now)
