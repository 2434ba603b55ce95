"""Reads a message that quotes nothing by what its sender owes: 无变化 alone, and 8号 as a number of the own ledger."""

import re
from datetime import datetime

from bot.workdays import Calendar
from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.model import Intent, Sender, Status, Understanding
from handlers.progress.language.understand import understand

_NO_CHANGE = re.compile(
    r"^(?:@\S+\s+)?(?:我校|我园|本周|这周|目前|各项|所有|任务|工作|都|均|全部?|暂时?|[,, ])*"
    r"(?:无变化|没有?变化|没变|未变|不变|同上周|(?:和|跟|与)上周一样|照旧)(?:了|的)?[。.!!~ ]*$"
)
_NUMBERED = re.compile(r"(?<![\d月.])(\d{1,3})\s*(?:号|项)")
# Longer texts say more than that nothing has changed.
_SHORT = 200


def understand_in_context(
    text: str, *, sender: Sender, now: datetime, quote: str | None, lexicon: Lexicon, calendar: Calendar
) -> Understanding:
    """Read a message as `understand` does, and where it names no task by the tasks the sender's unit reports on."""

    def read(about: str | None, words: str = text) -> Understanding:
        return understand(words, sender=sender, now=now, quote=about, lexicon=lexicon, calendar=calendar)

    found = read(quote)
    says_no_change = found.intent is Intent.CHATTER and len(text) <= _SHORT and _NO_CHANGE.match(text.strip())
    if quote is not None:
        # Of several quoted tasks only the plainest words are read as speaking of all of them.
        return read(quote, "都没变") if says_no_change else found
    if says_no_change:
        return Understanding(Intent.REPORT, rest_unchanged=True, confidence=1.0)
    if "task" in found.ask and found.intent is Intent.REPORT:
        own = [task for task in lexicon.tasks if sender.unit in task.applies_to]
        numbered = read("\n".join(f"{task.id} {task.title}" for task in own))
        return numbered if _is_certain(numbered, text) else found
    return found


def _is_certain(found: Understanding, text: str) -> bool:
    """Whether a number stands for a task: only with a figure, for "8号完成" may as well name a day."""
    numbers = {int(number) for number in _NUMBERED.findall(text)}
    certain = all(
        item.task is not None
        and int(item.task[1:]) in numbers
        and item.percent is not None
        and item.status is not Status.DONE
        for item in found.items
        if not item.unchanged
    )
    return bool(found.items) and certain and not found.ask
