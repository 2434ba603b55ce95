"""The dialogue with somebody who tells a complaint: what a message is, by where the conversation stands."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Body, Incoming, Outgoing
from bot.people import Directory
from bot.router import Context
from handlers.complaints import after, drafting, service, speech
from handlers.complaints import texts_intake as texts
from handlers.complaints import texts_own as own_texts
from handlers.complaints.dialogue import Filed, Turn, begin, end, is_over, may_calm
from handlers.complaints.hearing import Heard
from handlers.complaints.slots import Draft, Step, recall
from handlers.complaints.speech import Command


def converse(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Answer one message of somebody who complains, or might."""
    turn = begin(ctx)
    is_late = turn.state.is_late
    turn.change(is_late=False)
    said = _respond(turn, heard)
    return end(turn, texts.after_expiry(said) if is_late and said else said)


def _respond(turn: Turn, heard: Heard) -> Body | str | None:
    if is_over(turn):
        return _keep_calm(turn, heard)
    if heard.is_voice or not (heard.text or heard.has_file):
        return _unreadable(turn, heard)
    if turn.state.draft is not None:
        return _in_draft(turn, heard)
    if turn.state.asking and (said := after.resolve(turn, heard)) is not None:
        return said
    if heard.is_code:
        return own_texts.code_typed(turn.ctx.public_url)
    if heard.command is not None and (said := after.obey(turn, heard)) is not None:
        return said
    if (said := _small_talk(turn, heard)) is not None:
        return said
    alarm = turn.state.alarm(turn.ctx.now)
    if alarm is not None and heard.command is not Command.NEW and _adds_to(turn, heard, alarm):
        return texts.DANGER_MORE
    return _fresh(turn, heard)


def _unreadable(turn: Turn, heard: Heard) -> str:
    said = texts.TYPE_PLEASE if heard.is_voice else texts.WHAT_KIND
    return said + (texts.EMERGENCY if turn.state.alarm(turn.ctx.now) else "")


def _in_draft(turn: Turn, heard: Heard) -> Body | str:
    is_aside = heard.command is Command.STATUS and turn.draft.step is not Step.SLOT
    if is_aside and (said := after.obey(turn, heard)) is not None:
        return said
    return drafting.go_on(turn, heard)


def _small_talk(turn: Turn, heard: Heard) -> str | None:
    """Answer thanks, a greeting, a second 确认; None for anything else."""
    if speech.is_submit(heard.text) and (said := _filed_before(turn)) is not None:
        return said
    if heard.is_thanks:
        return texts.THANKS
    if speech.is_hello(heard.text) or speech.is_yes(heard.text) or speech.is_no(heard.text):
        return texts.guide(turn.ctx.complaints.office)
    return None


def _filed_before(turn: Turn) -> str | None:
    if turn.state.filed:
        return own_texts.already_filed(turn.state.filed[-1].number)
    own = service.list_own(turn.home)
    return own_texts.already_filed(own[0].number) if own else None


def _adds_to(turn: Turn, heard: Heard, alarm: Filed) -> bool:
    return after.supplement(turn, alarm.case, drafting.entry_of(turn, heard))


def _fresh(turn: Turn, heard: Heard) -> Body | str:
    """Answer what begins something, or belongs to a case that is open."""
    if (said := after.find_by_number(turn, heard)) is not None:
        return said
    own = after.list_open(turn)
    if heard.command is Command.NEW:
        return drafting.open_draft(turn, heard)
    if own and after.asks_for_state(heard):
        return own_texts.status(own)
    if own and heard.facts.kind not in ("suggestion", "query") and not speech.is_abuse(heard.text):
        return after.offer_to_add(turn, heard, own)
    if heard.has_file:
        return drafting.open_draft(turn, heard)
    if speech.is_abuse(heard.text):
        was_warned = turn.state.is_warned
        turn.change(is_warned=True)
        return texts.STILL_ABUSE if was_warned else texts.WARNED
    if heard.facts.kind in ("chatter", "progress") and heard.is_short:
        return texts.guide(turn.ctx.complaints.office)
    return drafting.open_draft(turn, heard)


def _keep_calm(turn: Turn, heard: Heard) -> str | None:
    """Keep what comes faster than it can be answered; one answer a minute."""
    alarm = turn.state.alarm(turn.ctx.now)
    is_told = bool(heard.text or heard.has_file) and not _says_nothing(heard)
    if is_told and turn.state.draft is not None:
        drafting.keep(turn, heard)
    elif is_told and not (alarm is not None and _adds_to(turn, heard, alarm)):
        turn.change(draft=Draft(step=Step.DOUBT, scene=turn.state.scene))
        drafting.keep(turn, heard)
    return texts.SLOWLY if may_calm(turn) else None


def _says_nothing(heard: Heard) -> bool:
    said = heard.text
    return bool(said) and (
        heard.command is not None or heard.is_thanks or heard.is_code or speech.is_yes(said) or speech.is_no(said)
    )


def enter(ctx: Context) -> list[Outgoing]:
    """Greet who opens the chat, and remember the school whose code was scanned.

    Without a welcome code the greeting would be one of the few answers that the door allows, so there is none.
    """
    turn = begin(ctx)
    unit = find_scene(ctx.message, ctx.directory)
    if unit and turn.state.draft is None:
        turn.change(scene=unit)
    elif unit and not turn.draft.known.units:
        turn.change(scene=unit, draft=replace(turn.draft, scene=unit))
    has_code = bool(ctx.message.detail.get("welcome_code"))
    name = ctx.directory.units[unit].name if unit else ""
    return end(turn, texts.welcome(ctx.complaints.office, name) if has_code else None)


def find_scene(message: Incoming, directory: Directory) -> str:
    """Return the unit that an entry link names by its id (S13, school_S13, unit-s13), or ""."""
    by_id = {unit.id.lower(): unit.id for unit in directory.units.values()}
    for said in (message.detail.get("scene_param", ""), message.detail.get("scene", "")):
        plain = said.strip().lower()
        found = by_id.get(plain) or by_id.get(plain.replace("-", "_").rpartition("_")[2])
        if found:
            return found
    return ""


def forget(ctx: Context, message_id: str) -> list[Outgoing]:
    """Drop words that were taken back on the platform; of a registered case it is taken for a withdrawal."""
    turn = begin(ctx)
    draft = turn.state.draft
    if draft is not None and any(entry.message_id == message_id for entry in draft.entries):
        left = recall(draft, message_id)
        turn.change(draft=left if left.entries else None)
        return end(turn, texts.RECALLED if left.entries else texts.RECALLED_ALL)
    if any(entry.message_id == message_id for entry in turn.state.pending):
        pending = tuple(entry for entry in turn.state.pending if entry.message_id != message_id)
        turn.change(pending=pending, asking=turn.state.asking if pending else "")
        return end(turn, texts.RECALLED)
    filed = next((each for each in turn.state.filed if message_id in each.messages), None)
    if filed is None or not any(own.case == filed.case for own in after.list_open(turn)):
        return end(turn, None)
    turn.told += service.withdraw(turn.home, filed.case)
    return end(turn, own_texts.recalled_after(filed.number))
