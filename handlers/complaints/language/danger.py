"""Finds what must reach a human within the hour: somebody in acute danger now, or just harmed. Recall comes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from handlers.complaints.language import (
    ailing,
    assault,
    despair,
    frames,
    harm,
    mishap,
    molested,
    opinion,
    peril,
    quiet,
    vanished,
)
from handlers.complaints.language.model import Danger, DangerKind
from handlers.complaints.language.reading import LONGEST, Reading, followed, mask, near, read, spans

_SURE, _LIKELY, _MAYBE = 0.95, 0.75, 0.6
# So far from a wound its cause is looked for.
_BESIDE = 30
_Spans = list[tuple[int, int]]
_Found = Iterator[tuple[int, int, float]]
_ACCIDENT = re.compile(
    r"摔|滑倒|跑步|跳远|扭到|扭伤|崴|保险|理赔|蚊|拉伤|冻[裂疮伤]|晒|磨|痘|湿疹|皮疹|近视|练习?|训练|鞋|干燥|上火"
    r"|骑车|感冒|上了?药|校医|蛀牙|换牙|掉牙|小红花|颜料|墨水"
    r"|染|课间餐|装修|甲醛|蹲|深蹲|写字|握笔|作业|考试|毕业照|隐私"
)
_VICTIM = re.compile(
    r"孩子|娃|儿子|女儿|闺女|姑娘|弟|妹|孙|侄|学生|同学|我[^。]{0,8}(?:身|脸|头|手|腿|背|眼)|小朋友|男生"
    r"|女生"
)
# Who asks about insurance tells of what is over.
_CLAIM = re.compile(r"保险|学平险|理赔|报销")
_ON_ROOF = re.compile(r"楼顶|天台|顶楼|窗台|阳台|窗|栏杆")
_PEER_FIGHT = re.compile(r"互相|打架(?!斗殴)|打起来|闹着玩.{0,6}没")


def find_dangers(text: str) -> tuple[Danger, ...]:
    """Return every place that tells of acute danger, in order, by the danger rule of the labelled data.

    Pure and total; takes time in proportion to the length of the text, of which the first 8,000 characters are read.
    """
    reading = read(frames.blank_titles(text))
    plain = mask(reading.text, frames.FIGURES)
    over = frames.settled(plain)
    jokes = {kind for kind in DangerKind if quiet.is_joke(text[:LONGEST], kind)}

    def kept(kind: DangerKind, start: int, end: int) -> bool:
        if kind in jokes or frames.is_settled(plain, over, start, end):
            return False
        return not _is_soft(plain, reading.sentence(start, end), kind, start, end)

    found = _told(reading, plain, kept)
    return _merged(found or _second(reading, plain, kept))


_Kept = Callable[[DangerKind, int, int], bool]


def _told(reading: Reading, plain: str, kept: _Kept) -> list[Danger]:
    """Return what the words and frames tell of."""
    return [
        Danger(kind, *reading.place(start, end), sure)
        for kind, places in _places(plain)
        for start, end, sure in places
        if kept(kind, start, end)
    ]


def _second(reading: Reading, plain: str, kept: _Kept) -> list[Danger]:
    """Return what only the second opinion takes for danger; asked only where the frames find nothing."""
    return [
        Danger(kind, *reading.place(start, end), opinion.SURE)
        for kind, start, end in opinion.places(plain)
        if not (_CLAIM.search(plain[start:end]) or frames.is_feared(plain[start:end])) and kept(kind, start, end)
    ]


def _places(text: str) -> Iterator[tuple[DangerKind, _Found]]:
    for kind, finder in _FINDERS:
        yield kind, finder(text)
    for told in _FRAMES:
        yield told.kind, told.places(text)


def _is_soft(text: str, sentence: tuple[int, int], kind: DangerKind, start: int, end: int) -> bool:
    """Whether the words around a place say that nobody is in danger."""
    if frames.is_lesson(text, sentence, start, end):
        return True
    if quiet.is_harmless(text, sentence, kind):
        return True
    if kind is DangerKind.SEXUAL:
        return False
    if kind is DangerKind.SELF_HARM:
        return bool(_ON_ROOF.search(text[start:end])) and frames.is_upkeep(text, sentence)
    if kind is DangerKind.VIOLENCE and frames.is_game(text, sentence):
        return True
    return frames.is_past(text, sentence) or frames.is_risk(text, sentence, start, end, kind)


def _merged(found: list[Danger]) -> tuple[Danger, ...]:
    """Join places of one kind that overlap; the surest tells how sure they are."""
    joined: list[Danger] = []
    for one in sorted(found, key=lambda danger: (danger.kind, danger.start, danger.end)):
        last = joined[-1] if joined else None
        if last and last.kind is one.kind and one.start < last.end:
            sure = max(last.confidence, one.confidence)
            joined[-1] = Danger(one.kind, last.start, max(last.end, one.end), sure)
        else:
            joined.append(one)
    return tuple(sorted(joined, key=lambda danger: (danger.start, danger.end, danger.kind)))


def _each(places: _Spans, sure: float = _SURE) -> _Found:
    for start, end in places:
        yield start, end, sure


def _violence(text: str) -> _Found:
    hits, hurts = spans(harm.HIT, text), spans(harm.HURT, text)
    yield from _each(near(hits, hurts, 22), 0.9)
    yield from _each(spans(harm.GANG, text))
    yield from _each(spans(harm.EXTORT, text))
    yield from _each(spans(harm.THREAT, text))
    yield from _each(spans(harm.PIERCED, text))
    yield from _each(_by_design(spans(harm.BEATEN, text), text), 0.85)
    # A child that is hurt, and nobody says by what, is looked after first.
    if _VICTIM.search(text):
        yield from _each(_by_design(spans(harm.WOUND, text), text), _MAYBE)
    yield from _each(near(spans(harm.WEAPON, text), spans(harm.WEAPON_USE, text), 10), 0.9)
    if not _PEER_FIGHT.search(text):
        yield from _each(followed(spans(harm.ATTACKERS, text), spans(harm.ATTACK, text), 12), 0.85)


def _by_design(places: _Spans, text: str) -> _Spans:
    """Leave out the wounds beside which an accident is told."""
    return [
        (start, end) for start, end in places if not _ACCIDENT.search(text[max(0, start - _BESIDE) : end + _BESIDE])
    ]


def _sexual(text: str) -> _Found:
    yield from _each(spans(harm.SEXUAL, text))


def _self_harm(text: str) -> _Found:
    yield from _each(spans(harm.SELF_HARM, text))


def _illness(text: str) -> _Found:
    yield from _each(spans(mishap.POISONED, text))
    yield from _each(near(spans(mishap.SICK, text), spans(mishap.SEVERAL, text), 14), _LIKELY)


def _missing(text: str) -> _Found:
    yield from _each(spans(mishap.MISSING, text), 0.9)


def _acute(text: str) -> _Found:
    for pattern in (
        mishap.FIRE,
        mishap.GAS,
        mishap.ELECTRIC,
        mishap.WATER,
        mishap.CRUSH,
        mishap.BODY,
        mishap.CRASH,
        mishap.TRAPPED,
    ):
        yield from _each(spans(pattern, text), 0.9)
    if not _CLAIM.search(text):
        yield from _each(spans(mishap.FALL, text), _LIKELY)
        yield from _each(spans(mishap.BITE, text), _LIKELY)


_FINDERS: tuple[tuple[DangerKind, Callable[[str], _Found]], ...] = (
    (DangerKind.VIOLENCE, _violence),
    (DangerKind.SEXUAL, _sexual),
    (DangerKind.SELF_HARM, _self_harm),
    (DangerKind.ILLNESS, _illness),
    (DangerKind.MISSING, _missing),
    (DangerKind.ACUTE, _acute),
)
_FRAMES = (
    *assault.FRAMES,
    *molested.FRAMES,
    *despair.FRAMES,
    *ailing.FRAMES,
    *vanished.FRAMES,
    *peril.FRAMES,
)
