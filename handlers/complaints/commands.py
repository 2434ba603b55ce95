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
    (Verb.ASK, r"请(?:反映人)?补充|补充"),
    (Verb.OPEN, r"办理|打开|查看"),
)
_NUMBER = r"[\u4e00-\u9fff]{2,12}[〔\[(]20\d\d[〕\])]\d{1,6}号|20\d\d-\d{1,6}号?|第?\d{1,6}号?(?!\d)"
_THAT = r"那件|这件|那一件|这一件|刚才那件|上一件|它"
_GAP = r"[\s,:;、]*"
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
            if found:
                return _command(verb, found)
    return None


def _command(verb: Verb, found: re.Match[str]) -> Command | None:
    rest = found["rest"].strip()
    if rest and verb in _NO_REST:
        return None
    return Command(verb, read_number(found["number"]) if found["number"] else None, rest, bool(found["that"]))
