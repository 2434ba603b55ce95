"""What one may say once something is registered: ask, add, press, withdraw, or tell something new."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.errors import UserError
from bot.messages import Body
from handlers.complaints import between, drafting, service, speech
from handlers.complaints import texts_intake as texts
from handlers.complaints import texts_own as own_texts
from handlers.complaints.dialogue import Turn, ask, settle
from handlers.complaints.hearing import Heard
from handlers.complaints.service import Own
from handlers.complaints.slots import Draft, Entry, Step, add
from handlers.complaints.speech import Command

_SHOWN = 5
_WITHDRAW, _WHICH_WITHDRAW, _WHICH_PRESS, _WHICH_ADD = "withdraw", "which_withdraw", "which_press", "which_add"
# More is asked about than can be tapped: the newest are offered.
_OFFERED = 6
# Change a case at once, which need not be the one that was spoken of before.
_CHANGING = (Command.PRESS, Command.GO_ON)
# Takes the turn, a case and its number.
_Act = Callable[[Turn, str, str], Body | str]


def obey(turn: Turn, heard: Heard) -> Body | str | None:
    """Do what a command says; None if it is not one that means anything now."""
    match heard.command:
        case Command.STATUS:
            return _status(turn)
        case Command.PRESS:
            return _of_one(turn, _WHICH_PRESS, press)
        case Command.WITHDRAW:
            return _of_one(turn, _WHICH_WITHDRAW, _ask_withdraw)
        case Command.HUMAN:
            return own_texts.human(turn.ctx.complaints.phone)
        case Command.CODE:
            return own_texts.code_told(turn.ctx.complaints.phone)
        case Command.GO_ON:
            return _stay(turn)
        case _:
            return _asked_in_between(turn, heard)


def _status(turn: Turn) -> str:
    own, has_draft = service.list_own(turn.home), turn.state.draft is not None
    if not own:
        return texts.IN_DRAFT if has_draft else own_texts.NOTHING_YET
    said = own_texts.status(own[:_SHOWN])
    return f"{said}\n{texts.GO_ON_SAYING}" if has_draft else said


def _asked_in_between(turn: Turn, heard: Heard) -> str | None:
    """Answer a question about us while nothing is being told."""
    office, own = turn.ctx.complaints.office, list_open(turn)
    said = between.answer(heard, Step.NOTHING, office, turn.ctx.complaints.accept_wd)
    match heard.command:
        case Command.HOW_LONG if own:
            return f"{said}\n{own_texts.status(own[:_SHOWN])}"
        case Command.WHO:
            return f"{said}\n{texts.START}"
        case Command.WHY:
            return own_texts.status(own[:_SHOWN]) if own else texts.guide(office)
        case _:
            return said


def resolve(turn: Turn, heard: Heard) -> Body | str | None:
    """Take the answer to a question about cases; None if the message speaks of something else."""
    asking, offered, pending = turn.state.asking, turn.state.offered, turn.state.pending
    if asking == _WITHDRAW:
        return _sure(turn, heard)
    texts_offered = [number for _, number in offered]
    if asking == _WHICH_ADD:
        texts_offered = [f"补充到{number}" for number in texts_offered] + [own_texts.NEW_ONE]
    place = speech.choice(heard.text, texts_offered)
    if place is None and asking == _WHICH_ADD:
        place = _old_or_new(heard.text, len(offered))
    if place is None:
        place = _named(heard.text, offered)
    if place is None and heard.command is Command.NEW and asking == _WHICH_ADD:
        place = len(offered)
    if place is None:
        return _unresolved(turn, heard)
    settle(turn)
    if place == len(offered):
        return _new_with(turn, pending)
    case, number = offered[place]
    if asking == _WHICH_ADD:
        turn.change(pending=pending)
        return _add_pending(turn, case, number)
    if asking == _WHICH_PRESS:
        return press(turn, case, number)
    return _ask_withdraw(turn, case, number)


def _unresolved(turn: Turn, heard: Heard) -> Body | str | None:
    """A case was not chosen: words that wait to be added are never dropped, other questions are."""
    speaks_of_another = (heard.command is not None or asks_for_state(heard)) and not speech.is_no(heard.text)
    if turn.state.asking != _WHICH_ADD or speaks_of_another:
        # What waits joins the newest of the cases that it was asked about, so that nothing is lost.
        if turn.state.asking == _WHICH_ADD and turn.state.pending and speaks_of_another:
            said = _add_pending(turn, *turn.state.offered[0])
            # One turn changes one case: two, in whatever order, could wait for somebody who waits for us.
            if not isinstance(said, str) or turn.state.draft is not None or heard.command in _CHANGING:
                return f"{said}{own_texts.SAY_AGAIN}" if isinstance(said, str) and heard.command in _CHANGING else said
        settle(turn)
        return None
    if speech.is_no(heard.text):
        settle(turn)
        return texts.CANCELLED
    pending = (*turn.state.pending, drafting.entry_of(turn, heard))
    turn.change(pending=pending)
    return own_texts.add_or_new([number for _, number in turn.state.offered], is_again=True)


def _old_or_new(text: str, offered: int) -> int | None:
    """Return what is chosen by 补充 or 新的 alone; 补充 chooses only where there is one case to add to."""
    if speech.says_new(text):
        return offered
    return 0 if offered == 1 and (speech.addition(text) == "" or speech.says_old(text)) else None


def offer_to_add(turn: Turn, heard: Heard, own: Sequence[Own]) -> Body | str:
    """Take words while cases are open: they are added, or asked about where they may be something new."""
    added = speech.addition(heard.text)
    entry = drafting.entry_of(turn, heard)
    if added == "" and not heard.has_file:
        return own_texts.ADD_WHAT
    if len(own) == 1 and (added is not None or not heard.is_sure):
        return add_to(turn, own[0], entry, heard)
    ask(turn, _WHICH_ADD, [(one.case, one.number) for one in own[:_OFFERED]], [entry])
    return own_texts.add_or_new([one.number for one in own[:_OFFERED]])


def add_to(turn: Turn, own: Own, entry: Entry, heard: Heard) -> Body | str:
    """Add words to a case and say so."""
    if not supplement(turn, own.case, entry):
        return _new_with(turn, (entry,))
    if heard.has_file and not heard.text:
        return f"{own_texts.ADDED_FILE} {own.number}。"
    return own_texts.added(own.number)


def supplement(turn: Turn, case: str, *entries: Entry, dangers: Sequence[str] = ()) -> bool:
    """Add what one or several messages said to a case, at once: a message adds to a case only once.

    False if the case has ended meanwhile. A picture is named, and found by its message.
    """
    said = "\n".join(entry.text or own_texts.ONLY_FILE for entry in entries)
    files = [entry.uid for entry in entries if entry.has_file]
    try:
        turn.told += service.add(turn.home, case, said, dangers, files)
    except UserError:
        return False
    turn.given.update(files)
    return True


def _add_pending(turn: Turn, case: str, number: str) -> Body | str:
    pending = turn.state.pending
    settle(turn)
    return own_texts.added(number) if supplement(turn, case, *pending) else _new_with(turn, pending)


def press(turn: Turn, case: str, number: str) -> str:
    """Press for a case."""
    is_new, told = service.press(turn.home, case)
    turn.told += told
    return own_texts.pressed(number) if is_new else own_texts.pressed_already(number)


def find_by_number(turn: Turn, heard: Heard) -> Body | str | None:
    """Answer a text that names case numbers: of the sender's own their state, of others nothing."""
    named = speech.numbers_in(heard.text)
    if not named or len(speech.plain(heard.text)) > 30:
        return None
    own = [one for one in service.list_own(turn.home) if set(speech.numbers_in(one.number)) & set(named)]
    return own_texts.status(own) if own else own_texts.NOT_YOURS


def asks_for_state(heard: Heard) -> bool:
    """Whether a question may be about the state of the sender's own case."""
    return speech.asks_of_own(heard.text) or (heard.facts.kind == "query" and speech.asks_for_state(heard.text))


def list_open(turn: Turn) -> list[Own]:
    """Return the sender's open cases, newest first."""
    return [own for own in service.list_own(turn.home) if own.is_open]


def _of_one(turn: Turn, asking: str, act: _Act) -> Body | str:
    own = list_open(turn)
    if not own:
        return own_texts.NOTHING_OPEN
    if len(own) == 1:
        return act(turn, own[0].case, own[0].number)
    ask(turn, asking, [(one.case, one.number) for one in own[:_OFFERED]])
    return own_texts.which_case(own[:_OFFERED])


def _ask_withdraw(turn: Turn, case: str, number: str) -> Body:
    ask(turn, _WITHDRAW, [(case, number)])
    return own_texts.withdraw_sure(number)


def _sure(turn: Turn, heard: Heard) -> Body | str | None:
    (case, number), *_ = turn.state.offered
    place = speech.choice(heard.text, (own_texts.WITHDRAW_YES, own_texts.WITHDRAW_NO))
    if place == 0 or speech.is_yes(heard.text) or heard.command is Command.WITHDRAW:
        settle(turn)
        try:
            turn.told += service.withdraw(turn.home, case)
        except UserError:
            return own_texts.NOTHING_OPEN
        return own_texts.withdrawn(number)
    settle(turn)
    if place == 1 or speech.is_no(heard.text) or heard.command is Command.GO_ON:
        return own_texts.WITHDRAW_KEPT
    return None


def _stay(turn: Turn) -> str | None:
    """The withdrawal that followed from a recalled message was not meant."""
    if not turn.state.filed:
        return None
    last = turn.state.filed[-1]
    stays = Entry(turn.ctx.message.message_id, turn.ctx.uid, own_texts.STAYS)
    turn.told += service.stay(turn.home, last.case)
    return own_texts.WITHDRAW_KEPT if supplement(turn, last.case, stays) else own_texts.NOTHING_OPEN


def _new_with(turn: Turn, pending: Sequence[Entry]) -> Body | str:
    draft = Draft(scene=turn.state.scene)
    for entry in pending:
        draft = add(draft, entry)
    return drafting.start(turn, draft)


def _named(text: str, offered: Sequence[tuple[str, str]]) -> int | None:
    named = speech.numbers_in(text)
    return next((at for at, (_, number) in enumerate(offered) if set(speech.numbers_in(number)) & set(named)), None)
