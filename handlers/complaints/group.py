"""A complaint said where others read along: never repeated, quoted or recorded there; it goes on in private."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Outgoing
from bot.router import Context
from handlers.complaints import drafting
from handlers.complaints import texts_intake as texts
from handlers.complaints.dialogue import answer, begin, end, tell_home
from handlers.complaints.hearing import Heard
from handlers.complaints.slots import Step


def take_aside(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Say a neutral line where it was said; keep the words sealed for the private chat and offer to go on there."""
    if ctx.person is None or not ctx.person_door or not ctx.can_tell(ctx.person.id):
        return [answer(ctx, texts.GROUP_UNTOLD)]
    turn = begin(ctx)
    is_new = turn.state.draft is None
    is_kept = drafting.keep(turn, heard)
    if is_new:
        turn.change(draft=replace(turn.draft, step=Step.CONSENT, kind="complaint"))
    body = (
        texts.in_private(ctx.complaints.office, ctx.complaints.phone) if is_new else texts.kept_beside(is_kept=is_kept)
    )
    return [*end(turn, texts.GROUP_TOLD), tell_home(turn, body)]
