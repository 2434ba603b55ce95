"""What one may click on a weekly card, and the thin function that answers."""

from __future__ import annotations

from bot.messages import CardUpdate, Click, Kind, Outgoing
from bot.router import Context, Reading, Routes
from handlers.weekly import answers, cards, texts
from handlers.weekly.answers import Answered
from handlers.weekly.cards import Choice

routes = Routes("weekly")

_WORDS = {Choice.UNCHANGED: texts.UNCHANGED, Choice.UPDATE: texts.UPDATE, Choice.STUCK: texts.STUCK}


def read_click(reading: Reading) -> Click | None:
    """Read a click on one of our cards, whoever clicked."""
    click = reading.message.click
    if reading.message.kind is not Kind.CLICK or click is None or cards.week_of(click.task_id) is None:
        return None
    return click if click.key in set(Choice) else None


@routes.on(read_click)
def clicked(ctx: Context, click: Click) -> list[Outgoing]:
    """Record the click once and replace the card by what was recorded."""
    week = cards.week_of(click.task_id) or ""
    if ctx.person is None or cards.card_id(week, ctx.person.id) != click.task_id:
        return [ctx.reply(texts.NOT_YOURS)]
    answered = answers.take(ctx, click.task_id, Choice(click.key))
    if answered is None:
        return [_replace(ctx, click, texts.STALE, texts.STALE_HOW)]
    choice = Choice(answered.row.choice)
    said = _said(answered, choice)
    outgoings = [_replace(ctx, click, texts.clicked_title(_WORDS[choice]), said)]
    if answered.is_first and choice is not Choice.UNCHANGED:
        outgoings.append(ctx.tell(ctx.person.id, said, purpose="weekly.how"))
    return outgoings


def _said(answered: Answered, choice: Choice) -> str:
    match choice:
        case Choice.UPDATE:
            return texts.how_to_update(answered.example)
        case Choice.STUCK:
            return texts.how_to_name(answered.example)
        case Choice.UNCHANGED:
            row = answered.row
            return texts.clicked(row.confirmed, row.missing, row.reported, is_late=row.is_late)


def _replace(ctx: Context, click: Click, title: str, said: str) -> Outgoing:
    update = CardUpdate(task_id=click.task_id, title=title, subtitle=said, response_code=click.response_code)
    return ctx.answer(update)
