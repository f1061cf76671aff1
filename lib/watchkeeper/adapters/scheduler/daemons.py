"""Whether a scheduler's daemon runs: at and crontab take jobs without it, and none of them ever starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def is_running(names: Collection[str], pid_files: Sequence[str]) -> bool:
    """Return whether a process of one of these names is seen, or a file names one that is there.

    The files count because some systems show a user no other user's processes.
    """
    import psutil

    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"] in names and process.info["status"] != psutil.STATUS_ZOMBIE:
            return True
    return any(psutil.pid_exists(pid) for path in pid_files if (pid := _pid_in(path)) is not None)


def _pid_in(path: str) -> int | None:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return int(file.read(20))
    except (OSError, ValueError):
        return None
