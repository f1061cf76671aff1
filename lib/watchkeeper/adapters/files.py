"""Files that people and other programs read: always whole.

Standard library only: hooks and the installer write through it too.
"""

from __future__ import annotations

import contextlib
import os


def write(path: str, content: bytes) -> None:
    """Put a whole file in place of what stands at `path`, readable by its owner only; raise OSError."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    aside = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.writing")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with open(os.open(aside, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise


def remove(path: str) -> bool:
    """Delete the file at `path` and return whether there was one; raise OSError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True
