"""Starting a program that stays: the door for those that are not waited for, such as a terminal's window."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from .run import ProgramFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GRACE_S = 1.0
"""For how long it is looked at: a window that cannot open ends by then."""


def start(argv: Sequence[str], environment: Mapping[str, str], folder: str = os.path.abspath(os.sep)) -> int:
    """Start a program cut off from this process's terminal, output and session, and return its process id.

    Raise ProgramFailed when it cannot be started or ends at once with a code that means failure.
    """
    apart: dict[str, object] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.DETACHED_PROCESS}
    try:
        process = subprocess.Popen(  # type: ignore[call-overload]
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # By default the root: the folder of who starts it may be gone before it is.
            cwd=folder,
            env=dict(environment),
            close_fds=True,
            **apart,
        )
    except (OSError, ValueError) as error:
        raise ProgramFailed(argv, f"it cannot be started ({error})") from error
    try:
        code = process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        # It is this process's child no longer than this process lives; nobody waits for it.
        process.returncode = 0
        return int(process.pid)
    if code:
        raise ProgramFailed(argv, f"it ended at once with code {code}")
    return int(process.pid)
