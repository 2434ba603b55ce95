"""When an unasked message may arrive: quiet hours, working days, and how many a person or group gets.

What is over a cap waits for the next working day and is merged into one digest (supervision reference §2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.messages import Outgoing, Sender, Text, ToChat, ToOutsider, ToPerson, load_envelope
from bot.outbox import OutboxRow, OutboxState, seal_envelope
from bot.people import Directory
from bot.seal import Seal
from bot.sections import Courtesy
from bot.workdays import SHANGHAI, Calendar, UnknownDayError

# Minute 00 and 30 of the hour are the platform's rush minutes (WeCom docs 90236, advice on message/send).
_MORNING_SHIFT = timedelta(minutes=10)
_UNCOUNTED = ("alert.",)
# Room for the platform's 2,048 bytes of text in one message.
_DIGEST_BYTES = 1900


@dataclass(frozen=True, slots=True)
class Rules:
    """Local quiet hours [quiet_from, quiet_to) over midnight, and the caps."""

    quiet_from: time
    quiet_to: time
    person_per_day: int
    group_per_day: int
    person_per_week: int


def rules_of(section: Courtesy) -> Rules:
    """Return the rules of the configuration's [courtesy]."""
    return Rules(
        quiet_from=time.fromisoformat(section.quiet_from),
        quiet_to=time.fromisoformat(section.quiet_to),
        person_per_day=section.person_per_day,
        group_per_day=section.group_per_day,
        person_per_week=section.person_per_week,
    )


def next_allowed(now: datetime, calendar: Calendar, rules: Rules) -> datetime:
    """Return now, or the next instant outside quiet hours on a working day. Raises UnknownDayError."""
    local = now.astimezone(SHANGHAI)
    if calendar.is_working(local.date()):
        if local.time() < rules.quiet_to:
            return _morning(local.date(), rules)
        if local.time() < rules.quiet_from:
            return now
    return _morning(calendar.next_working(local.date()), rules)


def after_quiet(now: datetime, rules: Rules) -> datetime:
    """Return now, or the end of the quiet hours of the clock, whatever day it is."""
    local = now.astimezone(SHANGHAI)
    if rules.quiet_to <= local.time() < rules.quiet_from:
        return now
    day = local.date() + timedelta(days=local.time() >= rules.quiet_from)
    return datetime.combine(day, rules.quiet_to, SHANGHAI).astimezone(UTC)


def arrange(
    session: Session, seal: Seal, directory: Directory, outgoings: list[Outgoing], now: datetime, rules: Rules
) -> list[Outgoing]:
    """Return the pushes with the times at which they may arrive; texts over a cap become one digest a day.

    A message whose purpose begins with "alert." counts for no cap; at an unfit hour it waits unless it is urgent.
    Raises UnknownDayError where the next working day of another is not known.
    """
    audiences = {_audience(outgoing) for outgoing in outgoings if not isinstance(outgoing.to, Sender | ToOutsider)}
    plan = _Plan(session, seal, directory, rules, audiences)
    for outgoing in outgoings:
        if isinstance(outgoing.to, Sender | ToOutsider):
            plan.messages.append(outgoing)
            continue
        if outgoing.purpose.startswith(_UNCOUNTED):
            plan.messages.append(_at_fit_hour(outgoing, directory.calendar, now, rules))
            continue
        wanted = max(now, outgoing.not_before) if outgoing.not_before else now
        plan.add(outgoing, wanted)
    return plan.messages


def _at_fit_hour(outgoing: Outgoing, calendar: Calendar, now: datetime, rules: Rules) -> Outgoing:
    """Let an alert wait for the morning unless it is urgent: a job that comes late may run in the night."""
    if outgoing.is_urgent:
        return outgoing
    wanted = max(now, outgoing.not_before or now)
    try:
        allowed = next_allowed(wanted, calendar, rules)
    except UnknownDayError:
        allowed = after_quiet(wanted, rules)
    return outgoing if allowed == wanted else replace(outgoing, not_before=allowed)


class _Plan:
    """The pushes arranged so far, with what each recipient gets on each day."""

    def __init__(
        self, session: Session, seal: Seal, directory: Directory, rules: Rules, audiences: Collection[str]
    ) -> None:
        self.messages: list[Outgoing] = []
        self._session = session
        self._seal = seal
        self._directory = directory
        self._rules = rules
        self._audiences = audiences
        self._counts: Counter[tuple[str, date]] = Counter()
        self._stored: dict[date, Counter[tuple[str, date]]] = {}

    def add(self, outgoing: Outgoing, wanted: datetime) -> None:
        """Put one push where it has room."""
        calendar = self._directory.calendar
        audience = _audience(outgoing)
        instant = allowed = next_allowed(wanted, calendar, self._rules)
        while not self._has_room(outgoing, audience, instant):
            day = calendar.next_working(_local_day(instant))
            instant = _morning(day, self._rules)
            if self._joins_digest(outgoing, audience, day):
                return
        day = _local_day(instant)
        self._counts[audience, day] += 1
        if instant == allowed:
            self.messages.append(outgoing if allowed == wanted else replace(outgoing, not_before=allowed))
        elif isinstance(outgoing.body, Text):
            key = _digest_key(audience, day)
            self.messages.append(replace(outgoing, not_before=instant, key=key, purpose="digest"))
        else:
            self.messages.append(replace(outgoing, not_before=instant))

    def _has_room(self, outgoing: Outgoing, audience: str, instant: datetime) -> bool:
        day = _local_day(instant)
        monday = day - timedelta(days=day.weekday())
        if monday not in self._stored:
            self._stored[monday] = _stored(self._session, self._audiences, monday)
        stored = self._stored[monday]
        week = [monday + timedelta(days=offset) for offset in range(7)]
        taken = {each: self._counts[audience, each] + stored[audience, each] for each in week}
        if isinstance(outgoing.to, ToChat):
            chat = self._directory.chats.get(audience)
            return taken[day] < ((chat and chat.max_push_per_day) or self._rules.group_per_day)
        return taken[day] < self._rules.person_per_day and sum(taken.values()) < self._rules.person_per_week

    def _joins_digest(self, outgoing: Outgoing, audience: str, day: date) -> bool:
        """Append to the digest that is planned, or already waits, for that day; False where that cannot be."""
        if not isinstance(outgoing.body, Text):
            return False
        key = _digest_key(audience, day)
        for index, planned in enumerate(self.messages):
            if planned.key == key and isinstance(planned.body, Text):
                self.messages[index] = replace(planned, body=_joined(planned.body, outgoing.body))
                return True
        return self._joins_stored(key, outgoing.body)

    def _joins_stored(self, key: str, body: Text) -> bool:
        row = self._session.scalar(select(OutboxRow).where(OutboxRow.key == key, OutboxRow.state == "waiting"))
        if row is None or row.body is None:
            return False
        envelope = load_envelope(self._seal.open(row.body, row.uid))
        if not isinstance(envelope.body, Text):
            return False
        joined = _joined(envelope.body, body)
        if len(joined.content.encode()) > _DIGEST_BYTES:
            return False
        row.body = seal_envelope(self._seal, replace(envelope, body=joined), row.uid)
        return True


def _audience(outgoing: Outgoing) -> str:
    match outgoing.to:
        case ToPerson(person_id):
            return person_id
        case ToChat(chat_id):
            return chat_id
        case Sender() | ToOutsider():
            raise ValueError("neither an answer nor a notice to an outsider is a push")


def _digest_key(audience: str, day: date) -> str:
    return f"digest/{audience}/{day}"


def _joined(first: Text, second: Text) -> Text:
    return replace(first, content=f"{first.content}\n\n{second.content}", mentions=(*first.mentions, *second.mentions))


def _local_day(instant: datetime) -> date:
    return instant.astimezone(SHANGHAI).date()


def _stored(session: Session, audiences: Collection[str], monday: date) -> Counter[tuple[str, date]]:
    """Count the pushes that wait for, or went to, each audience on each day of a week; one query for all."""
    start = datetime.combine(monday, time.min, SHANGHAI)
    query = select(OutboxRow.audience, OutboxRow.due_at).where(
        OutboxRow.audience.in_(audiences),
        OutboxRow.inbox_uid.is_(None),
        OutboxRow.due_at >= start,
        OutboxRow.due_at < start + timedelta(days=7),
        OutboxRow.state.not_in((OutboxState.EXPIRED, OutboxState.FAILED)),
        ~OutboxRow.purpose.startswith("alert."),
        ~OutboxRow.key.contains("#"),
    )
    return Counter((audience, _local_day(due)) for audience, due in session.execute(query))


def _morning(day: date, rules: Rules) -> datetime:
    return datetime.combine(day, rules.quiet_to, SHANGHAI) + _MORNING_SHIFT
