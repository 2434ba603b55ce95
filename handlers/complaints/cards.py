"""The cards of the office: their ids, which come back with a click, the keys of their buttons, what they show.

A card names number, topic, state and reason; never a word of the complainant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.messages import Button, Card
from handlers.complaints import texts
from handlers.complaints.models import CaseRow
from handlers.complaints.refusals import GROUNDS
from handlers.complaints.states import Reason, State

# The platform takes six buttons a card (WeCom developer docs 101032, read 2026-11).
MOST_BUTTONS = 6
_RED, _GREY = 3, 4
# The platform takes [0-9A-Za-z_-@] in an id; other signs become their code between two @.
_FOREIGN = re.compile(r"[^0-9A-Za-z_-]")
_CASE = re.compile(r"case-([0-9a-f]{32})-[0-9a-f]{1,32}")
_SIGN = re.compile(r"casesign-([0-9a-f]{32})-.+")
REASON = "case.reason."


class Press(StrEnum):
    """The buttons; a reason's is REASON and its code."""

    ACCEPT = "case.accept"
    ASK = "case.ask"
    REFUSE = "case.refuse"
    CONFIRM = "case.confirm"
    GO_ON = "case.go_on"
    SIGN = "case.sign"
    RETURN = "case.return"


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a click says: about which case, or which proposal, and what; reason with a reason's button."""

    case: str
    proposal: str
    press: Press | None
    reason: Reason | None = None


def read(task_id: str, key: str) -> Pressed | None:
    """Return what a click on one of our cards says, or None for any other card or button."""
    case, proposal = _CASE.fullmatch(task_id), _SIGN.fullmatch(task_id)
    if case is None and proposal is None:
        return None
    about = (case[1] if case else "", proposal[1] if proposal else "")
    if key in set(Press):
        return Pressed(*about, Press(key))
    code = key.removeprefix(REASON)
    return Pressed(*about, None, Reason(code)) if key.startswith(REASON) and code in set(Reason) else None


def actions(case: CaseRow, event: str, *, may_ask: bool) -> Card | None:
    """Return the card that follows an opened case: what can be decided now; None if nothing can."""
    buttons: list[Button] = []
    if case.state == State.RECEIVED:
        buttons.append(Button(Press.ACCEPT, "受理"))
        buttons += [Button(Press.ASK, "请补充", 2)] if may_ask else []
        buttons += [] if case.dangers else [Button(Press.REFUSE, "不予受理", _RED)]
    if case.wants_out_at is not None:
        must_go_on = bool(case.dangers) or case.is_minor
        buttons += [] if must_go_on else [Button(Press.CONFIRM, "撤回确认", _GREY)]
        buttons.append(Button(Press.GO_ON, "继续办理", _GREY))
    if not buttons:
        return None
    return Card(f"case-{case.uid}-{event[:16]}", case.number, lines=_lines(case), buttons=tuple(buttons))


def reasons(case: CaseRow, event: str) -> Card:
    """Return the card on which a reason is chosen; what finds no room is named by words."""
    usable = [reason for reason in Reason if reason is not Reason.UNCLEAR or case.rounds > 0]
    buttons = tuple(Button(f"{REASON}{reason}", GROUNDS[reason].short, 2) for reason in usable[:MOST_BUTTONS])
    rest = "、".join(GROUNDS[reason].short for reason in usable[MOST_BUTTONS:])
    said = f"不予受理的理由(不署名不是理由){f';其他请回复“不予受理 {rest}”' if rest else ''}"
    return Card(f"case-{case.uid}-{event[:15]}f", f"{case.number} 请选理由", said, buttons=buttons)


def sign(case: CaseRow, reason: Reason, proposal: str, person: str) -> Card:
    """Return the director's card: number, topic and reason only."""
    named = _FOREIGN.sub(lambda found: f"@{ord(found[0]):x}@", person)
    lines = (*_lines(case)[:1], ("建议", "不予受理"), ("理由", GROUNDS[reason].short))
    buttons = (Button(Press.SIGN, "同意不予受理", _RED), Button(Press.RETURN, "退回", _GREY))
    return Card(f"casesign-{proposal}-{named}", case.number, "请签发", lines, buttons)


def _lines(case: CaseRow) -> tuple[tuple[str, str], ...]:
    return (("类别", case.topic or texts.KINDS.get(case.kind, "")), ("状态", texts.state_word(case.state)))
