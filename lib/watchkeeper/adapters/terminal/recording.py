"""A terminal that keeps what it is told and opens nothing: the fake for tests and for trying things."""

from __future__ import annotations

from .port import Opening, Window, check


class RecordingTerminal:
    """Always available; `openings` is what it was told to open."""

    name = "recording"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.openings: list[Opening] = []

    def unavailable(self) -> str | None:
        return None

    def open(self, opening: Opening) -> Window:
        check(opening)
        self.openings.append(opening)
        return Window(f"recorded-{len(self.openings)}", "")
