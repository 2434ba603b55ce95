"""The last route: takes every message that no subject took, so that nobody is left without a word. List it last."""

from __future__ import annotations

import re
import unicodedata

from bot.messages import Kind, Outgoing
from bot.router import Context, Ignore, Reading, Routes, ignore_event
from handlers.help import texts

routes = Routes("fallback")

_THANKS = re.compile(
    r"(?:收到|好的?|好嘞|谢谢(?:你|您|小督)?|感谢|多谢|辛苦了?|明白了?|知道了|嗯|哦|行|可以|没事|ok|1|\+1|👌|👍|🙏|🌹|\s)+",
    re.IGNORECASE,
)
# What is longer is no mere thanks; a bound on what a pattern with repeats is given.
_SHORT = 60
_SIGNS = re.compile(r"[,.;:!?~。、…]+")


def read(reading: Reading) -> str | Ignore:
    """Return the polite answer to any message, or why it needs none."""
    message = reading.message
    if reading.sender is None:
        return Ignore("a stranger at a door without a subject")
    if message.kind is Kind.EVENT:
        return ignore_event(message)
    answer = texts.BY_KIND.get(message.kind)
    if answer is None:
        return Ignore(f"kind {message.kind}")
    spoken = _SIGNS.sub("", unicodedata.normalize("NFKC", message.text)).strip()
    if message.kind is Kind.VOICE and not spoken:
        return texts.TYPE_PLEASE
    if message.kind is Kind.MIXED and not spoken:
        return texts.SAY_PLEASE
    if message.kind in (Kind.TEXT, Kind.VOICE) and len(spoken) <= _SHORT and _THANKS.fullmatch(spoken):
        return Ignore("an acknowledgement")
    return answer


@routes.on(read)
def answer(ctx: Context, text: str) -> list[Outgoing]:
    """Say politely what to do instead."""
    return [ctx.reply(text)]
