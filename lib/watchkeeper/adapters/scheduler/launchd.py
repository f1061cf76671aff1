"""launchd: a LaunchAgent of the logged-in user, which deletes and unloads itself when it is due."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from watchkeeper.adapters import launchctl

from .port import Booked, check, full_minute

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchkeeper.adapters.host import Host

    from .naming import Owner
    from .port import Job

_MARGIN_S = 5.0
# launchd's calendar has no year and only local time, in which an hour comes twice a year. So it wakes up in every
# hour, in the minutes that are right in any zone (all differ from UTC by quarters), and the script looks at the clock
# ($1); that also catches up after the machine was off. The file ($2) goes first, so that the job is started once
# whatever happens. Unloading ends everything of the job's own, so it comes last.
_SCRIPT = (
    '[ "$(date +%s)" -ge "$1" ] || exit 0; rm -f -- "$2"; '
    '(cd -- "$3" && shift 3 && exec "$@"); exec launchctl bootout "gui/$(id -u)/$0"'
)


class Launchd:
    """Available on macOS while the user is logged in at the screen."""

    name = "launchd"

    def __init__(self, owner: Owner, host: Host, sleep: Callable[[float], None] = time.sleep) -> None:
        """`sleep` waits between two tries to load an agent."""
        self._owner = owner
        self._launchctl = launchctl.Launchctl(host, sleep)

    def unavailable(self) -> str | None:
        return self._launchctl.unavailable()

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        at = full_minute(job.at, now, _MARGIN_S)
        name = self._owner.name(job.id, at)
        content = agent(job, name, at, self._launchctl.path(name))
        earlier = self._names(job.id)
        if name in earlier:
            self._launchctl.unload(name)
        self._launchctl.load(name, content)
        for each in earlier - {name}:
            self._launchctl.unload(each)
        return Booked(job.id, at, survives_restart=True)

    def cancel(self, job_id: str) -> bool:
        names = self._names(job_id)
        for name in names:
            self._launchctl.unload(name)
        return bool(names)

    def booked(self) -> list[Booked]:
        # A job that has been started has no file.
        return self._owner.booked(self._launchctl.labels() & self._launchctl.loaded())

    def _names(self, job_id: str) -> set[str]:
        return self._owner.names_of(job_id, self._launchctl.labels())


def agent(job: Job, name: str, at: float, path: str) -> bytes:
    """Return the file of the agent called `name`, due at `at`; it will be at `path`. Raise UnfitProgram."""
    minutes = sorted((int(at) // 60 + quarter) % 60 for quarter in (0, 15, 30, 45))
    return launchctl.agent(
        name,
        ["/bin/sh", "-c", _SCRIPT, name, str(int(at)), path, job.folder, *job.argv],
        job.environment,
        StartCalendarInterval=[{"Minute": minute} for minute in minutes],
        ProcessType="Interactive",
    )
