"""What the clauses about one task add up to: status, share, counts, date and obstacle."""

import re
from dataclasses import dataclass
from datetime import date

from handlers.progress.language import counts, status
from handlers.progress.language.blocker import find_blocker
from handlers.progress.language.counts import Count
from handlers.progress.language.model import Status, TaskEntry
from handlers.progress.language.percents import Percent, Role
from handlers.progress.language.promise import done_date, promised_date
from handlers.progress.language.scope import claim, narrows
from handlers.progress.language.segments import Segment, Statement

_OVERALL = re.compile(r"总体|整体|总进度|累计|综合|平均|完成进度|总的?")
_ALL = re.compile(r"全|都|均|所有")
_SETTLED = re.compile(r"已|了|过|刚")
_EARLY_TODAY = re.compile(r"上午|早上|凌晨|一早")


@dataclass(frozen=True)
class Matter:
    """The task a segment is weighed for, with the steps of its standard; no task is known if `task` is None."""

    task: TaskEntry | None
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """`blocker` is a span of the whole text; status None means that nothing is said about the state."""

    status: Status | None
    percent: float | None
    op: str | None
    done: int | None
    total: int | None
    date: date | None
    blocker: tuple[int, int] | None
    unchanged: bool


def weigh(
    segment: Segment, matter: Matter, today: date, *, extension: bool = False, nth: int | None = None
) -> Evidence:
    """`nth` picks one of several shares that are listed for as many tasks or units."""
    own = [one for one in segment.statements if not one.lead]
    share = _share(own, nth)
    count = _count(own, matter.task)
    found = _status(own, matter, today, share, count, extension=extension)
    bare = share is None and count is None and not any(_states(one, today) for one in own)
    if extension and found is Status.IN_PROGRESS and bare:
        found = None
    if found is Status.DONE:
        finished = [
            one for one in own if _claims_whole(one, matter, today, count) or one.cues.cleared or one.percents_now
        ]
        return Evidence(found, 100, None, None, None, done_date(finished, today), None, False)
    day = promised_date(segment.statements, today, extension=extension, begun=found is not Status.NOT_STARTED)
    blocker = None
    if found is not Status.NOT_APPLICABLE:
        reasons = extension or found in {Status.BLOCKED, Status.NOT_STARTED}
        blocker = find_blocker([one.span for one in segment.statements if _may_block(one, today)], any_reason=reasons)
    if found is None and not extension and (day or blocker):
        found = Status.IN_PROGRESS
    unchanged = share is None and count is None and any(one.cues.unchanged for one in own)
    return _filled(found, share, count, day, blocker, unchanged)


def _filled(
    found: Status | None, share: Percent | None, count: Count | None, day: date | None,
    blocker: tuple[int, int] | None, unchanged: bool,
) -> Evidence:  # fmt: skip
    if found is Status.NOT_APPLICABLE:
        return Evidence(found, None, None, None, None, None, None, False)
    if found is Status.NOT_STARTED:
        nothing = (count.done, count.total) if count else (None, None)
        return Evidence(found, 0, None, *nothing, day, blocker, False)
    percent, op = (share.value, share.op) if share else (_ratio(count), None)
    done, total = (count.done, count.total) if count else (None, None)
    return Evidence(found, percent, op, done, total, day, blocker, unchanged)


def _ratio(count: Count | None) -> float | None:
    """Half up, and never 100 while something is left."""
    if count is None or not count.total:
        return None
    percent = (200 * count.done + count.total) // (2 * count.total)
    return min(percent, 99) if count.done < count.total else 100


def _share(own: list[Statement], nth: int | None) -> Percent | None:
    """The share that stands for the task: the overall one, else the first."""
    shares = [(one, share) for one in own for share in one.percents_now]
    if nth is not None and nth < len(shares):
        return shares[nth][1]
    overall = [share for one, share in shares if _OVERALL.search(one.part.text)]
    return next(iter(overall), shares[0][1] if shares else None)


def _count(own: list[Statement], task: TaskEntry | None) -> Count | None:
    allowed = counts.allowed_kinds(task.metric, task.standard) if task else counts.ANY
    if not allowed:
        return None
    text = ",".join(one.part.countable for one in own)
    ordinal = counts.find_ordinal(text, allowed) if task and task.metric == "count" else None
    return counts.find_count(text, allowed) or ordinal


def _status(
    own: list[Statement], matter: Matter, today: date, share: Percent | None, count: Count | None, *, extension: bool
) -> Status | None:
    if share is None and count is None and any(one.cues.not_applicable for one in own):
        return Status.NOT_APPLICABLE
    if _is_unbegun(own, share, count):
        return Status.NOT_STARTED
    moving = share is not None or count is not None or any(is_plan(one, today) and one.part.dates for one in own)
    stuck = any(one.cues.weak_block for one in own) and not extension
    resumed = any(status.RESUMED.search(one.part.text) for one in own)
    if (any(one.cues.blocked for one in own) and not resumed) or (stuck and not moving):
        return Status.BLOCKED
    still = _is_open(own, today, share, count)
    if share is not None:
        full = share.value >= 100 and share.op is None and not still
        return Status.DONE if full and not _only_part(own, matter) else Status.IN_PROGRESS
    if not still and _is_complete(own, matter, today, count):
        return Status.DONE
    said = count is not None or still or any(_says_progress(one) for one in own)
    return Status.IN_PROGRESS if said else None


def _states(one: Statement, today: date) -> bool:
    """Whether a clause of a request says how far the work itself is, not only what hinders it."""
    cues = one.cues
    negated = cues.negated and not narrows(_before(one, status.NEGATED))
    return negated or cues.nearly or cues.going or (cues.done and not is_plan(one, today))


def _is_unbegun(own: list[Statement], share: Percent | None, count: Count | None) -> bool:
    if share is not None:
        return share.value == 0
    if count is not None:
        return count.done == 0
    return any(one.cues.not_started and not narrows(_before(one, status.NOT_STARTED)) for one in own)


def _before(one: Statement, pattern: re.Pattern[str]) -> str:
    found = pattern.search(one.part.blanked)
    return one.part.blanked[: found.start()].rpartition("■")[2] if found else ""


def _is_open(own: list[Statement], today: date, share: Percent | None, count: Count | None) -> bool:
    """Whether something is said to be still to do."""
    if count is not None and count.total is not None and count.done < count.total:
        return True
    for one in own:
        cues = one.cues
        if cues.evidence_note:
            continue
        if cues.negated or cues.nearly or cues.going or cues.remain or cues.unsure or cues.weak_block:
            return True
        if is_plan(one, today) and status.FINISH.search(one.part.blanked):
            return True
    return False


def is_plan(one: Statement, today: date) -> bool:
    """Whether a clause promises: by its words, or by a day to come without a word that the thing is done."""
    text = one.part.text
    settled = bool(_SETTLED.search(text.replace("就行了", "")))
    if one.cues.planned or any(day.ahead is None and day.behind is None for day in one.part.dates):
        return not re.search(r"已经?(?!计划|安排|定|准备)", text)
    days = [day for day in one.part.dates if day.ahead]
    if any(day.ahead and day.ahead > today for day in days):
        return not settled or bool(re.search(r"[前内]", text) and not re.search("已", text))
    return any(day.ahead == today for day in days) and not settled and not _EARLY_TODAY.search(text)


def _claims_whole(one: Statement, matter: Matter, today: date, count: Count | None) -> bool:
    cues = one.cues
    if cues.negated or cues.nearly or cues.unsure or cues.evidence_note or is_plan(one, today):
        return False
    if count is not None and not _ALL.search(one.part.text):
        return False
    return claim(one.part.blanked, matter.task, matter.steps).whole


def _is_complete(own: list[Statement], matter: Matter, today: date, count: Count | None) -> bool:
    if any(_claims_whole(one, matter, today, count) for one in own):
        return True
    settled = [one for one in own if not is_plan(one, today)]
    reached = frozenset(step for one in settled for step in claim(one.part.blanked, matter.task, matter.steps).steps)
    if matter.steps and reached == frozenset(matter.steps):
        return True
    parts = any(claim(one.part.blanked, matter.task, matter.steps).part for one in settled)
    return not matter.steps and count is None and not parts and any(one.cues.cleared for one in settled)


def _only_part(own: list[Statement], matter: Matter) -> bool:
    return any(one.percents_now and claim(one.part.blanked, matter.task, matter.steps).part for one in own)


def _says_progress(one: Statement) -> bool:
    cues = one.cues
    shares = any(share.role in {Role.CHANGE, Role.OLD, Role.PLAN, Role.OTHER} for share in one.part.percents)
    return shares or cues.done or cues.acted or cues.going or cues.moving or cues.cleared or cues.not_started


def _may_block(one: Statement, today: date) -> bool:
    return not one.cues.evidence_note and not (
        one.cues.done and not one.cues.remain and not one.cues.negated and is_plan(one, today)
    )
