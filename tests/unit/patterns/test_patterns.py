"""No words keep a pattern busy: every pattern of the packages is looked at, and attacked with the longest message."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.patterns.ambiguity import power, twice
from tests.unit.patterns.automaton import draw
from tests.unit.patterns.collect import list_patterns

ROOT = Path(__file__).parents[3]
# Far more than all attacks take together; a pattern that runs away takes years.
WATCH = 600.0

TWO_WAYS = [
    "(a|ab|b)*",
    "(x*)*",
    "(x+)+y",
    "(?:a(?:x?|y?))*b",
    "(?:a?b?)*c",
    "(?:有个?|到|达到?){0,20}$",
    "x(?=(?:a|a)*b)",
    "(?:主要|主要是|是)+$",
    "(?>(?:a|aa)*b)",
]
ONE_WAY = [
    "(?:ab|c)*",
    r"(?:\d+,)+",
    "(?:a|ab|b)*+$",
    "(?:a|b)?(?:a|b)?",
    "(?:有个?|到|达到?){0,4}$",
    "(?:x{3})+y",
    "a*b",
]
POWERS = [("a*", 1), ("a*b*", 1), ("a*a*", 2), (r"\s*x?\s*y", 2), (r"\s*x\s*y", 1), (".*a.*b.*", 3), ("a*+a*", 1)]


@pytest.mark.parametrize("pattern", TWO_WAYS)
def test_a_repeat_that_cuts_a_word_in_two_ways_is_noticed(pattern: str) -> None:
    assert any(twice(found) is not None for found in draw(re.compile(pattern)))


@pytest.mark.parametrize("pattern", ONE_WAY)
def test_a_repeat_that_cuts_every_word_in_one_way_is_left_alone(pattern: str) -> None:
    assert [twice(found) for found in draw(re.compile(pattern))] == [None]


@pytest.mark.parametrize(("pattern", "expected"), POWERS)
def test_repeats_that_share_a_word_are_counted(pattern: str, expected: int) -> None:
    assert [power(found) for found in draw(re.compile(pattern))] == [expected]


def test_the_packages_patterns_are_found_wherever_they_are_kept() -> None:
    places = {found.place for found in list_patterns()}

    assert len(places) > 150
    assert "handlers.progress.language.percents._ROUGH_BEFORE" in places  # a name of a module
    assert "handlers.progress.language.counts._BOTH" in places  # in tuples
    assert any(place.startswith("handlers.progress.language.percents:") for place in places)  # in a call


def test_no_pattern_cuts_a_word_in_two_ways() -> None:
    words = {
        one.place: word for one in list_patterns() for found in draw(one.pattern) if (word := twice(found)) is not None
    }

    assert words == {}


def test_no_pattern_takes_the_third_power_of_a_texts_length() -> None:
    powers = {one.place: power(found) + (not one.is_anchored) for one in list_patterns() for found in draw(one.pattern)}

    assert {place: n for place, n in powers.items() if n > 2} == {}


def test_the_worst_words_of_the_longest_message_end() -> None:
    command = [sys.executable, "-m", "tests.unit.patterns.attack"]
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WATCH, check=False)
    except subprocess.TimeoutExpired as late:
        pytest.fail(f"runs away: {(late.stdout or b'').decode().splitlines()[-1:]}")

    assert (run.returncode, run.stdout.splitlines()[-1:]) == (0, ["done"]), run.stderr
