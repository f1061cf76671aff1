"""cron: one line of the user's crontab, which takes itself out when it is due; every other byte stays as it is."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from watchkeeper.adapters.run import ProgramFailed

from . import cron_line, daemons
from .port import Booked, check, full_minute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watchkeeper.adapters.host import Host

    from .naming import Owner
    from .port import Job

_TIMEOUT_S = 15.0
# cron looks at a changed crontab as the minute begins.
_MARGIN_S = 5.0
_DAEMONS, _PID_FILES = ("cron", "crond"), ("/run/crond.pid", "/var/run/crond.pid")
_LONGEST_CRONTAB_BYTES = 16 << 20
_LOCK_TIMEOUT_S = 5.0


class Cron:
    """Available where cron runs and the user may have a crontab."""

    name = "cron"

    def __init__(self, owner: Owner, host: Host, is_running: Callable[..., bool] = daemons.is_running) -> None:
        """`is_running` says whether a daemon is there."""
        self._owner = owner
        self._host = host
        self._is_running = is_running

    def unavailable(self) -> str | None:
        if self._host.platform == "win32":
            return "this system has no cron"
        if self._host.platform == "darwin":
            return "macOS keeps it from most folders; launchd does the same"
        if self._host.path_of("crontab") is None:
            return "crontab is not installed (on Debian in the package cron)"
        if not self._is_running(_DAEMONS, _PID_FILES):
            return "its daemon does not run, so nothing would be started"
        try:
            self._crontab()
        except ProgramFailed as error:
            return f"crontab does not work: {error.words}"
        return None

    def schedule(self, job: Job, now: float) -> Booked | None:
        check(job)
        at = full_minute(job.at, now, _MARGIN_S)
        line = cron_line.line(job, self._owner.name(job.id, at), at)
        with locked():
            before = self._crontab()
            # At the top no SHELL, MAILTO or CRON_TZ that the user has set further down applies to it.
            self._install(line + cron_line.without(before, self._names(before, job.id)))
        return Booked(job.id, at, survives_restart=True)

    def cancel(self, job_id: str) -> bool:
        with locked():
            before = self._crontab()
            names = self._names(before, job_id)
            if names:
                self._install(cron_line.without(before, names))
        return bool(names)

    def booked(self) -> list[Booked]:
        return self._owner.booked(cron_line.names(self._crontab()))

    def _names(self, crontab: str, job_id: str) -> set[str]:
        """Every name that the job goes by, lines that the user has switched off included."""
        return self._owner.names_of(job_id, cron_line.names(crontab, switched_off=True))

    def _crontab(self) -> str:
        # Not by -l, in which Debian's crontab replaces carriage returns: an editor is given every byte as it is.
        command = ["crontab", "-e"]
        done = self._host.run(
            command,
            timeout_s=_TIMEOUT_S,
            extra_environment={"VISUAL": "cat", "LC_ALL": "C"},
            most_output_bytes=_LONGEST_CRONTAB_BYTES,
            undecodable="surrogateescape",
        )
        if len(os.fsencode(done.stdout)) >= _LONGEST_CRONTAB_BYTES:
            raise ProgramFailed(command, "the crontab is too long to be changed safely")
        # Where there is none, the editor is given advice for the first one.
        return "" if "no crontab for" in done.stderr else done.stdout

    def _install(self, after: str) -> None:
        # An empty crontab is none: that is what there was before our line.
        arguments = ["-"] if after else ["-r"]
        self._host.run(["crontab", *arguments], stdin=after, timeout_s=_TIMEOUT_S, undecodable="surrogateescape")


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Keep two changes apart, and a change from a line that takes itself out (see cron_line).

    Whoever died with the lock held is waited for once: it is taken away afterwards.
    """
    path = cron_line.LOCK.format(uid=os.getuid() if hasattr(os, "getuid") else 0)
    deadline_s = time.monotonic() + _LOCK_TIMEOUT_S
    while time.monotonic() < deadline_s:
        try:
            os.mkdir(path)
        except FileExistsError:
            time.sleep(0.05)
        except OSError:
            break
        else:
            break
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.rmdir(path)
