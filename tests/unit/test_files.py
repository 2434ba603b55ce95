"""Files from outside: every fault is one ConfigError that names the place and no value."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from bot import files
from bot.errors import ConfigError


def fault_of(path: Path) -> tuple[str, str]:
    with pytest.raises(ConfigError) as refused:
        files.read_json(path)
    (fault,) = refused.value.faults
    return fault


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"\xef\xbb\xbf" + '{"名": 1}'.encode())

    assert files.read_json(path) == {"名": 1}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xfe{", "cannot be read as UTF-8 text"),
        (b"", "not valid JSON: Expecting value"),
        (b"[" * 100_000, "not valid JSON: nested too deeply"),
        (b'{"a":' * 100_000, "not valid JSON: nested too deeply"),
        (b"[" * 101 + b"]" * 101, "not valid JSON: nested too deeply"),
        (b"1" * 5000, "not valid JSON: a number that is too large, or none"),
        (b"[1e999]", "not valid JSON: a number that is too large, or none"),
        (b"[-Infinity]", "not valid JSON: a number that is too large, or none"),
        (b"[NaN]", "not valid JSON: a number that is too large, or none"),
    ],
)
def test_a_broken_file_is_one_fault_at_its_path(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    at, said = fault_of(path)

    assert at == str(path)
    assert said.startswith(fault)
    assert len(said) < 120


def test_a_depth_that_somebody_may_mean_is_read() -> None:
    assert files.load_json("[" * 100 + "]" * 100)


def test_what_is_no_file_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault_of(tmp_path / "none") == (str(tmp_path / "none"), "no such file")
    assert fault_of(tmp_path) == (str(tmp_path), "is a folder, not a file")
    (tmp_path / "x").touch()
    assert fault_of(tmp_path / "x" / "y")[1] == "cannot be read: Not a directory"
    monkeypatch.setattr(files, "LARGEST", 3)
    (tmp_path / "x").write_text("[1, 2]")
    assert "larger" in fault_of(tmp_path / "x")[1]


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("[1]",))
    writer.start()

    assert files.read_json(pipe) == [1]
    writer.join()


@pytest.mark.parametrize(
    ("value", "is_deep"), [(1, False), ([], False), ([1], False), ([[1]], False), ([[[1]]], True), ({"a": [[1]]}, True)]
)
def test_depth_counts_lists_and_mappings(value: Any, is_deep: bool) -> None:
    assert files.is_deep(value, most=2) is is_deep
