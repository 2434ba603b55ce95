"""What a tree of processes uses, and on what machine."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return pid and all its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (parent := _stat(int(folder.name))):
            children.setdefault(int(parent[1]), []).append(int(folder.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def cpu_seconds(pid: int) -> float:
    """Return user and system time of the whole tree, with children that have ended."""
    ticks = sum(sum(int(value) for value in fields[11:15]) for each in tree(pid) if (fields := _stat(each)))
    return ticks / _TICK


def memory_mib(pid: int) -> tuple[float, float]:
    """Return RSS and PSS of the whole tree in MiB."""
    rss = pss = 0
    for each in tree(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:] if line.endswith("kB")}
        rss, pss = rss + sizes["Rss"], pss + sizes["Pss"]
    return rss / 1024, pss / 1024


def describe() -> dict[str, str]:
    """Return what a figure should be read with: date, Python, cores, load before the run."""
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "python": platform.python_version(),
        "system": platform.release(),
        "cpu": f"{os.cpu_count()} x {cpu.partition(':')[2].strip()}",
        "load": f"{os.getloadavg()[0]:.2f}",
    }


def last_core() -> int:
    """Return the core that senders are pinned to, or -1 on a machine that has only one."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[-1] if len(cores) > 1 else -1


def first_core() -> int:
    """Return the core that servers under comparison are pinned to."""
    return min(os.sched_getaffinity(0))


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
