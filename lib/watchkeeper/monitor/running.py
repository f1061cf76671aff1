"""Whether the daemon runs, told by a lock that it holds as long as it lives, and which process it is."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock, Timeout

from watchkeeper.adapters import files, processes

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths

_LOCK, _STARTING, _FILE = "monitor.lock", "monitor.starting.lock", "monitor.json"
# The system tells starts in ticks and its own start in full seconds.
_SAME_START_S = 1.5
# Whoever looks whether it is held holds it for a moment.
_LOOKED_AT_S = 2.0


class Daemon(NamedTuple):
    """The daemon that runs, as it told of itself."""

    identity: processes.Identity
    since_at: float
    watches: str
    """How it learns of changes: notification or polling."""


def lock_of(paths: Paths) -> FileLock:
    """Return the lock that the one daemon of a configuration directory holds; the system frees it when that ends."""
    return _lock(paths, _LOCK, _LOOKED_AT_S)


def starting(paths: Paths, timeout_s: float) -> FileLock:
    """Return the lock that one of those who want to start a daemon holds while the others wait for it."""
    return _lock(paths, _STARTING, timeout_s)


def is_running(paths: Paths) -> bool:
    """Return whether a daemon holds the lock."""
    try:
        with _lock(paths, _LOCK, 0.0):
            return False
    except Timeout:
        return True


def tell(paths: Paths, since_at: float, watches: str) -> None:
    """Write down which process the daemon is; called by the one that holds the lock."""
    me = processes.own_identity()
    if me is not None:
        told = {**me._asdict(), "booted_at": processes.booted_at(), "since_at": since_at, "watches": watches}
        files.write(os.path.join(paths.state, _FILE), json.dumps(told).encode("utf-8", "surrogateescape"))


def read(paths: Paths) -> Daemon | None:
    """Return the daemon that runs; None where none does, or where what is written down is not the one that does.

    The lock is asked last: asked without need it would be held just when a daemon that starts wants it.
    """
    try:
        with open(os.path.join(paths.state, _FILE), encoding="utf-8") as file:
            told = json.load(file)
        was = processes.Identity(int(told["pid"]), float(told["started_at"]), str(told["executable"]))
        booted_at, since_at, watches = float(told["booted_at"]), float(told["since_at"]), str(told["watches"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    found = processes.identify(was.pid)
    if found is None or found.executable != was.executable or not processes.is_alive(found):
        return None
    # Measured from the machine's start, since the clock may have been set after the daemon had begun.
    after_boot_s = found.started_at - processes.booted_at()
    if abs(after_boot_s - (was.started_at - booted_at)) > _SAME_START_S or not is_running(paths):
        return None
    return Daemon(found, since_at, watches)


def forget(paths: Paths) -> None:
    """Take away what the daemon has written of itself; called by the one that holds the lock."""
    with contextlib.suppress(OSError):
        files.remove(os.path.join(paths.state, _FILE))


def _lock(paths: Paths, name: str, timeout_s: float) -> FileLock:
    os.makedirs(paths.state, mode=0o700, exist_ok=True)
    return FileLock(os.path.join(paths.state, name), timeout=timeout_s, mode=0o600)
