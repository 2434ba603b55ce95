"""What is asked in between by somebody who tells a complaint, and how the talk goes on after it; pure."""

from __future__ import annotations

from bot.messages import Menu
from handlers.complaints import texts_intake as texts
from handlers.complaints import texts_own as own_texts
from handlers.complaints.hearing import Heard
from handlers.complaints.slots import Step
from handlers.complaints.speech import Command

_WHY = {Step.SLOT: own_texts.WHY_SLOT, Step.READ_BACK: own_texts.WHY_READ_BACK, Step.FIX: own_texts.WHY_READ_BACK}


def answer(heard: Heard, step: Step, office: str, accept_wd: int) -> str | None:
    """Return the answer to a question put while a draft is open at a step, or None if the message is none."""
    match heard.command:
        case Command.SECRECY:
            return own_texts.SECRECY
        case Command.WHY:
            return _WHY.get(step, own_texts.WHY_CONSENT)
        case Command.WHO:
            return own_texts.who(office)
        case Command.HOW_LONG:
            return own_texts.how_long(accept_wd)
        case Command.PRESS if "催" in heard.text:
            return texts.PRESS_LATER
        case _:
            return None


def offer_again(said: str, step: Step, *, is_child: bool) -> Menu:
    """Return the answer with the buttons of what had been asked."""
    match step:
        case Step.DOUBT:
            return texts.again(said, (texts.COMPLAIN, texts.ASK, texts.NEITHER), "")
        case Step.OFFER:
            options = (texts.CONFIRM, texts.COMPLAIN, texts.CANCEL)
            return texts.again(said, options, "同意就回复“确认”登记。")
        case Step.READ_BACK | Step.FIX:
            return texts.again(said, (texts.CONFIRM, texts.FIX, texts.CANCEL), texts.CALM_READ_BACK)
        case _:
            tail = "可以的话,回“同意”。" if is_child else "登记前请先回复“同意”(或“取消”)。"
            return texts.again(said, (texts.AGREE, texts.CANCEL), tail)
