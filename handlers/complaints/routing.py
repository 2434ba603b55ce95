"""Which unit a case is against and who is kept from it, as its words tell: written to the row, before anybody is told.

Words that are added later exclude further people; nothing that is added lets anybody in again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from handlers.complaints import accused, alerts, roles, steps
from handlers.complaints.language import topics
from handlers.complaints.models import CaseRow
from handlers.complaints.states import Role, State
from handlers.complaints.work import Work

log = logging.getLogger(__name__)


def assign(work: Work, case: CaseRow, words: Iterable[str], sender: str | None) -> None:
    """Set unit, exclusions and owner of a case by words of its complainant. sender: the complainant's own id, if a
    member: it is never written down here.
    """
    directory = work.directory
    is_conduct = case.topic == topics.CONDUCT
    found = accused.find("\n".join(words), directory, office=work.complaints.office, is_conduct=is_conduct)
    case.unit_id = accused.route(directory, case.unit_id, found, has_danger=bool(case.dangers))
    named = {person for person in found.people if person != sender}
    beside = () if found.is_vague else (unit for unit in found.units if unit != case.unit_id)
    kin = {person for unit in beside for person in roles.in_conflict(directory, unit)}
    staff = {person for person in named | kin if roles.is_staff(directory, person)}
    case.excluded = sorted({*(case.excluded or ()), *staff})
    desk = work.desk(case)
    is_taken = case.state == State.ACCEPTED and bool(desk.list(Role.CASE))
    case.owner = (Role.CASE if is_taken else desk.owner).value


def reassign(work: Work, case: CaseRow, words: str, sender: str | None) -> None:
    """Do the same for words that were added: whoever is out now is told nothing more and proposes nothing.

    case must be locked.
    """
    before = _acting(work, case)
    assign(work, case, (words,), sender)
    out = before - _acting(work, case)
    if not out:
        return
    alerts.hush(work, case, sorted(out))
    if case.proposed_by in out:
        steps.drop_proposal(case)
    log.info("complaint.rerouted case=%s", case.uid)


def _acting(work: Work, case: CaseRow) -> set[str]:
    desk = work.desk(case)
    return {*desk.list(*Role), *desk.duty}
