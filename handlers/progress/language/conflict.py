"""Whether all that is said of one task can hold; figures that cannot are asked for again, never written.

Source: supervision-domain.md, section 6, rules 4 to 6: done is 100, 100 is done, what is left is the rest to 100, an
explicit share wins over the one that counts give.
"""

import re
from itertools import pairwise

from handlers.progress.language import status
from handlers.progress.language.figures import OVERALL, counts_differ
from handlers.progress.language.model import Status
from handlers.progress.language.percents import Percent, Role
from handlers.progress.language.scope import names_part, narrows
from handlers.progress.language.segments import Statement
from handlers.progress.language.verdict import Case

_AMONG = re.compile(r"其中|个别|有的")
_FALL = re.compile(r"降|减|跌|退|回落|下滑|下调|缩|少")
# 完成 alone may be the head of a column, not a claim: 完成 进度60%.
_BARE_CLAIM = re.compile(r"[^一-龥]*完成[^一-龥]*")
# Words around a figure that tell nothing else: 目前约60%.
_AROUND_FIGURE = re.compile(r"目前|现在?|大概|大约|约|左右|差不多|但是?|可是?|不过|[还只就仅也才都吧了啊呢的]|[^一-龥]")
_OF_PROGRESS = re.compile(r"进度|完成率?|进展|[达做办]到?|大概|大约|接近|差不多|超过|不到|不足")
_ALSO = re.compile(r"[还另尚仍]有[^一-龥]*(?:大概|大约|约)?$")
_OF_THINGS = re.compile(r"的[一-龥]{2}")
# How far in front of a share the thing it is said of is looked for; without a bound many shares take quadratic time.
_FAR = 40
# How many points a stated share may differ from the one that the counts give: counts are rounded, shares weighed.
_NEAR = 5


def conflicts(case: Case, found: Status | None, nth: int | None, *, restated: bool) -> bool:
    """Whether figures and claims contradict one another, so that none of them can be believed.

    `nth` picks one of several shares that are listed for as many tasks or units; `restated`: a correction, in which
    a smaller figure may follow a greater one.
    """
    shares = _shares(case, nth)
    return (
        any(map(_is_beyond, case.own))
        or _is_full_but_open(case, found)
        or _are_apart([share for _, share in shares])
        or _denies_claim(case, shares)
        or _denies_beginning(case)
        or (not restated and _falls(case))
        or _denies_count(case)
    )


def _is_beyond(one: Statement) -> bool:
    """Whether a figure is more than all or less than nothing; growth may be."""
    return any(not 0 <= share.value <= 100 and share.role is not Role.CHANGE for share in one.part.percents)


def _shares(case: Case, nth: int | None) -> list[tuple[Statement, Percent]]:
    """The shares that speak of the task as a whole; beside an overall one only what is left may."""
    steps = case.matter.steps
    told = [(one, share) for one in case.own for share in one.percents_now]
    if nth is not None:
        return told[nth : nth + 1]
    told = [
        (one, share)
        for one, share in told
        if share.rest
        or not (_names_other(one, share) or _AMONG.search(one.part.text) or names_part(one.part.blanked, steps))
    ]
    overall = any(OVERALL.search(one.part.text) for one, _ in told)
    return [(one, share) for one, share in told if not overall or share.rest or OVERALL.search(one.part.text)]


def _names_other(one: Statement, share: Percent) -> bool:
    """Whether a figure is said of a thing of its own: 东校区80%,西校区60%; 还有10%在外地; 10%的家庭."""
    start, end = share.start - one.part.clause.start, share.end - one.part.clause.start
    before = one.part.blanked[max(0, start - _FAR) : start].rpartition("■")[2]
    if _ALSO.search(before) or _OF_THINGS.match(one.part.blanked, end):
        return True
    return narrows(_OF_PROGRESS.sub(" ", status.DONE.sub(" ", before)))


def _are_apart(shares: list[Percent]) -> bool:
    """Whether no one value lies in the range of every share."""
    ranges = [share.range for share in shares]
    return max((low for low, _ in ranges), default=0) > min((high for _, high in ranges), default=100)


def _is_full_but_open(case: Case, found: Status | None) -> bool:
    """Nothing that goes on is at 100 %."""
    share = case.figures.share
    is_full = share is not None and share.value >= 100 and share.op in (None, ">=")
    return is_full and found in {Status.IN_PROGRESS, Status.BLOCKED}


def _claims(case: Case) -> list[Statement]:
    """The clauses that claim the whole task done, give no figure themselves and name nothing in front of the task."""
    return [
        one
        for one in case.finished
        if not one.percents_now
        and not _BARE_CLAIM.fullmatch(one.part.blanked)
        and not narrows(one.part.blanked.partition("■")[0] if "■" in one.part.blanked else "")
    ]


def _denies_claim(case: Case, shares: list[tuple[Statement, Percent]]) -> bool:
    """已完成, and half is left. A bare figure right after the claim is read with it: 已完成 60%."""
    claims = {id(one) for one in _claims(case)}
    after = {id(then) for one, then in pairwise(case.own) if id(one) in claims}
    return bool(claims) and any(
        share.range[1] < 100 and _is_of_progress(one) and not (id(one) in after and _is_bare(one))
        for one, share in shares
    )


def _is_bare(one: Statement) -> bool:
    return not _AROUND_FIGURE.sub("", one.part.blanked)


def _is_of_progress(one: Statement) -> bool:
    """Whether a clause with a figure tells how far the work is and nothing of its own: not 整改率90%."""
    said = one.part.blanked
    for told in (status.NEGATED, status.DONE, status.REMAIN, _OF_PROGRESS):
        said = told.sub(" ", said)
    return not _AROUND_FIGURE.sub("", said)


def _denies_beginning(case: Case) -> bool:
    """还没开始, and so many per cent are done. A thing of its own may well not have begun: 验收还没开始."""
    share = case.figures.share
    if share is None or share.range[1] <= 1:
        return False
    return any(
        found is not None and not _AROUND_FIGURE.sub("", one.part.blanked[: found.start()].rpartition("■")[2])
        for one in case.own
        for found in (status.NOT_STARTED.search(one.part.blanked), status.NOT_APPLICABLE.search(one.part.blanked))
    )


def _falls(case: Case) -> bool:
    """Whether work is said to go back, without a word that says so."""
    share = case.figures.share
    old = [other for one in case.own for other in one.part.percents if other.role is Role.OLD]
    falling = any(_FALL.search(one.part.text) for one in case.own)
    return (
        share is not None and not falling and any(_are_apart([share, one]) and share.value < one.value for one in old)
    )


def _denies_count(case: Case) -> bool:
    """Whether counts contradict one another, or what ought to be and what is contradicts a share or a claim."""
    if counts_differ(case.own, case.matter):
        return True
    count, share = case.figures.count, case.figures.share
    if count is None or not count.due or not count.total:
        return False
    if share is None:
        return case.figures.is_short and bool(_claims(case))
    least, most = share.range
    return not least - _NEAR < 100 * count.done / count.total < most + _NEAR
