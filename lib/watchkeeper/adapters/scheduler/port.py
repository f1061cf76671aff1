"""What a scheduler is: the operating system's way to start one program once, at a given time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from watchkeeper.adapters import program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_END = 253_370_764_800.0
"""The beginning of the year 9999."""


class Job(NamedTuple):
    """One program to be started once."""

    id: str
    """Letters, digits and dashes, at most 64. A second job with the same one replaces the first."""
    at: float
    """Epoch seconds. It is never started earlier; where a scheduler knows minutes only, at the next full one."""
    argv: tuple[str, ...]
    """The program's absolute path and its arguments: any text without a NUL."""
    folder: str
    """The absolute path of the folder it works in."""
    label: str = "Watchkeeper"
    """What a person is shown who looks into the scheduler: one line."""
    environment: Mapping[str, str] = {}
    """Variables beside those that the scheduler gives; Windows' Task Scheduler can pass none and refuses them."""


class Booked(NamedTuple):
    """What the operating system really holds."""

    id: str
    at: float
    """When it will be started, epoch seconds."""
    survives_restart: bool
    """Whether it is still held, or caught up on, after the machine was off."""


class Scheduler(Protocol):
    """Starts programs at their time, once; what was started is no longer held."""

    name: str
    """What the option `automation.scheduler` calls it."""

    def unavailable(self) -> str | None:
        """Why it would start nothing here, as the rest of a sentence; None if it would."""

    def schedule(self, job: Job, now: float) -> Booked | None:
        """Hold `job`, instead of an earlier one of the same id, and return what is held; None where nothing ever is.

        A job whose time has passed is started as soon as the scheduler can. Raise ProgramFailed when the operating
        system refuses, UnfitProgram when this scheduler cannot hold such a job at all.
        """

    def cancel(self, job_id: str) -> bool:
        """Take a job out and return whether there was one; raise ProgramFailed when it cannot be taken out."""

    def booked(self) -> list[Booked]:
        """Return every job of this configuration directory that is held, soonest first; raise ProgramFailed."""


def check(job: Job) -> None:
    """Raise ValueError for a job that no scheduler may be given."""
    if not _ID.fullmatch(job.id):
        raise ValueError(f"{job.id!r} is no id for a job")
    program.check("a job", job.argv, job.environment, job.folder)
    if not job.at < _END:
        raise ValueError(f"{job.at} is no time that calendars know")


def full_minute(at: float, now: float, margin_s: float) -> float:
    """Return the first full minute that is not before `at` and leaves `margin_s` seconds from `now`."""
    return -(-max(at, now + margin_s) // 60) * 60


def soonest_first(jobs: Sequence[Booked]) -> list[Booked]:
    return sorted(jobs, key=lambda job: (job.at, job.id))
