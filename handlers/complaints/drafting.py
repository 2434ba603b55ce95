"""One turn of telling a complaint: take in what was said, ask for one thing that is missing, read back, register."""

from __future__ import annotations

from dataclasses import replace

from bot.dispatch import lane_of
from bot.guard import Audience, Guard, clears_nobody
from bot.messages import Body, Menu
from handlers.complaints import registering, speech, telling
from handlers.complaints import texts_intake as texts
from handlers.complaints import texts_own as own_texts
from handlers.complaints.dialogue import Turn
from handlers.complaints.hearing import Heard
from handlers.complaints.slots import MOST_FILES, Draft, Entry, Facts, Slot, Step, add, fill, next_slot
from handlers.complaints.speech import Command
from handlers.complaints.telling import About

_MOST_UNITS = 8


def open_draft(turn: Turn, heard: Heard) -> Body | str:
    """Begin to take down what was said and show the notice, or first ask what it is meant to be."""
    entry = entry_of(turn, heard, is_answer=heard.command is Command.NEW)
    draft = add(replace(turn.draft, scene=turn.state.scene), entry)
    kind = heard.facts.kind
    if kind in ("suggestion", "query") and not heard.has_file:
        turn.change(draft=replace(draft, step=Step.OFFER, kind=kind))
        return texts.offer(kind, _office(turn), _phone(turn))
    if kind == "complaint" or heard.has_file or heard.command is Command.NEW:
        return start(turn, draft, texts.FILE_KEPT if heard.has_file and not heard.text else "")
    turn.change(draft=replace(draft, step=Step.DOUBT))
    return texts.doubt()


def start(turn: Turn, draft: Draft, lead: str = "") -> Body:
    """Show the notice and ask for consent: nothing else is asked before."""
    turn.change(draft=replace(draft, step=Step.CONSENT, kind="complaint"))
    return texts.consent(_office(turn), _phone(turn), is_child=draft.known.is_child, lead=lead)


def go_on(turn: Turn, heard: Heard) -> Body | str:
    """Take one message of somebody who has a draft open."""
    draft = turn.draft
    if (
        speech.is_cancel(heard.text)
        or heard.command is Command.WITHDRAW
        or (draft.step in _REFUSABLE and speech.is_no(heard.text))
    ):
        turn.change(draft=None)
        return texts.CANCELLED
    if heard.command in (Command.HUMAN, Command.CODE):
        return own_texts.human(_phone(turn)) if heard.command is Command.HUMAN else own_texts.code_told(_phone(turn))
    if heard.is_code:
        return own_texts.code_typed(turn.ctx.public_url)
    if (heard.is_thanks and not speech.is_yes(heard.text)) or speech.is_hello(heard.text):
        return texts.IN_DRAFT
    if heard.has_file and len(draft.files) >= MOST_FILES:
        return texts.FILES_FULL
    match draft.step:
        case Step.CONSENT | Step.NOTHING:
            return _consent(turn, heard)
        case Step.DOUBT:
            return _doubt(turn, heard)
        case Step.OFFER:
            return _offer(turn, heard)
        case Step.SLOT:
            return _slot(turn, heard)
        case Step.READ_BACK | Step.FIX:
            return _read_back(turn, heard)


_REFUSABLE = (Step.CONSENT, Step.OFFER, Step.DOUBT)


def entry_of(turn: Turn, heard: Heard, facts: Facts | None = None, *, is_answer: bool = False) -> Entry:
    """Return a message as an entry of a draft."""
    ctx = turn.ctx
    told = facts if facts is not None else heard.facts
    return Entry(ctx.message.message_id, ctx.uid, heard.text, told, heard.has_file, is_answer)


def keep(turn: Turn, heard: Heard, facts: Facts | None = None, *, is_answer: bool = False) -> bool:
    """Add a message to the draft; False if it holds as much as it may."""
    if turn.draft.is_full:
        return False
    turn.change(draft=add(turn.draft, entry_of(turn, heard, facts, is_answer=is_answer)))
    return True


def _consent(turn: Turn, heard: Heard) -> Body | str:
    rest = speech.agreed_rest(heard.text)
    picked = _picked(heard, (texts.AGREE, texts.CANCEL))
    if picked == 1:
        turn.change(draft=None)
        return texts.CANCELLED
    agrees = picked == 0 or speech.is_yes(heard.text) or (rest is not None and not heard.has_file)
    if rest:
        keep(turn, heard)
    if agrees:
        turn.change(draft=replace(turn.draft, notice=texts.NOTICE_VERSION))
        return _advance(turn)
    is_new = heard.command is not Command.NEW
    if is_new and not keep(turn, heard):
        return texts.FULL
    return texts.consent_again(is_child=turn.draft.known.is_child)


def _doubt(turn: Turn, heard: Heard) -> Body | str:
    picked = _picked(heard, (texts.COMPLAIN, texts.ASK, texts.NEITHER))
    if picked == 2:
        turn.change(draft=None)
        return texts.CANCELLED
    if picked == 1:
        turn.change(draft=replace(turn.draft, step=Step.OFFER, kind="query"))
        return texts.offer("query", _office(turn), _phone(turn))
    if picked is None and not speech.is_yes(heard.text) and heard.command is not Command.NEW:
        keep(turn, heard)
        if heard.facts.kind != "complaint":
            return texts.doubt()
    return start(turn, turn.draft)


def _offer(turn: Turn, heard: Heard) -> Body | str:
    picked = _picked(heard, (texts.CONFIRM, texts.COMPLAIN, texts.CANCEL))
    if picked == 0 or speech.is_yes(heard.text):
        turn.change(draft=replace(turn.draft, notice=texts.NOTICE_VERSION))
        return registering.register(turn, kind=turn.draft.kind)
    if picked == 2:
        turn.change(draft=None)
        return texts.CANCELLED
    if picked != 1 and heard.command is not Command.NEW:
        if not keep(turn, heard):
            return texts.FULL
        if heard.facts.kind != "complaint":
            return texts.offer(turn.draft.kind, _office(turn), _phone(turn))
    return start(turn, turn.draft)


def _slot(turn: Turn, heard: Heard) -> Body | str:
    draft, slot = turn.draft, turn.draft.slot or Slot.WHAT
    if heard.has_file and not heard.text:
        keep(turn, heard)
        return _question(turn, slot, texts.FILE_KEPT)
    if heard.command is Command.NEW:
        return _question(turn, slot)
    if slot is Slot.NAME and (heard.command is Command.UNNAMED or speech.is_unknown(heard.text)):
        keep(turn, heard, Facts(is_named=False), is_answer=True)
        return _advance(turn)
    place = _picked(heard, _unit_names(turn, draft.options)) if slot is Slot.UNIT and draft.options else None
    if place is not None:
        keep(turn, heard, Facts(units=(draft.options[place],)), is_answer=True)
        return _advance(turn)
    number = len(draft.options) + 1 if slot is Slot.UNIT and draft.options else 0
    if speech.is_unknown(heard.text) or speech.is_no(heard.text) or heard.text.strip() == str(number):
        return _advance(turn)
    if not keep(turn, heard, _answered(slot, heard), is_answer=slot is not Slot.WHAT):
        return texts.FULL
    return _advance(turn)


def _answered(slot: Slot, heard: Heard) -> Facts:
    if slot is Slot.NAME:
        name, phone = telling.read_contact(heard.text)
        told = replace(heard.facts, name=name or heard.facts.name, phone=phone or heard.facts.phone)
        return told if told.name or told.phone else fill(slot, heard.text, told)
    return fill(slot, heard.text, heard.facts)


def _read_back(turn: Turn, heard: Heard) -> Body | str:
    draft = turn.draft
    if draft.step is Step.READ_BACK and (speech.is_yes(heard.text) or _picked(heard, _READ_BACK) == 0):
        return registering.register(turn)
    if _picked(heard, _READ_BACK) == 2:
        turn.change(draft=None)
        return texts.CANCELLED
    if speech.wants_fix(heard.text) or speech.is_no(heard.text) or _picked(heard, _READ_BACK) == 1:
        turn.change(draft=replace(draft, step=Step.FIX))
        return texts.FIX_HOW
    if speech.is_yes(heard.text) or heard.command is Command.NEW:
        return _show(turn)
    facts = _corrected(heard)
    if not keep(turn, heard, facts, is_answer=facts != Facts()):
        return texts.FULL
    known = turn.draft.known
    if facts.is_named and not known.name:
        return _question(turn, Slot.NAME)
    if len(facts.units) > 1 and len(known.units) > 1:
        return _question(turn, Slot.UNIT)
    return _show(turn)


_READ_BACK = (texts.CONFIRM, texts.FIX, texts.CANCEL)


def _corrected(heard: Heard) -> Facts:
    """Return what a correction puts in place of what was known."""
    if heard.command is Command.NAMED:
        return Facts(is_named=True)
    if heard.command is Command.UNNAMED:
        return Facts(is_named=False)
    right, facts = heard.correction.right, heard.right
    match heard.correction.about:
        case About.UNIT:
            return fill(Slot.UNIT, right, Facts(units=facts.units))
        case About.WHEN:
            return fill(Slot.WHEN, right, Facts(happened=facts.happened or right[:60]))
        case About.WISH:
            return Facts(wish=right[:300])
        case About.NAME:
            return Facts(name=right[:20], phone=facts.phone)
        case _:
            return replace(facts, kind="", topic="")


def _advance(turn: Turn) -> Body | str:
    """Ask for the next thing that is missing, or read back what is known."""
    draft = turn.draft
    slot = None if draft.is_full else next_slot(draft)
    if slot is None:
        return _show(turn)
    turn.change(draft=replace(draft, asked=(*draft.asked, slot)))
    return _question(turn, slot)


def _question(turn: Turn, slot: Slot, lead: str = "") -> Body | str:
    draft = turn.draft
    units = draft.known.units if slot is Slot.UNIT else ()
    options = units if 1 < len(units) <= _MOST_UNITS else ()
    turn.change(draft=replace(draft, step=Step.SLOT, slot=slot, options=options))
    if options:
        menu = texts.which_unit(_unit_names(turn, options))
        return replace(menu, head=lead + menu.head)
    return lead + texts.ask(slot, is_child=draft.known.is_child)


def _show(turn: Turn) -> Menu:
    turn.change(draft=replace(turn.draft, step=Step.READ_BACK, slot=None, options=()))
    known = turn.draft.known
    unit = registering.unit_name(turn, known)
    shown = texts.read_back(turn.draft, known, unit, is_child=known.is_child)
    if _may_leave(turn, shown):
        return shown
    # The same words stand in somebody else's case: the last door would keep the whole answer back.
    return texts.read_back(turn.draft, known, unit, is_child=known.is_child, is_veiled=True)


def _may_leave(turn: Turn, body: Body) -> bool:
    ctx, home = turn.ctx, turn.home.message
    audience = Audience(lane_of(ctx.seal, home.door, home.sender), "", is_chat=False)
    return Guard(ctx.seal, clears_nobody).find_fault(ctx.session, audience, body) is None


def _picked(heard: Heard, options: tuple[str, ...]) -> int | None:
    return speech.choice(heard.text, options)


def _unit_names(turn: Turn, units: tuple[str, ...]) -> tuple[str, ...]:
    known = turn.ctx.directory.units
    return tuple(known[unit].name for unit in units if unit in known)


def _office(turn: Turn) -> str:
    return turn.ctx.complaints.office


def _phone(turn: Turn) -> str:
    return turn.ctx.complaints.phone
