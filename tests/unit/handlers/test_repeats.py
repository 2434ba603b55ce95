"""Patterns that read people's words do not run away on repeated ones: what would take years ends, whatever it says."""

from __future__ import annotations

import pytest

from handlers.help.fallback import _THANKS
from handlers.progress.language.blocker import _TAIL
from handlers.progress.language.status import DONE


@pytest.mark.parametrize("piece", ["哦", "嗯", "好", "收到", "谢谢", "1", " "])
def test_thanks_without_end(piece: str) -> None:
    assert _THANKS.fullmatch(piece * 60 + "x") is None


@pytest.mark.parametrize("piece", [",", "、", " ", "吧", "的原因"])
def test_the_tail_of_an_obstacle_without_end(piece: str) -> None:
    assert _TAIL.search("没钱" + piece * 60 + "x") is None


@pytest.mark.parametrize("piece", ["全都", "全部", "都", "按时"])
def test_a_claim_without_end(piece: str) -> None:
    assert DONE.search("已" + piece * 60) is None
