"""Each errcode of the reference (12.2) and its reaction."""

from __future__ import annotations

import pytest

from bot.channels.wecom.errcodes import failure_for
from bot.errors import Failure

LISTED = {
    Failure.BUSY: "-1 6000 45033 45035 95007",
    Failure.LIMITED: "45009",
    Failure.DOOR_DOWN: "40001 40091 40013 40056 40014 42001 41001 48001 48002 48004 48006 50003 60031 301002 48009 "
    "50001 80001 85004 85005 85008 60020 301042 95000 95004 60252 65014 65022 65023 65024",
    Failure.DEAD_TARGET: "40003 60111 46004 40031 301021 50002 60011 60021 60030 81013 92000 40050 86001 86003 86008 "
    "86215 86216 86217 49008 93000 93001 93004 93006 93008",
    Failure.REJECTED: "40029 42003 42022 40007 40145 40008 40035 40058 40063 44004 45008 41016 41033 40033 42014 42051 "
    "40004 40005 40006 40009 40011 45001 45007 301016 301017 45002 40206 60140 42052 82001 82002 82003 82004 43012 "
    "40201 40204 85002 93017 93018 93050 95013 95016 95018 95019",
    Failure.SPENT: "95001 95002 95031",
    Failure.DELIVERED: "95033",
}


@pytest.mark.parametrize(("failure", "code"), [(f, int(code)) for f, codes in LISTED.items() for code in codes.split()])
def test_a_listed_code_has_its_reaction(failure: Failure, code: int) -> None:
    assert failure_for(code, idempotent=False).failure is failure


@pytest.mark.parametrize(("code", "seconds"), [(45009, 60), (60020, 60), (45033, 5), (-1, None)])
def test_a_wait_is_named_where_the_platform_names_one(code: int, seconds: float | None) -> None:
    assert failure_for(code, idempotent=False).retry_after == seconds


def test_an_unknown_code_is_tried_once_more_only_if_that_is_harmless() -> None:
    reactions = [
        failure_for(999_999, idempotent=True, attempt=1),
        failure_for(999_999, idempotent=True, attempt=2),
        failure_for(999_999, idempotent=False, attempt=1),
    ]

    assert [one.failure for one in reactions] == [Failure.BUSY, Failure.REJECTED, Failure.REJECTED]
