"""Which complaints may be one issue: the same school and the same matter. Candidates only; an officer decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from handlers.complaints.language import topics
from handlers.complaints.language.matters import matters_of
from handlers.complaints.language.model import Understood
from handlers.complaints.language.reading import read
from handlers.complaints.language.schools import SchoolLexicon

_TITLED = re.compile(
    r"(?P<who>[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程"
    r"吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严])(?P"
    r"<title>老师|校长|主任|园长|教练)"
)
_SURNAMED = re.compile(r"姓(?P<who>[一-龥])")
_GRADE = re.compile(
    r"(?:(?P<grade>[一二三四五六七八九1-9])年级|(?P<level>[初高])(?P<year>[一二三])"
    r"|(?P<class>[一二三四五六])[,(（]?(?=[\d一二三四五六])|(?P<size>[大中小])班"
    r"|(?P<size2>[大中小])[一二三四]班)"
)
# Topics that are about persons: another grade or another teacher is another issue.
_PERSONAL = frozenset((topics.PUNISHMENT, topics.ETHICS, topics.BULLYING))
# Standing practices of the bureau, one issue whoever writes; and matters too vague to join two topics.
_STANDING = frozenset(("phone", "leak"))
_VAGUE = frozenset(
    ("phone", "attitude", "no_answer", "refund", "homework", "price", "stand", "insult", "beaten", "filmed")
)
_LIKE, _ALIKE = 0.16, 0.26
# Words that all complaints share tell nothing.
_COMMON = frozenset(
    [
        "孩子",
        "家长",
        "学校",
        "老师",
        "学生",
        "教育",
        "育局",
        "要求",
        "反映",
        "投诉",
        "举报",
        "我们",
        "你们",
        "他们",
        "现在",
        "没有",
        "一个",
        "不是",
        "问题",
        "说是",
        "这样",
        "什么",
        "怎么",
        "请教",
        "局里",
        "小学",
        "中学",
        "清河",
        "河区",
        "已经",
        "可以",
        "就是",
        "不能",
        "自己",
        "时候",
        "上课",
        "一小",
        "二小",
        "三小",
        "四小",
        "一中",
        "二中",
        "三中",
        "五中",
    ]
)


@dataclass(frozen=True)
class Facts:
    """What tells one issue from another in a text."""

    schools: frozenset[str]
    topic: str
    matters: frozenset[str]
    persons: frozenset[str]
    grades: frozenset[str]
    pairs: frozenset[str] = field(repr=False)
    triples: frozenset[str] = field(default=frozenset(), repr=False)


def facts_of(text: str, understood: Understood, lexicon: SchoolLexicon) -> Facts:
    """Gather the facts of a complaint for comparison."""
    plain = lexicon.mask(read(text).text)
    persons = {found["who"] for found in _TITLED.finditer(plain)} | {
        found["who"] for found in _SURNAMED.finditer(plain)
    }
    words = re.sub(r"[^一-龥]", " ", plain)
    pairs = {words[at : at + 2] for at in range(len(words) - 1) if " " not in words[at : at + 2]}
    triples = {words[at : at + 3] for at in range(len(words) - 2) if " " not in words[at : at + 3]}
    return Facts(
        frozenset(understood.schools),
        understood.topic,
        matters_of(plain),
        frozenset(persons),
        frozenset("".join(filter(None, found.groups())) for found in _GRADE.finditer(plain)),
        frozenset(pairs - _COMMON),
        frozenset(triple for triple in triples if not any(triple[at : at + 2] in _COMMON for at in (0, 1))),
    )


def group(items: Sequence[Facts]) -> list[int]:
    """Return an issue number for each item, from 1 on in order of appearance; equal numbers may be one issue."""
    parent = list(range(len(items)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for later in range(len(items)):
        for earlier in _candidates(items, later):
            if is_same(items[earlier], items[later]):
                parent[root(later)] = root(earlier)
                break
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(at), len(numbers) + 1) for at in range(len(items))]


def _candidates(items: Sequence[Facts], later: int) -> list[int]:
    """The earlier items, the most alike first, that share a school with a later one, or lack one."""
    new = items[later]
    near = [
        at for at in range(later) if bool(items[at].schools & new.schools) or not (items[at].schools and new.schools)
    ]
    return sorted(near, key=lambda at: -likeness(items[at], new))


def likeness(one: Facts, other: Facts) -> float:
    """Return how many of the pairs of characters two texts share (Dice, 0 to 1)."""
    total = len(one.pairs) + len(other.pairs)
    return 2 * len(one.pairs & other.pairs) / total if total else 0.0


def is_same(one: Facts, other: Facts) -> bool:
    """Whether two complaints may be about one issue."""
    if one.persons and other.persons and not one.persons & other.persons:
        return False
    shared, alike = one.matters & other.matters, likeness(one, other)
    if one.schools and other.schools:
        return bool(one.schools & other.schools) and _same_matter(one, other, shared, alike)
    if not one.schools and not other.schools:
        return _same_elsewhere(one, other, shared, alike)
    return one.topic == other.topic and bool(shared) and alike >= _ALIKE


def _same_elsewhere(one: Facts, other: Facts, shared: frozenset[str], alike: float) -> bool:
    """Whether two complaints that name no school are one: about the bureau, or a body that both name."""
    if one.topic != other.topic:
        return bool(shared - _VAGUE) and alike >= _LIKE
    if one.topic == topics.CONDUCT:
        return bool(shared & _STANDING) or alike >= _ALIKE
    return (bool(shared) and (bool(one.triples & other.triples) or alike >= _LIKE / 2)) or alike >= _ALIKE


def _same_matter(one: Facts, other: Facts, shared: frozenset[str], alike: float) -> bool:
    graded = one.topic in _PERSONAL and one.topic == other.topic and one.grades and other.grades
    if graded and not one.grades & other.grades and alike < _ALIKE:
        return False
    if one.topic == other.topic:
        return bool(shared) or alike >= _LIKE or not (one.matters and other.matters)
    return bool(shared - _VAGUE) or alike >= _ALIKE
