"""Whether a clause tells what is done or promises what will be."""

import re
from datetime import date

from handlers.progress.language.segments import Statement

_SETTLED = re.compile(r"已|了|过|刚")
_PAST_TIME = re.compile(r"上个?[月周]|前几天|早就|早已")
_EARLY_TODAY = re.compile(r"上午|早上|凌晨|一早")


def is_plan(one: Statement, today: date) -> bool:
    """Whether a clause promises: by its words, or by a day to come without a word that the thing is done."""
    text, days = one.part.text, one.part.dates
    if days and all(day.behind and (day.ahead is None or day.ahead < today) for day in days):
        return False
    if _PAST_TIME.search(text) and text.endswith("了"):
        return False
    vague = any(day.ahead is None and day.behind is None for day in days)
    if one.cues.planned or vague:
        return not re.search(r"已经?(?!计划|安排|定|准备)", text)
    settled = bool(_SETTLED.search(text))
    if any(day.ahead and day.ahead > today for day in days):
        return not settled or ("已" not in text and bool(re.search(r"[前内]", text)))
    return any(day.ahead == today for day in days) and not settled and not _EARLY_TODAY.search(text)


def done_words(one: Statement, today: date) -> str:
    """The countable words without the amounts that a promise names behind its day: 1月8号前搞完两次."""
    said, day = one.part.countable, one.part.blanked.find("◇")
    if day < 0 or not is_plan(one, today):
        return said
    return said[:day] + "x" * (len(said) - day)
