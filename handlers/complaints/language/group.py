"""Whether a message in a work group is a complaint: precision first, for what staff report must never open a case."""

from __future__ import annotations

import re

from handlers.complaints.language import kind as kinds
from handlers.complaints.language import kindcues as cues
from handlers.complaints.language.model import Kind
from handlers.complaints.language.reading import Reading, read
from handlers.progress.language import intent as signs
from handlers.progress.language.normalise import normalise

_LEAST = 3.0
# Words of somebody to whom it happened, or who tells it as their own cause.
_OWN_CAUSE = re.compile(
    r"我(?:家|们家)?(?:的)?(?:孩子|娃|闺女|儿子|女儿|小孩|孙子|孙女|外孙)|(?<!是)我是.{0,8}(?:家长|学生"
    r"|孩子.{0,2}[妈爸])|家长们?(?:意见|都)|我(?:要|想|来)?(?:举报|投诉|反[映应]|控告|检举)"
    r"|(?:向|跟)(?:局里|领导|教育局|上级)反[映应]|反[映应](?:一?个|一下|件|点)|实名|有(?:人管没有?"
    r"|没有人管)|没人(?:管|理)|请.{0,8}(?:查处|严查|调查|查一查|管一管)|要求.{0,6}(?:查|处理|道歉|退)"
    r"|另外(?:我)?要?(?:举报|投诉|向)|匿名"
)
# Staff that tell what was done about other people's complaints.
_HANDLED = re.compile(
    r"(?:群众|家长|来电|信访|12345|热线|市民|网民)[^。]{0,6}(?:反映|投诉|举报)[^。]{0,20}(?:已|经|正在"
    r"|核实|办结|答复|回复|处理)|(?:投诉|举报|反映|信访|工单)[^。]{0,16}(?:已|办结|处理完|答复|回复了|进展"
    r"|核实|约谈|件|率|下降|为零)"
    r"|收到[^。]{0,12}(?:投诉|举报|反映)|接[^。]{0,10}(?:投诉|举报|反映)|(?:投诉|举报)(?:电话|渠道|信箱|箱"
    r"|平台|方式)|无投诉|零投诉|自查|排查|专项(?:整治|治理|行动)|承诺书"
)


def is_complaint_in_group(text: str) -> bool:
    """Whether a text typed into a work group, by staff or whoever is in it, complains about a wrong. Pure and total."""
    reading = read(text)
    return _is_complaint(reading, reading.text)


def _is_complaint(reading: Reading, text: str) -> bool:
    if cues.STATUS.search(text) or not cues.SCHOOL.search(text):
        return False
    weighed = kinds.weigh(text, reading.raw)
    told = signs.is_complaint(normalise(reading.raw[:800], "小督").plain, known=True)
    if told and weighed.weights[Kind.COMPLAINT] >= _LEAST and weighed.kind in (Kind.COMPLAINT, Kind.PROGRESS):
        return not _HANDLED.search(text) and (
            weighed.kind is Kind.COMPLAINT or bool(cues.ACCUSE.search(text) or _OWN_CAUSE.search(text))
        )
    if weighed.kind is not Kind.COMPLAINT:
        return False
    own = bool(_OWN_CAUSE.search(text) or cues.ACCUSE.search(text))
    return own and weighed.weights[Kind.COMPLAINT] >= _LEAST and not _is_handled(text, weighed)


def _is_handled(text: str, weighed: kinds.Weighed) -> bool:
    return (weighed.weights[Kind.PROGRESS] >= 2 and not cues.ACCUSE.search(text)) or bool(_HANDLED.search(text))
