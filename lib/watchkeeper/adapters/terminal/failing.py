"""A terminal that never works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.failing import Failing

if TYPE_CHECKING:
    from .port import Opening, Window


class FailingTerminal(Failing):
    """Raises ProgramFailed instead of opening a window."""

    def open(self, opening: Opening) -> Window:
        self._fail()
