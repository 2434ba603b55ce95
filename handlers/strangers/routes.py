"""Messages of people who are not in the directory: a polite answer once a day, one hint a day to the clerks.

List it before every other subject. Doors for the public (kf/…) are not its business.
"""

from __future__ import annotations

from bot.messages import Kind, Outgoing, Sender, Text, ToPerson
from bot.router import Context, Ignore, Reading, Routes, ignore_event
from bot.workdays import SHANGHAI
from handlers.strangers import rules, texts

routes = Routes("strangers")


def read(reading: Reading) -> bool | Ignore | None:
    """Recognise whatever a stranger sends; True if it is more than opening the chat."""
    message = reading.message
    if reading.sender is not None or message.door.startswith("kf/"):
        return None
    if not message.sender:
        return Ignore("no sender")
    if message.kind is Kind.EVENT:
        return ignore_event(message)
    return message.kind is not Kind.ENTER


@routes.on(read)
def answer(ctx: Context, has_written: bool) -> list[Outgoing]:
    """Say once a day that the sender is not listed, and tell the clerks once a day that somebody is not."""
    day = ctx.now.astimezone(SHANGHAI).date()
    blind = ctx.seal.blind(ctx.message.sender)
    told = Outgoing(f"stranger/{blind}/{day}", Sender(), Text(texts.NOT_LISTED), purpose="stranger")
    if not has_written:
        return [told]
    at = rules.hint_at(ctx.now, ctx.directory.calendar, ctx.courtesy)
    hint = Text(texts.hint(rules.shorten(ctx.message.sender)))
    return [
        told,
        *(
            Outgoing(f"stranger-hint/{day}/{clerk.id}", ToPerson(clerk.id), hint, purpose="alert.office", not_before=at)
            for clerk in ctx.directory.list_clerks()
        ),
    ]
