"""The danger lane: before everything else, at every door and every turn. People first, then papers.

What tells of acute danger is registered at once, whatever was being talked about; the school is told nothing.
"""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Outgoing, Text
from bot.router import Context
from handlers.complaints import after, drafting, registering
from handlers.complaints import texts_intake as texts
from handlers.complaints.dialogue import Turn, begin, end, tell_home
from handlers.complaints.hearing import Heard
from handlers.complaints.slots import add


def alarm(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Answer a message that tells of danger; whoever is on duty is told by the registration."""
    turn = begin(ctx)
    turn.is_urgent = True
    said = _register(turn, heard)
    if turn.home is ctx:
        return end(turn, said)
    # Not where others read along, and not where we cannot write again.
    if turn.home.message.door == ctx.person_door:
        turn.told.append(replace(tell_home(turn, Text(said)), is_urgent=True))
    can_tell = ctx.person is not None and ctx.can_tell(ctx.person.id)
    return end(turn, f"{texts.GROUP_DANGER}{texts.GROUP_TOLD if can_tell else texts.GROUP_UNTOLD}")


def _register(turn: Turn, heard: Heard) -> str:
    entry = drafting.entry_of(turn, heard)
    known = turn.state.alarm(turn.ctx.now)
    if known is not None and after.supplement(turn, known.case, entry, dangers=heard.dangers):
        return texts.danger_again(known.number)
    draft = add(turn.draft, entry)
    given = registering.register_alarm(turn, draft, heard.dangers)
    settings = turn.ctx.complaints
    return texts.danger_receipt(given, office=settings.office, url=turn.ctx.public_url, is_child=draft.known.is_child)
