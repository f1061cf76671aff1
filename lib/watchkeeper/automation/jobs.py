"""The jobs that the operating system holds for a booking: one that fires it, and one that tells of it before."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from watchkeeper.adapters.program import UnfitProgram
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.scheduler.port import Booked, Job
from watchkeeper.core import paths as places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchkeeper.adapters.scheduler.port import Scheduler
    from watchkeeper.app import App

    from .bookings import Booking

BY_SCHEDULER = "--by-scheduler"
_NOTICE = "-notice"
# A notice that would come within so little time of the booking itself says nothing new.
_SOONEST_NOTICE_S = 30.0


def hold(app: App, scheduler: Scheduler, booking: Booking, now: float) -> Booked | None:
    """Let the operating system hold the jobs of a booking; return what fires it, None where nothing ever is held.

    Raise ProgramFailed or UnfitProgram when it cannot. A notice that cannot be held is no reason not to start.
    """
    held = scheduler.schedule(_job(app, booking, "fire", booking.booking_id, booking.at), now)
    notice_at = (held.at if held else booking.at) - 60.0 * app.settings["automation"]["notice_minutes"]
    if held is not None and app.settings["automation"]["notice_minutes"] and notice_at > now + _SOONEST_NOTICE_S:
        try:
            scheduler.schedule(_job(app, booking, "notice", booking.booking_id + _NOTICE, notice_at), now)
        except (ProgramFailed, UnfitProgram) as error:
            app.complain(f"The reminder cannot be set ({error}); the session starts all the same.")
    return held


def drop(scheduler: Scheduler, booking_id: str) -> bool:
    """Take the jobs of a booking out; return whether there was any. Raise ProgramFailed when that is not possible."""
    found = [scheduler.cancel(job_id) for job_id in (booking_id, booking_id + _NOTICE)]
    return any(found)


def reminds(held: Iterable[Booked], booking_id: str) -> bool:
    """Return whether the one that tells of a booking before is among these."""
    return any(each.id == booking_id + _NOTICE for each in held)


def booking_of(job_id: str) -> str:
    """Return the booking that a job belongs to."""
    return job_id.removesuffix(_NOTICE)


def _job(app: App, booking: Booking, verb: str, job_id: str, at: float) -> Job:
    main = os.path.join(places.bundle_root(), "lib", "watchkeeper", "__main__.py")
    where = ("--config-dir", app.paths.config)
    argv = (sys.executable, "-I", "-X", "utf8", main, "automation", verb, booking.booking_id, BY_SCHEDULER, *where)
    os.makedirs(app.paths.config, exist_ok=True)
    return Job(job_id, at, argv, app.paths.config, "Watchkeeper: a booked session of Claude Code")
