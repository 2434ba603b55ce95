"""Which of the 11 topics a complaint is about, by weighted words."""

from __future__ import annotations

from handlers.complaints.language import topics
from handlers.complaints.language.topiccues import CUES

# A lead over the second topic from which the choice is sure.
_CLEAR = 4.0
# (topic, another topic whose words come with it, how far that may lead and still give way).
_CLAIMS = (
    (topics.TUTORING, topics.FEES, 4.0),
    (topics.FOOD, topics.FEES, 1.0),
    (topics.AID, topics.FEES, 3.0),
    (topics.PUNISHMENT, topics.ETHICS, 1.0),
)


def weigh(text: str) -> tuple[dict[str, float], float]:
    """Return the weight of each topic that the text (as reading.read gives it) touches, and how much wrong it tells."""
    weights: dict[str, float] = {}
    wrong = 0.0
    for topic, cues in CUES.items():
        for weight, is_wrong, pattern in cues:
            count = len({found.group() for found in pattern.finditer(text)})
            if count:
                share = weight * (1 + 0.25 * min(count - 1, 2))
                weights[topic] = weights.get(topic, 0.0) + share
                wrong += (1.0 if is_wrong else 0.0) * min(count, 2)
    return weights, wrong


def choose(weights: dict[str, float]) -> tuple[str, float]:
    """Return the topic with the greatest weight and a confidence; 其他 where nothing is known."""
    if not weights:
        return topics.OTHER, 0.3
    weights = dict(weights)
    for topic, other, lead in _CLAIMS:
        # Money beside lessons is the price of the lessons.
        if weights.get(topic, 0.0) >= 3 and 0 <= weights.get(other, 0.0) - weights[topic] <= lead:
            weights[other] = weights[topic] - 0.5
    ranked = sorted(topics.TOPICS, key=lambda topic: -weights.get(topic, 0.0))
    first, second = (weights.get(topic, 0.0) for topic in ranked[:2])
    return ranked[0], round(min(0.95, 0.5 + 0.45 * min(1.0, (first - second) / _CLEAR)), 2)
