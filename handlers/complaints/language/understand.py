"""Reads one message to the complaints: what is wanted, what about, which schools, when, and any danger."""

from __future__ import annotations

from handlers.complaints.language import kind as kinds
from handlers.complaints.language import topic as topics
from handlers.complaints.language.danger import find_dangers
from handlers.complaints.language.model import Kind, Understood
from handlers.complaints.language.reading import read
from handlers.complaints.language.schools import SchoolLexicon, find_schools
from handlers.complaints.language.times import find_times

# A danger no surer than this says nothing about what the writer wants.
_MAYBE = 0.6


def understand(text: str, lexicon: SchoolLexicon) -> Understood:
    """Read a message of a parent, a pupil or a member of staff. Pure and total: any text gives an answer.

    Danger makes a complaint of what is no progress and no thanks. Only the first 8,000 characters are read.
    """
    reading = read(text)
    dangers = find_dangers(text)
    weighed = kinds.weigh(lexicon.mask(reading.text), text, has_danger=any(one.confidence > _MAYBE for one in dangers))
    is_complaint = weighed.kind is Kind.COMPLAINT
    topic, sure = topics.choose(weighed.topics) if is_complaint else ("", 0.0)
    refs = tuple(ref for ref in find_schools(text, lexicon) if not ref.is_cleared)
    named = tuple(dict.fromkeys(ref.names[0] for ref in refs if ref.is_sure))
    return Understood(
        kind=weighed.kind,
        confidence=weighed.confidence,
        topic=topic,
        topic_confidence=sure,
        schools=named,
        school_refs=refs,
        times=find_times(text),
        dangers=dangers,
        tone="thanks" if weighed.is_thanks else "",
    )
