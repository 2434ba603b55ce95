"""With whom a unit is compared; pure. Source: supervision reference §3, peer groups: never across groups."""

from __future__ import annotations

SECTIONS = "股室"
_POINT = "教学点"


def peer_group(kind: str, named: str | None) -> str | None:
    """Return the group in which a unit is ranked, None for one that is never ranked.

    Groups are those named in the district file; the sections of the bureau are one more. A teaching point reports
    through its parent school and is never ranked, whatever the file names; nor is the bureau's leadership.
    """
    if kind == _POINT:
        return None
    return SECTIONS if kind == SECTIONS else named
