"""The share and the count that a segment states for its task."""

import re
from dataclasses import dataclass
from datetime import date

from handlers.progress.language import counts
from handlers.progress.language.counts import Count
from handlers.progress.language.percents import Percent, Role
from handlers.progress.language.plan import done_words
from handlers.progress.language.scope import Matter, names_part
from handlers.progress.language.segments import Statement

_BARE = re.compile(r"^[^一-龥]*■+\s*(?:已|到|完成|现在?|目前)*\s*([1-9]\d{1,2})\W*$")
_LATELY = re.compile(r"[今昨][天日早晚]|[本这]周|这[两几]天|上午|下午|中午")
_COUNTED = re.compile(r"[一-龥]了\s{0,2}[\d一二两三四五六七八九十]")
_SUMMED = re.compile(r"累计|共[^,]{0,4}[一-龥][了过]")
OVERALL = re.compile(r"总体|整体|总进度|累计|综合|平均|完成进度|总的?")


@dataclass(frozen=True)
class Figures:
    """`share` stands for the task; `shares` are all that were stated for it, of parts too.

    `lately`: what was counted is told of a day or week, so it may be what came to those done before.
    """

    share: Percent | None
    shares: tuple[Percent, ...]
    count: Count | None
    lately: bool = False

    @property
    def stated(self) -> bool:
        return self.share is not None or self.count is not None

    @property
    def percent(self) -> float | None:
        """As stated, else worked out of the count: half up, and never 100 while something is left."""
        if self.share:
            return self.share.value
        if self.count is None or not self.count.total:
            return None
        percent = (200 * self.count.done + self.count.total) // (2 * self.count.total)
        return min(percent, 99) if self.is_short else 100

    @property
    def op(self) -> str | None:
        return self.share.op if self.share else None

    @property
    def is_short(self) -> bool:
        """Whether fewer are done than there are."""
        return self.count is not None and self.count.total is not None and self.count.done < self.count.total

    @property
    def is_full(self) -> bool:
        return bool(self.shares) and all(share.value >= 100 and share.op is None for share in self.shares)

    @property
    def is_nothing(self) -> bool:
        if self.share:
            return self.share.value == 0
        return self.count is not None and self.count.done == 0


def read(own: list[Statement], matter: Matter, nth: int | None, today: date) -> Figures:
    """`nth` picks one of several shares that are listed for as many tasks or units."""
    stated = [(one, share) for one in own for share in one.percents_now]
    count = _count(own, matter, today, beside_share=bool(stated))
    if nth is not None and nth < len(stated):
        share = stated[nth][1]
        return Figures(share, (share,), count)
    shares = tuple(share for _, share in stated) or (_bare(own) if count is None and _in_percent(matter) else ())
    if not stated and shares:
        return Figures(shares[0], shares, None)
    summed = any(_SUMMED.search(one.part.text) for one in own)
    lately = count is not None and not stated and not summed and any(map(_tells_of_late, own))
    return Figures(_share(stated, matter), shares, count, lately)


def _tells_of_late(one: Statement) -> bool:
    """Whether a clause counts what was done within a day or week: 今天走了5户."""
    return bool(_LATELY.search(one.part.text)) and bool(_COUNTED.search(one.part.blanked))


def _in_percent(matter: Matter) -> bool:
    return matter.task is not None and matter.task.metric == "percent"


def _bare(own: list[Statement]) -> tuple[Percent, ...]:
    """消防90: a number alone beside the name of a task that is measured in percent."""
    found = (_BARE.match(one.part.blanked) for one in own if one.part.tasks)
    return tuple(
        Percent(0, 0, float(number[1]), None, Role.NOW) for number in found if number and int(number[1]) <= 100
    )


def _share(stated: list[tuple[Statement, Percent]], matter: Matter) -> Percent | None:
    """The overall share, else the first; of several the first that is no part's. 100 % of a part tells nothing."""
    if len(stated) > 1 or any(share.value >= 100 for _, share in stated):
        stated = [(one, share) for one, share in stated if not names_part(one.part.blanked, matter.steps)]
    overall = [share for one, share in stated if OVERALL.search(one.part.text)]
    return next(iter(overall), stated[0][1] if stated else None)


def _count(own: list[Statement], matter: Matter, today: date, *, beside_share: bool) -> Count | None:
    allowed, text = _allowed(matter), _countable(own)
    if not allowed:
        return None
    # Beside a share, what was done lately is what came to it: 今天走了5户,到76%了.
    done = [one for one in own if not (beside_share and _LATELY.search(one.part.text))]
    told = ",".join(said for one in done if (said := done_words(one, today).strip()))
    ordinal = counts.find_ordinal(told, allowed) if matter.task and matter.task.metric == "count" else None
    return counts.find_count(text, told, allowed) or ordinal


def counts_differ(own: list[Statement], matter: Matter) -> bool:
    """Whether the numbers of things done, left and altogether cannot all hold."""
    allowed = _allowed(matter)
    open_ended = matter.task is not None and matter.task.metric == "count"
    return bool(allowed) and counts.is_contradictory(_countable(own), allowed, open_ended=open_ended)


def _allowed(matter: Matter) -> frozenset[str]:
    return counts.allowed_kinds(matter.task.metric, matter.task.standard) if matter.task else counts.ANY


def _countable(own: list[Statement]) -> str:
    return ",".join(said for one in own if (said := one.part.countable).strip())
