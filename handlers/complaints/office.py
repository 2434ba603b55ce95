"""What officers say and click about cases, in the app's private chat only; anywhere else they are sent there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot import audit, conversation
from bot.conversation import Dialogue
from bot.dispatch import lane_of
from bot.errors import UserError
from bot.guard import Audience, Guard
from bot.messages import Card, CardUpdate, Click, Kind, Outgoing, Text, ToPerson
from bot.router import Context, Reading, Routes
from handlers.complaints import cards, clocks, commands, deciding, limits, reading, roles, service, texts
from handlers.complaints import texts_office as words
from handlers.complaints.cards import Press, Pressed
from handlers.complaints.commands import Command, Verb
from handlers.complaints.models import CaseRow
from handlers.complaints.numbers import Serial
from handlers.complaints.refusals import GROUNDS, is_about_name, read_reason
from handlers.complaints.states import Reason, Refusal, Role, State
from handlers.complaints.work import Work, find_number, lock_case, require_somebody, work_of

routes = Routes("complaints_office", is_confidential=True)

OPENED = "complaints.opened"
QUESTION = "complaints.question"
_CANCEL = ("取消", "不问了", "算了")
_SPOKEN = (Kind.TEXT, Kind.VOICE)
# Commands that name no case: what is answered.
_NAMELESS = {Verb.VAGUE: words.VAGUE, Verb.NOT_HERE: words.NOT_HERE}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A command that was said at a door that is not for it; where is what to answer."""

    where: str


def read_command(reading: Reading) -> Command | Elsewhere | None:
    """Read a command of somebody who has to do with cases."""
    message = reading.message
    if reading.sender is None or message.kind not in _SPOKEN or message.door.startswith("kf/"):
        return None
    if not roles.is_staff(reading.directory, reading.sender.id):
        return None
    command = commands.read(message.text)
    is_bare = command is not None and command.serial is None and command.verb is not Verb.LIST
    if command is None or (is_bare and not _is_meant(reading, command)):
        return None
    if message.door.startswith("app/") and not message.chat:
        return command
    return Elsewhere(words.IN_PRIVATE if message.chat else words.IN_APP)


def _is_meant(reading: Reading, command: Command) -> bool:
    """Whether a command without a number speaks of the case opened last, or is a command beyond doubt."""
    if reading.dialogue is not None and reading.dialogue.topic == OPENED:
        return True
    if command.verb in _NAMELESS or command.verb is Verb.OPEN:
        return True
    if command.verb is Verb.ASK:
        return False
    return not command.rest or read_reason(command.rest) is not None or is_about_name(command.rest)


@routes.on(read_command)
def command(ctx: Context, said: Command | Elsewhere) -> list[Outgoing]:
    """Carry a command out."""
    if isinstance(said, Elsewhere):
        return [ctx.reply(said.where)]
    if said.verb in _NAMELESS:
        return [ctx.reply(_NAMELESS[said.verb])]
    work = work_of(ctx)
    if said.verb is Verb.LIST:
        return [ctx.reply(_list(work, ctx.sender.id))]
    case = _find(ctx, work, said.serial)
    if said.verb is Verb.OPEN:
        return _open(ctx, work, case)
    return _decide(ctx, work, case, said)


def _list(work: Work, person: str) -> str:
    rows = reading.list_cases(work, person)
    rows.sort(key=lambda case: not case.dangers)
    found = [(case, _next_due(work, case)) for case in rows]
    return words.listed(found) if found else words.NOTHING


def _next_due(work: Work, case: CaseRow) -> datetime | None:
    dues = [clock.due_at for clock in clocks.list_open(work.session, case.uid) if clock.due_at and not clock.paused_at]
    return min(dues, default=None)


def _find(ctx: Context, work: Work, serial: Serial | None) -> CaseRow:
    """Return the case that is meant, locked. Raises UserError."""
    if serial is None:
        uid = str(ctx.dialogue.data["case"]) if ctx.dialogue and ctx.dialogue.topic == OPENED else ""
        case = lock_case(work.session, uid) if uid else None
        if case is None:
            raise UserError(words.WHICH)
        return case
    year = limits.local_day(ctx.now).year
    years = (serial.year,) if serial.year else (year, year - 1)
    found = (find_number(work.session, ctx.complaints.prefix, each, serial.serial) for each in years)
    case = next((each for each in found if each is not None), None)
    locked = lock_case(work.session, case.uid) if case else None
    if locked is None:
        raise UserError(words.NO_SUCH)
    return locked


def _open(ctx: Context, work: Work, case: CaseRow) -> list[Outgoing]:
    """Show a case to one who may read it, number and state to everybody else; both are recorded."""
    person = ctx.sender.id
    if not reading.may_read(work, case, person):
        audit.note(ctx.session, ctx.seal, actor=person, act="complaint.read_refused", subject=case.uid, now=ctx.now)
        return [ctx.reply(words.for_others(case))]
    _remember(ctx, OPENED, case)
    found = reading.open_case(work, case, person)
    outgoings = [ctx.reply(words.opened(found, ctx.directory, _masked(ctx, person)))]
    may_ask = case.rounds < ctx.complaints.info_rounds
    is_decider = person in work.desk(case).list(Role.INTAKE)
    card = cards.actions(case, ctx.uid, may_ask=may_ask) if is_decider else None
    return outgoings + ([_private(ctx, "case-card", card)] if card else [])


def _masked(ctx: Context, person: str) -> Callable[[str], str]:
    """Return what takes a line away that the guard would not let through: one word must not keep back the whole."""
    judge = Guard(ctx.seal, service.may_see).judge(ctx.session, ctx.directory)
    audience = Audience(lane_of(ctx.seal, ctx.message.door, ctx.message.sender), person, is_chat=False)
    return lambda line: words.HIDDEN if judge.find_fault(audience, Text(line)) else line


def _decide(ctx: Context, work: Work, case: CaseRow, said: Command) -> list[Outgoing]:
    match said.verb:
        case Verb.ASK if not said.rest:
            return [ctx.reply(_open_question(ctx, work, case))]
        case Verb.ASK:
            answer, done = _ask(ctx, work, case, said.rest)
        case Verb.REFUSE:
            answer, done = _refuse_by_words(ctx, work, case, said.rest)
        case _:
            answer, done = _press(ctx, work, case, _BY_VERB[said.verb])
    return [ctx.reply(answer), *done]


_BY_VERB = {Verb.ACCEPT: Press.ACCEPT, Verb.CONFIRM: Press.CONFIRM, Verb.GO_ON: Press.GO_ON}
# What an answer says, and what others get.
Answer = tuple[str, list[Outgoing]]


def _do(case: CaseRow, said: str, act: Callable[[], deciding.Result]) -> Answer:
    """Carry a decision out, or say why it was not taken. Raises UserError, which undoes it, if it cannot be told."""
    try:
        result = act()
    except texts.MissingField:
        raise UserError(words.NOT_ISSUED) from None
    # Not raised: that it was refused stays in the log.
    return (f"{case.number}:{texts.refusal(result, case.state)}", []) if isinstance(result, Refusal) else (said, result)


def _press(ctx: Context, work: Work, case: CaseRow, press: Press) -> Answer:
    act = {
        Press.ACCEPT: deciding.accept,
        Press.CONFIRM: deciding.confirm_withdrawal,
        Press.GO_ON: deciding.go_on,
        Press.SIGN: deciding.sign_refusal,
        Press.RETURN: deciding.return_refusal,
    }[press]
    return _do(case, words.done(press, case.number), lambda: act(work, case, ctx.sender.id, ctx.uid))


def _open_question(ctx: Context, work: Work, case: CaseRow) -> str:
    """Wait for the question as the next message, if the person may put one. Raises UserError once erased."""
    require_somebody(work, case, words.NOBODY_TO_ASK)
    why = _why_not_intake(work, case, ctx.sender.id) or (Refusal.WRONG_STATE if case.state != State.RECEIVED else None)
    if why is not None:
        return texts.refusal(why, case.state)
    _remember(ctx, QUESTION, case)
    return words.ASK_HOW


def _ask(ctx: Context, work: Work, case: CaseRow, question: str) -> Answer:
    require_somebody(work, case, words.NOBODY_TO_ASK)
    _remember(ctx, OPENED, case)
    return _do(
        case,
        words.done(Press.ASK, case.number),
        lambda: deciding.ask_more(work, case, ctx.sender.id, question, ctx.uid),
    )


def _refuse_by_words(ctx: Context, work: Work, case: CaseRow, said: str) -> Answer:
    reason = read_reason(said) if said else None
    return _propose(ctx, work, case, reason) if reason else _offer_reasons(ctx, work, case, said)


def _offer_reasons(ctx: Context, work: Work, case: CaseRow, said: str = "") -> Answer:
    """Let a reason be chosen; a missing name is none, and danger is never refused."""
    why = _why_not_intake(work, case, ctx.sender.id) or (Refusal.DANGER if case.dangers else None)
    if why is not None:
        return texts.refusal(why, case.state), []
    told = words.NAME_IS_NO_REASON if is_about_name(said) else words.WHICH_REASON
    return told, [_private(ctx, "case-reasons", cards.reasons(case, ctx.uid))]


def _propose(ctx: Context, work: Work, case: CaseRow, reason: Reason) -> Answer:
    said = words.proposed(case.number, GROUNDS[reason].short)
    answer, told = _do(case, said, lambda: deciding.propose_refusal(work, case, ctx.sender.id, reason, ctx.uid))
    if answer == said and not told:
        raise UserError(words.NO_SIGNER)
    return answer, told


def read_question(reading: Reading) -> str | None:
    """Read what the complainant is to be asked, after 请补充; any command goes its own way."""
    message = reading.message
    if reading.sender is None or message.kind is not Kind.TEXT or not message.text.strip():
        return None
    return message.text.strip() if commands.read(message.text) is None else None


@routes.on(read_question, topic=QUESTION)
def question(ctx: Context, said: str) -> list[Outgoing]:
    """Put the question, unless it is called off."""
    uid = str(ctx.dialogue.data["case"]) if ctx.dialogue else ""
    conversation.close_dialogue(ctx.session, ctx.seal, ctx.message.conversation)
    if said in _CANCEL:
        return [ctx.reply(words.ASK_DROPPED)]
    work = work_of(ctx)
    case = lock_case(ctx.session, uid)
    if case is None:
        raise UserError(words.NO_SUCH)
    answer, done = _ask(ctx, work, case, said)
    return [ctx.reply(answer), *done]


def read_click(reading: Reading) -> tuple[Click, Pressed] | None:
    """Read a click on one of our cards."""
    click = reading.message.click
    if reading.message.kind is not Kind.CLICK or click is None or reading.sender is None:
        return None
    pressed = cards.read(click.task_id, click.key)
    return (click, pressed) if pressed else None


@routes.on(read_click)
def clicked(ctx: Context, found: tuple[Click, Pressed]) -> list[Outgoing]:
    """Carry a click out and replace the card by what was done."""
    click, pressed = found
    work = work_of(ctx)
    case = _pressed_case(work, pressed)
    if case is None or not reading.may_read(work, case, ctx.sender.id):
        # A forged card, or one from before: who has no role on the case does not learn that there is one.
        return [_replace(ctx, click, "卡片已失效", words.STALE)]
    said, outgoings = _clicked(ctx, work, case, pressed)
    return [_replace(ctx, click, case.number, said), *outgoings]


def _pressed_case(work: Work, pressed: Pressed) -> CaseRow | None:
    uid = pressed.case or work.session.scalar(select(CaseRow.uid).where(CaseRow.proposal == pressed.proposal))
    return lock_case(work.session, uid) if uid else None


def _clicked(ctx: Context, work: Work, case: CaseRow, pressed: Pressed) -> Answer:
    if pressed.reason is not None:
        return _propose(ctx, work, case, pressed.reason)
    match pressed.press:
        case Press.ASK:
            return _open_question(ctx, work, case), []
        case Press.REFUSE | None:
            return _offer_reasons(ctx, work, case)
        case press:
            return _press(ctx, work, case, press)


def _why_not_intake(work: Work, case: CaseRow, person: str) -> Refusal | None:
    who = deciding.actor(work, case, person)
    if who.is_excluded:
        return Refusal.CONFLICT
    return None if Role.INTAKE in who.roles else Refusal.NOT_YOURS


def _replace(ctx: Context, click: Click, title: str, said: str) -> Outgoing:
    return ctx.answer(CardUpdate(click.task_id, title, said, response_code=click.response_code))


def _private(ctx: Context, what: str, card: Card) -> Outgoing:
    return Outgoing(f"{what}/{ctx.uid}", ToPerson(ctx.sender.id), card, "reply")


def _remember(ctx: Context, topic: str, case: CaseRow) -> None:
    data = {"case": case.uid}
    conversation.open_dialogue(ctx.session, ctx.seal, ctx.message.conversation, Dialogue(topic, data), ctx.now)
