"""Cuts a message into clauses: what stands between two commas, colons, brackets or spaces."""

import re
from dataclasses import dataclass

from handlers.progress.language import numerals


@dataclass(frozen=True)
class Clause:
    """plain[start:end], without the mark that ends it.

    Clauses of one sentence share `sentence`, those of one line or list entry share `line`; `number` heads an entry.
    """

    start: int
    end: int
    text: str
    mark: str
    sentence: int
    line: int
    number: int | None


_NUMBERING = re.compile(
    r"(?:^|(?<=[\n;。,\s%!:]))(?:\(?(?P<a>\d{1,2})\)|(?P<b>\d{1,2})[.、](?!\d)|(?P<c>[①-⑳])"
    r"|(?P<d>[一二三四五六七八九十]{1,2})、(?![一二三四五六七八九十]))(?=\s*\S)"
)
_LINE_HEAD = re.compile(r"^(?P<a>)(?P<c>)(?P<d>)(?P<b>\d{1,2})\.(?=(?P<figure>\d{1,3}\s{0,2}[%成])?)", re.MULTILINE)
_MARK = re.compile(
    r"(?<!\d),|,(?!\d{3}(?!\d))|[;。!?\n|()]|(?<!\d):|:(?!\d)|(?<![\da-z])\.(?!\d)|\.(?=\s|$)|[…—]+|-{2,}"
    r"|(?<![a-z\d])\s+|\s+(?![a-z\d])|~{2,}|(?<=[^\s,。;])(?=但(?!愿|凡)|不过(?![关来去])|可是|然而)"
)
_SENTENCE_END = re.compile(r"[;。!?\n.…]")


def split(text: str) -> list[Clause]:
    clauses: list[Clause] = []
    sentence = 0
    for line, (begin, end, number) in enumerate(_entries(text)):
        at = begin
        for mark in [*_MARK.finditer(text, begin, end), None]:
            stop, sign = (mark.start(), mark.group().strip() or " ") if mark else (end, "")
            if body := text[at:stop].strip():
                start = text.index(body, at)
                clauses.append(Clause(start, start + len(body), body, sign, sentence, line, number))
            sentence += bool(_SENTENCE_END.match(mark.group() if mark else "\n"))
            at = mark.end() if mark else end
    return clauses


def _numbered_figures(text: str) -> list[re.Match[str]]:
    """Heads like 1. in 1.70% and 2.完成 on lines of their own, where 1.70 alone would be a number."""
    lines = list(_LINE_HEAD.finditer(text))
    counted = [int(found["b"]) for found in lines] == list(range(1, len(lines) + 1))
    return [found for found in lines if found["figure"]] if counted and len(lines) > 1 else []


def _entries(text: str) -> list[tuple[int, int, int | None]]:
    """The lines and list entries of a text, with the number that heads an entry."""
    heads: list[tuple[int, int, int | None]] = [(0, 0, None)]
    heads += [(found.end(), found.end(), None) for found in re.finditer("\n", text)]
    for found in (*_NUMBERING.finditer(text), *_numbered_figures(text)):
        group = next(name for name in "abcd" if found[name])
        value = found[group]
        number = ord(value) - ord("①") + 1 if group == "c" else numerals.parse_whole(value)
        heads.append((found.start(), found.end(), number))
    heads.sort(key=lambda head: (head[0], head[1]))
    ends = [head[0] for head in heads[1:]] + [len(text)]
    return [(begin, end, number) for (_, begin, number), end in zip(heads, ends, strict=True) if begin < end]
