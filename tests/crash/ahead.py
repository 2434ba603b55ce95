"""A clock that goes ahead of the machine's by a lead kept in a file, so that a bot in another process has it too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path


class AheadClock:
    """The machine's clock and the lead in file (seconds; no file: none)."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def now(self) -> datetime:
        """Return the present instant with the lead."""
        lead = float(self.file.read_text()) if self.file.exists() else 0.0
        return datetime.now(UTC) + timedelta(seconds=lead)

    def go_to(self, instant: datetime) -> None:
        """Let it be instant now."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str((instant - datetime.now(UTC)).total_seconds()))
        fresh.replace(self.file)

    def advance(self, seconds: float) -> None:
        """Go on by seconds."""
        self.go_to(self.now() + timedelta(seconds=seconds))
