"""One task of one unit as it stood when the figures were frozen: what the score may know, and nothing else; a value.

Nothing here tells how often, how fast or at what hour somebody wrote or read: activity is no basis of a score
(supervision reference §0, C2). The instants of a completion only tell on which side of the deadline they lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from handlers.ranking.expected import Milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the ledger (台账条目) of one unit. Instants are aware; shares are 0 to 1 and exact.

    deadline: with the extensions that were granted. progress: the last share stated, carried forward over weeks
    without a report, and below 1 (who states 1 claims completion); None if no figure was ever stated. claimed_at: when
    the unit said it had finished, to be verified (自报完成). done_at: when it had finished by what the lead section has
    verified (核实销号), not when that looked. stopped_at: when an obstacle was told that the lead section has confirmed
    as beyond the unit (停表). is_applicable: False only if the section has confirmed that the task does not concern it.

    For the explanation alone, without any part in a figure: missed (weekly reports that did not come; shown to the
    principal only), source (uid of the statement), confirmer (id of who confirmed it).
    """

    unit: str
    task: str
    weight: int
    start: date
    deadline: date
    milestones: tuple[Milestone, ...] = ()
    progress: Fraction | None = None
    claimed_at: datetime | None = None
    done_at: datetime | None = None
    stopped_at: datetime | None = None
    is_applicable: bool = True
    approval_ref: str | None = None
    missed: int = 0
    source: str | None = None
    confirmer: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no line of a ledger can be; raises ValueError."""
        if self.weight < 1:
            raise ValueError("a weight is at least 1")
        if self.progress is not None and not 0 <= self.progress < 1:
            raise ValueError("a share lies from 0 to below 1; a share of 1 is a claim of completion")
        if any(not 0 <= one.share <= 1 for one in self.milestones):
            raise ValueError("the share of a milestone lies between 0 and 1")
