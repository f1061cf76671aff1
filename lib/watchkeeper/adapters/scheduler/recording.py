"""A scheduler that keeps what it is told and starts nothing: the fake for tests and for trying things."""

from __future__ import annotations

from .port import Booked, Job, check, soonest_first


class RecordingScheduler:
    """Always available; `jobs` are those it holds, by id, and `due` takes out those whose time has come."""

    name = "recording"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.jobs: dict[str, Job] = {}

    def unavailable(self) -> str | None:
        return None

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        self.jobs[job.id] = job._replace(at=max(job.at, now))
        return _booked(self.jobs[job.id])

    def cancel(self, job_id: str) -> bool:
        return self.jobs.pop(job_id, None) is not None

    def booked(self) -> list[Booked]:
        return soonest_first([_booked(job) for job in self.jobs.values()])

    def due(self, now: float) -> list[Job]:
        """Return the jobs that an operating system would start now, soonest first; they are no longer held."""
        return [self.jobs.pop(held.id) for held in self.booked() if held.at <= now]


def _booked(job: Job) -> Booked:
    return Booked(job.id, job.at, survives_restart=False)
