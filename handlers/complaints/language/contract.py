"""What is understood of a message, as plain JSON values in the words of the labelled data."""

from __future__ import annotations

from typing import Any

from handlers.complaints.language.model import Kind, Understood
from handlers.complaints.language.redact import Redacted


def to_contract(understood: Understood, redacted: Redacted) -> dict[str, Any]:
    """Return kind, category (null if it is no complaint), tone, redacted, pii, schools, times, danger.

    confidences holds how sure each is (0 to 1); dangers the kinds of danger; school_candidates what names that several
    schools share may mean.
    """
    is_complaint = understood.kind is Kind.COMPLAINT
    danger = max((one.confidence for one in understood.dangers), default=0.9)
    return {
        "kind": understood.kind.value,
        "category": understood.topic if is_complaint else None,
        "tone": understood.tone or None,
        "redacted": redacted.text,
        "pii": [{"type": one.type, "start": one.start, "end": one.end} for one in redacted.replaced],
        "schools": list(understood.schools),
        "school_candidates": [list(ref.names) for ref in understood.school_refs if not ref.is_sure],
        "times": [span.words for span in understood.times],
        "danger": bool(understood.dangers),
        "dangers": list(understood.danger_kinds),
        "confidences": {
            "kind": understood.confidence,
            "category": understood.topic_confidence if is_complaint else None,
            "redacted": redacted.confidence,
            "schools": 0.6 if any(not ref.is_sure for ref in understood.school_refs) else 0.95,
            "times": 0.8,
            "danger": danger,
        },
    }
