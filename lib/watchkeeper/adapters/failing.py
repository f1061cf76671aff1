"""What never works: a wrong choice, a system on which there is nothing to choose, and what tests need."""

from __future__ import annotations

from typing import NoReturn

from .run import ProgramFailed


class Failing:
    """Says why it does not work, or only fails when it is used; each port's own has the port's other members."""

    name = "failing"

    def __init__(self, reason: str, says_so: bool = True) -> None:
        """`says_so` lets it be unavailable from the start."""
        self._reason = reason
        self._says_so = says_so

    def unavailable(self) -> str | None:
        return self._reason if self._says_so else None

    def _fail(self) -> NoReturn:
        raise ProgramFailed([self.name], self._reason)
