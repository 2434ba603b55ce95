"""Reads one message: what it wants, and for which task of which unit it says what."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.workdays import SHANGHAI, Calendar
from handlers.progress.language import intent as signs
from handlers.progress.language.clauses import Clause
from handlers.progress.language.items import Draft, drafts, other_school
from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.model import Intent, Item, Sender, Status, Understanding
from handlers.progress.language.naming import Setting, quoted_tasks
from handlers.progress.language.normalise import Text, normalise
from handlers.progress.language.part import Part
from handlers.progress.language.pieces import HAS_COUNT
from handlers.progress.language.scan import Scan, scan
from handlers.progress.language.segments import segment
from handlers.progress.language.status import UNCHANGED
from handlers.progress.language.units import UnitRef
from handlers.progress.language.voice import Voice

_REST_SAME = re.compile(
    rf"(?:其他|其它|其余|别的|另外的?|剩下的?)(?:几?[项个])?(?:的)?(?:任务|工作)?(?:都|均|全)?(?:{UNCHANGED.pattern})"
)
_RELAY = re.compile(
    r"^\W*(?:转发?|转告|转述|代转|帮转)(?:一下)?\W|[代替帮][^,。;]{1,10}(?:报|说|转|填)|让我(?:代|帮)?(?:报|说|转)"
    r"|反馈|来电|电话(?:说|报)|(?<!听)说(?!明"
    r"|法)|报告称|回复"
)
_SURE, _ASKING, _LIGHT = 0.9, 0.6, 0.85
# Only so many characters of a message are read, to bound the time: WeCom allows 2,048 bytes, some 680 Han characters.
_LONGEST = 800


def understand(
    text: str, *, sender: Sender, now: datetime, quote: str | None, lexicon: Lexicon, calendar: Calendar
) -> Understanding:
    """Read a message written at `now` (aware) by `sender`, perhaps in answer to `quote`. Pure and total."""
    plain, quote = normalise(text[:_LONGEST], lexicon.bot_name), quote and quote[: 4 * _LONGEST]
    quote_plain = normalise(quote or "", lexicon.bot_name).plain
    setting = Setting(
        sender, now.astimezone(SHANGHAI).date(), lexicon, calendar, quote_plain, quoted_tasks(quote, lexicon)
    )
    found = _read(plain, setting)
    return _doubted(found) if len(text) > _LONGEST else found


def _doubted(found: Understanding) -> Understanding:
    """What is read from the beginning of a text too long to be read in full is never sure enough to be written."""
    items = tuple(replace(item, confidence=min(item.confidence, _ASKING)) for item in found.items)
    return replace(found, items=items, confidence=min(found.confidence, _ASKING))


def _read(plain: Text, setting: Setting) -> Understanding:
    wanted = [intent for intent, holds in _WHOLE if holds(plain.plain, setting)]
    if wanted:
        return Understanding(wanted[0], also=tuple(wanted[1:]), confidence=_SURE)
    scanned = scan(plain, setting)
    found = _reported(scanned, setting)
    return found or _other(scanned, setting)


def _complains(text: str, setting: Setting) -> bool:
    return signs.is_complaint(text, known=setting.sender.unit is not None)


_WHOLE: tuple[tuple[Intent, Callable[[str, Setting], bool]], ...] = (
    (Intent.COMPLAINT, _complains),
    (Intent.RETRACT, lambda text, _: signs.is_retraction(text)),
    (Intent.APPEAL, lambda text, _: signs.is_appeal(text)),
    (Intent.NOTICE, lambda text, _: signs.is_template(text)),
)


def _reported(scanned: Scan, setting: Setting) -> Understanding | None:
    """The message as a correction, an extension or a report; None if it is none of these."""
    text = scanned.text
    if signs.is_mockery(scanned.said) or signs.is_private(scanned.said):
        return None
    correction = signs.is_correction(scanned.said)
    named = bool(setting.quote_tasks) or any(part.tasks for part in scanned.parts)
    asked = [] if correction else [part for part in scanned.parts if _asks_delay(part, named)]
    parts = _claims(_spoken(scanned, setting), {part.clause for part in asked})
    if correction:
        parts = [piece for part in parts for piece in _corrected(part)]
    segments = segment(parts, quoted=setting.quoted is not None)
    found = drafts(segments, setting, text, extension=bool(asked), restated=correction)
    if correction and not found:
        found = [_pending(one) for one in drafts(segments, setting, text, restated=True, forced=True)]
    intent = Intent.CORRECTION if correction else Intent.EXTENSION if asked else Intent.REPORT
    rest = bool(_REST_SAME.search(text.plain))
    if not (found or rest) or (intent is Intent.REPORT and found and not _is_meant(found, scanned, setting)):
        return None
    return _answer(intent, found, setting, text, rest_unchanged=rest)


def _asks_delay(part: Part, named: bool) -> bool:
    """Whether a clause asks to put a task off; advice that names no task is a suggestion."""
    if part.voice in {Voice.CONDITION, Voice.HEARSAY} or not signs.is_extension(part.text):
        return False
    return named or not signs.is_suggestion(part.text)


def _claims(parts: list[Part], asked: set[Clause]) -> list[Part]:
    """What may be written down. Of a question only the tasks stay, for the answer that may follow it."""
    claimed = []
    for part in parts:
        if part.voice is Voice.CLAIM or part.clause in asked:
            claimed.append(part)
        elif part.voice is Voice.QUESTION and part.tasks:
            claimed.append(replace(part.heading(), units=()))
    return claimed


def _spoken(scanned: Scan, setting: Setting) -> list[Part]:
    """The parts of the message, with 我校 read as the unit whose words are passed on."""
    parts = [part for part in scanned.parts if not _REST_SAME.search(part.text)]
    if not _RELAY.search(scanned.text.plain):
        return parts
    if any(not ref.me for part in parts for ref in part.units):
        return [replace(part, units=tuple(ref for ref in part.units if not ref.me)) for part in parts]
    if not (
        parts
        and setting.lexicon.is_section(setting.sender.unit)
        and scanned.text.plain.lstrip().startswith(("转", "【转"))
    ):
        return parts
    start = parts[0].clause.start
    return [replace(part, units=(UnitRef(start, start, ()),) if part is parts[0] else ()) for part in parts]


def _corrected(part: Part) -> list[Part]:
    """Keep of a correction only what now holds; from the wrong words only the names."""
    pivots = list(signs.PIVOT.finditer(part.text))
    if pivots:
        middle = part.clause.start + pivots[-1].end()
        wrong = signs.WRONG_TAIL.search(part.text, pivots[-1].end())
        end = part.clause.start + wrong.start() if wrong else part.clause.end
        return [part.cut(part.clause.start, middle).heading(), part.cut(middle, end)]
    if signs.SLIP.search(part.text):
        return [part.heading()]
    if wrong := signs.WRONG_TAIL.search(part.text):
        # 八成不是九成 tells what holds first; 完工时间不是12月3号 only what does not.
        middle = part.clause.start + wrong.start()
        told, denied = part.cut(part.clause.start, middle), part.cut(middle, part.clause.end)
        figures = told.percents or told.dates or HAS_COUNT.search(told.blanked)
        return [told if figures else told.heading(), denied.heading()]
    return [part]


def _pending(draft: Draft) -> Draft:
    return replace(draft, item=replace(draft.item, status=draft.item.status or Status.IN_PROGRESS))


def _is_meant(found: list[Draft], scanned: Scan, setting: Setting) -> bool:
    """Whether a report is meant as one: not as a nudge by a section, and not in passing in a grumble."""
    ordered = any(part.voice is Voice.ORDER for part in scanned.parts)
    if ordered:
        return any(_is_firm(draft.item, setting) for draft in found)
    if signs.is_light(scanned.said):
        return any(
            _has_figures(draft.item) or (draft.item.status is Status.DONE and draft.item.task) for draft in found
        )
    return True


def _is_firm(item: Item, setting: Setting) -> bool:
    """Whether an item beside an order tells how one unit is doing, rather than when an answer is wanted."""
    figures = item.percent is not None or item.done is not None
    own_words = not setting.lexicon.is_section(setting.sender.unit) and item.status in {
        Status.BLOCKED,
        Status.NOT_STARTED,
    }
    return item.unit is not None and (figures or own_words)


def _has_figures(item: Item) -> bool:
    figure = item.percent is not None and item.status is not Status.DONE
    return figure or item.done is not None or (item.date is not None and item.status is Status.IN_PROGRESS)


def _answer(intent: Intent, found: list[Draft], setting: Setting, text: Text, *, rest_unchanged: bool) -> Understanding:
    doubt = _LIGHT if signs.is_light(text.plain) else 1.0
    relayed = bool(_RELAY.search(text.plain))
    items = []
    for draft in found:
        stray = not relayed and other_school(draft.item.unit, setting, setting.lexicon)
        items.append(replace(draft.item, confidence=min(draft.item.confidence, doubt, _LIGHT if stray else 1)))
    ask = sorted({question for item in items for question in _questions(intent, item)})
    sure = min((item.confidence for item in items), default=_SURE)
    return Understanding(
        intent,
        items=tuple(items),
        ask=tuple(ask),
        confidence=min(sure, _ASKING) if ask else sure,
        unit_candidates=tuple(dict.fromkeys(unit for draft in found for unit in draft.units)),
        task_candidates=tuple(dict.fromkeys(task for draft in found for task in draft.tasks if task)),
        rest_unchanged=rest_unchanged,
    )


def _questions(intent: Intent, item: Item) -> list[str]:
    asks = [("unit", item.unit is None), ("task", item.task is None)]
    if intent is Intent.EXTENSION:
        asks.append(("date", item.date is None and item.status is not Status.DONE))
    else:
        open_ended = item.percent is None and item.done is None and item.date is None and not item.unchanged
        asks.append(("percent", (item.status is Status.IN_PROGRESS and open_ended) or item.conflicting))
    return [question for question, holds in asks if holds]


def _other(scanned: Scan, setting: Setting) -> Understanding:
    """A message that reports nothing."""
    text = scanned.said
    voices = {part.voice for part in scanned.parts}
    questions = Voice.QUESTION in voices and not (signs.is_light(text) and "请问" not in text)
    if signs.is_mockery(text) or signs.is_private(text):
        return Understanding(Intent.CHATTER, confidence=_SURE)
    tests = (
        (Intent.SUGGESTION, signs.is_suggestion(text)),
        (Intent.NOTICE, Voice.ORDER in voices),
        (Intent.QUESTION, questions),
        (Intent.ACK, signs.is_ack(text) or signs.opens_with_ack(text)),
    )
    held = [intent for intent, holds in tests if holds]
    return Understanding(held[0] if held else Intent.CHATTER, also=tuple(held[1:]), confidence=_SURE)
