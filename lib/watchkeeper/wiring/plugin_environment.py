"""The environment of the plugin, which nobody installs: made on first use in the folder that the client keeps."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from watchkeeper.errors import UserError
from watchkeeper.wiring import environment, files, interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from watchkeeper.wiring.programs import Run

# Making it takes a minute; a process that died at it may not keep the others from it for ever.
_GIVE_UP_S = 900.0


def make(
    data: Path, bundle: Path, environ: Mapping[str, str], now: float, run: Run, say: Callable[[str], None]
) -> str | None:
    """Make the environment in the plugin's folder `data` for this very Python, and return why that was needed.

    Each step is told to `say`.

    Returns None when it is whole, or when another process is at it. `now` is in epoch seconds. Raises UserError.
    """
    place, lock_file = data / "venv", bundle / "requirements.lock"
    python = place / "Scripts" / "python.exe" if os.name == "nt" else place / "bin" / "python"
    reason = environment.reason_to_make(place, lock_file.read_bytes(), python, sys.version_info[:2], run)
    if reason is None:
        return None
    base = interpreter.prove(getattr(sys, "_base_executable", "") or sys.executable, run)
    uv = environment.uv_on(environ)
    if base is None or base.version < interpreter.OLDEST:
        raise UserError("The plugin's commands need a `python3` of version 3.10 or newer on the path.")
    if uv is None and not base.has_ensurepip:
        raise UserError(interpreter.NO_ENSUREPIP)
    data.mkdir(parents=True, exist_ok=True)
    claim = data / "venv.claim"
    if not _claimed(claim, now):
        return None
    try:
        environment.make(place, lock_file, environment.Tools(base.path, uv, base.has_ensurepip), run, say)
    finally:
        files.remove_empty(claim)
    return reason


def _claimed(claim: Path, now: float) -> bool:
    try:
        claim.mkdir()
    except FileExistsError:
        try:
            is_alive = now - claim.stat().st_mtime < _GIVE_UP_S
        except OSError:
            is_alive = True
        if is_alive:
            return False
    os.utime(claim, (now, now))
    return True
