"""Windows: a task of the Task Scheduler, given as XML, which deletes itself."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

from watchkeeper.adapters import files
from watchkeeper.adapters.program import UnfitProgram

from . import task_xml
from .port import Booked, check

if TYPE_CHECKING:
    from watchkeeper.adapters.host import Host
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

    def __init__(self, owner: Owner, host: Host) -> None:
        """Take whose jobs they are."""
        self._owner = owner
        self._host = host

    def unavailable(self) -> str | None:
        return self._host.lacks("win32", _PROGRAM, f"{_PROGRAM} is not on the search path")

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        if job.environment:
            raise UnfitProgram("the Task Scheduler passes no variables on")
        at = float(math.ceil(max(job.at, now + _MARGIN_S)))
        name = self._owner.name(job.id, at)
        earlier = self._names(job.id) - {name}
        path = files.put_apart("task.xml", task_xml.document(job, name, at))
        try:
            self._schtasks("/Create", "/TN", name, "/XML", path, "/F")
        finally:
            files.remove_apart(path)
        for each in earlier:
            self._schtasks("/Delete", "/TN", each, "/F")
        return Booked(job.id, at, survives_restart=True)

    def cancel(self, job_id: str) -> bool:
        names = self._names(job_id)
        for name in names:
            self._schtasks("/Delete", "/TN", name, "/F")
        return bool(names)

    def booked(self) -> list[Booked]:
        return self._owner.booked(self._tasks())

    def _names(self, job_id: str) -> set[str]:
        return self._owner.names_of(job_id, self._tasks())

    def _tasks(self) -> list[str]:
        # The words beside the name are in the user's language.
        lines = self._schtasks("/Query", "/FO", "CSV", "/NH").stdout.splitlines()
        return [row[0].removeprefix("\\") for row in csv.reader(lines) if row]

    def _schtasks(self, *words: str) -> Finished:
        return self._host.run([_PROGRAM, *words], timeout_s=_TIMEOUT_S)
