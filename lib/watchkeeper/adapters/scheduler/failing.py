"""A scheduler that never works: what a wrong choice is, and what tests need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from watchkeeper.adapters.run import ProgramFailed

if TYPE_CHECKING:
    from .port import Booked, Job


class FailingScheduler:
    """Says why it does not work, or only fails when it is used."""

    name = "failing"

    def __init__(self, reason: str, says_so: bool = True) -> None:
        """`says_so` lets it be unavailable from the start."""
        self._reason = reason
        self._says_so = says_so

    def unavailable(self) -> str | None:
        return self._reason if self._says_so else None

    def schedule(self, job: Job, now: float) -> Booked | None:
        self._fail()

    def cancel(self, job_id: str) -> bool:
        self._fail()

    def booked(self) -> list[Booked]:
        self._fail()

    def _fail(self) -> NoReturn:
        raise ProgramFailed([self.name], self._reason)
