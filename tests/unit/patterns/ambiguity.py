"""Tells whether words can keep a pattern busy: by a loop that walks one in two ways, or by loops that share one.

A backtracking matcher takes exponential time where a word leads around a loop in two ways, and the power of their
number where several loops in a row can walk the same word; a search begins anew at every place, which is one power
more. What is looked ahead for is not considered, so the answer may be too strict, never too lax.
Source: Weideman, van der Merwe, Berglund, Watson, "Analyzing matching time behavior of backtracking regular expression
matchers by using ambiguity of NFA", CIAA 2016.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.unit.patterns.automaton import Automaton

Loop = frozenset[int]


def twice(found: Automaton) -> str | None:
    """Return a word that leads around a loop in two ways; None if there is none."""
    for loop in loops(found):
        for state in loop:
            doubled = [after for after, ways in found.follow[state].items() if after in loop and ways > 1]
            if doubled:
                return min(found.reads[doubled[0]], default="")
        if word := _parted(found, loop):
            return word
    return None


def _parted(found: Automaton, loop: Loop) -> str | None:
    """Return a word on which two walks in a loop part at one state and meet again."""
    left = [((state, state), "") for state in loop]
    seen: set[tuple[int, int]] = set()
    while left:
        (one, other), word = left.pop()
        for a, b, char in _steps(found, one, other, loop):
            if a == b:
                return word + char
            if (a, b) not in seen:
                seen.add((a, b))
                left.append(((a, b), word + char))
    return None


def _steps(found: Automaton, one: int, other: int, loop: Loop) -> Iterator[tuple[int, int, str]]:
    """Yield where two walks may go by one character; from one state only apart."""
    for a in _within(found, one, loop):
        for b in _within(found, other, loop):
            shared = found.reads[a] & found.reads[b]
            if shared and not (one == other and a == b):
                yield a, b, min(shared)


def power(found: Automaton) -> int:
    """Return how many loops in a row can walk the same word; 0 if there is no loop."""
    known = loops(found)
    reach = [_reachable(found, loop) for loop in known]
    chained = [
        [j for j, other in enumerate(known) if j != i and other & reach[i] and _share(found, loop, other)]
        for i, loop in enumerate(known)
    ]

    def longest(i: int) -> int:
        return 1 + max(map(longest, chained[i]), default=0)

    return max(map(longest, range(len(known))), default=0)


def _share(found: Automaton, one: Loop, other: Loop) -> bool:
    """Whether a word goes around one loop, from it into the other, and around the other."""
    return any(_walks(found, one, other, p, q) for p in one for q in other)


def _walks(found: Automaton, one: Loop, other: Loop, p: int, q: int) -> bool:
    left, seen = [(p, p, q)], {(p, p, q)}
    while left:
        x, y, z = left.pop()
        for a in _within(found, x, one):
            for c in _within(found, z, other):
                both = found.reads[a] & found.reads[c]
                for b in found.follow[y] if both else ():
                    if not both & found.reads[b] or (a, b, c) in seen:
                        continue
                    if (a, b, c) == (p, q, q):
                        return True
                    seen.add((a, b, c))
                    left.append((a, b, c))
    return False


def loops(found: Automaton) -> list[Loop]:
    """Return the sets of states that lead back to one another, by Kosaraju's two passes."""
    states = range(len(found.reads))
    back: dict[int, list[int]] = {state: [] for state in states}
    for state in states:
        for after in found.follow[state]:
            back[after].append(state)
    left, sets = dict.fromkeys(_finished(found)), []
    while left:
        head, _ = left.popitem()
        members, todo = {head}, [head]
        while todo:
            for before in back[todo.pop()]:
                if before in left:
                    del left[before]
                    members.add(before)
                    todo.append(before)
        sets.append(frozenset(members))
    return [one for one in sets if len(one) > 1 or any(state in found.follow[state] for state in one)]


def _finished(found: Automaton) -> Iterator[int]:
    """Yield the states in the order in which a walk in depth is done with them."""
    seen: set[int] = set()
    for root in range(len(found.reads)):
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(found.follow[root]))]
        while path:
            state, afters = path[-1]
            after = next((after for after in afters if after not in seen), None)
            if after is None:
                path.pop()
                yield state
            else:
                seen.add(after)
                path.append((after, iter(found.follow[after])))


def _within(found: Automaton, state: int, loop: Iterable[int]) -> list[int]:
    return [after for after in found.follow[state] if after in loop]


def _reachable(found: Automaton, start: Loop) -> set[int]:
    seen, left = set(start), list(start)
    while left:
        for after in found.follow[left.pop()]:
            if after not in seen:
                seen.add(after)
                left.append(after)
    return seen
