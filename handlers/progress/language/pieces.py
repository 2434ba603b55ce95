"""Cuts a clause that speaks of several things in turn, and settles which of its task names are meant."""

import re
from dataclasses import replace
from itertools import pairwise

from handlers.progress.language import status
from handlers.progress.language.part import Part, Ref
from handlers.progress.language.tasks import How, TaskRef

HAS_COUNT = re.compile(
    r"[\d一二两三四五六七八九十]\s{0,2}(?:人|名|户|项|条|个|次|节|处|台|辆|间|份|件|/)|应[一-龥]{0,3}[\d□]|\d+\s{0,2}/\s{0,2}\d+"
    r"|^\W*\d{1,4}\W*$|[了过到][俩仨]"
)
_MENTION = "■"
# 食堂那边暖气坏了 is about the heating, the canteen only says where.
_PLACE = re.compile(r"[那这]边的?")
_TOGETHER = re.compile(r"^[^■,]{0,4}(?:都|均|全|一[并块起])")
_WITHIN = re.compile(r"里|中的|那[段块项条部关边]|这边|这[段块项条部关]|部分|环节|方面|涉及|章节")
_AND = re.compile(r"\s{0,2}(?:的|工作|任务)?\s{0,2}(?:[、和与及跟&/+]|以及|还有|并|,)?\s{0,2}")


def cut(part: Part) -> list[Part]:
    """One part for each task or unit that a clause turns to: 消防完成 | 食堂八成."""
    start, refs = part.clause.start, _in_order(part)
    cuts: list[int] = []
    for before, ref in pairwise(refs):
        gap = part.blanked[before.end - start : ref.start - start]
        since = cuts[-1] if cuts else start
        turned = any(type(other) is type(ref) and since <= other.start < ref.start for other in refs)
        if turned and not _AND.fullmatch(gap) and _says_something(_MENTION + gap):
            cuts.append(before.end if _is_verb_first(part, refs) else ref.start)
    edges = [start, *cuts, part.clause.end]
    return [_headed(part.cut(begin, end) if cuts else part) for begin, end in pairwise(edges)]


def _in_order(part: Part) -> list[Ref]:
    refs: list[Ref] = [*part.tasks, *part.units]
    return sorted(refs, key=lambda ref: ref.start)


def _is_verb_first(part: Part, refs: list[Ref]) -> bool:
    """已完成消防,正在做家访: where the verb comes first, what stands between two names belongs to the second."""
    before, after = part.blanked[: refs[0].start - part.clause.start], part.blanked[refs[-1].end - part.clause.start :]
    return _says_something(before) and not _says_something(after)


def _says_something(gap: str) -> bool:
    cues = status.read(gap, gap)
    telling = cues.done or cues.negated or cues.nearly or cues.going or cues.not_started or cues.blocked or cues.cleared
    return telling or "□" in gap or "◇" in gap or bool(HAS_COUNT.search(gap))


def _headed(part: Part) -> Part:
    heads = frozenset(_heads(part))
    others = tuple(ref for ref in part.tasks if ref not in heads)
    known = {ref.ids for ref in heads}
    rivals = [ref.ids[0] for ref in others if ref.how >= How.NAME and ref.ids not in known]
    # 自评报告里消防那段 speaks of a piece of the first task: no doubt which is meant.
    doubtful = rivals and not _WITHIN.search(part.text)
    return replace(part.without(others), rivals=tuple(rivals) if doubtful else ())


def _heads(part: Part) -> tuple[TaskRef, ...]:
    """Of names that stand side by side keep those joined by 和 or 、, else the strongest."""
    refs = part.tasks
    if len(refs) < 2:
        return refs
    start = part.clause.start
    if _TOGETHER.match(part.blanked[refs[-1].end - start :]) and all(ref.how >= How.NAME for ref in refs):
        return refs
    kept = [refs[0]]
    for ref in refs[1:]:
        last = kept[-1]
        gap = part.blanked[last.end - start : ref.start - start].replace("■", "")
        if ref.how is How.WORD or ref.ids == last.ids:
            continue
        if ref.how is last.how is How.CODE:
            kept.append(ref)
            continue
        if _PLACE.fullmatch(gap):
            kept[-1] = ref
            continue
        joined = bool(re.search(r"[、和与及跟&/+,]|以及|还有", gap)) or len(gap) > 6
        if joined or last.how is How.WORD:
            kept = [*kept, ref] if joined and last.how is not How.WORD else [*kept[:-1], ref]
        elif ref.how is How.CODE or (last.how is not How.CODE and ref.end - ref.start > last.end - last.start):
            kept[-1] = ref
    return tuple(kept)
