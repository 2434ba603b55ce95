"""What people may say about progress, and the thin functions that answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from bot import conversation
from bot.conversation import Dialogue
from bot.messages import Outgoing
from bot.router import Context, Routes
from handlers.progress import texts
from handlers.progress.asker import Asker
from handlers.progress.figures import are_odd
from handlers.progress.hearing import ASKING, RECENT, Declined, Heard, hear, hear_answer, lacks
from handlers.progress.language import Intent, Item
from handlers.progress.writing import Written, check_may, retract, say_item, write
from handlers.tasks import service as ledger

_MOST_OPTIONS = 8


def make_routes(asker: Asker) -> Routes:
    """Return the routes of progress; asker knows what people were asked."""
    routes = Routes("progress")

    @routes.on(hear_answer, topic=ASKING)
    def answer_question(ctx: Context, heard: Heard | Declined) -> list[Outgoing]:
        return _go_on(ctx, heard, asker)

    @routes.on(partial(hear, asker=asker))
    def listen(ctx: Context, heard: Heard) -> list[Outgoing]:
        return _listen(ctx, heard, asker)

    return routes


def _go_on(ctx: Context, heard: Heard | Declined, asker: Asker) -> list[Outgoing]:
    """Go on with the message that was asked about; a second question is never asked."""
    conversation.close_dialogue(ctx.session, ctx.seal, ctx.message.conversation)
    if isinstance(heard, Declined):
        return [ctx.reply(texts.DECLINED)]
    if heard.understanding.ask or not heard.understanding.items:
        return [ctx.reply(texts.NOT_CLEAR)]
    return _speak(ctx, heard, asker)


def _listen(ctx: Context, heard: Heard, asker: Asker) -> list[Outgoing]:
    """Answer whatever a known person says: record it, ask one question, or say politely what else to do."""
    match heard.understanding.intent:
        case Intent.REPORT | Intent.CORRECTION | Intent.EXTENSION:
            return _speak(ctx, heard, asker)
        case Intent.RETRACT:
            return _retract(ctx)
        case Intent.COMPLAINT:
            return [ctx.reply(texts.COMPLAINT_IN_GROUP if ctx.in_group else texts.COMPLAINT_IN_PRIVATE)]
        case Intent.APPEAL:
            unit = ctx.directory.units[ctx.sender.unit].name
            notice = texts.appeal_notice(unit, ctx.sender.name)
            told = [ctx.tell(clerk.id, notice) for clerk in ctx.directory.list_clerks()]
            return [ctx.reply(texts.APPEAL), *told]
        case other:
            return [ctx.reply(_POLITE[other])]


_POLITE = {
    Intent.SUGGESTION: texts.SUGGESTION,
    Intent.NOTICE: texts.NOTICE,
    Intent.QUESTION: texts.QUESTION,
}


def _speak(ctx: Context, heard: Heard, asker: Asker) -> list[Outgoing]:
    said = heard.understanding
    if said.intent is Intent.CORRECTION and not said.items:
        return [ctx.reply(texts.CORRECT_HOW)]
    check_may(ctx, said.items)
    if are_odd(heard.words, said.items):
        return [ctx.reply(texts.NOT_CLEAR)]
    if said.ask:
        return _ask(ctx, heard)
    if not said.items and not said.rest_unchanged:
        return [ctx.reply(texts.NOT_CLEAR)]
    if said.confidence < ctx.weekly.auto_write_conf and not heard.confirmed:
        lines = [say_item(ctx, item) for item in said.items]
        return [_open(ctx, heard, "confirm", texts.confirm(lines), [])]
    written = write(ctx, heard, asker)
    if ctx.dialogue is not None and ctx.dialogue.topic == ASKING:
        conversation.close_dialogue(ctx.session, ctx.seal, ctx.message.conversation)
    return _echo(ctx, written, said.intent)


def _echo(ctx: Context, written: Written, intent: Intent) -> list[Outgoing]:
    if not written.lines and not written.unchanged:
        return [ctx.reply(texts.NOTHING_UNCHANGED)]
    if intent is Intent.EXTENSION:
        unit = ctx.directory.units[ctx.sender.unit].name
        told = [ctx.tell(head, texts.extension_notice(unit, lines)) for head, lines in written.heads.items()]
        return [ctx.reply(texts.extension(written.lines)), *told]
    corrected = intent is Intent.CORRECTION
    return [ctx.reply(texts.recorded(written.lines, written.unchanged, written.left, corrected=corrected))]


def _ask(ctx: Context, heard: Heard) -> list[Outgoing]:
    """Ask one question and write nothing; which comes first: the unit, then the task, then the figure."""
    said = heard.understanding
    tasks = ledger.get(ctx.session, ctx.directory)
    if "unit" in said.ask:
        return [_ask_choice(ctx, heard, "unit", list(said.unit_candidates))]
    if "task" in said.ask:
        known = list(said.task_candidates) or _quoted_tasks(ctx) or _own_open_tasks(ctx, said.items)
        return [_ask_choice(ctx, heard, "task", known)]
    item = next(item for item in said.items if lacks(item, said.intent))
    task = tasks.tasks[item.task or ""]
    name = f"{task.id} {task.title}"
    if said.intent is Intent.EXTENSION:
        return [_open(ctx, heard, "date", texts.until_when(name), [])]
    question = texts.figures_differ(name) if item.conflicting else texts.how_far(name)
    return [_open(ctx, heard, "percent", question, [])]


def _quoted_tasks(ctx: Context) -> list[str]:
    quote = ctx.message.quote.text if ctx.message.quote else ""
    tasks = ledger.get(ctx.session, ctx.directory).tasks
    return [code for code in dict.fromkeys(re.findall(r"T\d+", quote)) if code in tasks]


def _own_open_tasks(ctx: Context, items: Sequence[Item]) -> list[str]:
    unit = next((item.unit for item in items if item.unit), ctx.sender.unit)
    tasks = ledger.get(ctx.session, ctx.directory).for_unit(unit)
    return [task.id for task in tasks] if len(tasks) <= _MOST_OPTIONS else []


def _ask_choice(ctx: Context, heard: Heard, kind: str, options: list[str]) -> Outgoing:
    if not options or len(options) > _MOST_OPTIONS:
        return ctx.reply(texts.which_open(kind))
    tasks = ledger.get(ctx.session, ctx.directory).tasks
    if kind == "task":
        names = [f"{option} {tasks[option].title}" for option in options]
    else:
        names = [ctx.directory.units[option].name for option in options]
    return _open(ctx, heard, kind, texts.which(kind, names), options)


def _open(ctx: Context, heard: Heard, ask: str, question: str, options: list[str]) -> Outgoing:
    quote = ctx.message.quote.text if ctx.message.quote else None
    data = {"ask": ask, "words": heard.words, "named": heard.named, "quote": quote, "options": options}
    conversation.open_dialogue(ctx.session, ctx.seal, ctx.message.conversation, Dialogue(ASKING, data), ctx.now)
    return ctx.reply(question)


def _retract(ctx: Context) -> list[Outgoing]:
    taken_back = retract(ctx, ctx.now - RECENT)
    if taken_back is None:
        return [ctx.reply(texts.NOTHING_TO_RETRACT)]
    said = texts.retracted(taken_back.lines, taken_back.at)
    if ctx.in_group and not taken_back.same_chat:
        if not ctx.can_tell(ctx.sender.id):
            return [ctx.reply(texts.RETRACTED_UNTOLD)]
        return [ctx.reply(texts.RETRACTED_IN_PRIVATE), ctx.tell(ctx.sender.id, said)]
    return [ctx.reply(said)]
