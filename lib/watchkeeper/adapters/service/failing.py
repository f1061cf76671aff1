"""A service that never works: what a system without one has, and what tests need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.run import ProgramFailed

if TYPE_CHECKING:
    from .port import Program


class FailingService:
    """Says why it does not work, or only fails when it is used."""

    name = "none"

    def __init__(self, reason: str, says_so: bool = True) -> None:
        """`says_so` lets it be unavailable from the start."""
        self._reason = reason
        self._says_so = says_so

    def unavailable(self) -> str | None:
        return self._reason if self._says_so else None

    def install(self, program: Program) -> None:
        raise ProgramFailed([self.name], self._reason)

    def remove(self) -> bool:
        return False

    def is_installed(self) -> bool:
        return False
