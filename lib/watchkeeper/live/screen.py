"""The terminal's second screen, on which the live view is drawn and after which the first comes back as it was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from types import TracebackType


class Screen:
    """Shows one page after the other while it is entered."""

    def __init__(self, stdout: TextIO, colour: bool) -> None:
        """Draw on the terminal behind `stdout`."""
        self._stdout = stdout
        console = Console(file=stdout, force_terminal=True, no_color=not colour, highlight=False, legacy_windows=False)
        self._live = Live(console=console, screen=True, auto_refresh=False)

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def size(self) -> tuple[int, int]:
        """Return the columns and lines there are."""
        found = os.get_terminal_size(self._stdout.fileno())
        return found.columns, found.lines

    def draw(self, text: str) -> None:
        """Show a page, cut where the screen ends."""
        _, lines = self.size()
        page = Text("\n", no_wrap=True, overflow="crop").join(
            Text.from_ansi(line, no_wrap=True, overflow="crop") for line in text.splitlines()[:lines]
        )
        self._live.update(page, refresh=True)
