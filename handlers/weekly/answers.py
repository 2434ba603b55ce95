"""What a click on the reminder card means: recorded once, by the first click; asked again, the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from bot.router import Context
from handlers.progress import service as progress
from handlers.progress.service import Source
from handlers.tasks import service as ledgers
from handlers.weekly import cards, texts
from handlers.weekly.cards import Choice
from handlers.weekly.models import AskRow, ClickRow, RoundRow
from handlers.weekly.service import Pair


@dataclass(frozen=True, slots=True)
class Answered:
    """What the first click did. is_first: this is that click. example: a task code to show in an example."""

    row: ClickRow
    is_first: bool
    example: str


def take(ctx: Context, card: str, choice: Choice) -> Answered | None:
    """Carry out a click of the person the card was sent to; None if the card asks about nothing any more.

    无变化 confirms every line that has a value and was not reported in this period. A card is stale once a later
    round has asked its person; after its close and before that, a click counts for the next week.
    """
    asked = _list_asked(ctx, card)
    if not asked:
        return None
    example = asked[0].task_id
    row = ctx.session.get(ClickRow, card)
    if row is not None:
        return Answered(row, False, example)
    held = ctx.session.get_one(RoundRow, asked[0].week)
    if _is_stale(ctx, held):
        return None
    row = ClickRow(
        card=card,
        choice=choice,
        is_late=ctx.now >= held.closes_at,
        confirmed=[],
        missing=[],
        reported=[],
        at=ctx.now,
    )
    if choice is Choice.UNCHANGED:
        _confirm(ctx, row, held, asked)
    ctx.session.add(row)
    return Answered(row, True, example)


def _list_asked(ctx: Context, card: str) -> list[AskRow]:
    query = select(AskRow).where(AskRow.week == cards.week_of(card), AskRow.person_id == ctx.sender.id)
    tasks = ledgers.get(ctx.session, ctx.directory).tasks
    found = ctx.session.scalars(query.order_by(AskRow.number))
    return [ask for ask in found if ask.unit_id in ctx.directory.units and ask.task_id in tasks]


def _is_stale(ctx: Context, held: RoundRow) -> bool:
    later = select(RoundRow.week).join(AskRow, AskRow.week == RoundRow.week)
    later = later.where(RoundRow.opened_at > held.opened_at, AskRow.person_id == ctx.sender.id)
    return ctx.session.scalar(later.limit(1)) is not None


def _confirm(ctx: Context, row: ClickRow, held: RoundRow, asked: list[AskRow]) -> None:
    """Record that the values still hold, and keep in row which lines could not be confirmed."""
    until = ctx.now + timedelta(microseconds=1)
    values = progress.current(ctx.session, ctx.seal, units={ask.unit_id for ask in asked})
    reported = progress.reported_since(ctx.session, held.starts_at, until)
    tasks = ledgers.get(ctx.session, ctx.directory).tasks
    statements = []
    confirmed: list[str] = []
    missing: list[str] = []
    known: list[str] = []
    for ask in asked:
        pair: Pair = (ask.unit_id, ask.task_id)
        name = _name(ctx, pair)
        if pair in reported:
            known.append(name)
        elif pair not in values:
            missing.append(name)
        elif progress.may_report(ctx.sender, ask.unit_id, tasks[ask.task_id], ctx.directory):
            confirmed.append(name)
            statements.append(progress.unchanged(values[pair]))
    row.confirmed, row.missing, row.reported = confirmed, missing, known
    source = Source(ctx.sender, ctx.message.door, ctx.uid, texts.UNCHANGED, ctx.now)
    progress.record(ctx.session, ctx.seal, source, statements)


def _name(ctx: Context, pair: Pair) -> str:
    """Return the task's code, with the unit's name if it is not the person's own."""
    unit, task = pair
    return task if unit == ctx.sender.unit else f"{ctx.directory.units[unit].name}{task}"
