"""Recognises task names that are misspelt: by sound, by one wrong character, or with characters left out."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handlers.progress.language.phonetic import sound


@dataclass(frozen=True)
class Misspelling:
    """`exact` in sound: every character is right or sounds right."""

    start: int
    end: int
    ids: tuple[str, ...]
    exact: bool


class Spelling:
    """The names of all tasks, found by how they sound."""

    def __init__(
        self, ids: Mapping[str, tuple[str, ...]], titles: Iterable[tuple[str, str]], words: Iterable[str]
    ) -> None:
        self._ids = ids
        self._titles = tuple(titles)
        self._words = tuple(words)
        self._by_sound: dict[str, set[str]] = {}
        for name in ids:
            for char in name:
                self._by_sound.setdefault(sound(char), set()).add(name)

    def closest(self, text: str) -> Misspelling | None:
        """The best misspelt name in a text that holds no correct one; None if two tasks fit equally well."""
        hits = Counter(name for heard in {sound(char) for char in text} for name in self._by_sound.get(heard, ()))
        near = [name for name, count in hits.items() if count >= max(2, len({sound(c) for c in name}) - 1)]
        best = [found for name in near if (found := self._place(name, text))]
        if not best:
            return None
        top = max(score for score, _ in best)
        places = [place for score, place in best if score == top]
        first = min(places, key=lambda place: (place.start, place.end))
        return first if len({place.ids for place in places}) == 1 else None

    def _place(self, name: str, text: str) -> tuple[tuple[bool, int], Misspelling] | None:
        """Where name may be meant: what sounds right beats what does not, then the longer match wins."""
        best: tuple[tuple[bool, int], Misspelling] | None = None
        for size in range(max(2, len(name) - 1), len(name) + 2):
            for start in range(len(text) - size + 1):
                window = text[start : start + size]
                how = likeness(name, window)
                if not how or (how == 1 and any(word in window and word not in name for word in self._words)):
                    continue
                rank = (how == 2 and size > 2, 2 * len(name) + how)
                if best is None or rank > best[0]:
                    best = rank, Misspelling(start, start + size, self._ids[name], how == 2)
        return best

    def shortened(self, text: str) -> Misspelling | None:
        """A title with characters left out: 校舍改造 for 校舍安全维修改造."""
        for size in range(min(8, len(text)), 3, -1):
            for start in range(len(text) - size + 1):
                window = text[start : start + size]
                fitting = [(task, title) for task, title in self._titles if _left_out(window, title)]
                first = {task for task, title in fitting if title.startswith(window[0])}
                ids = first or {task for task, _ in fitting}
                if len(ids) == 1:
                    return Misspelling(start, start + size, (ids.pop(),), False)
        return None


def likeness(name: str, window: str) -> int:
    """2 if window sounds like name, 1 if one character is wrong, missing or too many, else 0."""
    if name == window:
        return 0
    if len(name) == len(window):
        return _substituted(name, window)
    if len(name) < 4 or {"\n", ","} & set(window):
        return 0
    longer, shorter = (name, window) if len(name) > len(window) else (window, name)
    return int(any(longer[:cut] + longer[cut + 1 :] == shorter for cut in range(1, len(longer) - 1)))


def _substituted(name: str, window: str) -> int:
    same = [a == b for a, b in zip(name, window, strict=True)]
    if sum(same) < 1:
        return 0
    alike = [a == b or sound(a) == sound(b) for a, b in zip(name, window, strict=True)]
    if all(alike):
        return 2 if 2 * sum(same) >= len(name) else 0
    # Of three characters only the middle one may be wrong: 承若书.
    long_enough = len(name) >= 4 or (len(name) == 3 and same[0] and same[2])
    return int(long_enough and sum(alike) == len(name) - 1 and sum(same) >= max(2, len(name) - 2))


def _left_out(window: str, title: str) -> bool:
    if window[0] not in title or window[-1] not in title:
        return False
    rest = iter(title)
    return all(char in rest for char in window)
