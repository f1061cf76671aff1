"""launchd: a LaunchAgent of the logged-in user, which deletes and unloads itself when it is due."""

from __future__ import annotations

import os
import plistlib
import sys
import time
from typing import TYPE_CHECKING, Any

from watchkeeper.adapters import files
from watchkeeper.adapters import run as programs

from .port import Booked, Unschedulable, check, full_minute, soonest_first

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from watchkeeper.adapters.run import Finished

    from .naming import Owner
    from .port import Job

_TIMEOUT_S = 15.0
_MARGIN_S = 5.0
# Unloading is done in the background: until then the same label cannot be loaded again.
_TRIES, _BETWEEN_S = 10, 0.2
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

    def __init__(
        self,
        owner: Owner,
        environ: Mapping[str, str],
        run: Callable[..., Finished] = programs.run,
        find: Callable[[str], str | None] = programs.find,
        platform: str = sys.platform,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the environment that tells the user's home."""
        self._owner = owner
        self._run = run
        self._find = find
        self._platform = platform
        self._sleep = sleep
        self._folder = os.path.join(environ.get("HOME") or os.sep, "Library", "LaunchAgents")
        self._domain = f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"

    def unavailable(self) -> str | None:
        if self._platform != "darwin":
            return "this is not macOS"
        if self._find("launchctl") is None:
            return "launchctl is not on the search path"
        try:
            self._launchctl("print", self._domain)
        except programs.ProgramFailed:
            return "you are not logged in at this Mac's screen"
        return None

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        at = full_minute(job.at, now, _MARGIN_S)
        name = self._owner.name(job.id, at)
        path = self._path(name)
        content = text(plist(job, name, path))
        earlier = self._names(job.id)
        if name in earlier:
            self._take_out(name)
        try:
            files.write(path, content)
        except OSError as error:
            raise programs.ProgramFailed([self.name], f"{path} cannot be written ({error.strerror})") from error
        try:
            self._load(path)
        except programs.ProgramFailed:
            files.remove(path)
            raise
        for each in earlier - {name}:
            self._take_out(each)
        return Booked(job.id, float(name.rpartition(".")[2]), survives_restart=True)

    def cancel(self, job_id: str) -> bool:
        names = self._names(job_id)
        for name in names:
            self._take_out(name)
        return bool(names)

    def booked(self) -> list[Booked]:
        lines = self._launchctl("list").stdout.splitlines()
        loaded = {line.split("\t")[-1].strip() for line in lines}
        held = [found for name in self._named() & loaded if (found := self._owner.read(name)) is not None]
        return soonest_first([Booked(*found, survives_restart=True) for found in held])

    def _load(self, path: str) -> None:
        for left in reversed(range(_TRIES)):
            try:
                self._launchctl("bootstrap", self._domain, path)
            except programs.ProgramFailed:
                if not left:
                    raise
                self._sleep(_BETWEEN_S)
            else:
                return

    def _take_out(self, name: str) -> None:
        # It may not be loaded. The file goes last: without it the job could not be found again.
        self._launchctl("bootout", f"{self._domain}/{name}", accepted_codes=range(256))
        files.remove(self._path(name))

    def _names(self, job_id: str) -> set[str]:
        return {name for name in self._named() if (self._owner.read(name) or ("",))[0] == job_id}

    def _named(self) -> set[str]:
        """The names of the files, of which a job that has been started has none."""
        try:
            found = {each.removesuffix(".plist") for each in os.listdir(self._folder) if each.endswith(".plist")}
        except OSError:
            return set()
        return {name for name in found if self._owner.read(name) is not None}

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, f"{name}.plist")

    def _launchctl(self, *words: str, accepted_codes: range = range(1)) -> Finished:
        return self._run(["launchctl", *words], timeout_s=_TIMEOUT_S, accepted_codes=accepted_codes)


def plist(job: Job, name: str, path: str) -> dict[str, Any]:
    """Return the agent called `name` as launchd.plist(5) wants it; `path` is where it will be."""
    at = name.rpartition(".")[2]
    minutes = sorted((int(at) // 60 + quarter) % 60 for quarter in (0, 15, 30, 45))
    agent = {
        "Label": name,
        "ProgramArguments": ["/bin/sh", "-c", _SCRIPT, name, at, path, job.folder, *job.argv],
        "StartCalendarInterval": [{"Minute": minute} for minute in minutes],
        # After a restart, or a time that has passed: the script looks at the clock.
        "RunAtLoad": True,
        # What the job has started outlives it.
        "AbandonProcessGroup": True,
        "ProcessType": "Interactive",
    }
    return {**agent, "EnvironmentVariables": dict(job.environment)} if job.environment else agent


def text(agent: dict[str, Any]) -> bytes:
    """Return a property list's file: XML, or the binary form where XML cannot hold a character."""
    try:
        readable = plistlib.dumps(agent)
        if plistlib.loads(readable) == agent:
            return readable
    except ValueError:
        pass
    try:
        return plistlib.dumps(agent, fmt=plistlib.FMT_BINARY)
    except UnicodeEncodeError as error:
        raise Unschedulable("launchd takes no path that is not UTF-8") from error
