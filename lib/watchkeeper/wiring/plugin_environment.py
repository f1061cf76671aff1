"""The environment of the plugin, which nobody installs: made on first use in the folder that the client keeps."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from watchkeeper.core.file_lock import FileLock
from watchkeeper.errors import UserError
from watchkeeper.wiring import environment, interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
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
    ours = ExitStack()
    try:
        ours.enter_context(claim(data))
    except TimeoutError:
        return None
    with ours:
        # Another process may have made it while this one looked around.
        reason = _reason_to_make(place, lock_file, run)
        if reason is not None:
            environment.make(place, lock_file, environment.Tools(base.path, uv, base.has_ensurepip), run, say)
    return reason


def claim(data: Path) -> FileLock:
    """Return the claim on the making in the folder `data`, which is taken by `with` and ends with the process.

    Taking it raises TimeoutError where another process has it, OSError where that folder cannot be written.
    """
    return FileLock(str(data / _LOCK), 0.0)


def is_at_work(data: Path) -> bool:
    """Return whether a process is making the environment in the folder `data` right now."""
    try:
        with claim(data):
            return False
    except TimeoutError:
        return True
    except OSError:
        return False


def _reason_to_make(place: Path, lock_file: Path, run: Run) -> str | None:
    python = place / "Scripts" / "python.exe" if os.name == "nt" else place / "bin" / "python"
    return environment.reason_to_make(place, lock_file.read_bytes(), python, sys.version_info[:2], run)
