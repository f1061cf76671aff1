"""systemd: a timer and a service of the user's own manager, as unit files, so that both are there after a restart."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from watchkeeper.adapters import files
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.systemctl import Systemctl

from . import unit_text
from .port import Booked, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchkeeper.adapters.host import Host

    from .naming import Owner
    from .port import Job

_TIMEOUT_S = 30.0
# A time that is past when the timer starts would never come.
_MARGIN_S = 5.0


class Systemd:
    """Available where the user's manager runs."""

    name = "systemd"

    def __init__(self, owner: Owner, host: Host) -> None:
        """Take whose jobs they are."""
        self._owner = owner
        self._systemctl = Systemctl(host, _TIMEOUT_S)
        data = host.environ.get("XDG_DATA_HOME") or host.below_home(".local", "share")
        self._stamps = os.path.join(data, "systemd", "timers")

    def unavailable(self) -> str | None:
        return self._systemctl.unavailable()

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        at = float(math.ceil(max(job.at, now + _MARGIN_S)))
        name = self._owner.name(job.id, at)
        earlier = self._names(job.id) - {name}
        service = unit_text.service(job, self._files(name))
        try:
            self._systemctl.put(f"{name}.service", service)
            self._systemctl.put(f"{name}.timer", unit_text.timer(job, at))
            self._systemctl.run("enable", "--now", f"{name}.timer")
        except ProgramFailed:
            self._delete(name)
            raise
        for each in earlier:
            self._take_out(each)
        return Booked(job.id, at, survives_restart=True)

    def cancel(self, job_id: str) -> bool:
        names = self._names(job_id)
        for name in names:
            self._take_out(name)
        return bool(names)

    def booked(self) -> list[Booked]:
        return self._owner.booked(self._waiting())

    def _names(self, job_id: str) -> set[str]:
        """Every name that the job goes by: as a timer that waits, or as files that nobody started."""
        try:
            found = os.listdir(self._systemctl.folder)
        except OSError:
            found = []
        stems = {each.removesuffix(".timer") for each in found if each.endswith(".timer")}
        return self._owner.names_of(job_id, stems | set(self._waiting()))

    def _waiting(self) -> Iterator[str]:
        listed = self._systemctl.run(
            "list-units", "--type=timer", "--all", "--full", "--plain", "--no-legend", f"{self._owner.prefix()}*"
        )
        for line in listed.stdout.splitlines():
            unit, _, active, sub = (line.split() + [""] * 4)[:4]
            if (active, sub) == ("active", "waiting"):
                yield unit.removesuffix(".timer")

    def _take_out(self, name: str) -> None:
        # Its files may be gone already, which disabling complains of.
        self._systemctl.run("stop", f"{name}.timer", accepted_codes=range(256))
        self._delete(name)
        self._systemctl.run("daemon-reload")

    def _delete(self, name: str) -> None:
        for path in self._files(name):
            files.remove(path)

    def _files(self, name: str) -> list[str]:
        timer, service = (self._systemctl.path(f"{name}.{kind}") for kind in ("timer", "service"))
        wanted_by = self._systemctl.path(os.path.join("timers.target.wants", f"{name}.timer"))
        # systemd's own note of when a persistent timer was last due.
        stamp = os.path.join(self._stamps, f"stamp-{name}.timer")
        return [wanted_by, timer, service, stamp]
