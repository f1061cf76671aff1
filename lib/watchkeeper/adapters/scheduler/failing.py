"""A scheduler that never works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.failing import Failing

if TYPE_CHECKING:
    from .port import Booked, Job


class FailingScheduler(Failing):
    """Holds nothing, and raises ProgramFailed whenever it is used."""

    def schedule(self, job: Job, now: float) -> Booked | None:
        self._fail()

    def cancel(self, job_id: str) -> bool:
        self._fail()

    def booked(self) -> list[Booked]:
        self._fail()
