"""Decides the status that the clauses about one task add up to (supervision-domain.md, section 6, rule 4)."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from handlers.progress.language import status
from handlers.progress.language.blocker import find_blocker
from handlers.progress.language.figures import Figures
from handlers.progress.language.model import Status
from handlers.progress.language.percents import Role
from handlers.progress.language.pieces import HAS_COUNT
from handlers.progress.language.plan import is_plan
from handlers.progress.language.scope import Matter, claim, narrows
from handlers.progress.language.segments import Statement

_ALL = re.compile(r"全|都|均|所有")

# Words that hold something back, whatever it is; a claim of completion beside them is not taken at its word.
_RESERVE = re.compile(
    r"没|未|无法|差[^错异]|剩|欠[^费]|缺[^席勤]|待|除[^了险隐错夕]|只是|就是|不过[^关]|但|可惜|其余|个别|部分|多数|大概|可能"
    r"|再[^次也无没有]|还[要得需差有剩没是在]|等[^等级次。,]|尚|暂|仍|余下|落下|漏[^水雨]|返工|重新|回头|明[天早]|后天|下周|下个?月|下一步|准备|打算|争取|抓紧|尽快"
)
# 完成2.5户, 走完十几户: so many are done, though nobody can tell how many that is.
_SOME = re.compile(
    r"完[成毕]?了?\s{0,2}(?:大?约)?(?![一1][次轮遍])[\d一二两三四五六七八九十百几][\d.点多来余几十百千万]{0,6}\s{0,2}"
    r"[人名户项条个次节处台辆间份件场万]"
)
_DUE = re.compile(r"[实已][一-龥]{1,3}\s{0,2}[\d一二两三四五六七八九十]")
_SETTLED_TALK = re.compile(
    r"没问题|没毛病|没得说|没什么|没有?[零0]|未来|除了?隐患|消除|清除|排除|解除|无一?遗漏|没落下|没漏|一个没|没有任何|没再"
)


@dataclass(frozen=True)
class Case:
    """The clauses about one task, in order, with the figures they state."""

    own: list[Statement]
    matter: Matter
    today: date
    figures: Figures

    def status(self, *, extension: bool) -> Status | None:
        """None if nothing is said about the state; in an extension obstacles alone say nothing about it."""
        found = self._found(extension=extension)
        if found is Status.DONE and (self._is_hindered() or self._leaves_doubt()):
            found = Status.IN_PROGRESS
        silent = not self.figures.stated and not any(self._states(one) for one in self.own)
        return None if extension and found is Status.IN_PROGRESS and silent else found

    @cached_property
    def finished(self) -> list[Statement]:
        """The clauses that claim the whole task done."""
        return [one for one in self.own if self._claims_whole(one)]

    def done_clauses(self) -> list[Statement]:
        """The clauses whose day may be the day of completion."""
        finished = self._places(self.finished)
        return [one for place, one in enumerate(self.own) if place in finished or one.cues.cleared or one.percents_now]

    def _places(self, some: list[Statement]) -> frozenset[int]:
        """Where some of the clauses stand among all, told by identity: comparing long clauses takes long."""
        wanted = {id(one) for one in some}
        return frozenset(place for place, one in enumerate(self.own) if id(one) in wanted)

    def _found(self, *, extension: bool) -> Status | None:
        if not self.figures.stated and any(map(self._is_absent, self.own)):
            return Status.NOT_APPLICABLE
        if self.figures.is_nothing or (not self.figures.stated and any(map(_is_unbegun, self.own))):
            return Status.NOT_STARTED
        if self._is_blocked(extension=extension):
            return Status.BLOCKED
        still_open = self.figures.is_short or any(self._is_open(one) for one in self.own)
        if self.figures.share:
            return Status.DONE if self.figures.is_full and not still_open else Status.IN_PROGRESS
        if not still_open and self._is_complete():
            return Status.DONE
        said = (
            bool(self.figures.stated or self.figures.shares)
            or still_open
            or any(_says_progress(one) for one in self.own)
        )
        return Status.IN_PROGRESS if said else None

    def _is_blocked(self, *, extension: bool) -> bool:
        """Work that cannot go on. A mere 没法 counts only where nothing else shows that work moves."""
        after = max(self._places(self.finished), default=-1) + 1
        resumed = any(status.RESUMED.search(one.part.text) for one in self.own)
        if any(one.cues.blocked for one in self.own[after:]) and not resumed:
            return True
        moving = self.figures.stated or any(is_plan(one, self.today) and one.part.dates for one in self.own)
        return not moving and not extension and any(one.cues.weak_block for one in self.own)

    def _is_open(self, one: Statement) -> bool:
        """Whether a clause says that something is still to do."""
        cues = one.cues
        if cues.evidence_note:
            return False
        if cues.negated or cues.nearly or cues.going or cues.remain or cues.unsure or cues.weak_block:
            return True
        return is_plan(one, self.today) and bool(status.FINISH.search(one.part.blanked))

    def _claims_whole(self, one: Statement) -> bool:
        cues = one.cues
        if cues.negated or cues.nearly or cues.unsure or cues.evidence_note or is_plan(one, self.today):
            return False
        if _SOME.search(one.part.blanked):
            return False
        if self.figures.count is not None and HAS_COUNT.search(one.part.blanked) and not _ALL.search(one.part.text):
            return False
        return claim(one.part.blanked, self.matter).whole

    def _is_complete(self) -> bool:
        """Claimed whole, or by all its steps, or by there being nothing left of what must go."""
        if self.finished:
            return True
        claims = [claim(one.part.blanked, self.matter) for one in self.own if not is_plan(one, self.today)]
        reached = frozenset(step for one in claims for step in one.steps)
        if self.matter.steps:
            return reached == frozenset(self.matter.steps)
        cleared = any(one.cues.cleared for one in self.own if not is_plan(one, self.today))
        return cleared and self.figures.count is None and not any(one.part for one in claims)

    def _is_hindered(self) -> bool:
        """Whether an obstacle is named after the claim that all is done: 已竣工,等验收."""
        after = max(self._places(self.done_clauses()), default=len(self.own)) + 1
        later = [one.span for one in self.own[after:] if not one.cues.evidence_note and not one.cues.cleared]
        return find_blocker(later, self.matter.words, any_reason=False) is not None

    def _is_absent(self, one: Statement) -> bool:
        """Whether a clause says that there is no such thing here; 没有 alone does only as the whole answer."""
        return one.cues.not_applicable and (len(self.own) == 1 or not re.fullmatch(r"\W*(?:无|没有)\W*", one.part.text))

    def _leaves_doubt(self) -> bool:
        """Whether words after a claim that all is done hint, in whatever form, at something left to do."""
        first = min(self._places(self.done_clauses()), default=0)
        later = [one for one in self.own[first:] if not one.cues.evidence_note]
        return any(_RESERVE.search(_settled(one.part.text)) for one in later)

    def _states(self, one: Statement) -> bool:
        """Whether a clause of a request says how far the work itself is, not only what hinders it."""
        cues = one.cues
        negated = cues.negated and not narrows(_before(one, status.NEGATED))
        going = cues.going and not narrows(_before(one, status.GOING))
        return negated or cues.nearly or going or (cues.done and not is_plan(one, self.today))


def _settled(text: str) -> str:
    """The text without the words that say there is nothing left or wrong."""
    return _SETTLED_TALK.sub("", status.CLEARED.sub("", status.NONE_UNDONE.sub("", text)))


def _is_unbegun(one: Statement) -> bool:
    return one.cues.not_started and not narrows(_before(one, status.NOT_STARTED))


def _before(one: Statement, pattern: re.Pattern[str]) -> str:
    """The words between the last name and what the pattern finds: the thing it is said of."""
    found = pattern.search(one.part.blanked)
    return one.part.blanked[: found.start()].rpartition("■")[2] if found else ""


def _says_progress(one: Statement) -> bool:
    cues = one.cues
    if cues.unchanged:
        return False
    shares = any(share.role in {Role.CHANGE, Role.OLD, Role.PLAN, Role.OTHER} for share in one.part.percents)
    meant = cues.planned and bool(one.part.tasks) and bool(status.FINISH.search(one.part.blanked))
    if meant or shares or _DUE.search(one.part.blanked):
        return True
    return cues.done or cues.acted or cues.going or cues.moving or cues.cleared or cues.not_started
