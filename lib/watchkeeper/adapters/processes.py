"""Processes of this machine: told apart for certain, measured, and ended. The one door to signals.

A process id alone proves nothing: ids are used again. A process is the one that was meant when its id, the time at
which it started and its program agree; nothing else is ever signalled.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import psutil

INTERRUPT, TERMINATE, KILL = "interrupt", "terminate", "kill"
"""How a process is asked to end, from the politest to the one that cannot be refused."""

PATIENCE_S = {INTERRUPT: 10.0, TERMINATE: 5.0, KILL: 5.0}
"""How long a process is given to follow each."""

MARK = "WATCHKEEPER_FAMILY"
"""The variable by which everything that a child of ours starts is known, whatever group it moves to."""

_GIB = float(1 << 30)
# The system tells starts in ticks of its own clock; another process cannot have taken the id within so little time.
_SAME_START_S = 0.5
_LOOK_S = 0.05


class Identity(NamedTuple):
    """Which process is meant. `started_at` is in epoch seconds; the executable is empty where it may not be read."""

    pid: int
    started_at: float
    executable: str


class Details(NamedTuple):
    """What else is known of a process. The folder it works in is empty where it may not be read."""

    is_own: bool
    """Whether it belongs to the user of this process."""
    folder: str


def identify(pid: int) -> Identity | None:
    """Return which process has an id now, None when none has."""
    import psutil

    try:
        process = psutil.Process(pid)
        return _identity(process)
    except (psutil.Error, ValueError):
        return None


def own_identity() -> Identity | None:
    """Return which process this one is."""
    import os

    return identify(os.getpid())


def booted_at() -> float:
    """Return when the machine was started, in epoch seconds of the clock as it stands.

    A clock that is set moves it and the starts of processes alike, so what lies between them stays.
    """
    import psutil

    return float(psutil.boot_time())


def details_of(identity: Identity) -> Details | None:
    """Return what else is known of the very process, None when it is gone."""
    import psutil

    process = _process(identity)
    if process is None:
        return None
    try:
        is_own = process.username() == psutil.Process().username()
    except (psutil.Error, KeyError, OSError):
        return None
    try:
        folder = process.cwd()
    except (psutil.Error, OSError):
        folder = ""
    return Details(is_own, folder)


def is_alive(identity: Identity) -> bool:
    """Return whether the very process still runs; one that has ended and waits to be collected does not."""
    return _process(identity) is not None


def send(identity: Identity, how: str) -> bool:
    """Ask the very process to end; False when it is gone, or is not ours to signal."""
    import psutil

    process = _process(identity)
    if process is None:
        return False
    try:
        if how == INTERRUPT:
            _interrupt(process)
        elif how == TERMINATE:
            process.terminate()
        else:
            process.kill()
    except (psutil.Error, OSError, ValueError):
        return False
    return True


def end(find: Callable[[], list[Identity]], patience_s: Mapping[str, float] = PATIENCE_S) -> list[Identity]:
    """End what `find` finds: interrupt, terminate, kill, each after the patience for the one before.

    `find` is asked again each time, since what ends may start something; the first that it names is interrupted alone,
    for it may end the others in order. Return what runs on in spite of all, which only a system that refuses leaves.
    """
    for how in (INTERRUPT, TERMINATE, KILL):
        running = find()
        if not running:
            return []
        for identity in running[:1] if how == INTERRUPT else running:
            send(identity, how)
        # The clock that only runs forward: suspended or set back, a wait still ends.
        until = time.monotonic() + patience_s.get(how, 0.0)
        while time.monotonic() < until and any(is_alive(identity) for identity in running):
            time.sleep(_LOOK_S)
    return find()


def wait(identity: Identity, timeout_s: float) -> bool:
    """Wait until the very process has ended, at most `timeout_s` seconds; return whether it has."""
    until = time.monotonic() + timeout_s
    while is_alive(identity):
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOK_S)
    return True


def family(root: Identity, mark: str) -> list[Identity]:
    """Return the process and everything it has started that still runs.

    That is what descends from it, what is of the session it leads (an id that the system gives to nobody else while
    one of them lives), and what carries `mark` in the variable MARK: a process that left for a session of its own and
    whose parent has ended still does.
    """
    import psutil

    found: dict[int, Identity] = {}
    process = _process(root)
    if process is not None:
        found[root.pid] = root
        with contextlib.suppress(psutil.Error):
            _add(found, process.children(recursive=True))
    _add(found, (each for each in psutil.process_iter() if _is_of_session(each, root.pid) or _carries(each, mark)))
    return list(found.values())


def marked(mark: str) -> list[Identity]:
    """Return the processes that carry `mark`, wherever they come from."""
    import psutil

    found: dict[int, Identity] = {}
    _add(found, (each for each in psutil.process_iter() if mark and _carries(each, mark)))
    return list(found.values())


def descendants(root: Identity) -> list[Identity]:
    """Return the process and what descends from it; quicker than `family`, for looking again and again."""
    import psutil

    process = _process(root)
    if process is None:
        return []
    found = {root.pid: root}
    with contextlib.suppress(psutil.Error):
        _add(found, process.children(recursive=True))
    return list(found.values())


def child_ids(parent: Identity) -> frozenset[int] | None:
    """Return the ids of the very process's children, of those too that have ended and wait; None where unknown."""
    import psutil

    try:
        process = _process(parent)
        if process is not None:
            return frozenset(child.pid for child in process.children())
    except psutil.Error:
        pass
    return None


def memory_gb(identities: Iterable[Identity]) -> float:
    """Return the memory that processes hold together, in GB of 2^30 bytes; what they share counts for each."""
    import psutil

    held_bytes = 0
    for identity in identities:
        with contextlib.suppress(psutil.Error):
            held_bytes += psutil.Process(identity.pid).memory_info().rss
    return held_bytes / _GIB


def _process(identity: Identity) -> psutil.Process | None:
    import psutil

    try:
        process = psutil.Process(identity.pid)
        if process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - identity.started_at) > _SAME_START_S:
            return None
        executable = _executable(process)
    except (psutil.Error, ValueError):
        return None
    # A program that runs another in its place keeps id and start: whoever is to be ended has to be looked at anew.
    return process if not identity.executable or not executable or executable == identity.executable else None


def _identity(process: psutil.Process) -> Identity:
    return Identity(process.pid, process.create_time(), _executable(process))


def _executable(process: psutil.Process) -> str:
    import psutil

    try:
        return process.exe()
    except (psutil.Error, OSError):
        return ""


def _add(found: dict[int, Identity], processes: Iterable[psutil.Process]) -> None:
    import psutil

    for process in processes:
        with contextlib.suppress(psutil.Error):
            if process.pid not in found and process.status() != psutil.STATUS_ZOMBIE:
                # Between a fork and the program that follows, the executable is still the parent's.
                found[process.pid] = Identity(process.pid, process.create_time(), "")


def _carries(process: psutil.Process, mark: str) -> bool:
    import psutil

    try:
        return process.environ().get(MARK) == mark
    except (psutil.Error, OSError, ValueError, NotImplementedError):
        return False


def _is_of_session(process: psutil.Process, leader: int) -> bool:
    import os

    try:
        return hasattr(os, "getsid") and os.getsid(process.pid) == leader
    except OSError:
        return False


def _interrupt(process: psutil.Process) -> None:
    import signal
    import sys

    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.send_signal(signal.SIGINT)
