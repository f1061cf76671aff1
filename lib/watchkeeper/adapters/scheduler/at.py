"""at: the job is a script for `sh`, handed over on standard input; atd starts it, also when it is overdue."""

from __future__ import annotations

import re
import shlex
import time
from typing import TYPE_CHECKING

from watchkeeper.adapters.program import plain_line
from watchkeeper.adapters.run import ProgramFailed

from . import daemons, shell
from .port import Booked, check, full_minute, soonest_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from watchkeeper.adapters.host import Host

    from .naming import Owner
    from .port import Job

_TIMEOUT_S = 15.0
# at refuses a minute that has begun, and has to be done before it does.
_MARGIN_S = 5.0
_DAEMON, _PID_FILES = "atd", ("/run/atd.pid", "/var/run/atd.pid")
_NUMBER = re.compile(r"^job (\d+) at ", re.MULTILINE)
_QUEUED = re.compile(r"^(\d+)\t.* ([A-Za-z=]) \S+$")
_MARK = "# "
# at writes the whole environment into its job: only what a program needs to start goes there.
_KEPT = ("PATH", "HOME", "LOGNAME", "USER", "LANG", "LC_ALL")


class At:
    """Available where atd runs."""

    name = "at"

    def __init__(self, owner: Owner, host: Host, is_running: Callable[..., bool] = daemons.is_running) -> None:
        """`is_running` says whether a daemon is there."""
        self._owner = owner
        self._host = host
        self._is_running = is_running

    def unavailable(self) -> str | None:
        if self._host.platform == "win32":
            return "this system has no at"
        if self._host.platform == "darwin":
            return "macOS leaves its daemon switched off"
        if self._host.path_of("at") is None:
            return "at is not installed (on Debian in the package at)"
        if not self._is_running((_DAEMON,), _PID_FILES):
            return f"{_DAEMON} does not run, so nothing would be started"
        try:
            self._queue()
        except ProgramFailed as error:
            return f"atq does not work: {error.words}"
        return None

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        at = full_minute(job.at, now, _MARGIN_S)
        earlier = [number for number, job_id, _ in self._held() if job_id == job.id]
        done = self._host.run(
            command(at),
            stdin=script(job, self._owner.name(job.id, at), self._host.environ.get("TZ")),
            whole_environment=environment(self._host.environ),
            # at notes the folder that it was called in, and starts nothing once that is gone.
            folder="/",
            timeout_s=_TIMEOUT_S,
            undecodable="surrogateescape",
        )
        if not _NUMBER.search(done.stderr):
            raise ProgramFailed(command(at), "it did not say which job it made", done)
        self._remove(earlier)
        return Booked(job.id, at, survives_restart=True)

    def cancel(self, job_id: str) -> bool:
        return self._remove([number for number, each, _ in self._held() if each == job_id])

    def booked(self) -> list[Booked]:
        return soonest_first([Booked(job_id, at, survives_restart=True) for _, job_id, at in self._held()])

    def _held(self) -> Iterator[tuple[str, str, float]]:
        for number in self._queue():
            # It may have been started since it was listed.
            text = self._host.run(["at", "-c", number], timeout_s=_TIMEOUT_S, accepted_codes=(0, 1)).stdout
            for line in text.splitlines():
                found = self._owner.read(line.removeprefix(_MARK)) if line.startswith(_MARK) else None
                if found is not None:
                    yield number, *found
                    break

    def _queue(self) -> list[str]:
        lines = self._host.run(["atq"], timeout_s=_TIMEOUT_S).stdout.splitlines()
        # A job in the queue "=" has been started.
        return [found[1] for line in lines if (found := _QUEUED.match(line)) and found[2] != "="]

    def _remove(self, numbers: list[str]) -> bool:
        if numbers:
            self._host.run(["atrm", *numbers], timeout_s=_TIMEOUT_S)
        return bool(numbers)


def command(at: float) -> list[str]:
    """Return the command that books; its clock is set to UTC, where no hour comes twice."""
    return ["at", "-t", time.strftime("%Y%m%d%H%M", time.gmtime(at))]


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that at runs with and writes into the job."""
    kept = {name: environ[name] for name in _KEPT if environ.get(name)}
    return {**kept, "TZ": "UTC", "SHELL": "/bin/sh"}


def script(job: Job, name: str, time_zone: str | None) -> str:
    """Return the job for `sh`; `time_zone` is what the user has in TZ."""
    zone = "unset TZ" if time_zone is None else f"export TZ={shlex.quote(time_zone)}"
    return f"{_MARK}{plain_line(job.label)}\n{_MARK}{name}\n{zone}\n{shell.command(job)}\n"
