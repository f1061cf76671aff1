"""A terminal that never works: what a wrong choice is, where none is there at all, and what tests need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.run import ProgramFailed

if TYPE_CHECKING:
    from .port import Opening, Window


class FailingTerminal:
    """Says why it does not work, or only fails when it is used."""

    name = "failing"

    def __init__(self, reason: str, says_so: bool = True) -> None:
        """`says_so` lets it be unavailable from the start."""
        self._reason = reason
        self._says_so = says_so

    def unavailable(self) -> str | None:
        return self._reason if self._says_so else None

    def open(self, opening: Opening) -> Window:
        raise ProgramFailed([self.name], self._reason)
