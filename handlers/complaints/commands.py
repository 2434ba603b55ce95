"""What an officer says about a case: a verb, which case, and the rest; pure. No order to learn: 受理123, 123受理."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from handlers.complaints.numbers import Serial, read_number


class Verb(StrEnum):
    """What is wanted."""

    LIST = "list"
    OPEN = "open"
    ACCEPT = "accept"
    ASK = "ask"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    GO_ON = "go_on"
    # Several cases at once or one by its place in the list; what is not done here.
    VAGUE = "vague"
    NOT_HERE = "not_here"


@dataclass(frozen=True, slots=True)
class Command:
    """A verb and a case. serial: None for the one opened last; is_that: 那件 was said; rest: a question or reason."""

    verb: Verb
    serial: Serial | None = None
    rest: str = ""
    is_that: bool = False


_LIST = re.compile(r"(?:我的|查看|看)?(?:投诉|待办|投诉待办|待办投诉|投诉列表|待办列表|投诉举报)(?:列表|清单)?")
_VERBS = (
    (Verb.GO_ON, r"继续办理|继续办"),
    (Verb.CONFIRM, r"撤回确认|确认撤回|同意撤回"),
    (Verb.REFUSE, r"不予受理|不受理"),
    (Verb.ACCEPT, r"予以受理|同意受理|受理"),
    (Verb.ASK, r"(?:请(?:反映人)?补充|补充)(?:一下)?"),
    (Verb.OPEN, r"办理|打开|查看"),
)
_NUMBER = r"[\u4e00-\u9fff]{2,12}[〔\[(]20\d\d[〕\])]\d{1,6}号|20\d\d-\d{1,6}号?|第?\d{1,6}号?(?!\d)"
_THAT = r"那个|这个|那件|这件|那一件|这一件|刚才那件|上一件|它"
_GAP = r"[\s,:;、]*"
# Said with a number only: alone these words are everybody's.
_LOOK = r"看看|看一?下|看|查询|查一?下|查|处理|办|开"
_TAIL = re.compile(r"(?:吧|了|哈|呀|啊|哦|一下|[。.!~\s])*")
_ACTS = "|".join(words for _, words in _VERBS)
_SEVERAL = r"\d{1,6}号?(?:\s?[、,和]\s?\d{1,6}号?)+|第[一二三四五六七八九十]+[件个条]|第\d{1,2}[件个条]"
_VAGUE = re.compile(rf"(?:{_ACTS}|{_LOOK})?{_GAP}(?:{_SEVERAL}){_GAP}(?:{_ACTS}|{_LOOK})?{_TAIL.pattern}")
_OTHERS = r"派单|派给|分派|转送|转办|转给|移送|并案|答复|回复|回访|办结|结案|关闭|归档"
_NOT_HERE = re.compile(
    rf"(?:{_OTHERS})(?:学校|单位)?{_GAP}(?:{_NUMBER}){_TAIL.pattern}|(?:{_NUMBER}){_GAP}(?:{_OTHERS})(?:学校|单位)?{_TAIL.pattern}"
)
_OPEN = re.compile(rf"(?:{_LOOK}){_GAP}(?P<number>{_NUMBER}){_TAIL.pattern}")
_MENTION = re.compile(r"^\s*@\S+\s+")
_NO_REST = (Verb.OPEN, Verb.ACCEPT, Verb.CONFIRM, Verb.GO_ON)
_AFTER = {
    verb: re.compile(rf"(?:{words}){_GAP}(?:(?P<number>{_NUMBER})|(?P<that>{_THAT}))?{_GAP}(?P<rest>.*)", re.DOTALL)
    for verb, words in _VERBS
}
_BEFORE = {
    verb: re.compile(rf"(?:(?P<number>{_NUMBER})|(?P<that>{_THAT})){_GAP}(?:{words}){_GAP}(?P<rest>.*)", re.DOTALL)
    for verb, words in _VERBS
}
_LONGEST = 1000


def read(text: str) -> Command | None:
    """Return what is wanted, or None if the words are no command."""
    plain = _MENTION.sub("", unicodedata.normalize("NFKC", text)).strip().rstrip("。.!~")
    if not plain or len(plain) > _LONGEST:
        return None
    if _LIST.fullmatch(plain):
        return Command(Verb.LIST)
    for patterns in (_AFTER, _BEFORE):
        for verb, pattern in patterns.items():
            found = pattern.fullmatch(plain)
            if found and (meant := _command(verb, found)) is not None:
                return meant
    if found := _OPEN.fullmatch(plain):
        return Command(Verb.OPEN, read_number(found["number"]))
    if re.search(_ACTS, plain) and _VAGUE.fullmatch(plain):
        return Command(Verb.VAGUE)
    return Command(Verb.NOT_HERE) if _NOT_HERE.fullmatch(plain) else None


def _command(verb: Verb, found: re.Match[str]) -> Command | None:
    rest = found["rest"].strip()
    if verb in _NO_REST:
        if not _TAIL.fullmatch(rest):
            return None
        rest = ""
    return Command(verb, read_number(found["number"]) if found["number"] else None, rest, bool(found["that"]))
