"""Windows: a task of the Task Scheduler, given as XML, which deletes itself."""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from typing import TYPE_CHECKING

from watchkeeper.adapters import files
from watchkeeper.adapters import run as programs

from . import task_xml
from .port import Booked, Unschedulable, check, soonest_first

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchkeeper.adapters.run import Finished

    from .naming import Owner
    from .port import Job

_TIMEOUT_S = 60.0
# A task whose time is past when it is made waits for the service to look through those that were missed.
_MARGIN_S = 5.0
_PROGRAM = "schtasks.exe"


class TaskScheduler:
    """Available on Windows."""

    name = "task-scheduler"

    def __init__(
        self,
        owner: Owner,
        run: Callable[..., Finished] = programs.run,
        find: Callable[[str], str | None] = programs.find,
        platform: str = sys.platform,
    ) -> None:
        """Take the platform as Python names it."""
        self._owner = owner
        self._run = run
        self._find = find
        self._platform = platform

    def unavailable(self) -> str | None:
        if self._platform != "win32":
            return "this is not Windows"
        return None if self._find(_PROGRAM) else f"{_PROGRAM} is not on the search path"

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        if job.environment:
            raise Unschedulable("the Task Scheduler passes no variables on")
        at = max(job.at, now + _MARGIN_S)
        name = self._owner.name(job.id, at)
        earlier = self._names(job.id) - {name}
        folder = tempfile.mkdtemp(prefix="watchkeeper-")
        path = os.path.join(folder, "task.xml")
        try:
            files.write(path, task_xml.document(job, name, at))
            self._schtasks("/Create", "/TN", name, "/XML", path, "/F")
        finally:
            files.remove(path)
            os.rmdir(folder)
        for each in earlier:
            self._schtasks("/Delete", "/TN", each, "/F")
        return Booked(job.id, float(name.rpartition(".")[2]), survives_restart=True)

    def cancel(self, job_id: str) -> bool:
        names = self._names(job_id)
        for name in names:
            self._schtasks("/Delete", "/TN", name, "/F")
        return bool(names)

    def booked(self) -> list[Booked]:
        found = map(self._owner.read, self._tasks())
        return soonest_first([Booked(*each, survives_restart=True) for each in found if each is not None])

    def _names(self, job_id: str) -> set[str]:
        return {name for name in self._tasks() if (self._owner.read(name) or ("",))[0] == job_id}

    def _tasks(self) -> list[str]:
        # The words beside the name are in the user's language.
        lines = self._schtasks("/Query", "/FO", "CSV", "/NH").stdout.splitlines()
        return [row[0].removeprefix("\\") for row in csv.reader(lines) if row]

    def _schtasks(self, *words: str) -> Finished:
        return self._run([_PROGRAM, *words], timeout_s=_TIMEOUT_S)
