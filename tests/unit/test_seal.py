"""Sealed bodies, key rotation and the blind index."""

import pytest

from bot.errors import SealError
from bot.seal import Seal

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32


def test_a_sealed_value_opens_only_for_its_own_row() -> None:
    seal = Seal([NEW], INDEX)
    sealed = seal.close("孩子被打".encode(), "row-1")

    assert seal.open(sealed, "row-1").decode() == "孩子被打"
    with pytest.raises(SealError):
        seal.open(sealed, "row-2")


def test_a_changed_value_does_not_open() -> None:
    seal = Seal([NEW], INDEX)
    sealed = bytearray(seal.close(b"x", "row"))
    sealed[-1] ^= 1

    with pytest.raises(SealError):
        seal.open(bytes(sealed), "row")


def test_old_keys_still_open_and_are_told_apart() -> None:
    sealed = Seal([OLD], INDEX).close(b"x", "row")
    both = Seal([NEW, OLD], INDEX)

    assert both.open(sealed, "row") == b"x"
    assert not both.is_current(sealed)
    assert both.is_current(both.close(b"x", "row"))
    with pytest.raises(SealError):
        Seal([NEW], INDEX).open(sealed, "row")


def test_equal_values_are_sealed_differently_and_blinded_alike() -> None:
    seal = Seal([NEW], INDEX)

    assert seal.close(b"x", "row") != seal.close(b"x", "row")
    assert seal.blind("p-s13-1") == seal.blind("p-s13-1")
    assert seal.blind("p-s13-1") != Seal([NEW], b"j" * 32).blind("p-s13-1")


@pytest.mark.parametrize("keys", [[], [b"short"]])
def test_bad_keys_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Seal(keys, INDEX)


def test_keys_are_told_by_ids_that_begin_every_value() -> None:
    both = Seal([NEW, OLD], INDEX)

    assert both.key_ids == (*Seal([NEW], INDEX).key_ids, *Seal([OLD], INDEX).key_ids)
    assert {len(key) for key in both.key_ids} == {8}
    assert both.close(b"x", "row").startswith(both.head)
    assert both.head[1:].hex() == both.key_ids[0]
    assert not Seal([OLD], INDEX).close(b"x", "row").startswith(both.head)


def test_a_derived_key_belongs_to_its_purpose_and_to_the_index_key() -> None:
    key = Seal([NEW], INDEX).derive("audit chain")

    assert len(key) == 32
    assert key == Seal([OLD], INDEX).derive("audit chain")
    assert len({key, INDEX, Seal([NEW], INDEX).derive("other"), Seal([NEW], NEW).derive("audit chain")}) == 4
