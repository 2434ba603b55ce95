"""Servers as sub-processes: started on a core of their own, waited for, and ended by their own id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import tree

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens on port of the loopback; its process leads a group of its own."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    @property
    def pid(self) -> int:
        """The id of the first process of the tree."""
        return self.process.pid

    def tell(self, line: str) -> None:
        """Write a line to the server's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[str], log: Path) -> None:
    """Return when somebody listens on port. Raises RuntimeError with the end of the log if the process ends first."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"{process.args} does not listen: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, *, core: int = -1, environ: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run command until the block ends, then TERM, and KILL after ten seconds. core -1: any core."""
    process = start(command, log, core=core, environ=environ)
    try:
        wait_for_port(port, process, log)
        yield Running(process, port, log)
    finally:
        stop(process)


def start(
    command: Sequence[str], log: Path, *, core: int = -1, environ: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start command with everything it says going to log."""
    cores = os.sched_getaffinity(0)
    try:
        if core >= 0:  # inherited, so that every thread and child of the server keeps to it from the beginning
            os.sched_setaffinity(0, {core})
        with log.open("a", encoding="utf-8") as out:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                env=environ,
                start_new_session=True,
                text=True,
            )
    finally:
        os.sched_setaffinity(0, cores)


def stop(process: subprocess.Popen[str], seconds: float = 10.0) -> int:
    """End process and its children and return its exit code."""
    children = tree(process.pid)[1:] if process.poll() is None else []
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        for pid in [*children, process.pid]:
            _kill(pid)
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
    return process.returncode


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
