"""systemd: a timer and a service of the user's own manager, as unit files, so that both are there after a restart."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from watchkeeper.adapters import files
from watchkeeper.adapters import run as programs

from . import unit_text
from .port import Booked, check, soonest_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from watchkeeper.adapters.run import Finished

    from .naming import Owner
    from .port import Job

_TIMEOUT_S = 30.0
# A time that is past when the timer starts would never come.
_MARGIN_S = 5.0
_RUNNING = {"initializing", "starting", "running", "degraded"}


class Systemd:
    """Available where the user's manager runs."""

    name = "systemd"

    def __init__(
        self,
        owner: Owner,
        environ: Mapping[str, str],
        run: Callable[..., Finished] = programs.run,
        find: Callable[[str], str | None] = programs.find,
        platform: str = sys.platform,
    ) -> None:
        """Take the environment that tells where the user's unit files are."""
        self._owner = owner
        self._run = run
        self._find = find
        self._platform = platform
        home = environ.get("HOME") or os.sep
        self._folder = os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "systemd", "user")
        data = environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
        self._stamps = os.path.join(data, "systemd", "timers")

    def unavailable(self) -> str | None:
        if self._platform != "linux":
            return "this is not Linux"
        if self._find("systemctl") is None:
            return "systemd is not installed"
        try:
            done = self._systemctl("is-system-running", accepted_codes=range(256))
        except programs.ProgramFailed as error:
            return f"systemctl does not work: {error.reason}"
        state = done.stdout.strip()
        return None if state in _RUNNING else f"no manager of the user's own runs here ({state or 'none'})"

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        at = max(job.at, now + _MARGIN_S)
        name = self._owner.name(job.id, at)
        earlier = self._names(job.id) - {name}
        try:
            files.write(self._unit(name, "service"), unit_text.service(job, self._files(name)).encode())
            files.write(self._unit(name, "timer"), unit_text.timer(job, at).encode())
        except OSError as error:
            raise programs.ProgramFailed(
                [self.name], f"{error.filename} cannot be written ({error.strerror})"
            ) from error
        try:
            self._systemctl("enable", "--now", f"{name}.timer")
        except programs.ProgramFailed:
            self._delete(name)
            raise
        for each in earlier:
            self._take_out(each)
        return Booked(job.id, float(name.rpartition(".")[2]), survives_restart=True)

    def cancel(self, job_id: str) -> bool:
        names = self._names(job_id)
        for name in names:
            self._take_out(name)
        return bool(names)

    def booked(self) -> list[Booked]:
        found = map(self._owner.read, self._waiting())
        return soonest_first([Booked(*each, survives_restart=True) for each in found if each is not None])

    def _names(self, job_id: str) -> set[str]:
        """Every name that the job goes by: as a timer that waits, or as files that nobody started."""
        try:
            stems = {each.removesuffix(".timer") for each in os.listdir(self._folder) if each.endswith(".timer")}
        except OSError:
            stems = set()
        return {name for name in stems | set(self._waiting()) if (self._owner.read(name) or ("",))[0] == job_id}

    def _waiting(self) -> Iterator[str]:
        listed = self._systemctl(
            "list-units", "--type=timer", "--all", "--full", "--plain", "--no-legend", f"{self._owner.prefix()}*"
        )
        for line in listed.stdout.splitlines():
            unit, _, active, sub = (line.split() + [""] * 4)[:4]
            name = unit.removesuffix(".timer")
            if (active, sub) == ("active", "waiting"):
                yield name

    def _take_out(self, name: str) -> None:
        # Its files may be gone already, which disabling complains of.
        self._systemctl("stop", f"{name}.timer", accepted_codes=range(256))
        self._delete(name)
        self._systemctl("daemon-reload")

    def _delete(self, name: str) -> None:
        for path in self._files(name):
            files.remove(path)

    def _files(self, name: str) -> list[str]:
        wanted_by = os.path.join(self._folder, "timers.target.wants", f"{name}.timer")
        # systemd's own note of when a persistent timer was last due.
        stamp = os.path.join(self._stamps, f"stamp-{name}.timer")
        return [wanted_by, self._unit(name, "timer"), self._unit(name, "service"), stamp]

    def _unit(self, name: str, kind: str) -> str:
        return os.path.join(self._folder, f"{name}.{kind}")

    def _systemctl(self, *words: str, accepted_codes: range = range(1)) -> Finished:
        return self._run(["systemctl", "--user", *words], timeout_s=_TIMEOUT_S, accepted_codes=accepted_codes)
