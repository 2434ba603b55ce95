"""The words of each topic: what it is about, and what is wrong about it. Weighted, never whole messages."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.complaints.language import cues_children, cues_office, cues_rights, cues_school, topics
from handlers.complaints.language.cuerow import Cues

CUES: Mapping[str, Cues] = {
    topics.PUNISHMENT: cues_children.PUNISHMENT,
    topics.BULLYING: cues_children.BULLYING,
    topics.FOOD: cues_school.FOOD,
    topics.SAFETY: cues_school.SAFETY,
    topics.TUTORING: cues_school.TUTORING,
    topics.FEES: cues_rights.FEES,
    topics.AID: cues_rights.AID,
    topics.ADMISSION: cues_rights.ADMISSION,
    topics.ETHICS: cues_children.ETHICS,
    topics.CONDUCT: cues_office.CONDUCT,
    topics.OTHER: cues_office.OTHER,
}
