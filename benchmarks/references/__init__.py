"""The servers that figures are compared with, installed into a throw-away environment and started beside ours."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.callbacks import Door
from benchmarks.process import Running, free_port, running

REQUIREMENTS = ("wecom-bot-svr==0.3.4", "flask==3.1.3", "gunicorn==27.0.1")
_HERE = Path(__file__).parent
# The sample key of the platform's documents; the reference guards nothing.
ANY_DOOR = Door("/bot", "referenceTOKEN", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wwreference")


def environment() -> Path:
    """Return the Python that has the references; made in the temporary folder at the first use and kept there."""
    name = hashlib.sha256(repr((REQUIREMENTS, sys.version)).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"duban-references-{name}"
    python, stamp = folder / "bin" / "python", folder / "complete"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
        stamp.touch()
    return python


@contextmanager
def echo_robot(folder: Path, core: int) -> Iterator[tuple[Running, Door]]:
    """Run wecom-bot-svr as it ships and yield it with the door that callbacks are made for."""
    port = free_port()
    names = {
        "PATH": ANY_DOOR.path,
        "TOKEN": ANY_DOOR.token,
        "AES_KEY": ANY_DOOR.aes_key,
        "RECEIVE_ID": ANY_DOOR.receive_id,
    }
    environ = os.environ | {f"REFERENCE_{name}": value for name, value in names.items()}
    command = [str(environment()), str(_HERE / "echo_robot.py"), str(port)]
    with running(command, port, folder / "echo_robot.log", core=core, environ=environ) as process:
        yield process, ANY_DOOR


@contextmanager
def empty_view(folder: Path, core: int, *, workers: int = 2, threads: int = 8) -> Iterator[Running]:
    """Run an empty Flask view on gunicorn's threaded workers."""
    port = free_port()
    command = [str(environment()), "-m", "gunicorn", "--chdir", str(_HERE), "--log-level", "error"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads)]
    command += ["--worker-class", "gthread", "--keep-alive", "15", "empty_view:app"]
    with running(command, port, folder / "empty_view.log", core=core) as process:
        yield process
