"""What a writer wants - complaint, suggestion, query, progress or chatter - by weighted words, not by examples."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers.complaints.language import kindcues as cues
from handlers.complaints.language import redress
from handlers.complaints.language import topic as topics
from handlers.complaints.language.model import Kind

_LAUGH = re.compile(r"[😂🤣😄😆😜😅]|\[(?:笑哭|旺柴|狗头|偷笑|捂脸)\]")
# The least weight at which a kind is held at all; a plain tale of something wrong has little more.
_LEAST = 1.0
# From this weight on, questions and wishes in a complaint are part of it.
_BLAMED = 2.0
# From this weight on, a question or wish is meant as one, and a tale beside it is its background.
_ASKED = 1.5
# Nearer than this a wish and a wrong are close; so much of a wish goes with a wrong.
_CLOSE, _WISHED = 3.5, 3.0

# From so many characters on a message is a note, a tale.
_NOTE, _TALE = 12, 16


@dataclass(frozen=True, slots=True)
class Weighed:
    """A kind, how sure it is, whether thanks are given, and the weights behind it."""

    kind: Kind
    confidence: float
    is_thanks: bool
    weights: dict[Kind, float]
    topics: dict[str, float]


def weigh(text: str, raw: str, *, has_danger: bool = False) -> Weighed:
    """Weigh a text (as reading.read gives it, schools blanked; raw as typed)."""
    about, wrong = topics.weigh(text)
    joking = bool(_LAUGH.search(raw) or cues.JOKE.search(text)) and wrong == 0
    # 我要投诉 alone opens a complaint; in a longer text something of a school must be accused.
    accused = bool(cues.ACCUSE.search(text)) and not joking and (len(text) <= _NOTE or bool(cues.SCHOOL.search(text)))
    asked = bool(cues.STATUS.search(text))
    accused = accused and not asked
    asks = _sum(cues.QUERY, text) + (0.6 if re.search(r"[?？]", raw) else 0.0) + (3.0 if asked else 0.0)
    weights = {
        Kind.COMPLAINT: _sum(cues.COMPLAINT, text) + 1.1 * wrong + 3.0 * accused + 3.0 * has_danger,
        Kind.SUGGESTION: _sum(cues.SUGGESTION, text),
        Kind.QUERY: asks,
        Kind.PROGRESS: _sum(cues.PROGRESS, text) * (0.4 if cues.OWN.search(text) else 1.0),
    }
    if cues.RHETORICAL.search(text):
        weights[Kind.QUERY] -= 2.0
    told = 0.0 if weights[Kind.QUERY] >= _ASKED or weights[Kind.SUGGESTION] >= _ASKED else _tale(text)
    weights[Kind.COMPLAINT] += told
    if weights[Kind.COMPLAINT] - told >= _BLAMED and wrong:
        # Who tells of a wrong asks to make a point: 请问这有批文吗.
        weights[Kind.QUERY] -= 1.2
        weights[Kind.SUGGESTION] -= 1.0
    wish = redress.Redress.NONE if asked or joking else _redress(text, weights)
    thanks = _thanks(text, weights) and wish is not redress.Redress.ASKED
    return _decide(text, weights, about, thanks=thanks, joking=joking, accused=accused)


def _redress(text: str, weights: dict[Kind, float]) -> redress.Redress:
    """Let a wrong that is told outweigh the wish to put it right: a complaint filed as a suggestion gets no remedy."""
    found = redress.find(text)
    if found is redress.Redress.NONE or weights[Kind.PROGRESS] >= _BLAMED:
        return redress.Redress.NONE
    if found is redress.Redress.ASKED or weights[Kind.SUGGESTION] - weights[Kind.COMPLAINT] <= _CLOSE:
        weights[Kind.COMPLAINT] = max(weights[Kind.COMPLAINT], _BLAMED, weights[Kind.SUGGESTION])
        weights[Kind.SUGGESTION] = max(0.0, weights[Kind.SUGGESTION] - _WISHED)
        # What is to be put right (希望整改) has not been yet.
        weights[Kind.PROGRESS] = 0.0
    return found


def _tale(text: str) -> float:
    """Return the weight of a plain tale about school: nobody tells the bureau of what is as it should be."""
    if not cues.DOMAIN.search(text) or cues.SMALLTALK.search(text):
        return 0.0
    if cues.REMINDER.search(text) or cues.PRAISE.search(text):
        return 0.0
    ill = min(1.6, 0.5 * len({found.group() for found in cues.NEGATIVE.finditer(text)}))
    # A long tale about a school is told for a reason even if no word of it blames.
    return ill + (1.0 if len(text) > _TALE and cues.ACTOR.search(text) else 0.6 if len(text) > _NOTE else 0.2)


def _sum(rows: cues.Cues, text: str) -> float:
    return sum(weight * min(2, len({found.group() for found in pattern.finditer(text)})) for weight, pattern in rows)


def _thanks(text: str, weights: dict[Kind, float]) -> bool:
    if not cues.THANKS.search(text) or cues.ACK.match(text) or cues.REMINDER.search(text):
        return False
    return weights[Kind.PROGRESS] < 3


def _decide(
    text: str, weights: dict[Kind, float], about: dict[str, float], *, thanks: bool, joking: bool, accused: bool
) -> Weighed:
    complaint = weights[Kind.COMPLAINT]
    if joking or (cues.ACK.match(text) and not accused):
        return Weighed(Kind.CHATTER, 0.9, False, weights, about)
    plain = weights[Kind.QUERY] < 2.5 and weights[Kind.SUGGESTION] < 3
    if thanks and plain and not accused and (cues.RESOLVED.search(text) or complaint < 4):
        return Weighed(Kind.CHATTER, 0.9, True, weights, about)
    # Asking how to complain, or after one's own case, is a query; what is told along with it weighs more.
    if not accused and cues.SMALLTALK.search(text) and max(weights.values()) <= 2.0:
        return Weighed(Kind.CHATTER, 0.85, False, weights, about)
    ranked = sorted(weights, key=lambda kind: -weights[kind])
    first, second = ranked[0], ranked[1]
    if weights[first] < _LEAST:
        return Weighed(Kind.CHATTER, 0.6, False, weights, about)
    lead = weights[first] - weights[second]
    return Weighed(first, round(min(0.95, 0.55 + 0.1 * lead), 2), False, weights, about)
