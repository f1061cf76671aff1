"""A service that never works: what a system without one has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.failing import Failing

if TYPE_CHECKING:
    from .port import Program


class FailingService(Failing):
    """Raises ProgramFailed instead of keeping a program running; so there is none to remove."""

    name = "none"

    def install(self, program: Program) -> None:
        self._fail()

    def remove(self) -> bool:
        return False

    def is_installed(self) -> bool:
        return False
