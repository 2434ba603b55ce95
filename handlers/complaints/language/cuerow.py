"""How the words of a topic are written down, and who acts in a complaint."""

from __future__ import annotations

import re

STAFF = (
    r"(?:老师|班主任|教师|教练|教官|校长|园长|主任|保育员|生活老师|宿管|门卫|保安|阿姨"
    r"|[语数外英体音美科理化生政史地]{1,2}(?:文|学|语|育|乐|术|理)老师)"
)
PUPIL = (
    r"(?:同学|同桌|学生|男生|女生|高年级|室友|孩子们|小团体|初[一二三]的?|高[一二三]的?|[四五六]年级的?"
    r"|[几三四五两]个(?:人|孩子|男孩|女孩))"
)
BLOW = (
    r"(?:打(?!电话|球|卡|针|印|游戏|扫|工|车|听|分|招呼|饭|开|包|报告|扮|通|不通|来|了.{0,2}电话|麻将|牌"
    r"|的就是)|扇|踢(?!球)|踹|揪|掐(?!尖)|拧|抽(?!查|签|烟|奖|空|调|样|检|屉)|揍|砸|推搡|扔(?!掉|下)|拽"
    r"|敲(?=头|脑|手))"
)

Cues = tuple[tuple[float, bool, re.Pattern[str]], ...]


def cues(*rows: tuple[float, bool, str]) -> Cues:
    """Return rows of (weight for the topic, whether the words alone tell of a wrong, pattern)."""
    return tuple((weight, is_wrong, re.compile(pattern)) for weight, is_wrong, pattern in rows)
