"""Reads ①, 第二项 or a leading "2." as the line of the prompt that a message answers; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_WRITTEN = "一二三四五六七八九十"
_QUOTED_LINE = re.compile(rf"^\s{{0,8}}([{CIRCLED}])\s{{0,8}}(T\d{{1,4}})\b(.*)$", re.MULTILINE)
# What makes a number stand for a line is that a figure or a state follows it, and no name of a task.
_FOLLOWS = (
    r"(?=\s{0,8}[::,,]?\s{0,8}(?:已|没|未|无|不变|还|都|到|大概|大约|约|基本|差不多|完|办|做|进|\d|百分|过?半"
    r"|[一二三四五六七八九]成))"
)
_ORDINAL = re.compile(
    rf"([{CIRCLED}])[.、]?{_FOLLOWS}"
    rf"|第\s{{0,8}}(\d{{1,2}}|[{_WRITTEN}])\s{{0,8}}[项条个]{_FOLLOWS}"
    rf"|(?:^|(?<=\n))\s{{0,8}}(\d{{1,2}})\s{{0,8}}[.、](?!\d+[%.]){_FOLLOWS}",
)


_SEGMENT_END = re.compile(rf"[\n;;。]|[{CIRCLED}]|第\s{{0,8}}(?:\d{{1,2}}|[{_WRITTEN}])\s{{0,8}}[项条个]")


@dataclass(frozen=True, slots=True)
class Asked:
    """One numbered line of a prompt: a task of a unit."""

    unit: str
    task: str


def has_numbers(text: str) -> bool:
    """Whether anything in text may stand for a line of a prompt."""
    return _ORDINAL.search(text) is not None


def read_quote(quote: str, own: str, others: Mapping[str, str]) -> list[Asked]:
    """Return the numbered lines of a quoted prompt; others maps the names of units it may name to their ids."""
    found: list[Asked] = []
    for match in _QUOTED_LINE.finditer(quote):
        if CIRCLED.index(match[1]) != len(found):
            return []
        unit = next((id for name, id in others.items() if name in match[3]), own)
        found.append(Asked(unit, match[2]))
    return found


def name_lines(
    text: str, lines: Sequence[Asked], own: str, names: Mapping[str, str], names_task: Callable[[str], bool]
) -> str:
    """Return text with every number that stands for a line replaced by the line's unit and code.

    names maps unit ids to names; the own unit goes without saying. A number beyond the lines stays as it is, and so
    does 第12项 where the prompt has a T12: that is the code. names_task tells whether words name a task: a number
    before such words counts the sender's own list.
    """
    codes = {line.task for line in lines}

    def named(match: re.Match[str]) -> str:
        number = _number(next(group for group in match.groups() if group))
        following = _SEGMENT_END.split(text[match.end() :], maxsplit=1)[0]
        if names_task(following):
            return match.group()
        if number > len(lines) or (match[2] and f"T{number:02d}" in codes):
            return match.group()
        line = lines[number - 1]
        unit = "" if line.unit == own else names.get(line.unit, "")
        return f"{unit}{line.task} "

    return _ORDINAL.sub(named, text) if len(lines) > 1 else text


def _number(said: str) -> int:
    if said in CIRCLED:
        return CIRCLED.index(said) + 1
    return _WRITTEN.index(said) + 1 if said in _WRITTEN else int(said)
