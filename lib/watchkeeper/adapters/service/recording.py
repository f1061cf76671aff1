"""A service that only remembers, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .port import check

if TYPE_CHECKING:
    from .port import Program


class RecordingService:
    """Keeps in memory what it was given."""

    name = "recording"

    def __init__(self) -> None:
        """Nothing is installed."""
        self.program: Program | None = None

    def unavailable(self) -> str | None:
        return None

    def install(self, program: Program) -> None:
        check(program)
        self.program = program

    def remove(self) -> bool:
        was, self.program = self.program, None
        return was is not None

    def is_installed(self) -> bool:
        return self.program is not None
