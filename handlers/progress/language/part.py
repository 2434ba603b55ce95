"""A clause of a message with everything it names."""

import re
from dataclasses import dataclass, replace

from handlers.progress.language import numerals
from handlers.progress.language.clauses import Clause
from handlers.progress.language.dates import DateMention
from handlers.progress.language.percents import Percent
from handlers.progress.language.tasks import How, TaskRef
from handlers.progress.language.units import UnitRef
from handlers.progress.language.voice import Voice

# Names that tell an amount (四个专题), and names that end in an act done so many times (大班额化解).
_AMOUNT_NAME = re.compile(rf"{numerals.WHOLE}\s*[个项次场条].{{0,2}}")
_ACT_NAME = re.compile(r"(?:化解|签订|发放|申报|推荐|征集|上报|劝返|验收|收缴)$")

Ref = TaskRef | UnitRef


@dataclass(frozen=True)
class Part:
    """A clause with what it names; positions are those of the whole text. `rivals` may be meant instead."""

    clause: Clause
    voice: Voice
    units: tuple[UnitRef, ...]
    tasks: tuple[TaskRef, ...]
    dates: tuple[DateMention, ...]
    percents: tuple[Percent, ...]
    blanked: str
    rivals: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.clause.text

    @property
    def countable(self) -> str:
        """The blanked text, but with what a name tells about amounts: 四个专题, 大班额化解 3 个."""
        base, text = self.clause.start, self.blanked
        for ref in self.tasks:
            name = self.clause.text[ref.start - base : ref.end - base]
            tail = _ACT_NAME.search(name)
            if tail:
                text = text[: ref.end - base - len(tail.group())] + tail.group() + text[ref.end - base :]
            if _AMOUNT_NAME.fullmatch(name):
                text = text[: ref.start - base] + name + text[ref.end - base :]
        return text

    def without(self, refs: tuple[TaskRef, ...]) -> "Part":
        """The part with some of its names read as ordinary words."""
        base, text, dropped = self.clause.start, self.blanked, frozenset(refs)
        for ref in refs:
            text = (
                text[: ref.start - base] + self.clause.text[ref.start - base : ref.end - base] + text[ref.end - base :]
            )
        return replace(self, tasks=tuple(ref for ref in self.tasks if ref not in dropped), blanked=text)

    def spelled(self) -> "Part":
        """The part with shared words readable again: they name a task, but also tell what was done."""
        base, text = self.clause.start, self.blanked
        for ref in self.tasks:
            if ref.how is How.WORD:
                text = (
                    text[: ref.start - base]
                    + self.clause.text[ref.start - base : ref.end - base]
                    + text[ref.end - base :]
                )
        return replace(self, blanked=text)

    def cut(self, start: int, end: int) -> "Part":
        """The piece between two positions of the whole text, with the names and amounts that begin in it."""
        base = self.clause.start
        return replace(
            self,
            clause=replace(self.clause, start=start, end=end, text=self.clause.text[start - base : end - base]),
            units=tuple(ref for ref in self.units if start <= ref.start < end),
            tasks=tuple(ref for ref in self.tasks if start <= ref.start < end),
            dates=tuple(day for day in self.dates if start <= day.start < end),
            percents=tuple(share for share in self.percents if start <= share.start < end),
            blanked=self.blanked[start - base : end - base],
        )

    def heading(self) -> "Part":
        """Only the names in it: what else it says does not count."""
        names = re.sub("[^■]", " ", self.blanked)
        return replace(self, clause=replace(self.clause, text=names), dates=(), percents=(), blanked=names)
