"""From what was understood to statements in the history: who may, what follows what, what is echoed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import UserError
from bot.router import Context
from handlers.progress import service, texts
from handlers.progress.asker import Asker
from handlers.progress.hearing import Heard
from handlers.progress.language import Intent, Item
from handlers.progress.models import Act, ProgressRow
from handlers.progress.service import Source, Statement, Value
from handlers.tasks import service as ledger


@dataclass
class Written:
    """What to echo: lines of recorded items, codes that stay as they are, codes that never had a value.

    heads maps the head of a lead section to the lines of the extensions asked of it.
    """

    lines: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    heads: dict[str, list[str]] = field(default_factory=dict)


def write(ctx: Context, heard: Heard, asker: Asker) -> Written:
    """Record every item of a message that check_may lets pass."""
    said = heard.understanding
    written = Written()
    pairs = [(item.unit or "", item.task or "") for item in said.items]
    rest = _rest(ctx, asker, pairs) if said.rest_unchanged else []
    known: Mapping[tuple[str, str], Value] = {}
    if said.rest_unchanged or said.intent is Intent.CORRECTION or any(item.unchanged for item in said.items):
        known = service.current(ctx.session, ctx.seal, units={unit for unit, _ in [*pairs, *rest]})
    statements = [_statement(ctx, item, said.intent, known, written) for item in said.items]
    statements += [_unchanged(ctx, unit, task, known, written) for unit, task in rest]
    source = Source(ctx.sender, ctx.message.door, ctx.uid, heard.words, ctx.now)
    service.record(ctx.session, ctx.seal, source, [statement for statement in statements if statement is not None])
    return written


def check_may(ctx: Context, items: Sequence[Item]) -> None:
    """Raise UserError if an item speaks for a unit that is not the sender's to report for."""
    tasks = ledger.get(ctx.session, ctx.directory).tasks
    for item in items:
        if item.unit is None or item.task is None:
            continue
        if not service.may_report(ctx.sender, item.unit, tasks[item.task], ctx.directory):
            raise UserError(texts.may_not(ctx.directory.units[item.unit].name, item.task))


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back: its lines, when it was said, and whether in the chat in which it is taken back."""

    lines: list[str]
    at: datetime
    same_chat: bool


def retract(ctx: Context, since: datetime) -> TakenBack | None:
    """Take back the sender's last message with statements since an instant; None if there is none."""
    rows = service.latest_by(ctx.session, ctx.sender, since)
    if not rows:
        return None
    source = Source(ctx.sender, ctx.message.door, ctx.uid, ctx.message.text, ctx.now)
    statements = [Statement(Act.RETRACTION, row.unit_id, row.task_id, replaces=row.id) for row in rows]
    service.record(ctx.session, ctx.seal, source, statements)
    same_chat = service.was_said_beside(ctx.session, rows, ctx.message)
    return TakenBack([_row_line(ctx, row) for row in rows], rows[0].at, same_chat)


def say_item(ctx: Context, item: Item) -> str:
    """Return one line for an item as it would be recorded."""
    said = (
        "无变化" if item.unchanged else texts.amount(item.status, item.percent, item.percent_op, item.done, item.total)
    )
    return texts.recorded_line(_head(ctx, item.unit or "", item.task or ""), said, item.date, item.blocker)


def _rest(ctx: Context, asker: Asker, mentioned: list[tuple[str, str]]) -> list[tuple[str, str]]:
    tasks = ledger.get(ctx.session, ctx.directory)
    asked = asker.list_asked(ctx.session, ctx.seal, ctx.directory, tasks, ctx.sender, ctx.now, ctx.weekly)
    return [(line.unit, line.task) for line in asked if (line.unit, line.task) not in mentioned]


def _statement(
    ctx: Context, item: Item, intent: Intent, known: Mapping[tuple[str, str], Value], written: Written
) -> Statement | None:
    unit, code = item.unit or "", item.task or ""
    task = ledger.get(ctx.session, ctx.directory).tasks[code]
    if item.unchanged:
        return _unchanged(ctx, unit, code, known, written)
    last = known.get((unit, code))
    act = {Intent.EXTENSION: Act.EXTENSION, Intent.CORRECTION: Act.CORRECTION}.get(intent, Act.REPORT)
    if act is Act.CORRECTION and last is None:
        act = Act.REPORT
    if act is Act.EXTENSION:
        said = f"{task.deadline:%m-%d}→{item.date:%Y-%m-%d}"
        line = texts.recorded_line(_head(ctx, unit, code), said, None, item.blocker)
        head = ctx.directory.units[task.lead].head
        if head:
            written.heads.setdefault(head, []).append(line)
    else:
        line = say_item(ctx, item)
    written.lines.append(line)
    return Statement(
        act=act,
        unit=unit,
        task=code,
        status=item.status,
        percent=item.percent,
        percent_op=item.percent_op,
        done=item.done,
        total=item.total,
        promised=item.date,
        blocker=item.blocker,
        confidence=item.confidence,
        replaces=last.id if last is not None and act is Act.CORRECTION else None,
    )


def _unchanged(
    ctx: Context, unit: str, code: str, known: Mapping[tuple[str, str], Value], written: Written
) -> Statement | None:
    name = code if unit == ctx.sender.unit else f"{ctx.directory.units[unit].name} {code}"
    last = known.get((unit, code))
    if last is None:
        written.left.append(name)
        return None
    written.unchanged.append(name)
    return service.unchanged(last)


def _head(ctx: Context, unit: str, code: str) -> str:
    task = ledger.get(ctx.session, ctx.directory).tasks[code]
    whose = "" if unit == ctx.sender.unit else f"{ctx.directory.units[unit].name} "
    return f"{whose}{code} {task.title}"


def _row_line(ctx: Context, row: ProgressRow) -> str:
    if row.act == Act.UNCHANGED:
        said = "无变化"
    elif row.act == Act.EXTENSION:
        said = "延期申请"
    else:
        said = texts.amount(row.status, row.percent, row.percent_op, row.done, row.total)
    return f"{_head(ctx, row.unit_id, row.task_id)} {said}"
