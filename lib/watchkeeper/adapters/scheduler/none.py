"""No scheduler: for those who start their sessions by hand, and for where nothing else works."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .port import Booked, Job


class NoScheduler:
    """Always available; holds nothing."""

    name = "none"

    def unavailable(self) -> str | None:
        return None

    def schedule(self, job: Job, now: float) -> Booked | None:
        return None

    def cancel(self, job_id: str) -> bool:
        return False

    def booked(self) -> list[Booked]:
        return []
