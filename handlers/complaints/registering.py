"""From a draft to a registered case and its receipt."""

from __future__ import annotations

from datetime import date

from bot.messages import Body
from bot.workdays import UnknownDayError
from handlers.complaints import service
from handlers.complaints import texts_intake as texts
from handlers.complaints.dialogue import ALARM_LIFE, Filed, Turn, remember
from handlers.complaints.limits import Working, due, local_day
from handlers.complaints.service import Receipt, Statement
from handlers.complaints.slots import Draft, Facts

_OTHER = "其他"


def register(turn: Turn, kind: str = "complaint") -> Body | str:
    """Register the draft that was confirmed and return its receipt."""
    ctx, draft = turn.ctx, turn.draft
    given = _file(turn, draft, kind, ())
    today, month = service.count_own(turn.home)
    settings = ctx.complaints
    return texts.receipt(
        given,
        office=settings.office,
        due=accept_day(turn),
        accept_wd=settings.accept_wd,
        url=ctx.public_url,
        is_kf=ctx.message.door.startswith("kf/"),
        is_over_limit=today > settings.new_per_day or month > settings.new_per_month,
        is_child=draft.known.is_child,
    )


def register_alarm(turn: Turn, draft: Draft, dangers: tuple[str, ...]) -> Receipt:
    """Register at once what tells of danger, without consent or confirmation; what follows is added to it."""
    return _file(turn, draft, "complaint", dangers)


def _file(turn: Turn, draft: Draft, kind: str, dangers: tuple[str, ...]) -> Receipt:
    given, told = service.file(turn.home, statement(turn, draft, kind, dangers))
    turn.told += told
    turn.given.update(draft.files)
    until = (turn.ctx.now + ALARM_LIFE).isoformat() if dangers else ""
    remember(turn, Filed(given.case, given.number, tuple(entry.message_id for entry in draft.entries), until))
    return given


def statement(turn: Turn, draft: Draft, kind: str, dangers: tuple[str, ...]) -> Statement:
    """Return what the draft says."""
    known = draft.known
    units = turn.ctx.directory.units
    is_clear = len(known.units) == 1 and known.units[0] in units
    return Statement(
        kind=kind,
        text=draft.text,
        topic=known.topic or _OTHER,
        unit=known.units[0] if is_clear else "",
        place=known.place if is_clear else unit_name(turn, known),
        happened=known.happened,
        wish=known.wish,
        is_named=bool(known.is_named),
        name=known.name,
        phone=known.phone,
        notice_version=draft.notice,
        dangers=dangers,
        inbox_uids=draft.files,
        is_minor=known.is_child,
    )


def unit_name(turn: Turn, known: Facts) -> str:
    """Return the name of the unit, the names of those it may be, or what was said instead."""
    units = turn.ctx.directory.units
    names = [units[unit].name for unit in known.units if unit in units]
    return "或".join(names[:4]) + ("等" if len(names) > 4 else "") if names else known.place


def accept_day(turn: Turn) -> date | None:
    """Return the last day for the decision whether the case is taken, None where no calendar tells."""
    limit = Working(turn.ctx.complaints.accept_wd)
    try:
        return local_day(due(turn.ctx.now, limit, turn.ctx.directory.calendar))
    except UnknownDayError:
        return None
