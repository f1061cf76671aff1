"""The environment of the plugin, which nobody installs: made on first use in the folder that the client keeps."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from watchkeeper.errors import UserError
from watchkeeper.wiring import environment, interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from watchkeeper.wiring.programs import Run

_LOCK = "venv.lock"


def make(data: Path, bundle: Path, environ: Mapping[str, str], run: Run, say: Callable[[str], None]) -> str | None:
    """Make the environment in the plugin's folder `data` for this very Python, and return why that was needed.

    Each step is told to `say`.

    Returns None when it is whole, or when another process is at it. Raises UserError.
    """
    place, lock_file = data / "venv", bundle / "requirements.lock"
    if _reason_to_make(place, lock_file, run) is None:
        return None
    base = interpreter.prove(getattr(sys, "_base_executable", "") or sys.executable, run)
    uv = environment.uv_on(environ)
    if base is None or base.version < interpreter.OLDEST:
        raise UserError("The plugin's commands need a `python3` of version 3.10 or newer on the path.")
    if uv is None and not base.has_ensurepip:
        raise UserError(interpreter.NO_ENSUREPIP)
    data.mkdir(parents=True, exist_ok=True)
    with claimed(data) as is_ours:
        # Another process may have made it while this one looked around.
        reason = _reason_to_make(place, lock_file, run) if is_ours else None
        if reason is not None:
            environment.make(place, lock_file, environment.Tools(base.path, uv, base.has_ensurepip), run, say)
    return reason


@contextmanager
def claimed(data: Path) -> Iterator[bool]:
    """Claim the making in the folder `data` and yield whether it is ours; the claim ends with the process.

    Raises OSError where the folder is missing or cannot be written.
    """
    descriptor = os.open(data / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield _is_locked_by_us(descriptor)
    finally:
        os.close(descriptor)


def is_at_work(data: Path) -> bool:
    """Return whether a process is making the environment in the folder `data` right now."""
    try:
        with claimed(data) as is_free:
            return not is_free
    except OSError:
        return False


def _reason_to_make(place: Path, lock_file: Path, run: Run) -> str | None:
    python = place / "Scripts" / "python.exe" if os.name == "nt" else place / "bin" / "python"
    return environment.reason_to_make(place, lock_file.read_bytes(), python, sys.version_info[:2], run)


def _is_locked_by_us(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
