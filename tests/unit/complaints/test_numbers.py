"""Numbers and query codes as they are given out, and as people type them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.seal import Seal
from handlers.complaints import numbers
from handlers.complaints.numbers import Serial

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
drawn = st.text(SIGNS, min_size=12, max_size=12)


def test_a_code_has_thirteen_signs_without_look_alikes_and_sixty_bits() -> None:
    codes = {numbers.new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {13}
    signs = {sign for code in codes for sign in code}
    assert signs == set(SIGNS)
    assert not signs & set("ILOU")
    assert 12 * math.log2(len(signs)) >= 60


@given(drawn, st.integers(0, 12), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_noticed(random: str, place: int, sign: str) -> None:
    code = random + numbers._check_sign(random)
    changed = code[:place] + sign + code[place + 1 :]
    assert (numbers.read_code(changed) is None) == (changed != code)


@given(drawn, st.integers(0, 12), st.integers(0, 12))
def test_two_swapped_signs_are_noticed(random: str, one: int, other: int) -> None:
    code = random + numbers._check_sign(random)
    signs = list(code)
    signs[one], signs[other] = signs[other], signs[one]
    swapped = "".join(signs)
    assert (numbers.read_code(swapped) is None) == (swapped != code)


@given(drawn)
def test_a_code_is_read_as_people_type_it(random: str) -> None:
    code = random + numbers._check_sign(random)
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]} ".replace("0", "O").replace("1", "l").replace("V", "u")
    assert numbers.read_code(typed) == code
    assert numbers.read_code("".join(chr(ord(sign) + 0xFEE0) for sign in code)) == code


@pytest.mark.parametrize("text", ["", "ABC", "1" * 14, "你好" * 7, "0" * 12 + "1", "000000000000\x00"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert numbers.read_code(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("区教诉〔2026〕000123号", Serial(2026, 123)),
        ("区教诉[2026]123", Serial(2026, 123)),
        ("区教诉（2026）000123号", Serial(2026, 123)),
        ("2026-123", Serial(2026, 123)),
        ("２０２６ 000123 号", Serial(2026, 123)),
        ("2026年第123号", Serial(2026, 123)),
        ("123", Serial(0, 123)),
        ("第123号", Serial(0, 123)),
        ("000123", Serial(0, 123)),
        ("", None),
        ("0", None),
        ("2026-0", None),
        ("一百二十三", None),
        ("1234567890123", None),
        ("区教诉", None),
    ],
)
def test_a_number_is_read_as_people_type_it(text: str, meant: Serial | None) -> None:
    assert numbers.read_number(text) == meant


@given(st.integers(2020, 2099), st.integers(1, 999_999))
def test_a_number_that_is_given_is_read_back(year: int, serial: int) -> None:
    assert numbers.read_number(numbers.number_of("区教诉", year, serial)) == Serial(year, serial)


def test_a_digest_is_of_one_case_and_one_key() -> None:
    one, other = Seal([b"k" * 32], b"i" * 32), Seal([b"k" * 32], b"j" * 32)
    digests = {numbers.digest(seal, case, "0" * 13) for seal in (one, other) for case in ("a", "b")}
    assert len(digests) == 4
