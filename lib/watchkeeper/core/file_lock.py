"""A lock on a file that one process holds at a time; it ends with the process whatever happens.

What runs on packages takes the package `filelock` for that, which the hot ring may not import.
"""

from __future__ import annotations

import os
import sys
import time

_LOOK_S = 0.02


class FileLock:
    """Taken where a `with` begins and let go of at its end; the file stays."""

    def __init__(self, path: str, patience_s: float) -> None:
        """`patience_s` is how long another process that holds it is waited for."""
        self._path = path
        self._patience_s = patience_s
        self._descriptor = -1

    def __enter__(self) -> None:
        """Take it. Raise TimeoutError when another process keeps it, OSError when there can be no such file."""
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        # The clock that only runs forward: suspended or set back, a wait still ends.
        until = time.monotonic() + self._patience_s
        while not _is_taken(self._descriptor):
            if time.monotonic() >= until:
                os.close(self._descriptor)
                raise TimeoutError(f"{self._path} is held by another process")
            time.sleep(_LOOK_S)

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        os.close(self._descriptor)


def _is_taken(descriptor: int) -> bool:
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
