"""Which schools a text names: official names, everyday short names, and candidates where a short name is shared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from handlers.complaints.language.model import SchoolRef
from handlers.complaints.language.simplified import simplify
from handlers.progress.language.lexicon import SECTION, Lexicon, Names
from handlers.progress.language.normalise import normalise
from handlers.progress.language.units import is_name

# A district's short name before 区, as schools are called by it: 清河一小 for 云州市清河区第一小学.
_DISTRICT = re.compile(r"^(?:[^市]{1,6}市)?(?P<short>[^区县市旗]{1,6})[区县市旗]")

# A day that is whole, with which a name may run together, and what a school's name never stands before.
_DAY = re.compile(r"(?:(?:周|星期|礼拜)[一二三四五六日天]|\d[号日])$")
_SMALL = re.compile(r"长假|雨|雪|朋友|孩|伙|块|学部|队|学期|学年")
_NEAR = 40
# Said right behind a school of which nothing is complained.
_CLEARED = re.compile(
    r"(?:[那这](?:边|里)|的?(?:老师|家长|学生|孩子))?(?:倒是?|就|都|可|也|从来|目前|其实|根本|完全)*"
    r"(?:没有?(?:发生|出)?过?这(?:种|样|个|回|些|类|码)?的?(?:事|情|现象|问题|做法)|不这[样么]|不存在这)"
    r"(?!.{0,8}(?:吗|么|才怪|[?？]))"
)


@dataclass(frozen=True)
class SchoolLexicon:
    """The names of a district's schools: each name or alias with the official names it may mean."""

    names_of: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls, schools: Iterable[tuple[str, Iterable[str]]], shared: Mapping[str, tuple[str, ...]] | None = None
    ) -> SchoolLexicon:
        """Build from (official name, aliases), and aliases known to be shared with the names they may mean.

        An alias that two schools have is shared; an official name always means its own school.
        """
        rows = [(name, tuple(aliases)) for name, aliases in schools]
        found: dict[str, dict[str, None]] = {}
        for name, aliases in rows:
            for alias in aliases:
                found.setdefault(alias, {})[name] = None
        for alias, names in (shared or {}).items():
            found.setdefault(alias, {}).update(dict.fromkeys(names))
        for name, _ in rows:
            found[name] = {name: None}
        return cls({alias: tuple(names) for alias, names in found.items() if alias})

    @classmethod
    def from_file(cls, data: Mapping[str, Any]) -> SchoolLexicon:
        """Build from a district file, or from the plain form {"district", "schools": [{name, aliases, kind}]}."""
        rows = [(row["name"], row.get("aliases", ())) for row in data.get("schools", ())]
        by_id = {row["id"]: row["name"] for row in data.get("schools", ()) if "id" in row}
        shared = {
            alias: tuple(by_id[one] for one in ids if one in by_id)
            for alias, ids in data.get("ambiguous_unit_aliases", {}).items()
        }
        return cls.of(rows, {alias: names for alias, names in shared.items() if names})

    @classmethod
    def from_units(cls, lexicon: Lexicon) -> SchoolLexicon:
        """Build from the district's lexicon of units, without its sections."""
        schools = [unit for unit in lexicon.units if unit.kind != SECTION]
        names = {unit.id: unit.name for unit in schools}
        shared = {
            alias: tuple(names[one] for one in ids if one in names) for alias, ids in lexicon.ambiguous_units.items()
        }
        return cls.of(
            [(unit.name, unit.aliases) for unit in schools], {alias: found for alias, found in shared.items() if found}
        )

    @cached_property
    def names(self) -> Names:
        """The index of all names, by their simplified, half-width spelling."""
        folded: dict[str, tuple[str, ...]] = {}
        for alias, found in self.names_of.items():
            folded[_fold(alias)] = found
        return Names(folded)

    def mask(self, plain: str) -> str:
        """Blank the schools in a text that reading.read gives, so that 金太阳 is no sun; the length stays."""
        chars = list(plain)
        for start, name in self.names.all(plain):
            end = start + len(name)
            if _stands(plain, start, end):
                chars[start:end] = "☐" * (len(name) - 1) + "校"
        return "".join(chars)


def _stands(plain: str, start: int, end: int) -> bool:
    """Whether plain[start:end] names a school: in 上周五一小 the day is whole before it, in 周一小学部 it is not."""
    if is_name(plain, start, end):
        return True
    if not _DAY.search(plain[max(0, start - 4) : start]) or _SMALL.match(plain, end):
        return False
    return is_name(plain[start : end + _NEAR], 0, end - start)


def _fold(name: str) -> str:
    return simplify(normalise(name, "小督").plain)


def find_schools(text: str, lexicon: SchoolLexicon) -> tuple[SchoolRef, ...]:
    """Return the places that name a school, in order; a longer name wins over a shorter one inside it."""
    normal = normalise(text, "小督")
    plain = simplify(normal.plain)
    found = []
    for start, name in lexicon.names.all(plain):
        end = start + len(name)
        if _stands(plain, start, end):
            begin, last = normal.origin[start], normal.origin[end - 1] + 1
            is_cleared = bool(_CLEARED.match(plain, end))
            found.append(SchoolRef(begin, last, lexicon.names.ids[name], is_cleared))
    return tuple(found)
