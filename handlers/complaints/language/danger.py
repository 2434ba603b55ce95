"""Finds what must reach a human within the hour: somebody in acute danger now, or just harmed. Recall comes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from handlers.complaints.language import frames, harm, mishap
from handlers.complaints.language.model import Danger, DangerKind
from handlers.complaints.language.reading import followed, mask, near, read, spans

_SURE, _LIKELY, _MAYBE = 0.95, 0.75, 0.6
_Spans = list[tuple[int, int]]
_Found = Iterator[tuple[int, int, float]]
_ACCIDENT = re.compile(
    r"摔|滑倒|跑步|跳远|扭到|扭伤|崴|保险|理赔|蚊|拉伤|冻[裂疮伤]|晒|磨|痘|湿疹|皮疹|近视|练习?|训练|鞋"
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
    reading = read(text)
    plain = mask(reading.text, frames.FIGURES)
    if frames.is_settled(plain):
        return ()
    found: list[Danger] = []
    for kind, finder in _FINDERS:
        for start, end, sure in finder(plain):
            if not _is_soft(plain, reading.sentence(start, end), kind, start, end):
                found.append(Danger(kind, *reading.place(start, end), sure))
    return _merged(found)


def _is_soft(text: str, sentence: tuple[int, int], kind: DangerKind, start: int, end: int) -> bool:
    """Whether the words around a place say that nobody is in danger."""
    if frames.is_lesson(text, sentence, start, end):
        return True
    if kind is DangerKind.SEXUAL:
        return False
    if kind is DangerKind.SELF_HARM:
        return bool(_ON_ROOF.search(text[start:end])) and frames.is_upkeep(text, sentence)
    if kind is DangerKind.VIOLENCE and frames.is_game(text, sentence):
        return True
    return frames.is_past(text, sentence) or frames.is_risk(text, sentence, start, end)


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
    if not _ACCIDENT.search(text):
        yield from _each(spans(harm.BEATEN, text), 0.85)
        # A child that is hurt, and nobody says by what, is looked after first.
        if _VICTIM.search(text):
            yield from _each(spans(harm.WOUND, text), _MAYBE)
    yield from _each(near(spans(harm.WEAPON, text), spans(harm.WEAPON_USE, text), 10), 0.9)
    if not _PEER_FIGHT.search(text):
        yield from _each(followed(spans(harm.ATTACKERS, text), spans(harm.ATTACK, text), 12), 0.85)


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
